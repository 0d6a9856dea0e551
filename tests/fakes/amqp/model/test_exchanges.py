"""Routing: the set of queues equals a brute-force matcher's; exchanges of every type."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.amqp.support_wire import Peer, Wire

from tomodachi_fakes.amqp.model.policies import Policy

_EXCHANGES = ("e1", "e2", "e3")


def holding(wire: Wire, queues: tuple[str, ...]) -> set[str]:
    return {queue for queue in queues if wire.broker.peek(queue)}


def _bind_exchange(peer: Peer, destination: str, source: str, key: str) -> None:
    peer.send(1, "exchange.bind", 0, destination, source, key, False, {})


@settings(max_examples=60, deadline=None)
@given(
    kinds=st.tuples(*[st.sampled_from(["direct", "fanout"])] * 3),
    bindings=st.sets(
        st.tuples(
            st.sampled_from(_EXCHANGES),
            st.sampled_from(["q1", "q2", *_EXCHANGES]),
            st.sampled_from("ab"),
        )
    ),
    key=st.sampled_from("ab"),
)
def test_a_message_reaches_exactly_the_queues_that_bindings_lead_to(
    kinds: tuple[str, str, str], bindings: set[tuple[str, str, str]], key: str
) -> None:
    """Invariant 20, with bindings between exchanges and cycles among them."""
    wire = Wire()
    peer = wire.client()
    types = dict(zip(_EXCHANGES, kinds, strict=True))
    for name, kind in types.items():
        peer.exchange(name, kind)
    peer.declare("q1")
    peer.declare("q2")
    for source, destination, binding_key in bindings:
        if destination.startswith("q"):
            peer.bind(destination, source, binding_key)
        else:
            _bind_exchange(peer, destination, source, binding_key)
    reached, waiting = set(), ["e1"]
    while waiting:
        source = waiting.pop()
        reached.add(source)
        for origin, destination, binding_key in bindings:
            if origin == source and (types[source] == "fanout" or binding_key == key):
                waiting += (
                    [destination]
                    if destination.startswith("e") and destination not in reached
                    else []
                )
                reached.add(destination)
    peer.publish("e1", key, b"x")
    assert holding(wire, ("q1", "q2")) == reached & {"q1", "q2"}
    assert all(len(wire.broker.peek(queue)) <= 1 for queue in ("q1", "q2"))


def test_an_alternate_exchange_takes_what_nothing_matches() -> None:
    """https://www.rabbitmq.com/docs/ae: by argument, and by policy."""
    wire = Wire()
    peer = wire.client()
    peer.exchange("rest", "fanout")
    peer.exchange("main", "direct", arguments={"alternate-exchange": "rest"})
    peer.exchange("other", "direct")
    peer.declare("q")
    peer.bind("q", "rest")
    peer.publish("main", "nobody", b"1")
    peer.publish("other", "nobody", b"2")
    wire.broker.set_policy(
        Policy("ae", "^other$", {"alternate-exchange": "rest"}, apply_to="exchanges")
    )
    peer.publish("other", "nobody", b"3")
    assert [found["body"] for found in wire.broker.peek("q")] == [b"1", b"3"]


def test_a_delayed_message_arrives_when_its_delay_is_over() -> None:
    """https://github.com/rabbitmq/rabbitmq-delayed-message-exchange."""
    wire = Wire()
    peer = wire.client()
    peer.exchange("later", "x-delayed-message", arguments={"x-delayed-type": "direct"})
    peer.declare("q")
    peer.bind("q", "later", "k")
    peer.publish("later", "k", b"x", headers={"x-delay": 1500})
    wire.advance(1.499)
    assert wire.broker.peek("q") == []
    wire.advance(0.001)
    assert len(wire.broker.peek("q")) == 1


def test_a_delayed_message_shows_that_its_delay_is_over_by_a_minus_sign() -> None:
    """https://github.com/rabbitmq/rabbitmq-delayed-message-exchange/issues/36."""
    wire = Wire()
    peer = wire.client()
    peer.exchange("later", "x-delayed-message", arguments={"x-delayed-type": "fanout"})
    peer.declare("q")
    peer.bind("q", "later")
    peer.publish("later", "k", b"x", headers={"x-delay": 1500, "a": 1})
    wire.advance(1.5)
    (found,) = wire.broker.peek("q")
    assert found["properties"]["headers"] == {"x-delay": -1500, "a": 1}


def test_a_mandatory_message_comes_back_from_a_delayed_exchange_and_arrives_nevertheless() -> None:
    """https://github.com/rabbitmq/rabbitmq-delayed-message-exchange/issues/7."""
    wire = Wire()
    peer = wire.client()
    peer.exchange("later", "x-delayed-message", arguments={"x-delayed-type": "fanout"})
    peer.declare("q")
    peer.bind("q", "later")
    peer.replies()
    peer.publish("later", "k", b"x", mandatory=True, headers={"x-delay": 1500})
    assert peer.names() == ["basic.return", "header-frame", "body"]
    wire.advance(1.5)
    assert len(wire.broker.peek("q")) == 1


def test_what_a_delayed_exchange_holds_goes_to_its_alternate_exchange_at_once() -> None:
    """https://github.com/rabbitmq/rabbitmq-delayed-message-exchange/issues/36."""
    wire = Wire()
    peer = wire.client()
    peer.exchange("rest", "fanout")
    arguments = {"x-delayed-type": "fanout", "alternate-exchange": "rest"}
    peer.exchange("later", "x-delayed-message", arguments=arguments)
    for queue, exchange in (("q", "later"), ("r", "rest")):
        peer.declare(queue)
        peer.bind(queue, exchange)
    peer.publish("later", "k", b"x", headers={"x-delay": 1500})
    (found,) = wire.broker.peek("r")
    assert found["properties"]["headers"] == {"x-delay": 1500}
    wire.advance(1.5)
    assert len(wire.broker.peek("q")) == 1


def test_a_message_is_delayed_wherever_it_meets_a_delayed_exchange() -> None:
    wire = Wire()
    peer = wire.client()
    peer.exchange("first", "fanout")
    peer.exchange("later", "x-delayed-message", arguments={"x-delayed-type": "fanout"})
    peer.send(1, "exchange.bind", 0, "later", "first", "", False, {})
    peer.declare("q", arguments={"x-dead-letter-exchange": "later", "x-message-ttl": 0})
    peer.declare("r")
    peer.bind("r", "later")
    peer.publish("first", "k", b"by a binding", headers={"x-delay": 1000, "CC": ["again"]})
    peer.publish("", "q", b"as a letter", headers={"x-delay": 1000})
    assert wire.broker.peek("r") == []
    wire.advance(1)
    bodies = [found["body"] for found in wire.broker.peek("r")]
    assert bodies == [b"by a binding", b"as a letter"]


def test_what_is_due_when_its_delayed_exchange_is_gone_is_lost() -> None:
    wire = Wire()
    peer = wire.client()
    peer.exchange("later", "x-delayed-message", arguments={"x-delayed-type": "fanout"})
    peer.declare("q")
    peer.bind("q", "later")
    peer.publish("later", "k", b"x", headers={"x-delay": 1000})
    peer.send(1, "exchange.delete", 0, "later", False, False)
    wire.advance(1)
    assert wire.broker.peek("q") == []
    assert wire.broker.usage.octets == 0


def test_a_consistent_hash_gives_each_key_one_queue_by_weight() -> None:
    """https://github.com/rabbitmq/rabbitmq-consistent-hash-exchange."""
    wire = Wire()
    peer = wire.client()
    peer.exchange("h", "x-consistent-hash")
    for queue, weight in (("light", "1"), ("heavy", "9")):
        peer.declare(queue)
        peer.bind(queue, "h", weight)
    for number in range(1000):
        peer.publish("h", f"key-{number}", b"x")
    light, heavy = (len(wire.broker.peek(queue)) for queue in ("light", "heavy"))
    assert light + heavy == 1000
    assert 50 < light < 150


def test_an_auto_delete_exchange_goes_with_its_last_binding() -> None:
    """AMQP 0-9-1 spec 3.1.3: deleted when all queues have finished using it."""
    wire = Wire()
    peer = wire.client()
    peer.exchange("temp", "fanout", auto_delete=True)
    peer.declare("q")
    peer.bind("q", "temp")
    assert "temp" in wire.broker.vhost().exchanges
    peer.send(1, "queue.delete", 0, "q", False, False, False)
    assert "temp" not in wire.broker.vhost().exchanges


def test_a_cached_route_follows_the_topology() -> None:
    wire = Wire()
    peer = wire.client()
    peer.declare("q1")
    peer.declare("q2")
    peer.bind("q1", "amq.topic", "a.*")
    peer.publish("amq.topic", "a.b", b"1")
    peer.bind("q2", "amq.topic", "#")
    peer.publish("amq.topic", "a.b", b"2")
    peer.send(1, "queue.unbind", 0, "q1", "amq.topic", "a.*", {})
    peer.publish("amq.topic", "a.b", b"3")
    assert [found["body"] for found in wire.broker.peek("q1")] == [b"1", b"2"]
    assert [found["body"] for found in wire.broker.peek("q2")] == [b"2", b"3"]
