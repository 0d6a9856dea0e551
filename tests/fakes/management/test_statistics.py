"""Counts and rates of messages. Source: a RabbitMQ 3.10.8's answers, `rates_mode` basic."""

from __future__ import annotations

from typing import Any

import pytest

from tomodachi_fakes.events import EventLog
from tomodachi_fakes.management.statistics import DELIVERED, PUBLISHED, Statistics
from tomodachi_fakes.management.tally import Tally

CHANNEL = {"channel": "c (1)"}


class Counted:
    """A log with what a broker would write, and what is told of it at a moment."""

    def __init__(self) -> None:
        self.log = EventLog()
        self.statistics = Statistics(self.log)

    def add(self, kind: str, subject: str, at: float = 100.0, **detail: Any) -> None:
        self.log.append("amqp", kind, subject, now=at, **detail)

    def queue(self, name: str = "q", vhost: str = "/") -> dict[str, Any]:
        found: dict[str, Any] = self.statistics.of_queue(vhost, name, 100.0)["message_stats"]
        return found


@pytest.fixture
def counted() -> Counted:
    return Counted()


def test_a_rate_is_of_the_last_five_seconds() -> None:
    """https://www.rabbitmq.com/docs/management#sampling: every five seconds."""
    tally = Tally()
    for at in (100.0, 100.5, 103.0, 104.9):
        tally.add(at)
    assert (tally.count, tally.rate(104.9)) == (4, 0.8)
    assert tally.rate(105.0) == 0.4  # those of second 100 are five seconds old
    assert tally.rate(200.0) == 0.0
    tally.add(200.0)
    assert (tally.count, tally.rate(200.0)) == (5, 0.2)


def test_a_queue_counts_what_publishers_sent_and_no_dead_letters(counted: Counted) -> None:
    counted.add("published", "ex", **CHANNEL)
    counted.add("enqueued", "q", exchange="ex")
    counted.add("enqueued", "q", exchange=None)
    assert counted.queue()["publish"] == 1
    ex = counted.statistics.of_exchange("/", "ex", 100.0)["message_stats"]
    assert (ex["publish_in"], ex["publish_out"]) == (1, 1)
    assert ex["publish_in_details"] == {"rate": 0.2}


def test_deliveries_are_told_by_their_kind(counted: Counted) -> None:
    deliveries = (
        {"consumer_tag": "t", "no_ack": False},
        {"consumer_tag": "t", "no_ack": True},
        {"no_ack": False, "redelivered": True},
        {"no_ack": True},
    )
    for detail in deliveries:
        counted.add("delivered", "q", **detail, **CHANNEL)
    counted.add("get-empty", "q", **CHANNEL)
    counted.add("acked", "q", **CHANNEL)
    queue = counted.queue()
    names = ("deliver", "deliver_no_ack", "get", "get_no_ack", "get_empty", "ack", "redeliver")
    assert {queue[name] for name in names} == {1}
    assert (queue["deliver_get"], queue["deliver_get_details"]) == (4, {"rate": 0.8})
    assert "publish" not in queue


def test_a_channel_is_told_of_as_publisher_or_consumer_once_it_was_one(counted: Counted) -> None:
    def names() -> set[str]:
        found = counted.statistics.of_channel("c (1)", 100.0).get("message_stats", {})
        return {name for name in found if not name.endswith("_details")}

    assert names() == set()
    counted.add("delivered", "q", no_ack=True, **CHANNEL)
    assert names() == set(DELIVERED)
    counted.add("published", "ex", confirm=True, **CHANNEL)
    assert names() == {*DELIVERED, *PUBLISHED}
    assert counted.statistics.of_channel("c (2)", 100.0) == {}


def test_virtual_hosts_count_for_themselves(counted: Counted) -> None:
    counted.add("published", "ex", vhost="shop", confirm=True, **CHANNEL)
    counted.add("enqueued", "q", vhost="shop", exchange="ex")
    counted.add("acked", "q", **CHANNEL)
    assert counted.queue(vhost="shop")["publish"] == 1
    assert counted.queue().keys() >= {"ack", "ack_details"}
    shop = counted.statistics.of_vhost("shop", 100.0)["message_stats"]
    assert (shop["publish"], shop["confirm"], "ack" in shop) == (1, 1, False)
    assert counted.statistics.of_vhost("other", 100.0) == {}
    everything = counted.statistics.of_everything(100.0)
    assert (everything["publish"], everything["ack"]) == (1, 1)


def test_what_reached_no_queue_was_dropped_or_returned(counted: Counted) -> None:
    """A mandatory message is returned, and not dropped; "" counts it as sent on."""
    counted.add("published", "", **CHANNEL)
    counted.add("unroutable", "", mandatory=False, **CHANNEL)
    counted.add("published", "", **CHANNEL)
    counted.add("unroutable", "", mandatory=True, **CHANNEL)
    counted.add("returned", "", **CHANNEL)
    everything = counted.statistics.of_everything(100.0)
    assert (everything["drop_unroutable"], everything["return_unroutable"]) == (1, 1)
    default = counted.statistics.of_exchange("/", "", 100.0)["message_stats"]
    assert (default["publish_in"], default["publish_out"]) == (2, 2)


def test_what_came_and_went_is_churn(counted: Counted) -> None:
    for kind in ("connected", "channel-opened", "channel-closed", "disconnected", "queue-deleted"):
        counted.add(kind, "x")
    counted.add("queue-declared", "q", created=True)
    counted.add("queue-declared", "q", created=False)
    churn = counted.statistics.churn(100.0)
    assert {name: n for name, n in churn.items() if not name.endswith("_details")} == {
        "connection_created": 1,
        "connection_closed": 1,
        "channel_created": 1,
        "channel_closed": 1,
        "queue_declared": 2,
        "queue_created": 1,
        "queue_deleted": 1,
    }
    assert churn["queue_declared_details"] == {"rate": 0.4}


def test_since_4_the_default_exchange_sends_nothing_on_to_a_queue_that_is_not_there() -> None:
    """Source: a RabbitMQ 4.0.5's answers."""
    log = EventLog()
    statistics = Statistics(log, default_exchange_sends_on=False)
    log.append("amqp", "published", "", now=100.0)
    log.append("amqp", "unroutable", "", now=100.0, mandatory=False)
    assert "publish_out" not in statistics.of_exchange("/", "", 100.0)["message_stats"]
