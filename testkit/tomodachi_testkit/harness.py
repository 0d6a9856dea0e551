"""The harness: brokers, services and one clock on the test's own loop, for the length of one test."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack, contextmanager
from contextvars import Context, copy_context
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from tomodachi_fakes.ids import SeededIds
from tomodachi_testkit import http_connectors
from tomodachi_testkit.clock import (
    DEFAULT_START,
    BrokerClock,
    Clock,
    RealClock,
    ServiceClock,
    seconds,
)
from tomodachi_testkit.drain import DrainResult, drain
from tomodachi_testkit.errors import HangDetected, NotVirtual, TestkitError
from tomodachi_testkit.event_log import EventLog
from tomodachi_testkit.http_stubs import HTTPStubs
from tomodachi_testkit.leaks import LeakReport, find_leaks
from tomodachi_testkit.loop import OWNER, VirtualLoop
from tomodachi_testkit.observer import HandlerWatch
from tomodachi_testkit.recorder import Recorder
from tomodachi_testkit.running import Running
from tomodachi_testkit.service_classes import service_classes
from tomodachi_testkit.service_options import DEFAULT_REGION, point_at_brokers
from tomodachi_testkit.timeline import describe_wait, failure_report
from tomodachi_testkit.views.amqp import FakeAMQP
from tomodachi_testkit.views.aws_api import call
from tomodachi_testkit.views.faults import Faults
from tomodachi_testkit.views.sns import FakeSNS
from tomodachi_testkit.views.sqs import FakeSQS
from tomodachi_testkit.wall_clock import wall_clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType, TracebackType

    import aiohttp

    import tomodachi
    from tomodachi_fakes.events import Event as BrokerEvent
    from tomodachi_fakes.servers.fake_broker import FakeBroker

T = TypeVar("T")


class Harness:
    """In-memory brokers, services and one clock; `async with Harness(...) as svc:`.

    Args:
        seed: Seed of every id and every random choice.
        start: When virtual time starts: ISO 8601, a datetime or Unix seconds.
        clock: "virtual", or "real" for foreign processes and stock loops.
        wall_clock: What moves `time.time()`: "auto", "time-machine", "freezegun" or "none".
        allow: Leaks that are no error: "dlq", "inflight", "tasks", "errors", "unrouted",
            "unused_faults", "unused_stubs".
        leaks: What a leak does: "error", "warn" or "off".
        settle_limit: Most clock steps one drain may take.

    Attributes:
        clock: The one clock.
        sns: SNS, as the test sees it.
        sqs: SQS, as the test sees it.
        amqp: RabbitMQ, as the test sees it.
        http: Other people's HTTP servers, played by the test.
        faults: What shall go wrong.
        ids: Where the test's own ids come from.
        log: Everything that happened, in order.
        env: Variables that point any other client, or a child process, at the brokers.
    """

    clock: Clock | RealClock

    def __init__(
        self,
        *,
        seed: int = 0,
        start: Any = DEFAULT_START,
        clock: str = "virtual",
        wall_clock: str = "auto",
        allow: frozenset[str] | set[str] = frozenset(),
        leaks: str = "error",
        settle_limit: int = 10_000,
    ) -> None:
        self.seed = seed
        self.allow = frozenset(allow)
        self.clock = Clock(start) if clock == "virtual" else RealClock()
        self._wall_clock = wall_clock
        self._leaks = leaks
        self._settle_limit = settle_limit
        self.log = EventLog(self.clock.unix)
        self._recorder = Recorder(self.log)
        self.watch = HandlerWatch(self._recorder.handler_call)
        self.ids = SeededIds(f"test {seed}")
        self.running: list[Running[Any]] = []
        self.sqs = FakeSQS(self)
        self.sns = FakeSNS(self)
        self.amqp = FakeAMQP(self)
        self.faults = Faults(self)
        self.http = HTTPStubs(self)
        self.tasks_before: frozenset[asyncio.Future[Any]] = frozenset()
        self._stack = AsyncExitStack()
        self._entered = False
        self._broker: FakeBroker | None = None
        self._session: aiohttp.ClientSession | None = None
        self._hang: str = ""
        # The test's own task, or for the time being that of a fixture which starts services.
        self._waiting_task: asyncio.Task[Any] | None = None

    # --- the harness's own life -----------------------------------------------------------------

    async def __aenter__(self) -> Harness:
        self._waiting_task = asyncio.current_task()
        if not self._entered:
            self._entered = True
            try:
                await self._enter()
            except BaseException:
                await self._stack.aclose()
                raise
        return self

    async def _enter(self) -> None:
        from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

        self._take_time()
        self._stack.enter_context(http_connectors.tracked())
        broker = FakeBroker(BrokerSettings(seed=self.seed), clock=BrokerClock(self.clock))
        broker.events.watch(self._watch_broker)
        with owned_by("broker"):
            await broker.start()
        self._broker = broker
        self._stack.push_async_callback(broker.stop)
        self._stack.push_async_callback(self.http.close)
        self._stack.push_async_callback(self._close_session)
        self._stack.push_async_callback(self._stop_services)

    def _take_time(self) -> None:
        if not isinstance(self.clock, Clock):
            return
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualLoop):
            raise NotVirtual(loop)
        self.tasks_before = frozenset(loop.tasks_of("test"))
        self._stack.enter_context(loop.virtual_time())
        self.clock.bind(loop)
        self._stack.callback(self.clock.unbind)
        wall = wall_clock(self._wall_clock)
        wall.start(self.clock.unix())
        self._stack.callback(wall.stop)
        self._stack.callback(loop.on_move(lambda: wall.move(self.clock.unix())))
        self._watch_for_hangs(loop)

    def _watch_for_hangs(self, loop: VirtualLoop) -> None:
        def hang() -> None:
            self._hang = describe_wait(loop, self.clock)
            if self._waiting_task is not None:
                self._waiting_task.cancel(msg="hang detected")

        loop.on_hang = hang
        self._stack.callback(setattr, loop, "on_hang", None)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        leaks = LeakReport()
        if error is None:
            leaks = await find_leaks(self)
        await self._stack.aclose()
        if self._hang and isinstance(error, asyncio.CancelledError):
            self._uncancel()
            raise HangDetected(self._hang) from None
        if error is None:
            self._raise_errors()
            leaks.act(self._leaks)

    def _uncancel(self) -> None:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()

    def _raise_errors(self) -> None:
        errors = self.watch.take_errors()
        if errors and "errors" not in self.allow:
            raise ExceptionGroup("errors raised in handlers", _exceptions(errors))

    async def _close_session(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _stop_services(self) -> None:
        for running in reversed(self.running):
            await running.stop()

    # --- brokers --------------------------------------------------------------------------------

    @property
    def broker(self) -> FakeBroker:
        """The brokers behind `sns`, `sqs` and `amqp`.

        Raises:
            TestkitError: the harness has not started.
        """
        if self._broker is None:
            msg = "the harness has not started: use it inside `async with`, or through `svc`."
            raise TestkitError(msg)
        return self._broker

    @property
    def started_broker(self) -> FakeBroker | None:
        """The brokers, or None where the harness has not started."""
        return self._broker

    def virtual_loop(self, what: str) -> VirtualLoop:
        """The loop, for a part of the harness that needs virtual time.

        Raises:
            TestkitError: the test runs in real time.
        """
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
        return self.broker.aws_url

    @property
    def amqp_url(self) -> str:
        """AMQP URL with the default user."""
        return self.broker.amqp_url

    @property
    def env(self) -> Mapping[str, str]:
        """Variables that point any other client, or a child process, at the brokers."""
        return self.broker.env()

    def call_aws(
        self, service: str, operation: str, params: dict[str, Any], *, region: str = DEFAULT_REGION
    ) -> dict[str, Any]:
        """Run one AWS operation, as the test's own.

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
    def services_run(self) -> bool:
        """Whether any service runs."""
        return any(not running.stopped for running in self.running)

    async def start(
        self,
        *services: type[tomodachi.Service] | ModuleType | str | os.PathLike[str],
        options: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Any:
        """Start services: classes, modules, or paths of service files.

        Args:
            services: What to start, in order.
            options: Dotted option keys that replace the service's own for this run.
            env: Environment variables to set until the test ends; None unsets.

        Returns:
            A `Running` for a single service, a list of them for several.
        """
        await self.__aenter__()
        self._set_env(env or {})
        classes = [cls for service in services for cls in service_classes(service)]
        if not classes:
            msg = "start() needs at least one service class, module or path of a service file."
            raise TestkitError(msg)
        started = [await self._start(cls, options) for cls in classes]
        return started[0] if len(started) == 1 else started

    def _set_env(self, env: Mapping[str, str]) -> None:
        for name, value in env.items():
            before = os.environ.get(name)
            os.environ[name] = value
            self._stack.callback(_restore_env, name, before)

    async def _start(
        self, cls: type[tomodachi.Service], options: Mapping[str, Any] | None
    ) -> Running[Any]:
        from tomodachi.container import ServiceRunner

        owner = f"{cls.name or cls.__name__}#{len(self.running) + 1}"
        context = self._service_context(owner)
        service = context.run(cls)
        point_at_brokers(service, self.aws_url, self.amqp_url, options)
        runner = context.run(ServiceRunner, service)
        self.log.add("start", service.name)
        await self._in_context(runner.start(), context)
        # Consumers have begun to wait for messages then, and are known as such.
        await self.settle()
        self.work()

        async def again(again_cls: type[Any]) -> Running[Any]:
            return await self._start(again_cls, options)

        running = Running(
            service,
            runner,
            context=context,
            session=self._client_session,
            again=again,
            owner=owner,
            kill=lambda: self._kill(service.name, owner),
            stopped=self._forget_consumers,
        )
        self.running.append(running)
        return running

    def _forget_consumers(self) -> None:
        self.sqs.forget_consumers()
        self.amqp.forget_consumers()

    def _service_context(self, owner: str) -> Context:
        from tomodachi.helpers.clock import set_clock
        from tomodachi.helpers.entropy import set_random
        from tomodachi.helpers.observer import set_observer

        context = copy_context()
        context.run(OWNER.set, owner)
        context.run(set_clock, ServiceClock(self.clock))
        context.run(set_observer, self.watch)
        # Seeded by a text that names the service, so that services do not share a sequence.
        context.run(set_random, Random(f"{owner} {self.seed}"))  # noqa: S311 - replay
        return context

    async def _in_context(self, coroutine: Coroutine[Any, Any, T], context: Context) -> T:
        return await asyncio.get_running_loop().create_task(coroutine, context=context)

    async def _kill(self, name: str, owner: str) -> None:
        self.log.add("crash", name)
        tasks = self.virtual_loop("crashes").kill(owner)
        await asyncio.gather(*tasks, return_exceptions=True)
        await http_connectors.drop(owner)
        await self.settle()

    def _client_session(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    # --- time -----------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Return when nothing is runnable any more; time does not move."""
        await self.clock.settle()

    async def drain(
        self,
        *queues: str,
        until: timedelta | float | None = None,
        raise_errors: bool = True,
        limit: int | None = None,
    ) -> DrainResult:
        """Move time until no accepted message is left to handle.

        Args:
            queues: Queue names to watch; none means every queue of both brokers.
            until: Move time by this much at most.
            raise_errors: Raise what handlers raised; False leaves it to `DrainResult.failures`.
            limit: Most clock steps to take.

        Raises:
            DrainIncomplete: the limit or `until` was reached with work left.
            ExceptionGroup: handlers raised, and `raise_errors` is true.
        """
        if not isinstance(self.clock, Clock):
            msg = "drain needs the virtual clock; with real brokers, await what you expect."
            raise TestkitError(msg)
        began, failures, handled = self.clock.unix(), self.watch.failures, self.watch.finished
        steps = await drain(
            self.clock,
            lambda: self.work(queues),
            limit=limit or self._settle_limit,
            until_s=None if until is None else seconds(until),
            loop_time=asyncio.get_running_loop().time,
        )
        if raise_errors:
            self._raise_errors()
        else:
            self.watch.take_errors()
        return DrainResult(
            elapsed=timedelta(seconds=round(self.clock.unix() - began, 6)),
            failures=self.watch.failures - failures,
            handled=self.watch.finished - handled,
            steps=steps,
        )

    def work(self, queues: tuple[str, ...] = ()) -> list[str]:
        """Names the work that is left: running handlers and undelivered messages."""
        running = [f"{call.handler}() is running" for call in self.watch.running_messages()]
        return running + self.sqs.work(queues) + self.amqp.work(queues)

    # --- records --------------------------------------------------------------------------------

    def _watch_broker(self, event: BrokerEvent, payload: object) -> None:
        self._recorder.broker_event(event)
        for view in (self.sqs, self.sns, self.amqp):
            view.watch(event, payload)

    def report(self, test: str) -> str:
        """The section that a failing test's report gets."""
        return failure_report(self, test)


@contextmanager
def owned_by(owner: str) -> Iterator[None]:
    """Inside, timers, tasks and sockets belong to `owner`."""
    token = OWNER.set(owner)
    try:
        yield
    finally:
        OWNER.reset(token)


def _restore_env(name: str, before: str | None) -> None:
    if before is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = before


def _exceptions(errors: list[BaseException]) -> list[Exception]:
    return [error for error in errors if isinstance(error, Exception)]
