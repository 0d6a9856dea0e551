"""The brokers behind a harness, in memory on the test's own loop."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.clock import BrokerClock, Clock
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.owning_loop import OWNER
from tomodachi_testkit.polling import poll_until_drained
from tomodachi_testkit.service_options import point_at_brokers
from tomodachi_testkit.tracebacks import hides
from tomodachi_testkit.views.amqp import FakeAMQP
from tomodachi_testkit.views.names import NoSuchName
from tomodachi_testkit.views.sns import FakeSNS
from tomodachi_testkit.views.sqs import FakeSQS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tomodachi
    from tomodachi.options import Options
    from tomodachi_fakes.events import Event as BrokerEvent
    from tomodachi_fakes.servers.fake_broker import FakeBroker
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.real_brokers import RealBrokers

__tracebackhide__ = hides


class FakeBrokers:
    """SNS + SQS and RabbitMQ in memory.

    Attributes:
        kind: "fake".
        sqs: SQS as the test sees it.
        sns: SNS.
        amqp: RabbitMQ.
    """

    kind = "fake"

    def __init__(self, harness: Harness, *, with_aws: bool = True, with_amqp: bool = True) -> None:
        self._harness = harness
        self._aws_port = 0 if with_aws else None
        self._amqp_port = 0 if with_amqp else None
        self._broker: FakeBroker | None = None
        self.sqs = FakeSQS(harness)
        self.sns = FakeSNS(harness)
        self.amqp = FakeAMQP(harness)

    async def start(self) -> None:
        """Listen on free ports of the loopback."""
        from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

        settings = BrokerSettings(
            seed=self._harness.seed, aws_port=self._aws_port, amqp_port=self._amqp_port
        )
        broker = FakeBroker(settings, clock=BrokerClock(self._harness.clock))
        broker.events.watch(self._watch)
        with owned_by("broker"):
            await broker.start()
        self._broker = broker
        if isinstance(self._harness.clock, Clock):
            self._harness.clock.show_timers_of(broker)

    async def stop(self) -> None:
        """Stop listening."""
        if self._broker is not None:
            await self._broker.stop()

    def point(
        self, service: tomodachi.Service, options: Mapping[str, Any] | Options | None
    ) -> None:
        """Point a service's options at these brokers."""
        point_at_brokers(service, self.started.aws_url, self.started.amqp_url, options)

    @property
    def broker(self) -> FakeBroker | None:
        """The brokers; None before the start."""
        return self._broker

    @property
    def started(self) -> FakeBroker:
        """The brokers.

        Raises:
            TestkitError: they have not started.
        """
        if self._broker is None:
            msg = (
                "the harness has not started: `svc` starts with an `async def` test, or with the first "
                "`await svc.start(Service)` in a fixture; a Harness of your own starts with `async with`."
            )
            raise TestkitError(msg)
        return self._broker

    @property
    def aws_url(self) -> str:
        """Endpoint URL of AWS."""
        return self.started.aws_url

    @property
    def amqp_url(self) -> str:
        """AMQP URL."""
        return self.started.amqp_url

    def env(self) -> dict[str, str]:
        """Variables that point clients here."""
        return self.started.env()

    def work(self, queues: tuple[str, ...]) -> list[str]:
        """Names the messages that are left to handle.

        Raises:
            NoSuchName: there is no queue of one of the names, neither of SQS nor of RabbitMQ.
        """
        for name in queues:
            if name not in self.sqs and name not in self.amqp:
                known = [*(queue.name for queue in self.sqs), *(queue.name for queue in self.amqp)]
                raise NoSuchName("queue", name, known)
        return self.sqs.work(queues) + self.amqp.work(queues)

    async def poll_until_drained(self, queues: tuple[str, ...], until_s: float | None) -> int:
        """Look at the queues until they stay empty, where time is real; returns how often it looked.

        Raises:
            DrainIncomplete: they are not, after `until_s` or 30 seconds.
        """

        async def look() -> list[str]:
            return self._harness.work(queues)

        return await poll_until_drained(look, until_s, brokers="in-memory brokers in real time")

    def forget_consumers(self) -> None:
        """A service stopped: who consumes what has to be seen anew."""
        self.sqs.forget_consumers()
        self.amqp.forget_consumers()

    def _watch(self, event: BrokerEvent, payload: object) -> None:
        self._harness.recorder.broker_event(event)
        for view in (self.sqs, self.sns, self.amqp):
            view.watch(event, payload)


def brokers_of(harness: Harness, kind: str) -> FakeBrokers | RealBrokers:
    """The brokers of a harness: "fake" or "real".

    Raises:
        TestkitError: neither.
    """
    if kind == "fake":
        return FakeBrokers(harness)
    if kind == "real":
        from tomodachi_testkit.real_brokers import RealBrokers

        return RealBrokers(harness)
    msg = f"unknown broker {kind!r}: use 'fake' or 'real'."
    raise TestkitError(msg)


@contextmanager
def owned_by(owner: str) -> Iterator[None]:
    """Inside, timers, tasks and sockets belong to `owner`."""
    token = OWNER.set(owner)
    try:
        yield
    finally:
        OWNER.reset(token)
