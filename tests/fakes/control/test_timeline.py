"""Message timelines: a message is followed across topics, queues and dead letters."""

from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.control.support_site import START, Site

from tomodachi_fakes.control.story import sentence, short
from tomodachi_fakes.events import Event


async def test_a_message_is_followed_from_its_topic_to_the_dead_letter_queue(site: Site) -> None:
    found = await site.get("timeline", message_id=site.have_dead_letter(receives=2), queue="q-dead")

    assert [event["kind"] for event in found["events"]] == [
        "published", "routed", "sent", "received", "visibility-timeout-ended", "received",
        "visibility-timeout-ended", "dead-lettered",
    ]  # fmt: skip
    assert found["why"][0] == "Published to topic t"
    assert found["why"][-1] == (
        "Received twice from q and never deleted: the redrive policy moves it to q-dead"
    )
    assert [event["own"] for event in found["events"]][:3] == [False, False, True]


async def test_why_a_message_is_in_a_queue_ends_with_its_arrival_there(site: Site) -> None:
    found = await site.get("timeline", message_id=site.have_dead_letter(receives=2), queue="q")
    assert found["why"][-1] == "Sent to q"


async def test_a_redriven_message_is_followed_though_its_id_changes(site: Site) -> None:
    """StartMessageMoveTask gives moved messages new ids and enqueue times."""
    old = site.have_dead_letter(receives=2)
    await site.post("redrive", queue="q-dead", service="sqs")
    (message,) = await site.get("peek", queue="q")
    assert message["message_id"] != old
    found = await site.get("timeline", message_id=message["message_id"], queue="q")
    assert found["why"][-1] == "Redriven from q-dead to q"
    assert found["why"][0] == "Published to topic t"


async def test_branches_of_a_fan_out_stand_one_level_deeper(site: Site) -> None:
    amqp = site.broker.amqp
    assert amqp is not None
    amqp.declare_queue("other", now=START)
    for queue in ("aq", "other"):
        amqp.bind_queue(queue, "amq.fanout")
    await site.post("publish", exchange="amq.fanout", body="x")
    (message,) = await site.get("peek", queue="aq")
    found = await site.get("timeline", message_id=message["message_id"], queue="other")
    assert [(event["level"], event["text"]) for event in found["events"]] == [
        (0, "Published to exchange amq.fanout with routing key ''"),
        (1, "Routed to queue aq"),
        (1, "Routed to queue other"),
    ]
    assert found["why"][-1] == "Routed to queue other"


async def test_a_dead_letter_of_rabbitmq_tells_why_it_died(site: Site) -> None:
    amqp = site.broker.amqp
    assert amqp is not None
    arguments = {"x-dead-letter-exchange": "amq.fanout", "x-message-ttl": 1000}
    amqp.declare_queue("short-lived", now=START, arguments=arguments)
    amqp.bind_queue("aq", "amq.fanout")
    await site.post("send", queue="short-lived", body="x")
    await site.post("clock/advance", seconds=1)
    (message,) = await site.get("peek", queue="aq")
    found = await site.get("timeline", message_id=message["message_id"], queue="aq")
    assert found["why"] == [
        "Published to the default exchange with routing key 'short-lived'",
        "Routed to queue short-lived",
        "Left short-lived: its time to live had passed",
        "Dead-lettered from short-lived because its time to live had passed, through exchange "
        "amq.fanout to aq",
        "Routed to queue aq",
    ]


async def test_an_unknown_message_is_refused_with_where_it_may_be(site: Site) -> None:
    status, answer = await site.post("timeline?message_id=nobody", method="GET")
    assert status == 404
    assert "no event tells of a message 'nobody'" in answer["error"]


async def test_recent_messages_come_latest_first_and_can_be_searched(site: Site) -> None:
    await site.post("send", queue="q", body="1")
    await site.post("send", queue="aq", body="2")
    found = await site.get("messages")
    assert [(row["service"], row["text"]) for row in found] == [
        ("amqp", "Routed to queue aq"),
        ("sqs", "Sent to q"),
    ]
    assert [row["service"] for row in await site.get("messages", search=":q")] == ["sqs"]
    assert len(await site.get("messages", limit="1")) == 1


async def test_activity_counts_what_happened_since_the_last_look(site: Site) -> None:
    first = await site.get("activity")
    await site.post("send", queue="q", body="1")
    await site.post("send", queue="aq", body="2")
    found = await site.get("activity", after=str(first["seq"]))
    assert found["counts"] == {"sqs.sent": 1, "amqp.published": 1, "amqp.enqueued": 1}
    assert found["at"] == START


@pytest.mark.parametrize(
    ("service", "kind", "detail", "text"),
    [
        ("sns", "filtered", {"protocol": "sqs", "endpoint": "arn:aws:sqs:eu-west-1:1:a"},
         "Filter policy holds it back from sqs a"),
        ("sqs", "received", {"receive_count": 3}, "Received from here, for the 3rd time"),
        ("sqs", "sent", {"delay_s": 5}, "Sent to here, hidden for 5 s"),
        ("amqp", "delivered", {"no_ack": False}, "From here, fetched with basic.get"),
        ("amqp", "unroutable", {}, "No binding of exchange here takes it: dropped"),
        ("amqp", "connection-error", {}, "Connection error: here"),
    ],
)  # fmt: skip
def test_events_are_told_in_sentences(
    service: str, kind: str, detail: dict[str, Any], text: str
) -> None:
    assert sentence(Event(1, 0.0, service, kind, "here", None, None, detail)) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("arn:aws:sqs:us-east-1:000000000000:orders", "orders"),
        ("arn:aws:sns:us-east-1:000000000000:t:6f2c", "t"),
        ("weather:oslo", "weather:oslo"),
    ],
)
def test_arns_are_shortened_and_names_kept(name: str, shown: str) -> None:
    assert short(name) == shown
