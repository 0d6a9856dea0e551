"""`AMQPMachine`: exchanges, queues and consumers, used at random, against a model of RabbitMQ.

The rules: what clients and time do. Invariants 13 to 20 of the property tests are checked, by
`amqp_scene.py` and by the models: what a queue may do is in `amqp_model.py`, which queues a message
reaches in `routing_model.py`. Subclasses choose queues and exchanges.

Source: AMQP 0-9-1 spec; https://www.rabbitmq.com/docs/confirms, /docs/consumers, /docs/dlx
"""

from __future__ import annotations

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tomodachi_testkit.machines.amqp_scene import CHANNELS, Address
from tomodachi_testkit.machines.amqp_steps import AMQPSteps, pick
from tomodachi_testkit.machines.steps import rule

_PRECONDITION_FAILED = 406
_channels = st.sampled_from(CHANNELS)
_picks = st.integers(0, 9)


class AMQPMachine(AMQPSteps):
    """A broker with a queue of each kind.

    Class attributes:
        version: Version profile of the broker.
        queues: Queues by name.
        exchanges: Types of exchanges by name.
        routing_keys: Keys that messages are published with.
        binding_keys: Keys that queues are bound with.
    """

    # --- topology ---------------------------------------------------------------------------------

    @rule(which=_picks, exchange=_picks, key=_picks, headers=_picks, undo=st.booleans())
    def bind(self, which: int, exchange: int, key: int, headers: int, undo: bool) -> None:  # noqa: FBT001
        """queue.bind, or its undoing."""
        queue, name = pick(self.queues, which), pick(self.exchanges, exchange)
        self._bind(queue, name, key, headers, undo=undo)

    # --- publishing -------------------------------------------------------------------------------

    @rule(
        channel=_channels,
        exchange=_picks,
        key=_picks,
        mandatory=st.booleans(),
        h=st.sampled_from((None, 1, 2)),
        k=st.sampled_from((None, "v", "w")),
    )
    def publish(
        self,
        channel: Address,
        exchange: int,
        key: int,
        mandatory: bool,  # noqa: FBT001 - a rule's drawn value
        h: int | None,
        k: str | None,
    ) -> None:
        """basic.publish to an exchange (20)."""
        headers = {name: value for name, value in (("h", h), ("k", k)) if value is not None}
        name, routing_key = pick(self.exchanges, exchange), pick(self.routing_keys, key)
        self._publish(channel, name, routing_key, mandatory=mandatory, headers=headers)

    @rule(
        channel=_channels,
        which=_picks,
        ttl_ms=st.sampled_from((None, None, None, 0, 500)),
        priority=st.sampled_from((None, None, 1, 9)),
    )
    def publish_to_queue(
        self, channel: Address, which: int, ttl_ms: int | None, priority: int | None
    ) -> None:
        """basic.publish to the default exchange, with a time to live and a priority of its own."""
        queue = pick(self.queues, which)
        self._publish(channel, "", queue, ttl_ms=ttl_ms, priority=priority)

    @rule(channel=_channels, picks=st.lists(_picks, min_size=2, max_size=5))
    def burst(self, channel: Address, picks: list[int]) -> None:
        """Several publishes that the broker reads at once, whose confirms it may gather (13)."""
        consumed = {consumer.queue for consumer in self.model.consumers}
        # What a consumer takes at once counts for no length: that order is not the model's matter.
        queues = [n for n, q in self.queues.items() if q.max_length is None or n not in consumed]
        octets = b"".join(self._expect(channel, "", pick(queues, which), {}, {}) for which in picks)
        self.clients[channel[0]].raw(octets, now=self.now)
        self._settle()

    @precondition(lambda self: self._bounded())
    @rule(channel=_channels, which=_picks)
    def overfill(self, channel: Address, which: int) -> None:
        """More than a queue holds, one of it with no time to live; then a look at a dead letter (19)."""
        queue = pick(self._bounded(), which)
        for number in range((self.queues[queue].max_length or 0) + 1):
            self._publish(channel, "", queue, ttl_ms=0 if number == 1 else None)
        letters = list(self.queues).index(str(self.queues[queue].dead_letters_to))
        self._get(channel, letters, no_ack=True)

    @rule(channel=_channels, which=_picks, exchange=_picks, key=_picks, routing_key=_picks)
    def bind_and_publish(
        self, channel: Address, which: int, exchange: int, key: int, routing_key: int
    ) -> None:
        """queue.bind and queue.unbind, each with a message for it at once, or not for it (20)."""
        queue, name = pick(self.queues, which), pick(self.exchanges, exchange)
        for undo in (False, True):
            self._bind(queue, name, key, key, undo=undo)
            key_of_message = pick(self.routing_keys, routing_key)
            self._publish(channel, name, key_of_message, headers={"h": 1})

    @precondition(lambda self: self._returning())
    @rule(channel=_channels, which=_picks, rejections=st.integers(1, 5))
    def reject_around(self, channel: Address, which: int, rejections: int) -> None:
        """A message is rejected in one queue after the other, back where it was, too (18)."""
        queue = pick(self._returning(), which)
        for name in (queue, str(self.queues[queue].dead_letters_to)):
            self._purge(name)
        self._publish(channel, "", queue)
        for _ in range(rejections):
            before = set(self.model.unacked.get(channel, ()))
            self._get(channel, list(self.queues).index(queue), no_ack=False)
            (tag,) = set(self.model.unacked[channel]) - before
            for copy in self.model.settle(channel, [tag]):
                self.model.die(copy, "rejected")
            self._send(channel, "basic.reject", tag, False)
            self._settle()
            queue = str(self.queues[queue].dead_letters_to)
        self._get(channel, list(self.queues).index(queue), no_ack=True)

    def _returning(self) -> list[str]:
        """Queues that nobody consumes, whose letters come back by way of another such queue."""
        free = {name: self.queues[name].dead_letters_to for name in self._unconsumed()}
        return [name for name, letters in free.items() if letters and free.get(letters) == name]

    @precondition(lambda self: self._unconsumed())
    @rule(
        channel=_channels,
        which=_picks,
        priorities=st.lists(st.sampled_from((None, 1, 2, 9)), min_size=2, max_size=4),
    )
    def give_back_backwards(
        self, channel: Address, which: int, priorities: list[int | None]
    ) -> None:
        """Messages that nobody consumes: get some, give them back last first, get them again (15)."""
        queue = pick(self._unconsumed(), which)
        place = list(self.queues).index(queue)
        for priority in priorities:
            self._publish(channel, "", queue, priority=priority)
        before = set(self.model.unacked.get(channel, ()))
        for _ in priorities:
            self._get(channel, place, no_ack=False)
        for tag in sorted(set(self.model.unacked.get(channel, ())) - before, reverse=True):
            self.model.requeue(self.model.settle(channel, [tag]))
            self._send(channel, "basic.reject", tag, True)
            self._settle()
        for _ in priorities:
            self._get(channel, place, no_ack=True)

    def _unconsumed(self) -> list[str]:
        consumed = {consumer.queue for consumer in self.model.consumers}
        return [name for name in self.queues if name not in consumed]

    @precondition(lambda self: self._single() and len(self.model.consumers) < 5)
    @rule(first=_channels, second=_channels, which=_picks)
    def compete(self, first: Address, second: Address, which: int) -> None:
        """Two consumers of a queue with a single active one, and a message for the first (16)."""
        queue = pick(self._single(), which)
        if not (self._may_consume(first, queue) and self._may_consume(second, queue)):
            return
        for channel in (first, second):
            self._consume(channel, queue, no_ack=False)
        self._publish(first, "", queue)

    def _single(self) -> list[str]:
        return [name for name, spec in self.queues.items() if spec.single]

    def _bounded(self) -> list[str]:
        return [n for n, q in self.queues.items() if q.max_length and q.dead_letters_to]

    # --- consuming --------------------------------------------------------------------------------

    @precondition(lambda self: len(self.model.consumers) < 6)
    @rule(channel=_channels, which=_picks, no_ack=st.sampled_from((False, False, False, True)))
    def consume(self, channel: Address, which: int, no_ack: bool) -> None:  # noqa: FBT001
        """basic.consume, with the prefetch that the channel has now."""
        queue = pick(self.queues, which)
        if self._may_consume(channel, queue):
            self._consume(channel, queue, no_ack=no_ack)

    @rule(channel=_channels, count=st.integers(0, 3))
    def qos(self, channel: Address, count: int) -> None:
        """basic.qos, for consumers to come."""
        self._qos(channel, count)

    @precondition(lambda self: self._unconsumed() and len(self.model.consumers) < 6)
    @rule(channel=_channels, which=_picks)
    def fill_up(self, channel: Address, which: int) -> None:
        """A consumer that may hold one message gets the second once the first is settled (14)."""
        queue = pick(self._unconsumed(), which)
        if not self._may_consume(channel, queue):
            return
        self._qos(channel, 1)
        self._consume(channel, queue, no_ack=False)
        for _ in range(2):
            self._publish(channel, "", queue)
        for tag in list(self.model.consumers[-1].held):
            self.model.settle(channel, [tag])
            self._send(channel, "basic.ack", tag, False)
            self._settle()

    @precondition(lambda self: self.model.consumers)
    @rule(which=_picks)
    def cancel(self, which: int) -> None:
        """basic.cancel: what was delivered stays with the channel."""
        consumer = pick(self.model.consumers, which)
        self.model.cancel(consumer)
        self._send(consumer.channel, "basic.cancel", consumer.tag, False)
        self._settle()

    @rule(channel=_channels, which=_picks, no_ack=st.booleans())
    def get(self, channel: Address, which: int, no_ack: bool) -> None:  # noqa: FBT001
        """basic.get."""
        self._get(channel, which, no_ack=no_ack)

    # --- settling ---------------------------------------------------------------------------------

    @precondition(lambda self: any(self.model.unacked.values()))
    @rule(
        which=_picks,
        how=st.sampled_from(("ack", "nack", "reject")),
        more=st.booleans(),
        requeue=st.booleans(),
    )
    def settle(self, which: int, how: str, more: bool, requeue: bool) -> None:  # noqa: FBT001
        """basic.ack, nack or reject of one delivery, or of all up to it (17)."""
        held = [
            (address, tag) for address in CHANNELS for tag in self.model.unacked.get(address, ())
        ]
        channel, tag = pick(held, which)
        multiple = more and how != "reject"
        tags = [t for t in self.model.unacked[channel] if t <= tag] if multiple else [tag]
        if how != "ack" and requeue and self._in_parts(channel, tags):
            return
        values = {
            "ack": (tag, multiple),
            "nack": (tag, multiple, requeue),
            "reject": (tag, requeue),
        }
        copies = self.model.settle(channel, tags)
        if how != "ack" and requeue:
            self.model.requeue(copies)
        elif how != "ack":
            for copy in copies:
                self.model.die(copy, "rejected")
        self._send(channel, f"basic.{how}", *values[how])
        self._settle()

    @rule(channel=_channels, used=st.booleans(), multiple=st.booleans())
    def settle_unknown(self, channel: Address, used: bool, multiple: bool) -> None:  # noqa: FBT001
        """An unknown or repeated tag closes the channel (17)."""
        tag = self.last_tag[channel] + (0 if used else 1)
        held = self.model.unacked.get(channel, {})
        if tag == 0 or tag in held:
            return
        self._send(channel, "basic.ack", tag, multiple)
        heard = self.clients[channel[0]].hear()
        (close,) = [said for said in heard if said.name == "channel.close"]
        assert close.values["reply_code"] == _PRECONDITION_FAILED, close
        assert close.values["reply_text"] == f"PRECONDITION_FAILED - unknown delivery tag {tag}"
        self.model.close(channel)
        self._send(channel, "channel.close-ok")
        # What the channel held may have gone to another one of the connection in the same breath.
        heard.remove(close)
        self._settle([(channel[0], said) for said in heard])
        self._open(channel)

    @rule(channel=_channels)
    def recover(self, channel: Address) -> None:
        """basic.recover: everything the channel holds goes back."""
        tags = list(self.model.unacked.get(channel, ()))
        if self._in_parts(channel, tags):
            return
        self.model.requeue(self.model.settle(channel, tags))
        self._send(channel, "basic.recover", True)
        self._settle()

    def _in_parts(self, channel: Address, tags: list[int]) -> bool:
        """Whether several consumers of one queue held them.

        RabbitMQ gives back what one of them held after the other, and delivers in between: that order is
        not the model's matter.
        """
        held = [self.model.unacked[channel][tag] for tag in tags]
        holders = Counter(queue for queue, _ in {(copy.queue, who) for copy, who in held})
        return any(count > 1 for count in holders.values())

    @rule(which=_picks)
    def purge(self, which: int) -> None:
        """queue.purge: ready messages are gone, without dead letters; the others stay."""
        self._purge(pick(self.queues, which))

    @rule(channel=_channels)
    def close_channel(self, channel: Address) -> None:
        """channel.close: what it holds goes back (16)."""
        self.model.close(channel)
        self._send(channel, "channel.close", 200, "", 0, 0)
        self._settle()
        self._open(channel)

    @rule(connection=st.integers(0, 1))
    def lose_connection(self, connection: int) -> None:
        """TCP breaks: what its channels hold goes back (16)."""
        mine = [address for address in self.prefetch if address[0] == connection]
        busy = [a for a in mine if self.model.unacked.get(a) or self._consumed(a)]
        if self._races(mine) or (
            len(busy) > 1
            and self.keeps_clear("rabbitmq", "connection lost", "several channels in use")
        ):
            return
        self.model.close(*mine)
        self.clients[connection].lose(now=self.now)
        self.clients[connection] = self._connect()
        self._settle()
        for address in mine:
            self._open(address)

    def _races(self, mine: list[Address]) -> bool:
        """Whether others get what several of these channels hold as each of them ends: in any order."""
        held = Counter(
            queue
            for address in mine
            for queue in {copy.queue for copy, _ in self.model.unacked.get(address, {}).values()}
        )
        others = {c.queue for c in self.model.consumers if c.channel not in mine}
        return any(count > 1 and queue in others for queue, count in held.items())

    # --- time -------------------------------------------------------------------------------------

    @precondition(lambda self: self.second is None)
    @rule(milliseconds=st.sampled_from((1, 499, 500, 1000, 4999, 5000)))
    def advance(self, milliseconds: int) -> None:
        """Let time pass, deadline by deadline (18)."""
        end = self.now + milliseconds / 1000
        while (at := self.core.next_deadline()) is not None and at <= end:
            self._go_to(at)
        self._go_to(end)

    def _go_to(self, at: float) -> None:
        self.now = at
        self.core.advance(now=at)
        self._settle()
