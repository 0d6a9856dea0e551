"""`examine`: what goes wrong with a service, found without an assertion of its own.

The service is run once in peace, and then through accidents: a stop and a crash in the middle, lost
replies, errors of its neighbours, duplicates, dropped connections. What it published in peace is what
it must publish every time (nothing that was accepted is lost, invariants 22 and 23); published twice is
an error too for services declared idempotent (21). In peace no handler may raise or hang, and nothing
may be left behind when the service stops.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_testkit import http_connectors
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.harness import Harness
from tomodachi_testkit.machines.inlets import Inlet
from tomodachi_testkit.machines.service_run import Effect, Sample, ServiceRun
from tomodachi_testkit.runner import run

if TYPE_CHECKING:
    import tomodachi


class Accident(Protocol):
    """Something that befalls a service; a coroutine function, whose name findings carry."""

    __name__: str

    def __call__(self, run: ServiceRun, /) -> Awaitable[None]:
        """Let it happen."""
        ...


_LEAKS = frozenset(("errors", "dlq", "inflight", "unused_faults", "unrouted"))
_INSTANT_S = 0.001
_PEACE_S = 600.0
_TROUBLE_S = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong.

    Attributes:
        when: The accident, or "in peace".
        what: What happened that must not.
    """

    when: str
    what: str

    def __str__(self) -> str:
        return f"{self.when}: {self.what}"


@dataclass(slots=True)
class Outcome:
    """What one run came to.

    Attributes:
        effects: What was published, and how often.
        given_up: How many messages were dead-lettered.
        wrong: What is wrong whatever other runs say.
    """

    effects: Counter[Effect] = field(default_factory=Counter)
    given_up: int = 0
    wrong: list[str] = field(default_factory=list)


async def nothing(run: ServiceRun) -> None:
    """All at once: no accident, but many messages at the same time."""


async def stop(run: ServiceRun) -> None:
    """A deploy: the service stops while it works, and starts again."""
    await run.svc.clock.advance(_INSTANT_S)
    await run.restart()


async def crash(run: ServiceRun) -> None:
    """The process dies while it works, and is started again."""
    await run.svc.clock.advance(_INSTANT_S)
    await run.crash()


async def crash_unacknowledged(run: ServiceRun) -> None:
    """The process dies when its work is done, and before SQS knows of it."""
    run.plan(Fault("sqs.DeleteMessage*", FaultKind.DROP_BEFORE, None))
    await run.svc.clock.advance(1.0)
    await run.crash()


async def crash_acknowledged(run: ServiceRun) -> None:
    """The process dies the moment when the brokers have been told that its work is done."""
    await run.svc.drain(until=_TROUBLE_S, raise_errors=False)
    await run.crash()


async def slow_neighbours(run: ServiceRun) -> None:
    """SNS answers late."""
    run.plan(Fault("sns.Publish*", FaultKind.LATENCY, None, seconds=5.0))


async def outage(run: ServiceRun) -> None:
    """The service is down when messages come."""
    await run.stop()


async def lost_replies(run: ServiceRun) -> None:
    """Answers of SQS and SNS get lost, before and after the call took effect."""
    for point in ("sqs.DeleteMessage*", "sqs.ReceiveMessage", "sns.Publish*"):
        run.plan(Fault(point, FaultKind.DROP_BEFORE))
    # That SNS publishes twice where its answer is lost is nothing that a service could prevent.
    run.plan(Fault("sqs.DeleteMessage*", FaultKind.DROP_AFTER, after=1))
    run.plan(Fault("sqs.ReceiveMessage", FaultKind.DROP_AFTER, after=1))


async def errors(run: ServiceRun) -> None:
    """SNS refuses what the service publishes, for a while."""
    run.plan(Fault("sns.Publish*", FaultKind.ERROR, None, code="InternalError", status=500))


async def duplicates(run: ServiceRun) -> None:
    """Queues deliver messages twice."""
    run.duplicate()


async def dropped_connections(run: ServiceRun) -> None:
    """RabbitMQ's connections break while the service works."""
    await run.svc.clock.advance(_INSTANT_S)
    await run.svc.amqp.drop_connections(run.running)


# Accidents that come before the messages, and those that come while they are being handled.
BEFORE: tuple[Accident, ...] = (lost_replies, errors, duplicates, slow_neighbours, outage)
DURING: tuple[Accident, ...] = (
    nothing,
    stop,
    crash,
    crash_acknowledged,
    crash_unacknowledged,
    dropped_connections,
)


def examine(
    service: type[tomodachi.Service] | Callable[[], type[tomodachi.Service]],
    *,
    idempotent: bool = False,
    samples: Mapping[str, Sequence[Sample]] | None = None,
    messages: int = 4,
    seed: int = 0,
    accidents: Sequence[Accident] = (*BEFORE, *DURING),
    first_only: bool = False,
) -> list[Finding]:
    """Run a service through everything, each accident in a world of its own.

    Args:
        service: The class; or a function that makes it, with fresh databases, for every run.
        idempotent: A message that is delivered again must have no further effect.
        samples: What to send, by name of the topic, queue or routing key; only ids by default.
        messages: How many messages each way in gets.
        seed: Of the harness.
        accidents: Those to go through, after peace.
        first_only: Stop at the first accident that finds something.

    Returns:
        What is wrong; nothing is good.
    """
    trial = _Trial(service, samples, messages, seed)
    peace = trial.run(None)
    findings = [Finding("in peace", what) for what in peace.wrong]
    if findings:
        return findings
    for accident in accidents:
        if findings and first_only:
            break
        name = name_of(accident)
        outcome = trial.run(accident)
        wrong = outcome.wrong or differences(
            peace.effects, outcome.effects, outcome.given_up, idempotent=idempotent
        )
        findings += [Finding(name, what) for what in wrong]
    return findings


def name_of(accident: Accident) -> str:
    """What findings call an accident."""
    return accident.__name__.replace("_", " ")


def differences(
    expected: Counter[Effect], found: Counter[Effect], given_up: int, *, idempotent: bool
) -> list[str]:
    """What was lost, and what came too often.

    Args:
        expected: Effects in peace.
        found: Effects after accidents.
        given_up: Messages that were dead-lettered instead.
        idempotent: Whether an effect may come no more often than in peace.
    """
    lost = [effect for effect in expected if not found[effect]]
    wrong = []
    if len(lost) > given_up:
        wrong.append(f"{len(lost)} effects are missing, for example {lost[0]}")
    again = [effect for effect, count in found.items() if count > expected[effect]]
    if idempotent and again:
        count = found[again[0]]
        wrong.append(f"{len(again)} effects came too often, for example {again[0]} {count} times")
    return wrong


class _Trial:
    """One service, and what it is sent."""

    def __init__(
        self,
        service: type[tomodachi.Service] | Callable[[], type[tomodachi.Service]],
        samples: Mapping[str, Sequence[Sample]] | None,
        messages: int,
        seed: int,
    ) -> None:
        self._service = service
        self._samples = samples
        self._messages = messages
        self._seed = seed

    def run(self, accident: Accident | None) -> Outcome:
        """One run in a world of its own; None is peace."""
        made = self._service if isinstance(self._service, type) else self._service()
        outcome = Outcome()
        try:
            run(self._world(made, accident, outcome))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is the finding
            outcome.wrong.append(_told(error))
        return outcome

    async def _world(
        self, service: type[tomodachi.Service], accident: Accident | None, outcome: Outcome
    ) -> None:
        """One run; the HTTP pools that a buggy service leaves open would warn in somebody's test."""
        svc = Harness(seed=self._seed, allow={"unrouted"} if accident is None else _LEAKS)
        try:
            if accident is None:
                await self._peace(svc, service, outcome)
            else:
                await self._rough(svc, service, accident, outcome)
        finally:
            for running in svc.running:
                await http_connectors.drop(running.owner)

    async def _peace(
        self, svc: Harness, service: type[tomodachi.Service], outcome: Outcome
    ) -> None:
        """One message after the other, and nothing goes wrong."""
        async with svc:
            tried = ServiceRun(svc, service, self._samples)
            await tried.start()
            outcome.wrong += tried.misdirected() + tried.unlimited()
            for inlet in tried.inlets():
                for _ in range(self._messages):
                    await tried.send(inlet)
                    await svc.drain(until=_PEACE_S)
            # What a service does now and then, by timers of its own, is done by now.
            await svc.clock.advance(_TROUBLE_S)
            calls = len([e for e in svc.log if e.kind in ("finished", "failed")])
            if calls < tried.sent or calls > tried.sent + tried.heard_of_itself():
                text = f"{tried.sent} messages were sent, and handlers were called {calls} times"
                outcome.wrong.append(text)
            await self._end(tried, outcome)

    async def _rough(
        self,
        svc: Harness,
        service: type[tomodachi.Service],
        accident: Accident,
        outcome: Outcome,
    ) -> None:
        """All messages at once, and an accident."""
        async with svc:
            tried = ServiceRun(svc, service, self._samples)
            await tried.start()
            inlets = tried.inlets()
            if accident in BEFORE:
                await accident(tried)
            half = self._messages // 2
            await self._send(tried, inlets, half)
            if accident in DURING:
                await accident(tried)
            await self._send(tried, inlets, self._messages - half)
            await svc.clock.advance(_TROUBLE_S)
            if accident is outage:
                await tried.start()
            await tried.recover()
            await self._end(tried, outcome)

    @staticmethod
    async def _send(tried: ServiceRun, inlets: Sequence[Inlet], each: int) -> None:
        for inlet in inlets:
            for _ in range(each):
                await tried.send(inlet)

    @staticmethod
    async def _end(tried: ServiceRun, outcome: Outcome) -> None:
        outcome.effects, outcome.given_up = tried.effects(), tried.dead_letters()
        outcome.wrong += tried.out_of_order()
        await tried.stop()
        outcome.wrong += [f"left behind after the stop: {what}" for what in tried.left_behind]


def _told(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_told(inner) for inner in error.exceptions)
    text = str(error).splitlines()
    kind = type(error).__name__
    shown = " ".join(text[:2]) if isinstance(error, TestkitError) else "".join(text[:1])
    return f"{kind}: {shown}"
