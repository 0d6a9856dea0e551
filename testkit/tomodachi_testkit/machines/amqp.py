"""`AMQPMachine`: exchanges, queues and consumers, used at random, against a model of RabbitMQ.

It talks octets to the pure broker, in virtual time: two connections with two channels each, the second
channel of each in confirm mode. Invariants 13 to 20 of the property tests are checked; what a queue may
do is in `amqp_model.py`, which queues a message reaches in `routing_model.py`. Subclasses add queues
(`queues`) and exchanges (`exchanges`).

Source: AMQP 0-9-1 spec; https://www.rabbitmq.com/docs/confirms, /docs/consumers, /docs/dlx
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.ids import SeededIds
from tomodachi_testkit.machines.amqp_model import BrokerModel, Consumer, Copy, QueueSpec
from tomodachi_testkit.machines.amqp_wire import Client, Said, publish_octets
from tomodachi_testkit.machines.core_calls import START
from tomodachi_testkit.machines.routing_model import matches
from tomodachi_testkit.machines.steps import ReproducibleMachine, invariant, rule

Address = tuple[int, int]
CHANNELS: tuple[Address, ...] = ((0, 1), (0, 2), (1, 1), (1, 2))
CONFIRMING = frozenset(((0, 2), (1, 2)))
_PRECONDITION_FAILED = 406
_channels = st.sampled_from(CHANNELS)
_picks = st.integers(0, 9)


class AMQPMachine(ReproducibleMachine):
    """A broker with a queue of each kind.

    Class attributes:
        version: Version profile of the broker.
        queues: Queues by name.
        exchanges: Types of exchanges by name.
        routing_keys: Keys that messages are published with.
        binding_keys: Keys that queues are bound with.
    """

    version: ClassVar[str] = "4.0"
    queues: ClassVar[dict[str, QueueSpec]] = {
        "plain": QueueSpec(),
        "timed": QueueSpec(ttl_ms=1000, dead_letters_to="timed-dead"),
        "timed-dead": QueueSpec(ttl_ms=5000, dead_letters_to="timed"),
        "short": QueueSpec(max_length=3, dead_letters_to="short-dead"),
        "short-dead": QueueSpec(),
        "full": QueueSpec(max_length=2, rejects=True),
        "ranked": QueueSpec(max_priority=2),
        "single": QueueSpec(single=True),
    }
    exchanges: ClassVar[dict[str, str]] = {
        "x-direct": "direct",
        "x-fanout": "fanout",
        "x-topic": "topic",
        "x-headers": "headers",
    }
    routing_keys: ClassVar[tuple[str, ...]] = ("a", "a.b", "a.b.c", "b", "", "a..c")
    binding_keys: ClassVar[tuple[str, ...]] = ("a", "a.*", "#", "a.#", "*.b.#", "#.c", "*", "")
    binding_headers: ClassVar[tuple[dict[str, Any], ...]] = (
        {"x-match": "all", "h": 1, "k": "v"},
        {"x-match": "any", "h": 1, "k": "v"},
        {"h": 2},
        {},
    )

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.events = EventLog()
        self.broker = Broker(ids=SeededIds(1), events=self.events, version=self.version)
        self.model = BrokerModel(self.queues)
        self.bindings: dict[tuple[str, str, str, str], dict[str, Any]] = {}
        self.published = self.made = 0
        self.last_tag: dict[Address, int] = defaultdict(int)
        self.prefetch: dict[Address, int] = {}
        self.sequence: dict[Address, int] = {}
        self.unconfirmed: dict[Address, dict[int, bool]] = {}
        self.returned: list[str] = []
        self.got: tuple[str, bool] | None = None
        self.clients = [self._connect(), self._connect()]
        for address in CHANNELS:
            self._open(address)
        self._declare()

    # --- set-up -----------------------------------------------------------------------------------

    def _connect(self) -> Client:
        self.made += 1
        return Client(self.broker, f"client-{self.made}", self.now)

    def _open(self, address: Address) -> None:
        self.last_tag[address] = 0
        # What is opened again comes last: the channels of a lost connection end in that order.
        self.prefetch.pop(address, None)
        self.prefetch[address] = 0
        self.unconfirmed[address] = {}
        self.sequence[address] = 0
        self._send(address, "channel.open", "")
        if address in CONFIRMING:
            self._send(address, "confirm.select", False)
        names = [said.name for said in self.clients[address[0]].hear()]
        assert names[0] == "channel.open-ok", names

    def _declare(self) -> None:
        first = CHANNELS[0]
        for name, spec in self.queues.items():
            flags = (False, True, False, False, False)
            self._send(first, "queue.declare", 0, name, *flags, typed_table(spec.arguments))
        for name, kind in self.exchanges.items():
            flags = (False, False, False, False, False)
            self._send(first, "exchange.declare", 0, name, kind, *flags, {})
        answers = {said.name for said in self.clients[0].hear()}
        assert answers == {"queue.declare-ok", "exchange.declare-ok"}, answers

    def _send(self, address: Address, name: str, *values: Any) -> None:
        self.clients[address[0]].send(address[1], name, *values, now=self.now)

    # --- topology ---------------------------------------------------------------------------------

    @rule(which=_picks, exchange=_picks, key=_picks, headers=_picks, undo=st.booleans())
    def bind(self, which: int, exchange: int, key: int, headers: int, undo: bool) -> None:  # noqa: FBT001
        """queue.bind, or its undoing."""
        queue, name = _pick(self.queues, which), _pick(self.exchanges, exchange)
        self._bind(queue, name, key, headers, undo=undo)

    def _bind(self, queue: str, name: str, key: int, headers: int, *, undo: bool) -> None:
        arguments = _pick(self.binding_headers, headers) if name == "x-headers" else {}
        binding_key = _pick(self.binding_keys, key)
        binding = (name, queue, binding_key, repr(arguments))
        table = typed_table(arguments)
        names = (0, queue, name, binding_key)
        if undo:
            self._send(CHANNELS[0], "queue.unbind", *names, table)
            self.bindings.pop(binding, None)
        else:
            self._send(CHANNELS[0], "queue.bind", *names, False, table)
            self.bindings[binding] = arguments
        self._settle()

    def _routes(self, exchange: str, key: str, headers: dict[str, Any]) -> list[str]:
        if not exchange:
            return [key] if key in self.queues else []
        kind = self.exchanges[exchange]
        found = {
            queue: None
            for (name, queue, binding_key, _), arguments in self.bindings.items()
            if name == exchange and matches(kind, binding_key, arguments, key, headers)
        }
        return list(found)

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
        name, routing_key = _pick(self.exchanges, exchange), _pick(self.routing_keys, key)
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
        queue = _pick(self.queues, which)
        self._publish(channel, "", queue, ttl_ms=ttl_ms, priority=priority)

    @rule(channel=_channels, picks=st.lists(_picks, min_size=2, max_size=5))
    def burst(self, channel: Address, picks: list[int]) -> None:
        """Several publishes that the broker reads at once, whose confirms it may gather (13)."""
        consumed = {consumer.queue for consumer in self.model.consumers}
        # What a consumer takes at once counts for no length: that order is not the model's matter.
        queues = [n for n, q in self.queues.items() if q.max_length is None or n not in consumed]
        octets = b"".join(
            self._expect(channel, "", _pick(queues, which), {}, {}) for which in picks
        )
        self.clients[channel[0]].raw(octets, now=self.now)
        self._settle()

    @precondition(lambda self: self._bounded())
    @rule(channel=_channels, which=_picks)
    def overfill(self, channel: Address, which: int) -> None:
        """More than a queue holds, one of it with no time to live; then a look at a dead letter (19)."""
        queue = _pick(self._bounded(), which)
        for number in range((self.queues[queue].max_length or 0) + 1):
            self._publish(channel, "", queue, ttl_ms=0 if number == 1 else None)
        letters = list(self.queues).index(str(self.queues[queue].dead_letters_to))
        self._get(channel, letters, no_ack=True)

    @rule(channel=_channels, which=_picks, exchange=_picks, key=_picks, routing_key=_picks)
    def bind_and_publish(
        self, channel: Address, which: int, exchange: int, key: int, routing_key: int
    ) -> None:
        """queue.bind, and at once a message for it, or not for it (20)."""
        queue, name = _pick(self.queues, which), _pick(self.exchanges, exchange)
        self._bind(queue, name, key, key, undo=False)
        self._publish(channel, name, _pick(self.routing_keys, routing_key), headers={"h": 1})

    @precondition(lambda self: self._returning())
    @rule(channel=_channels, which=_picks, rejections=st.integers(1, 5))
    def reject_around(self, channel: Address, which: int, rejections: int) -> None:
        """A message is rejected in one queue after the other, back where it was, too (18)."""
        queue = _pick(self._returning(), which)
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
        priorities=st.lists(st.sampled_from((None, 1, 2)), min_size=2, max_size=4),
    )
    def give_back_backwards(
        self, channel: Address, which: int, priorities: list[int | None]
    ) -> None:
        """Messages that nobody consumes: get some, give them back last first, get them again (15)."""
        queue = _pick(self._unconsumed(), which)
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
        queue = _pick(self._single(), which)
        for channel in (first, second):
            self._consume(channel, queue, no_ack=False)
        self._publish(first, "", queue)

    def _single(self) -> list[str]:
        return [name for name, spec in self.queues.items() if spec.single]

    def _bounded(self) -> list[str]:
        return [n for n, q in self.queues.items() if q.max_length and q.dead_letters_to]

    def _publish(
        self,
        channel: Address,
        exchange: str,
        key: str,
        *,
        mandatory: bool = False,
        headers: dict[str, Any] | None = None,
        ttl_ms: int | None = None,
        priority: int | None = None,
    ) -> None:
        properties: dict[str, Any] = {
            "headers": headers or None,
            "expiration": None if ttl_ms is None else str(ttl_ms),
            "priority": priority,
        }
        given = {name: value for name, value in properties.items() if value is not None}
        octets = self._expect(
            channel, exchange, key, headers or {}, given, ttl_ms=ttl_ms, mandatory=mandatory
        )
        self.clients[channel[0]].raw(octets, now=self.now)
        self._settle()

    def _expect(
        self,
        channel: Address,
        exchange: str,
        key: str,
        headers: dict[str, Any],
        properties: dict[str, Any],
        *,
        ttl_ms: int | None = None,
        mandatory: bool = False,
    ) -> bytes:
        """Let the model take a publish; returns its octets."""
        self.published += 1
        body = f"m{self.published}"
        routes = self._routes(exchange, key, headers)
        accepted = True
        for queue in routes:
            taken = self.model.arrive(
                queue,
                body,
                now=self.now,
                ttl_ms=ttl_ms,
                priority=properties.get("priority", 0),
                origin=(exchange, key),
            )
            accepted = accepted and taken
            if self.model.overflow(queue):
                self.model.expire(queue, self.now, spare={body})
        self.model.deliver_letters(self.now)
        if channel in CONFIRMING:
            self.sequence[channel] += 1
            self.unconfirmed[channel][self.sequence[channel]] = accepted
        if mandatory and not routes:
            self.returned.append(body)
        return publish_octets(
            channel[1], exchange, key, body.encode(), mandatory=mandatory, **properties
        )

    # --- consuming --------------------------------------------------------------------------------

    @precondition(lambda self: len(self.model.consumers) < 6)
    @rule(channel=_channels, which=_picks, no_ack=st.sampled_from((False, False, False, True)))
    def consume(self, channel: Address, which: int, no_ack: bool) -> None:  # noqa: FBT001
        """basic.consume, with the prefetch that the channel has now."""
        self._consume(channel, _pick(self.queues, which), no_ack=no_ack)

    def _consume(self, channel: Address, queue: str, *, no_ack: bool) -> None:
        self.made += 1
        tag = f"c{self.made}"
        consumer = Consumer(channel, tag, queue, self.prefetch[channel], no_ack)
        self.model.begin(consumer)
        flags = (False, no_ack, False, False)
        self._send(channel, "basic.consume", 0, queue, tag, *flags, {})
        self._settle()

    @rule(channel=_channels, count=st.integers(0, 3))
    def qos(self, channel: Address, count: int) -> None:
        """basic.qos, for consumers to come."""
        self.prefetch[channel] = count
        self._send(channel, "basic.qos", 0, count, False)
        self._settle()

    @precondition(lambda self: self.model.consumers)
    @rule(which=_picks)
    def cancel(self, which: int) -> None:
        """basic.cancel: what was delivered stays with the channel."""
        consumer = _pick(self.model.consumers, which)
        self.model.cancel(consumer)
        self._send(consumer.channel, "basic.cancel", consumer.tag, False)
        self._settle()

    @rule(channel=_channels, which=_picks, no_ack=st.booleans())
    def get(self, channel: Address, which: int, no_ack: bool) -> None:  # noqa: FBT001
        """basic.get."""
        self._get(channel, which, no_ack=no_ack)

    def _get(self, channel: Address, which: int, *, no_ack: bool) -> None:
        queue = _pick(self.queues, which)
        self.got = (queue, no_ack)
        self.model.expire(queue, self.now)
        expects = bool(self.model.ready[queue])
        self._send(channel, "basic.get", 0, queue, no_ack)
        names = self._settle()
        assert ("basic.get-ok" if expects else "basic.get-empty") in names, names

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
        channel, tag = _pick(held, which)
        multiple = more and how != "reject"
        tags = [t for t in self.model.unacked[channel] if t <= tag] if multiple else [tag]
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
        copies = self.model.settle(channel, list(self.model.unacked.get(channel, ())))
        self.model.requeue(copies)
        self._send(channel, "basic.recover", True)
        self._settle()

    @rule(which=_picks)
    def purge(self, which: int) -> None:
        """queue.purge: ready messages are gone, without dead letters; the others stay."""
        self._purge(_pick(self.queues, which))

    def _purge(self, queue: str) -> None:
        self.model.ready[queue].clear()
        self._send(CHANNELS[0], "queue.purge", 0, queue, False)
        self._settle()

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
        self.model.close(*mine)
        self.broker.lost(self.clients[connection].name, now=self.now)
        self.clients[connection] = self._connect()
        self._settle()
        for address in mine:
            self._open(address)

    # --- time -------------------------------------------------------------------------------------

    @rule(milliseconds=st.sampled_from((1, 499, 500, 1000, 4999, 5000)))
    def advance(self, milliseconds: int) -> None:
        """Let time pass, deadline by deadline (18)."""
        end = self.now + milliseconds / 1000
        while (at := self.broker.next_deadline()) is not None and at <= end:
            self._go_to(at)
        self._go_to(end)

    def _go_to(self, at: float) -> None:
        self.now = at
        self.broker.advance(now=at)
        self._settle()

    # --- following the broker ---------------------------------------------------------------------

    def _settle(self, already: Iterable[tuple[int, Said]] = ()) -> list[str]:
        """Take what the broker said into the model, and check that it may say it."""
        said = list(already)
        said += [(n, heard) for n, client in enumerate(self.clients) for heard in client.hear()]
        deliveries: dict[str, list[tuple[Address, Said, Consumer | None]]] = defaultdict(list)
        for connection, heard in said:
            self._hear((connection, heard.channel), heard, deliveries)
        self._take(deliveries)
        assert not self.returned, (
            f"published with mandatory, not routed, not returned: {self.returned}"
        )
        for channel, open_ in self.unconfirmed.items():
            assert not open_, f"channel {channel}: publishes {open_} were not confirmed"
        self.model.finish_step()
        self.got = None
        return [heard.name for _, heard in said]

    def _hear(
        self,
        address: Address,
        heard: Said,
        deliveries: dict[str, list[tuple[Address, Said, Consumer | None]]],
    ) -> None:
        if heard.name in ("basic.deliver", "basic.get-ok"):
            self.last_tag[address] += 1
            assert heard.values["delivery_tag"] == self.last_tag[address], f"not next: {heard}"
        if heard.name == "basic.deliver":
            tag = heard.values["consumer_tag"]
            found = [c for c in self.model.consumers if (c.channel, c.tag) == (address, tag)]
            assert found, f"delivered to {tag}, which does not consume: {heard}"
            deliveries[found[0].queue].append((address, heard, found[0]))
        elif heard.name == "basic.get-ok" and self.got is not None:
            deliveries[self.got[0]].append((address, heard, None))
        elif heard.name == "basic.return":
            assert heard.body.decode() in self.returned, f"returned without need: {heard}"
            self.returned.remove(heard.body.decode())
        elif heard.name in ("basic.ack", "basic.nack"):
            assert not self.returned, "confirmed before it was returned"
            self._confirmed(address, heard)
        else:
            assert heard.name != "channel.close", heard

    def _confirmed(self, address: Address, heard: Said) -> None:
        """13: one answer a publish, of the right kind."""
        tag, open_ = heard.values["delivery_tag"], self.unconfirmed[address]
        tags = [t for t in open_ if t <= tag] if heard.values["multiple"] else [tag]
        for number in tags:
            accepted = open_.pop(number, None)
            assert accepted is not None, f"confirmed twice, or never published: {heard}"
            assert accepted == (heard.name == "basic.ack"), f"{number}: {heard.name}"

    def _take(self, deliveries: dict[str, list[tuple[Address, Said, Consumer | None]]]) -> None:
        open_ = {q: {d[1].body.decode() for d in found} for q, found in deliveries.items()}
        for queue, found in deliveries.items():
            assert len(open_[queue]) == len(found), f"{queue}: one message to two consumers"
        copies: dict[str, list[Copy]] = {queue: [] for queue in self.queues}
        for _ in range(4):  # letters may lead to deliveries, once round the circle at most
            for queue in self.queues:
                bodies = open_.get(queue, set())
                taken = self.model.take_deliveries(queue, bodies, self.now)
                copies[queue] += taken
                bodies -= {copy.body for copy in taken}
            self.model.deliver_letters(self.now)
        for queue, bodies in open_.items():
            assert not bodies, f"{queue}: {bodies} delivered before {self.model.ready[queue]}"
        for queue, found in deliveries.items():
            self._check_deliveries(found, copies[queue])

    def _check_deliveries(
        self, found: list[tuple[Address, Said, Consumer | None]], copies: list[Copy]
    ) -> None:
        by_body = {copy.body: (place, copy) for place, copy in enumerate(copies)}
        latest: dict[Address, int] = {}
        for address, heard, consumer in found:
            place, copy = by_body[heard.body.decode()]
            assert place > latest.get(address, -1), f"out of order: {copy}"
            latest[address] = place
            self._delivered(address, heard, consumer, copy)

    def _delivered(
        self, address: Address, heard: Said, consumer: Consumer | None, copy: Copy
    ) -> None:
        tag = heard.values["delivery_tag"]
        assert bool(heard.values["redelivered"]) == copy.redelivered, f"{copy}: {heard}"
        assert (heard.values["exchange"], heard.values["routing_key"]) == (copy.exchange, copy.key)
        self._check_deaths(heard, copy)
        if consumer is not None:
            assert consumer.has_room(), f"more than the prefetch of {consumer}"  # 14
            if self.queues[consumer.queue].single:
                active = next(c for c in self.model.consumers if c.queue == consumer.queue)
                assert consumer is active, "delivered to a consumer that is not the active one"
        no_ack = consumer.no_ack if consumer is not None else bool(self.got and self.got[1])
        if not no_ack:
            self.model.unacked.setdefault(address, {})[tag] = (copy, consumer)
            if consumer is not None:
                consumer.held.add(tag)

    @staticmethod
    def _check_deaths(heard: Said, copy: Copy) -> None:
        """18: x-death says where and why, newest first."""
        headers = heard.properties.get("headers", {})
        deaths = [((d["queue"], d["reason"]), d["count"]) for d in headers.get("x-death", [])]
        assert deaths == list(copy.deaths.items()), f"{copy}: {deaths}"
        if copy.deaths:
            assert "expiration" not in heard.properties, f"a dead letter expires: {heard}"
            first = (headers["x-first-death-queue"], headers["x-first-death-reason"])
            assert first == copy.first_death, f"{copy}: first died of {first}"

    # --- what must be true ------------------------------------------------------------------------

    @invariant()
    def queues_hold_what_they_must(self) -> None:
        """15, 16, 18 and 19."""
        unacked: dict[str, list[str]] = defaultdict(list)
        for held in self.model.unacked.values():
            for copy, _ in held.values():
                unacked[copy.queue].append(copy.body)
        for queue in self.queues:
            ready = [entry["body"].decode() for entry in self.broker.peek(queue)]
            expected = [copy.body for copy in self.model.ready[queue]]
            assert ready == expected, f"{queue}: {ready} are ready, not {expected}"
            out = sorted(entry["body"].decode() for entry in self.broker.peek_unacked(queue))
            assert out == sorted(unacked[queue]), f"{queue}: {out} are unacknowledged"

    @invariant()
    def no_consumer_starves(self) -> None:
        """A message is ready only while no consumer has room for it."""
        for queue in self.queues:
            starving = self.model.starving(queue)
            assert not starving, f"{queue}: {starving} wait although a consumer has room"

    def history(self) -> str:
        """The broker's events."""
        return "\n".join(
            f"{e.at - START:>8.3f} s {e.kind} {e.subject} {e.message_id or ''}".rstrip()
            for e in self.events
        )


def _pick(items: Any, which: int) -> Any:
    found = list(items)
    return found[which % len(found)]
