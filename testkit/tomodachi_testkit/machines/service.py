"""`ServiceMachine`: a user's service, its peers and accidents, put together at random.

What happened is then set against the same messages sent in peace, one after the other: nothing that was
accepted may be lost (22, 23), and a service that is declared idempotent has one effect a message (21).
Its envelope must give back what it was given (24), and every start must resolve the same options (25).
`examination.py` goes through one accident after the other; here they meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from hypothesis import strategies as st

from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_testkit.harness import Harness
from tomodachi_testkit.machines.async_machine import AsyncRuleBasedStateMachine
from tomodachi_testkit.machines.examination import differences
from tomodachi_testkit.machines.service_run import Effect, Sample, ServiceRun
from tomodachi_testkit.machines.steps import ReproducibleMachine, rule
from tomodachi_testkit.runner import run

if TYPE_CHECKING:
    import tomodachi

FAULTS = (
    Fault("sqs.DeleteMessage*", FaultKind.DROP_BEFORE),
    Fault("sqs.DeleteMessage*", FaultKind.DROP_AFTER),
    Fault("sqs.ReceiveMessage", FaultKind.DROP_AFTER),
    Fault("sqs.ReceiveMessage", FaultKind.LATENCY, seconds=5.0),
    Fault("sns.Publish*", FaultKind.ERROR, 20, code="InternalError", status=500),
    Fault("sns.Publish*", FaultKind.LATENCY, seconds=5.0),
)


class ServiceMachine(AsyncRuleBasedStateMachine):
    """A service at the mercy of its surroundings. Set `service` in a subclass.

    Class attributes:
        service: The class; or a static function that makes it, with a fresh database.
        idempotent: A message that is delivered again must have no further effect.
        samples: What to send beside the id, by name of the topic, queue or routing key.
    """

    service: ClassVar[type[tomodachi.Service] | Callable[[], type[tomodachi.Service]]]
    idempotent: ClassVar[bool] = False
    samples: ClassVar[Mapping[str, Sequence[Sample]] | None] = None
    allow: ClassVar[frozenset[str]] = frozenset(
        ("errors", "dlq", "inflight", "unused_faults", "unrouted")
    )

    async def set_up(self) -> None:
        """Start the service, and see where messages come in."""
        self.sends: list[int] = []
        self.came_out: Counter[Effect] = Counter()
        self.given_up = 0
        self.tried = ServiceRun(self.svc, self._make(), self.samples)
        await self.tried.start()
        self.inlets = self.tried.inlets()

    @classmethod
    def _make(cls) -> type[tomodachi.Service]:
        return cls.service if isinstance(cls.service, type) else cls.service()

    # --- what peers do, and what befalls the service ----------------------------------------------

    @rule(which=st.integers(0, 9))
    async def send(self, which: int) -> None:
        """The next message, to one of the ways in."""
        number = which % len(self.inlets)
        self.sends.append(number)
        await self.tried.send(self.inlets[number])

    @rule(seconds=st.sampled_from((0.001, 1.0, 30.0, 300.0)))
    async def advance(self, seconds: float) -> None:
        """Time passes."""
        await self.svc.clock.advance(seconds)

    @rule()
    async def crash(self) -> None:
        """The process dies and is started again."""
        await self.tried.crash()

    @rule()
    async def restart(self) -> None:
        """A deploy."""
        await self.tried.restart()

    @rule()
    async def drop_connections(self) -> None:
        """RabbitMQ's connections break."""
        await self.svc.amqp.drop_connections(self.tried.running)

    @rule()
    def duplicate(self) -> None:
        """Queues deliver a few messages twice."""
        self.tried.duplicate()

    @rule(fault=st.sampled_from(FAULTS))
    def fault(self, fault: Fault) -> None:
        """A call of SQS or SNS goes wrong."""
        self.tried.plan(replace(fault))

    # --- what must be true in the end -------------------------------------------------------------

    async def tear_down(self) -> None:
        """Let everything go well until all is handled."""
        await self.tried.recover()
        self.came_out, self.given_up = self.tried.effects(), self.tried.dead_letters()
        unlike = await self.tried.unlike_itself()
        assert not unlike, "; ".join(unlike)
        await self.tried.stop()
        left = self.tried.left_behind
        assert not left, f"left behind after the stop: {left}"

    def teardown(self) -> None:
        """End the example, and compare it with the same messages in peace."""
        super().teardown()
        if not self.failed:
            self.noting(ServiceMachine._compare, {})

    def execute(self, function: Callable[..., object], arguments: dict[str, object]) -> object:
        """The comparison comes when the machine's own loop has ended."""
        if function is ServiceMachine._compare:
            return ReproducibleMachine.execute(self, function, arguments)
        return super().execute(function, arguments)

    def _compare(self) -> None:
        expected = run(self._in_peace())
        wrong = differences(expected, self.came_out, self.given_up, idempotent=self.idempotent)
        assert not wrong, "; ".join(wrong)

    async def _in_peace(self) -> Counter[Effect]:
        async with Harness(seed=self.seed, allow=self.allow) as svc:
            tried = ServiceRun(svc, self._make(), self.samples)
            await tried.start()
            inlets = tried.inlets()
            for number in self.sends:
                await tried.send(inlets[number])
                await tried.recover()
            await tried.stop()
            return tried.effects()
