"""One service in a harness, used as its peers use it, and what comes out of it.

Where messages can come in is read from the brokers once the service runs: topics it subscribes to,
queues it consumes. What comes out is what it publishes; each such effect is known by its content, so
that two runs can be compared. The test's own messages carry an `id`, counted
from 0 for each way in.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_testkit.clock import Clock
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.loop import VirtualLoop
from tomodachi_testkit.machines.inlets import Inlet, find_inlets
from tomodachi_testkit.machines.same_everywhere import (
    WatchedEnvelope,
    differing_options,
    watch_envelope,
)

if TYPE_CHECKING:
    import tomodachi
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.messages import Message
    from tomodachi_testkit.running import Running

Effect = tuple[str, str, str]
FULL_RECOVERY_S = 3600.0
_GROUPS = 2
_PATIENCE_S = 60.0
_START_WITHIN_S = 3600.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What the test sends beside the id.

    Attributes:
        data: Further members of the payload; or a protobuf message, whose field `id` is set.
        attributes: Message attributes, for filter policies.
    """

    data: Any = field(default_factory=dict)
    attributes: Mapping[str, Any] | None = None

    def numbered(self, number: int) -> Any:
        """The data with an id."""
        if isinstance(self.data, Mapping):
            return {"id": number, **self.data}
        message = copy.deepcopy(self.data)
        message.id = number
        return message


class ServiceRun:
    """A service, started in a harness.

    Attributes:
        running: The instance that runs now.
        sent: How many messages the test sent.
        left_behind: What instances that stopped left: their tasks, timers and connections.
    """

    def __init__(
        self,
        svc: Harness,
        service: type[tomodachi.Service],
        samples: Mapping[str, Sequence[Sample]] | None = None,
    ) -> None:
        self.svc = svc
        self.sent = 0
        self.left_behind: list[str] = []
        self._service = service
        self._samples = samples or {}
        self._running: Running[Any] | None = None
        self._mine: set[str | None] = set()
        self._sent_to: dict[Inlet, int] = {}
        self._options: list[dict[str, Any]] = []
        self._envelopes: list[WatchedEnvelope] = []

    @property
    def running(self) -> Running[Any]:
        """The instance that runs now."""
        assert self._running is not None, "the service was not started"
        return self._running

    async def start(self) -> None:
        """Start the service, or start it again, while time goes on."""
        starting = asyncio.ensure_future(self.svc.start(self._service))
        await self._passes_until(starting, _START_WITHIN_S)
        self._running = await starting
        self._options.append(self._running.service.options.asdict())
        watched = watch_envelope(self._running.service, self._running.context)
        self._envelopes += [] if watched is None else [watched]
        # Who enters last is woken when everything hangs: that must be this task.
        await self.svc.__aenter__()

    def inlets(self) -> list[Inlet]:
        """Where messages come in."""
        return find_inlets(self.svc)

    # --- what peers do ----------------------------------------------------------------------------

    async def send(self, inlet: Inlet) -> None:
        """Send the next message."""
        samples = self._samples.get(inlet.name, [Sample()])
        sample = samples[self.sent % len(samples)]
        number = self._sent_to.get(inlet, 0)
        group = f"group-{number % _GROUPS}" if inlet.fifo else None
        dedup = f"sent-{number}" if inlet.fifo else None
        self.sent += 1
        self._sent_to[inlet] = number + 1
        data, attributes = sample.numbered(number), sample.attributes
        message = await inlet.send(self.svc, data, attributes=attributes, group=group, dedup=dedup)
        self._mine.add(message.message_id)

    # --- accidents --------------------------------------------------------------------------------

    async def crash(self) -> None:
        """End the process without a word, and start another."""
        await self.running.crash()
        await self.start()

    async def restart(self) -> None:
        """Stop as on SIGTERM, and start another."""
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        """Stop as on SIGTERM; with that the process ends, whatever is left of it.

        Raises:
            TestkitError: it takes longer than a minute.
        """
        running = self.running
        stopping = asyncio.ensure_future(running.stop())
        if not await self._passes_until(stopping, _PATIENCE_S):
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
            msg = f"{running.name} does not stop within {_PATIENCE_S:g} s."
            raise TestkitError(msg)
        await stopping
        await self.svc.settle()
        left = [what for what in self._left_of(running) if what not in self.left_behind]
        self.left_behind += left
        await self.svc.starter.kill(running)

    async def _passes_until(self, ends: asyncio.Future[Any], within_s: float) -> bool:
        """Let time pass as far as something needs it; whether it ends in time."""
        clock = self.svc.clock
        assert isinstance(clock, Clock)
        end = asyncio.get_running_loop().time() + within_s
        await clock.settle()
        while not ends.done():
            # Only as far as that: what else waits for time is not its business.
            if not (await _turns(clock, ends) or await clock.step(end)):
                break
        return ends.done()

    def duplicate(self) -> None:
        """The next messages of every queue are delivered twice."""
        for name in self._queue_names():
            self.plan(Fault(name, FaultKind.DUPLICATE, times=3))

    def plan(self, fault: Fault) -> None:
        """Put a fault in force."""
        self.svc.broker.faults.add(fault)

    def _queue_names(self) -> Iterator[str]:
        yield from (queue.name for queue in self.svc.sqs)
        if self.svc.broker.amqp is not None:
            yield from self.svc.broker.amqp.vhost().queues

    async def recover(self) -> None:
        """Let everything go well from here on, and everything be handled.

        Raises:
            DrainIncomplete: after an hour, or when nothing moves any more, messages are not handled.
        """
        self.svc.broker.faults.clear()
        await self.svc.drain(until=FULL_RECOVERY_S, raise_errors=False)

    # --- what comes out ---------------------------------------------------------------------------

    def effects(self) -> Counter[Effect]:
        """What the service published, by content, and how often."""
        return Counter(_effect(message) for message in self.outgoing())

    def outgoing(self) -> list[Message]:
        """What the service published, oldest first."""
        published = [*self.svc.sns.published, *self.svc.amqp.published]
        return [message for message in published if message.message_id not in self._mine]

    async def unlike_itself(self) -> list[str]:
        """Options that a later start resolved otherwise, and data that its envelope changes."""
        first = self._options[0]
        keys = {key for later in self._options for key in differing_options(first, later)}
        options = [f"option {key} differs from start to start" for key in sorted(keys)]
        return options + [what for each in self._envelopes for what in await each.changes()]

    def dead_letters(self) -> int:
        """How many messages were given up."""
        return len(self.svc.sqs.dead_letters())

    def out_of_order(self) -> list[str]:
        """Effects of a FIFO group's messages that came in another order than the messages."""
        if not any(inlet.fifo for inlet in self._sent_to):
            return []
        ids = [m.data["id"] for m in self.outgoing() if isinstance(m.data, dict) and "id" in m.data]
        first = list(dict.fromkeys(ids))
        groups = [[n for n in first if n % _GROUPS == group] for group in range(_GROUPS)]
        return [f"order of a group: {ids}" for ids in groups if ids != sorted(ids)]

    def _left_of(self, running: Running[Any]) -> list[str]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        owner = running.owner
        tasks = [f"task {_name(task)}" for task in loop.tasks_of(owner)]
        timers = [f"timer {timer.kind}" for timer in loop.timers() if timer.owner == owner]
        open_ = {view.peer for view in self.svc.amqp.connections} & loop.addresses_of(owner)
        left = sorted(tasks) or sorted(timers) + ["an AMQP connection" for _ in open_]
        return list(dict.fromkeys(left))

    def heard_of_itself(self) -> int:
        """How many of its own messages the service may have handled."""
        topics = {inlet.name for inlet in self.inlets()}
        return sum(message.topic in topics for message in self.outgoing())

    def misdirected(self) -> list[str]:
        """Dead-letter queues that are consumed like any other."""
        found = []
        for queue in self.svc.sqs:
            dlq = queue.dlq
            if dlq is not None and dlq.core.waiters:
                found.append(f"dead letters of {queue.name} go to {dlq.name}, which is consumed")
        return found

    def unlimited(self) -> list[str]:
        """AMQP consumers that take as much as there is."""
        return [
            f"{view.consumers} consumers of {view.user} have no prefetch limit"
            for view in self.svc.amqp.connections
            if view.consumers and not view.prefetch
        ]


async def _turns(clock: Clock, starting: asyncio.Future[Any]) -> bool:
    """Whether the start ends without time passing; it settles itself now and then."""
    for _ in range(3):
        await clock.settle()
    return starting.done()


def _effect(message: Message) -> Effect:
    data = json.dumps(message.data, sort_keys=True, default=repr)
    return ("amqp" if isinstance(message.body, bytes) else "sns", message.topic, data)


def _name(task: asyncio.Future[Any]) -> str:
    if isinstance(task, asyncio.Task):
        return getattr(task.get_coro(), "__qualname__", repr(task))
    return repr(task)
