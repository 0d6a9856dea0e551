"""What `AMQPMachine` is set up with, how it follows the broker, and what must be true after each rule.

It talks octets to the pure broker, in virtual time: two connections with two channels each, the second
channel of each in confirm mode. Whatever the broker says is taken into the model, which refuses what
RabbitMQ would not say. Beside a RabbitMQ (`rabbitmq_side.py`) everything is said to both; time stands
still then, and lifetimes are so long that nothing but what lives 0 s expires there.

Source: AMQP 0-9-1 spec; https://www.rabbitmq.com/docs/confirms, /docs/consumers, /docs/dlx
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.ids import SeededIds
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.machines.amqp_model import BrokerModel, Consumer, Copy, QueueSpec
from tomodachi_testkit.machines.amqp_wire import Client, Said
from tomodachi_testkit.machines.core_calls import START
from tomodachi_testkit.machines.rabbitmq_side import VARIABLE, RabbitMQSide, TwinClient
from tomodachi_testkit.machines.second import BrokerMachine
from tomodachi_testkit.machines.steps import invariant

Address = tuple[int, int]
CHANNELS: tuple[Address, ...] = ((0, 1), (0, 2), (1, 1), (1, 2))
CONFIRMING = frozenset(((0, 2), (1, 2)))


# Beside a RabbitMQ a second lasts this long.
_STANDSTILL = 3600


class AMQPScene(BrokerMachine):
    """A broker with a queue of each kind.

    Class attributes:
        version: Version profile of the broker; beside a RabbitMQ it is that one's.
        queues: Queues by name.
        exchanges: Types of exchanges by name.
        routing_keys: Keys that messages are published with.
        binding_keys: Keys that queues are bound with.
    """

    version: ClassVar[str] = "4.0"
    queues: dict[str, QueueSpec] = {  # noqa: RUF012 - a class's, unless an example has its own
        "plain": QueueSpec(),
        "timed": QueueSpec(ttl_ms=1000, dead_letters_to="timed-dead"),
        "timed-dead": QueueSpec(ttl_ms=5000, dead_letters_to="timed"),
        "short": QueueSpec(max_length=3, dead_letters_to="short-dead"),
        "short-dead": QueueSpec(),
        "full": QueueSpec(max_length=2, rejects=True),
        "ranked": QueueSpec(max_priority=2),
        "single": QueueSpec(single=True),
    }
    exchanges: dict[str, str] = {  # noqa: RUF012 - as queues
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
        self.lasts = 1
        self.clients: list[Client] = []
        self.second = self.beside()
        if self.second is not None:
            self._name_apart()
        version = self.version if self.second is None else self.second.profile
        self.core = Broker(ids=SeededIds(1), events=self.events, version=version)
        self.model = BrokerModel(self.queues)
        self.bindings: dict[tuple[str, str, str, str], dict[str, Any]] = {}
        self.published = self.made = 0
        self.last_tag: dict[Address, int] = defaultdict(int)
        self.prefetch: dict[Address, int] = {}
        self.sequence: dict[Address, int] = {}
        self.unconfirmed: dict[Address, dict[int, bool]] = {}
        self.returned: list[str] = []
        self.got: tuple[str, bool] | None = None
        try:
            self._set_up()
        except BaseException:
            self.teardown()
            raise

    # --- set-up ----------------------------------------------------------------------------------------

    def beside(self) -> RabbitMQSide | None:
        """A RabbitMQ that must answer the same, where both are asked for and one is named.

        Raises:
            TestkitError: the class asks for both, and none is named.
        """
        side = RabbitMQSide.of_environment() if self.is_compared() else None
        if side is None and self.broker == "both":
            msg = f"set {VARIABLE} to the URL of the RabbitMQ that is put beside the fake."
            raise TestkitError(msg)
        return side

    def _set_up(self) -> None:
        self.clients += [self._connect(), self._connect()]
        for address in CHANNELS:
            self._open(address)
        self._declare()

    def _name_apart(self) -> None:
        """Names that no other example has, nor anybody else in that RabbitMQ; lifetimes that last."""
        from tomodachi_testkit.real_brokers import own_name

        prefix, self.lasts = f"{own_name()}-", _STANDSTILL
        self.queues = {prefix + name: self._apart(prefix, q) for name, q in self.queues.items()}
        self.exchanges = {prefix + name: kind for name, kind in self.exchanges.items()}

    def _apart(self, prefix: str, spec: QueueSpec) -> QueueSpec:
        dead = spec.dead_letters_to
        return replace(
            spec,
            ttl_ms=None if spec.ttl_ms is None else spec.ttl_ms * self.lasts,
            dead_letters_to=None if dead is None else prefix + dead,
        )

    def teardown(self) -> None:
        """End the example."""
        if self.second is None:
            return
        for client in self.clients:
            if isinstance(client, TwinClient):
                client.disconnect()
        self.second.close(self.queues, self.exchanges)

    def _connect(self) -> Client:
        self.made += 1
        name = f"client-{self.made}"
        if self.second is None:
            return Client(self.core, name, self.now)
        return TwinClient(self.core, name, self.now, self.second)

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

    # --- following the broker --------------------------------------------------------------------------

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
        if self.second is not None:
            self.second.agree({name: self._counts(name) for name in self.queues})
        self.got = None
        return [heard.name for _, heard in said]

    def _counts(self, queue: str) -> tuple[int, int]:
        found = self.core.vhost().queues[queue]
        return found.message_count, found.consumer_count

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

    # --- what must be true -----------------------------------------------------------------------------

    @invariant()
    def queues_hold_what_they_must(self) -> None:
        """15, 16, 18 and 19."""
        unacked: dict[str, list[str]] = defaultdict(list)
        for held in self.model.unacked.values():
            for copy, _ in held.values():
                unacked[copy.queue].append(copy.body)
        for queue in self.queues:
            ready = [entry["body"].decode() for entry in self.core.peek(queue)]
            expected = [copy.body for copy in self.model.ready[queue]]
            assert ready == expected, f"{queue}: {ready} are ready, not {expected}"
            out = sorted(entry["body"].decode() for entry in self.core.peek_unacked(queue))
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
