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
