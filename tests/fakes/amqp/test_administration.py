"""The operator's side: policies, permissions, limits, alarms, dropped connections, faults."""

from __future__ import annotations

import pytest
from tests.fakes.amqp.support_wire import Wire

from tomodachi_fakes.amqp.administration import NoSuchThing
from tomodachi_fakes.amqp.model.policies import Policy
from tomodachi_fakes.amqp.model.profiles import UnknownVersion
from tomodachi_fakes.amqp.states import End
from tomodachi_fakes.faults import Fault, FaultKind


def test_a_policy_applies_to_queues_that_are_there_and_to_come() -> None:
    """https://www.rabbitmq.com/docs/parameters#policies: the lower of argument and policy counts."""
    wire = Wire()
    peer = wire.client()
    peer.declare("old", arguments={"x-max-length": 3})
    policy = Policy("short", "^(old|new)$", {"max-length": 1}, apply_to="queues")
    for _ in range(3):
        peer.publish("", "old", b"x")
    wire.broker.set_policy(policy)
    peer.declare("new")
    for _ in range(3):
        peer.publish("", "new", b"x")
    assert len(wire.broker.peek("old")) == len(wire.broker.peek("new")) == 1
    wire.broker.clear_policy("short")
    for _ in range(5):
        peer.publish("", "old", b"x")
    assert len(wire.broker.peek("old")) == 3


def test_of_two_policies_the_higher_priority_is_in_force_and_operators_limit_it() -> None:
    """https://www.rabbitmq.com/docs/policies#operator-policies."""
    wire = Wire()
    wire.broker.set_policy(Policy("low", ".*", {"max-length": 9}, priority=1))
    wire.broker.set_policy(Policy("high", ".*", {"message-ttl": 60_000}, priority=2))
    wire.broker.set_policy(Policy("op", ".*", {"message-ttl": 1_000}), operator=True)
    rules = wire.broker.declare_queue("q", now=wire.now).rules
    assert (rules.max_length, rules.message_ttl) == (None, 1_000)


def test_topic_permissions_restrict_routing_keys() -> None:
    """https://www.rabbitmq.com/docs/access-control#topic-authorisation."""
    wire = Wire()
    wire.broker.add_user("u", "p")
    wire.broker.set_permissions("u")
    wire.broker.set_topic_permissions("u", "/", "amq.topic", write="^mine\\.", read=".*")
    peer = wire.client(user="u", password="p")
    peer.publish("amq.topic", "mine.a", b"x")
    assert peer.replies() == []
    peer.publish("amq.topic", "other", b"x")
    (closed,) = peer.replies()
    assert closed[2]["reply_text"] == (
        "ACCESS_REFUSED - write access to topic 'other' in exchange 'amq.topic' in vhost '/' "
        "refused for user 'u'"
    )


def test_permissions_taken_away_count_for_the_next_publish() -> None:
    wire = Wire()
    wire.broker.add_user("u", "p")
    wire.broker.set_permissions("u")
    peer = wire.client(user="u", password="p")
    peer.publish("amq.direct", "k", b"x")
    wire.broker.set_permissions("u", write="^$")
    peer.publish("amq.direct", "k", b"x")
    assert peer.names() == ["channel.close"]


def test_guest_is_refused_from_other_machines() -> None:
    """https://www.rabbitmq.com/docs/access-control#loopback-users."""
    wire = Wire()
    peer = wire.peer(loopback=False)
    peer.raw(b"AMQP\0\0\x09\x01")
    peer.start_ok("guest", "guest")
    assert peer.replies()[-1][2]["reply_code"] == 403


def test_limits_of_a_vhost_and_a_user_refuse_one_connection_more() -> None:
    """https://www.rabbitmq.com/docs/vhosts#limits, /docs/user-limits."""
    wire = Wire()
    wire.broker.vhost().max_connections = 1
    wire.client()
    assert wire.peer().login().names()[-1] == "connection.close"
    wire.broker.vhost().max_connections = None
    wire.broker.users["guest"].max_connections = 1
    assert wire.peer().login().names()[-1] == "connection.close"
    wire.broker.vhost().max_queues = 0
    wire.broker.users["guest"].max_connections = None
    peer = wire.client()
    peer.declare("one")
    assert peer.replies()[-1][2]["reply_code"] == 406


def test_a_user_may_not_open_more_channels_than_allowed() -> None:
    """https://www.rabbitmq.com/docs/user-limits."""
    wire = Wire()
    wire.broker.users["guest"].max_channels = 2
    peer = wire.client()
    assert peer.channel(2).names() == ["channel.open-ok"]
    (closed,) = peer.channel(3).replies()
    assert closed[2]["reply_code"] == 530
    assert "user limit of (2)" in closed[2]["reply_text"]


def test_tcp_connections_above_the_cap_are_closed_at_once() -> None:
    wire = Wire(max_connections=1)
    wire.client()
    assert wire.peer().ended is End.CLEAN


def test_blocked_publishers_wait_and_others_work() -> None:
    """https://www.rabbitmq.com/docs/connection-blocked: told on publish, answered when unblocked."""
    wire = Wire()
    publisher, consumer = wire.client(), wire.client()
    publisher.declare("q")
    publisher.send(1, "confirm.select", False)
    publisher.replies()
    wire.broker.block_connections(now=wire.now, seconds=5)
    publisher.publish("", "q", b"x")
    publisher.publish("", "q", b"y")
    assert publisher.replies() == [("connection.blocked", 0, {"reason": "low on memory"})]
    assert not wire.broker.wants_input(publisher.id)
    consumer.get("q")
    assert consumer.names() == ["basic.get-empty"]
    wire.advance(5)
    names = publisher.names()
    assert names[0] == "connection.unblocked"
    assert set(names[1:]) == {"basic.ack"}
    assert len(wire.broker.peek("q")) == 2


def test_too_many_message_octets_block_publishers_until_they_are_gone() -> None:
    """https://www.rabbitmq.com/docs/memory."""
    wire = Wire(memory_limit=1000)
    peer, reader = wire.client(), wire.client()
    peer.declare("q")
    peer.replies()
    peer.publish("", "q", b"x" * 1001)
    peer.publish("", "q", b"late")
    assert peer.names() == ["connection.blocked"]
    reader.get("q", no_ack=True)
    assert peer.names() == ["connection.unblocked"]
    assert len(wire.broker.peek("q")) == 1


def test_an_operator_closes_a_connection_with_320() -> None:
    wire = Wire()
    peer = wire.client()
    peer.declare("mine", exclusive=True)
    peer.replies()
    wire.broker.close_connection(peer.id, "maintenance", now=wire.now)
    (closed,) = peer.replies()
    assert (closed[2]["reply_code"], closed[2]["reply_text"]) == (
        320,
        "CONNECTION_FORCED - maintenance",
    )
    assert wire.broker.vhost().queues == {}
    peer.send(0, "connection.close-ok")
    assert peer.ended is End.CLEAN


@pytest.mark.parametrize(("how", "end"), [("clean", End.CLEAN), ("reset", End.RESET)])
def test_a_dropped_connection_ends_without_a_word_and_returns_what_it_held(
    how: str, end: End
) -> None:
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    peer.publish("", "q", b"x")
    peer.get("q")
    peer.replies()
    wire.broker.drop_connection(peer.id, now=wire.now, how=how)
    assert (peer.octets(), peer.ended) == (b"", end)
    assert wire.broker.peek("q")[0]["redelivered"]


def test_a_half_open_connection_says_nothing_until_heartbeats_are_missed() -> None:
    wire = Wire()
    peer = wire.peer().login(heartbeat=10).channel()
    peer.replies()
    wire.broker.drop_connection(peer.id, now=wire.now, how="half-open")
    peer.declare("q")
    assert peer.octets() == b""
    wire.advance(31)
    assert peer.ended is End.RESET


def test_what_does_not_exist_is_named_with_what_does() -> None:
    wire = Wire()
    wire.broker.declare_queue("there", now=wire.now)
    with pytest.raises(NoSuchThing, match=r"no queue 'gone'\. There is: 'there'"):
        wire.broker.peek("gone")
    with pytest.raises(UnknownVersion, match=r"'2\.8'.*3\.10, 4\.0, 4\.3"):
        Wire("2.8")


def test_a_channel_error_comes_at_the_nth_method() -> None:
    wire = Wire()
    peer = wire.client()
    fault = Fault("amqp.basic.get", FaultKind.ERROR, after=2, code=404, message="gone fishing")
    wire.broker.faults.add(fault)
    peer.declare("q")
    peer.replies()
    for _ in range(3):
        peer.get("q")
    assert peer.names() == ["basic.get-empty", "basic.get-empty", "channel.close"]


def test_a_confirm_is_refused_and_a_delivery_doubled_when_a_fault_says_so() -> None:
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    peer.exchange("x", "fanout")
    peer.bind("q", "x")
    peer.send(1, "confirm.select", False)
    peer.consume("q", "c")
    peer.replies()
    wire.broker.faults.add(Fault("x", FaultKind.NACK))
    wire.broker.faults.add(Fault("q", FaultKind.DUPLICATE))
    peer.publish("x", "", b"1")
    names = peer.names()
    assert names.count("basic.deliver") == 2
    assert names[-1] == "basic.nack"


def test_deliveries_come_out_of_order_when_a_fault_says_so_and_none_is_lost() -> None:
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    for number in range(10):
        peer.publish("", "q", str(number).encode())
    wire.broker.faults.add(Fault("q", FaultKind.REORDER, times=None, window=5))
    peer.consume("q", "c")
    bodies = [fields["body"] for name, _, fields in peer.replies() if name == "body"]
    assert bodies != sorted(bodies)
    assert sorted(bodies) == [str(number) for number in range(10)]


def test_a_slow_method_holds_back_what_follows_it() -> None:
    wire = Wire()
    peer = wire.client()
    wire.broker.faults.add(Fault("amqp.queue.declare", FaultKind.LATENCY, seconds=2))
    peer.declare("q")
    peer.get("q")
    assert peer.replies() == []
    wire.advance(2)
    assert peer.names() == ["queue.declare-ok", "basic.get-empty"]


def test_an_unacknowledged_delivery_times_out_after_half_an_hour() -> None:
    """https://www.rabbitmq.com/docs/consumers#acknowledgement-timeout."""
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    peer.consume("q", "c")
    peer.publish("", "q", b"x")
    peer.replies()
    wire.advance(1799.9)
    assert peer.replies() == []
    wire.advance(0.1)
    (closed,) = peer.replies()
    assert closed[2]["reply_code"] == 406
    assert "Timeout value used: 1800000 ms" in closed[2]["reply_text"]
    peer.send(1, "channel.close-ok")
    assert wire.broker.peek("q")[0]["redelivered"]


def test_the_same_commands_leave_the_same_log() -> None:
    def log() -> list[object]:
        wire = Wire()
        peer = wire.client()
        peer.declare("", exclusive=True)
        peer.publish("", "nobody", b"x", mandatory=True)
        peer.consume("", "")
        return [*[wire.events, peer.octets()][1:], list(wire.events)]

    assert log() == log()


def test_an_idle_broker_has_no_deadline() -> None:
    wire = Wire()
    peer = wire.client()
    peer.declare("q")
    peer.publish("", "q", b"x")
    assert wire.broker.next_deadline() is None
