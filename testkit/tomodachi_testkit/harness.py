"""The harness: brokers, services and one clock on the test's own loop, for the length of one test.

Here is what a test can ask of it. Its beginning and its end are `lifetime.py`, how services are started
is `starting.py`, the brokers are `brokers.py` or `real_brokers/`, time is `virtual_time.py` and
`drain.py`, leaks are `leaks.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, overload

from tomodachi_fakes.ids import SeededIds
from tomodachi_testkit.aws_clients import AwsClients
from tomodachi_testkit.brokers import brokers_of
from tomodachi_testkit.clock import DEFAULT_START, Clock, RealClock, clock_of, seconds
from tomodachi_testkit.drain import DrainResult, drain
from tomodachi_testkit.environment import environment
from tomodachi_testkit.errors import NotOnRealBrokers, TestkitError
from tomodachi_testkit.event_log import EventLog
from tomodachi_testkit.http_stubs import HTTPStubs
from tomodachi_testkit.lifetime import Lifetime
from tomodachi_testkit.loop import VirtualLoop
from tomodachi_testkit.moments import Moments
from tomodachi_testkit.observer import HandlerWatch
from tomodachi_testkit.promises import promised
from tomodachi_testkit.recorder import Recorder
from tomodachi_testkit.service_classes import service_classes
from tomodachi_testkit.service_options import DEFAULT_REGION
from tomodachi_testkit.snapshots import Snapshot, restore, take
from tomodachi_testkit.starting import Starter
from tomodachi_testkit.timeline import failure_report
from tomodachi_testkit.tracebacks import hides
from tomodachi_testkit.views.aws_api import call
from tomodachi_testkit.views.faults import Faults

if TYPE_CHECKING:
    import os
    from types import ModuleType, TracebackType

    import tomodachi
    from tomodachi.options import Options
    from tomodachi_fakes.servers.fake_broker import FakeBroker
    from tomodachi_testkit.running import Running
    from tomodachi_testkit.views.amqp import FakeAMQP
    from tomodachi_testkit.views.sns import FakeSNS
    from tomodachi_testkit.views.sqs import FakeSQS

    S = TypeVar("S", bound=tomodachi.Service)

__tracebackhide__ = hides

T = TypeVar("T")


class Harness:
    """In-memory brokers, services and one clock; `async with Harness(...) as svc:`.

    Args:
        seed: Seed of every id and every random choice.
        start: When virtual time starts: ISO 8601, a datetime or Unix seconds; without it at the time
            at which the wall clock is frozen, or else on 2026-01-01.
        clock: "virtual", or "real" for foreign processes and stock loops.
        wall_clock: What moves `time.time()`: "auto", "time-machine", "freezegun" or "none".
        allow: Leaks that are no error: "dlq", "inflight", "tasks", "connections", "errors",
            "unrouted", "unused_faults", "unused_stubs".
        leaks: What a leak does: "error", "warn" or "off".
        settle_limit: Most clock steps one drain may take, and most handler calls in between two.
        broker: "fake", or "real" for the brokers that environment variables name.
        fuzz: Seed of a perturbation of the order in which tasks run; None leaves asyncio's.

    Attributes:
        clock: The one clock.
        sns: SNS, as the test sees it.
        sqs: SQS, as the test sees it.
        amqp: RabbitMQ, as the test sees it.
        http: Other people's HTTP servers, played by the test.
        faults: What shall go wrong.
        ids: Where the test's own ids come from.
        log: Everything that happened, in order.
        started_at: What the clock showed first, Unix seconds.
    """

    clock: Clock | RealClock
    sqs: FakeSQS
    sns: FakeSNS
    amqp: FakeAMQP

    def __init__(
        self,
        *,
        seed: int = 0,
        start: Any = None,
        clock: str = "virtual",
        wall_clock: str = "auto",
        allow: frozenset[str] | set[str] = frozenset(),
        leaks: str = "error",
        settle_limit: int = 10_000,
        broker: str = "fake",
        fuzz: int | None = None,
    ) -> None:
        self.seed = seed
        self.fuzz = fuzz
        self.allow = frozenset(allow)
        self.clock = clock_of(clock, broker, DEFAULT_START if start is None else start)
        self.started_at = self.clock.unix()
        self.settle_limit = settle_limit
        self.log = EventLog(self.clock.unix)
        self.recorder = Recorder(self.log)
        self.watch = HandlerWatch(self.recorder.handler_call)
        self.ids = SeededIds(f"test {seed}")
        self.faults = Faults(self)
        self.http = HTTPStubs(self)
        self.moments = Moments(settle_limit, self.work)
        self.starter = Starter(self)
        self.brokers = brokers_of(self, broker)
        self.sqs, self.sns, self.amqp = self.brokers.sqs, self.brokers.sns, self.brokers.amqp
        self.aws_clients = AwsClients(self)
        self._life = Lifetime(self, mover=wall_clock, leaks=leaks, start_is_given=start is not None)

    async def __aenter__(self) -> Harness:
        await self._life.begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._life.end(error)

    def raise_errors(self) -> None:
        """Raise what handlers raised since errors were last looked at.

        Raises:
            ExceptionGroup: there is something, and the test does not allow it.
        """
        self.watch.raise_errors(allowed="errors" in self.allow)

    # --- brokers --------------------------------------------------------------------------------

    @property
    def broker(self) -> FakeBroker:
        """The in-memory brokers behind `sns`, `sqs` and `amqp`.

        Raises:
            TestkitError: the harness has not started.
            NotOnRealBrokers: the test runs on real ones.
        """
        return self.brokers.started

    @property
    def started_broker(self) -> FakeBroker | None:
        """The in-memory brokers, or None where there are none (yet)."""
        return self.brokers.broker

    def virtual_loop(self, what: str) -> VirtualLoop:
        """The loop, for a part of the harness that needs virtual time.

        Raises:
            TestkitError: the test runs in real time.
        """
        if self.brokers.kind == "real":
            raise NotOnRealBrokers(what)
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualLoop):
            msg = f"{what} need the virtual loop; drop clock='real' from @pytest.mark.svc."
            raise TestkitError(msg)
        return loop

    def addresses_of(self, running: Running[Any]) -> set[str]:
        """Local addresses (`host:port`) of the connections that a service opened."""
        return self.virtual_loop("connections of one service").addresses_of(running.owner)

    @property
    def aws_url(self) -> str:
        """Endpoint URL of SNS and SQS."""
        return self.brokers.aws_url

    @property
    def amqp_url(self) -> str:
        """AMQP URL, with user and virtual host."""
        return self.brokers.amqp_url

    @property
    def env(self) -> Mapping[str, str]:
        """Variables that point any other client, or a child process, at the brokers."""
        return self.brokers.env()

    @promised
    async def aws(self, service: str) -> Any:
        """An aiobotocore client of any AWS service, open until the test ends.

        SNS, SQS, STS and KMS are the brokers' own; moto answers for everything else.

        Args:
            service: As botocore calls it: "s3", "dynamodb", "sqs".

        Raises:
            FakesError: the service is none of the four, and moto is not installed.
        """
        return await self.aws_clients.get(service)

    def call_aws(
        self, service: str, operation: str, params: dict[str, Any], *, region: str = DEFAULT_REGION
    ) -> dict[str, Any]:
        """Run one AWS operation on the fakes, as the test's own.

        Args:
            service: "sqs", "sns", "sts" or "kms".
            operation: For example "CreateQueue".
            params: Its parameters by their names on the wire; blobs as bytes.
            region: Where.

        Raises:
            AwsError: the service refuses.
        """
        return call(self, service, operation, params, region=region)

    # --- services -------------------------------------------------------------------------------

    @property
    def running(self) -> list[Running[Any]]:
        """Every service that was started, in order, stopped ones included."""
        return self.starter.running

    @property
    def services_run(self) -> bool:
        """Whether any service runs."""
        return any(not running.stopped for running in self.running)

    @overload
    async def start(
        self,
        service: type[S],
        /,
        *,
        options: Mapping[str, Any] | Options | None = None,
        env: Mapping[str, str | None] | None = None,
    ) -> Running[S]: ...
    @overload
    async def start(
        self,
        *services: type[tomodachi.Service] | ModuleType | str | os.PathLike[str],
        options: Mapping[str, Any] | Options | None = None,
        env: Mapping[str, str | None] | None = None,
    ) -> Any: ...
    @promised
    async def start(
        self,
        *services: type[tomodachi.Service] | ModuleType | str | os.PathLike[str],
        options: Mapping[str, Any] | Options | None = None,
        env: Mapping[str, str | None] | None = None,
    ) -> Any:
        """Start services: classes, modules, or paths of service files.

        Args:
            services: What to start, in order.
            options: Dotted option keys that replace the service's own for this run; or whole
                `tomodachi.Options` in its place, except where the brokers are.
            env: Environment variables to set until the test ends; None unsets.

        Returns:
            A `Running` for a single service, a list of them for several.
        """
        await self._life.begin()
        self._life.check_time()
        self._life.keep(environment(env or {}))
        classes = [cls for service in services for cls in service_classes(service)]
        if not classes:
            msg = "start() needs at least one service class, module or path of a service file."
            raise TestkitError(msg)
        started = [await self.starter.start(cls, options) for cls in classes]
        return started[0] if len(started) == 1 else started

    # --- time -----------------------------------------------------------------------------------

    @promised
    async def settle(self) -> None:
        """Return when nothing is runnable any more; time does not move.

        Raises:
            DrainIncomplete: handlers set one another off without an end.
        """
        await self.clock.settle()

    @promised
    async def drain(
        self,
        *queues: str,
        until: timedelta | float | None = None,
        raise_errors: bool = True,
        limit: int | None = None,
    ) -> DrainResult:
        """Move time until no accepted message is left to handle.

        Where time is real, on real brokers and with clock="real", it moves by itself: queues are polled
        until they stay empty.

        Args:
            queues: Queue names to watch; none means every queue of both brokers.
            until: Move time by this much at most.
            raise_errors: Raise what handlers raised; False leaves it to `DrainResult.failures`.
            limit: Most clock steps to take, and most handler calls in between two; None means what the
                settings say.

        Raises:
            DrainIncomplete: the limit or `until` was reached with work left.
            TwoClocks: the wall clock was frozen meanwhile.
            ExceptionGroup: handlers raised, and `raise_errors` is true.
        """
        self._life.check_time()
        return await drain(self, queues, until=until, raise_errors=raise_errors, limit=limit)

    @promised
    async def eventually(
        self, check: Callable[[], T], *, within: timedelta | float = 10.0, every: float = 0.05
    ) -> T:
        """Wait until `check` gives something true, and return that.

        An AssertionError that `check` raises counts as not yet. Virtual time is moved timer by
        timer; real time passes.

        Args:
            check: Asked again and again; must not wait itself.
            within: How long, of this clock's time.
            every: Seconds between two looks, in real time.

        Raises:
            AssertionError: it did not, with what `check` gave or raised last.
        """
        from tomodachi_testkit.eventually import eventually

        return await eventually(self.clock, check, within=seconds(within), every=every)

    def work(self, queues: tuple[str, ...] = ()) -> list[str]:
        """Names the work that is left: running handlers and undelivered messages."""
        running = [f"{call.handler}() is running" for call in self.watch.running_messages()]
        return running + self.brokers.work(queues)

    # --- records --------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """What the brokers hold, the time, the seed and where ids go on; picklable.

        Services and their connections are no part of it, nor is the event log.
        """
        return take(self)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to what a snapshot has, also one of another harness or process.

        Raises:
            TestkitError: the harness has not started, or its clock is real.
        """
        restore(self, snapshot)

    def report(self, test: str) -> str:
        """The section that a failing test's report gets."""
        return failure_report(self, test)
