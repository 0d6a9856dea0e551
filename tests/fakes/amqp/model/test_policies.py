"""Which policy is in force for a thing.

Source: https://www.rabbitmq.com/docs/parameters#policies; the policy that RabbitMQ 3.10.8, 4.0.5 and 4.3.6 showed of
a queue of each type and of an exchange, setting by setting.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.amqp.support_wire import Wire

from tomodachi_fakes.amqp.model.arguments import CLASSIC, QUORUM, STREAM
from tomodachi_fakes.amqp.model.policies import Policy, policy_for
from tomodachi_fakes.amqp.model.profiles import profile_for

TYPES = {"c": CLASSIC, "q": QUORUM, "s": STREAM}
SHOWN = {
    "3.10": (
        "message-ttl:cq expires:cq max-length:cq max-length-bytes:cqs max-in-memory-length:cq overflow:cq "
        "dead-letter-exchange:cq dead-letter-routing-key:cq dead-letter-strategy:q delivery-limit:q queue-mode:c "
        "queue-version:cqs max-age:s stream-max-segment-size-bytes:s queue-leader-locator:qs "
        "queue-master-locator:c initial-cluster-size:s alternate-exchange:cqs ha-mode:c"
    ),
    "4.0": (
        "message-ttl:cq expires:cq max-length:cq max-length-bytes:cqs max-in-memory-length:q overflow:cq "
        "dead-letter-exchange:cq dead-letter-routing-key:cq dead-letter-strategy:q delivery-limit:q queue-mode:c "
        "queue-version:cqs max-age:s stream-max-segment-size-bytes:s queue-leader-locator:cqs "
        "queue-master-locator:c initial-cluster-size:s alternate-exchange:cqs target-group-size:q "
        "stream-filter-size-bytes:cqs consumer-timeout:cqs"
    ),
}
SHOWN["4.3"] = SHOWN["4.0"].replace("queue-master-locator:c ", "") + " delayed-retry-type:cqs"


def in_force(policies: list[Policy], kind: str, version: str) -> str:
    found = policy_for(policies, "q", kind, profile_for(version))
    return "" if found is None else found.name


@pytest.mark.parametrize("version", SHOWN)
def test_a_policy_is_not_in_force_where_a_setting_is_not_known(version: str) -> None:
    for pair in SHOWN[version].split():
        setting, _, letters = pair.partition(":")
        policies = [Policy("p", "", {"max-length-bytes": 1, setting: 1})]
        held = [letter for letter, kind in TYPES.items() if in_force(policies, kind, version)]
        assert (setting, "".join(held)) == (setting, letters)
        assert in_force(policies, "exchange", version) == "p"


def test_the_next_policy_is_in_force_instead() -> None:
    """Found by conversations made up at random: RabbitMQ 3.10.8 drops the first of the two messages."""
    policies: list[dict[str, Any]] = [
        {"name": "lazy", "definition": {"queue-mode": "lazy"}, "priority": 5},
        {"name": "short", "definition": {"max-length": 1}},
    ]
    wire = Wire("3.10")
    for policy in policies:
        wire.broker.set_policy(Policy(pattern="^q", **policy))
    peer = wire.client()
    for name, arguments in (("q-quorum", {"x-queue-type": "quorum"}), ("q-classic", {})):
        peer.declare(name, durable=True, arguments=arguments)
        for body in (b"1", b"2"):
            peer.publish("", name, body)
    peer.replies()
    queues = wire.broker.vhost().queues
    assert (queues["q-quorum"].message_count, queues["q-classic"].message_count) == (1, 2)


def counted(kind: str, *rules: dict[str, Any], version: str = "4.0", **arguments: Any) -> list[int]:
    """How many messages there are after each policy, with a message more after each but the first."""
    wire = Wire(version)
    peer = wire.client()
    table = {f"x-{name.replace('_', '-')}": value for name, value in arguments.items()}
    peer.declare("q", durable=True, arguments={"x-queue-type": kind, **table})
    found = []
    for number, definition in enumerate(rules):
        for _ in range(1 if number else 3):
            peer.publish("", "q", b"m")
        wire.broker.set_policy(Policy("p", "^q$", definition))
        found.append(wire.broker.vhost().queues["q"].message_count)
    return found


def test_a_new_length_is_enforced_as_the_rules_so_far_say() -> None:
    """RabbitMQ 3.10.8, 4.0.5 and 4.3.6: a classic queue sets its length before its overflow."""
    refusing = {"max-length": 1, "overflow": "reject-publish"}
    assert counted("classic", refusing) == [1]
    assert counted("classic", {"overflow": "reject-publish"}, refusing) == [3, 4]
    assert counted("quorum", refusing) == [3]


def test_a_policy_says_how_quorum_queues_overflow_whatever_the_argument() -> None:
    """RabbitMQ 3.10.8, 4.0.5 and 4.3.6; of a classic queue the argument counts."""
    dropping, refusing = {"overflow": "drop-head"}, {"overflow": "reject-publish"}
    for kind, counts in (("quorum", [2, 1]), ("classic", [1, 1])):
        given = {"max_length": 1, "overflow": "reject-publish"}
        assert counted(kind, {"expires": 10**9}, dropping, **given) == counts
    assert counted("quorum", refusing, refusing, refusing, max_length=1) == [1, 2, 2]


def test_what_lives_for_no_time_is_gone_at_once_where_it_leaves_no_letter() -> None:
    """RabbitMQ 3.10.8, 4.0.5 and 4.3.6: although a message before it may stay; quorum queues look at the head."""
    no_time, letters = {"message-ttl": 0}, {"message-ttl": 0, "dead-letter-exchange": ""}
    assert counted("classic", no_time, no_time) == [3, 3]
    assert counted("classic", letters, letters) == [3, 4]
    assert counted("quorum", no_time, no_time) == [3, 4]


def test_letters_of_a_policy_are_sent_at_once() -> None:
    """A consumer has the letters of what a new length drops, before anything else happens."""
    wire = Wire("4.0")
    peer = wire.client()
    peer.declare("dead")
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    peer.declare("q", arguments=arguments)
    for body in (b"1", b"2"):
        peer.publish("", "q", body)
    peer.consume("dead", "t")
    peer.replies()
    wire.broker.set_policy(Policy("p", "^q$", {"max-length": 1}))
    assert [reply[2] for reply in peer.replies() if reply[0] == "body"] == [{"body": "1"}]


def test_a_policy_that_changes_lets_expired_messages_go_which_came_to_the_head() -> None:
    """RabbitMQ 3.10.8, found by conversations made up at random: in a queue with priorities."""
    wire = Wire("3.10")
    peer = wire.client()
    peer.declare("q", arguments={"x-max-priority": 1})
    peer.publish("", "q", b"1")
    peer.publish("", "q", b"2", priority=1, expiration="0")
    assert wire.broker.vhost().queues["q"].message_count == 2
    wire.broker.set_policy(Policy("p", "^q$", {"max-length-bytes": 100}))
    assert wire.broker.vhost().queues["q"].message_count == 1
