"""Publishing: confirms, refusals, lost connections. Rows 1 and 15 of the deliberate differences."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.framework.transport.amqp.support_rig import Rig

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.transport.amqp import (
    AmqpConnectionException,
    AmqpException,
    AmqpPublishException,
    AmqpUnroutableException,
)


class Publishes(tomodachi.Service):
    name = "publishes"


async def started(rig: Rig, **options: Any) -> Any:
    return await rig.start(Publishes, **options)


async def test_the_first_publish_connects_a_service_without_handlers(rig: Rig) -> None:
    service = await started(rig)
    assert rig.peer.connections == []
    await rig.publish(service, "hello", "a.b", "media")
    [message] = rig.peer.published
    assert (message.exchange, message.routing_key, message.body) == ("media", "a.b", b"hello")


async def test_many_first_publishes_make_one_connection_and_one_channel(rig: Rig) -> None:
    service = await started(rig)
    await asyncio.gather(*(rig.publish(service, str(n), "a.b") for n in range(20)))
    assert rig.peer.received.count("Connection.Open") == 1
    assert rig.peer.received.count("Channel.Open") == 1
    assert len(rig.peer.published) == 20


async def test_row_15_messages_are_persistent_typed_and_confirmed(rig: Rig) -> None:
    service = await started(rig)
    rig.peer.confirming = False
    publishing = rig.publishing(service, "hello", "a.b")
    await rig.settle()
    [message] = rig.peer.published
    assert message.properties.delivery_mode == 2
    assert message.properties.content_type == "text/plain; charset=utf-8"
    assert message.mandatory is False
    assert not publishing.done()
    rig.peer.confirm(message)
    await rig.settle()
    assert publishing.done()


async def test_row_15_each_of_them_can_be_turned_off(rig: Rig) -> None:
    service = await started(rig)
    rig.peer.confirming = False
    await rig.publish(service, "x", "a.b", persistent=False, content_type=None, confirm=False)
    await rig.settle()
    [message] = rig.peer.published
    assert message.properties.delivery_mode is None
    assert message.properties.content_type is None
    assert "Confirm.Select" not in rig.peer.received


async def test_an_envelope_s_json_is_said_to_be_json(rig: Rig) -> None:
    service = await started(rig)
    await rig.publish(service, {"n": 1}, "a.b", message_envelope=JsonBase)
    assert rig.peer.published[0].properties.content_type == "application/json"


async def test_the_envelope_is_the_one_that_the_service_has_when_it_publishes(rig: Rig) -> None:
    """Seen with 0.29.0."""
    service = await started(rig)
    service.message_envelope = JsonBase
    await rig.publish(service, {"n": 1}, "a.b")
    assert rig.peer.published[0].properties.content_type == "application/json"


async def test_a_content_type_can_be_given(rig: Rig) -> None:
    service = await started(rig)
    await rig.publish(service, "<a/>", "a.b", content_type="text/xml")
    assert rig.peer.published[0].properties.content_type == "text/xml"


async def test_row_15_a_mandatory_message_without_a_queue_raises(rig: Rig) -> None:
    """https://www.rabbitmq.com/docs/publishers: the return comes before the confirm."""
    service = await started(rig)
    rig.peer.confirming = False
    lost = rig.publishing(service, "lost", "a.b", mandatory=True)
    kept = rig.publishing(service, "kept", "a.b", mandatory=True)
    await rig.settle()
    rig.peer.give_back(rig.peer.published[0])
    rig.peer.confirm(rig.peer.published[1], multiple=True)
    await rig.settle()
    with pytest.raises(AmqpUnroutableException, match="312 NO_ROUTE") as caught:
        await lost
    assert caught.value.reply_code == 312
    assert await kept is None


async def test_a_mandatory_publish_needs_a_confirm(rig: Rig) -> None:
    service = await started(rig)
    with pytest.raises(ValueError, match="mandatory=True needs confirm=True"):
        await rig.publish(service, "x", "a.b", mandatory=True, confirm=False)


async def test_one_ack_with_multiple_confirms_a_hundred_publishes(rig: Rig) -> None:
    """The client library's own confirms hang on this."""
    service = await started(rig)
    rig.peer.confirming = False
    publishing = [rig.publishing(service, str(n), "a.b") for n in range(100)]
    await rig.settle()
    rig.peer.confirm(rig.peer.published[60], multiple=True)
    await rig.settle()
    assert sum(task.done() for task in publishing) == 61
    rig.peer.confirm(rig.peer.published[99], multiple=True)
    await asyncio.gather(*publishing)


async def test_a_negative_confirm_raises_for_its_message_alone(rig: Rig) -> None:
    service = await started(rig)
    rig.peer.confirming = False
    first, second = (rig.publishing(service, text, "a.b") for text in ("first", "second"))
    await rig.settle()
    rig.peer.confirm(rig.peer.published[0], ack=False)
    rig.peer.confirm(rig.peer.published[1])
    await rig.settle()
    with pytest.raises(AmqpPublishException, match="negative confirm"):
        await first
    assert await second is None


async def test_a_message_in_flight_when_the_connection_is_lost_is_written_again(rig: Rig) -> None:
    service = await started(rig)
    rig.peer.confirming = False
    publishing = rig.publishing(service, "hello", "a.b")
    await rig.settle()
    rig.peer.confirming = True
    rig.peer.hang_up()
    await rig.clock.advance(1)
    await publishing
    assert [message.body for message in rig.peer.published] == [b"hello", b"hello"]


async def test_row_1_publish_waits_for_the_reconnect(rig: Rig) -> None:
    service = await started(rig)
    await rig.publish(service, "before", "a.b")
    await rig.peer.stop()
    await rig.clock.advance(5)
    publishing = rig.publishing(service, "after", "a.b")
    await rig.clock.advance(5)
    assert not publishing.done()
    await rig.peer.start()
    await rig.clock.advance(20)
    await publishing
    assert [message.body for message in rig.peer.published] == [b"before", b"after"]


async def test_row_1_publish_waits_thirty_seconds_and_then_says_why(rig: Rig) -> None:
    service = await started(rig)
    await rig.publish(service, "before", "a.b")
    await rig.peer.stop()
    await rig.settle()
    publishing = rig.publishing(service, "after", "a.b")
    await rig.clock.advance(29.9)
    assert not publishing.done()
    await rig.clock.advance(0.2)
    with pytest.raises(AmqpConnectionException, match=r"within 30 s \(no connection: .*refused"):
        await publishing


async def test_a_first_publish_without_a_broker_fails_at_once_and_the_next_one_tries_again(
    rig: Rig,
) -> None:
    service = await started(rig)
    await rig.peer.stop()
    with pytest.raises(AmqpConnectionException, match="connection refused"):
        await rig.publish(service, "x", "a.b")
    await rig.peer.start()
    await rig.publish(service, "y", "a.b")
    assert [message.body for message in rig.peer.published] == [b"y"]


async def test_a_missing_exchange_raises_for_its_messages_alone(rig: Rig) -> None:
    """The broker closes the channel: what else was on it is written again on the next."""
    service = await started(rig)
    rig.peer.confirming = False
    wrong = rig.publishing(service, "wrong", "a.b", "nope")
    right = rig.publishing(service, "right", "a.b", "media")
    await rig.settle()
    rig.peer.confirming = True
    rig.peer.published[0].connection.close_channel(
        rig.peer.published[0].channel, 404, "NOT_FOUND - no exchange 'nope' in vhost '/'"
    )
    await rig.settle()
    with pytest.raises(AmqpPublishException, match="404 NOT_FOUND - no exchange 'nope'"):
        await wrong
    await right
    assert [message.body for message in rig.peer.published] == [b"wrong", b"right", b"right"]


async def test_a_message_that_closes_every_channel_is_given_up(rig: Rig) -> None:
    service = await started(rig)
    rig.peer.refusals["Basic.Publish"] = (406, "PRECONDITION_FAILED - invalid expiration 'x'")
    with pytest.raises(AmqpPublishException, match="406 PRECONDITION_FAILED - invalid exp"):
        await rig.publish(service, "x", "a.b")
    assert rig.peer.received.count("Basic.Publish") == 3


async def test_a_blocked_broker_is_logged_and_named_when_the_time_is_up(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """https://www.rabbitmq.com/docs/connection-blocked: confirms are held until it is over."""
    caplog.set_level("INFO")
    service = await started(rig)
    await rig.publish(service, "before", "a.b")
    rig.peer.confirming = False
    rig.peer.connection.blocked("low on memory")
    publishing = rig.publishing(service, "held", "a.b")
    await rig.settle()
    rig.peer.connection.blocked(None)
    rig.peer.confirm(rig.peer.published[-1])
    await rig.settle()
    await publishing
    rig.peer.connection.blocked("low on disk")
    publishing = rig.publishing(service, "held", "a.b")
    await rig.clock.advance(31)
    with pytest.raises(AmqpConnectionException, match="publishing is blocked: low on disk"):
        await publishing
    at = f"127.0.0.1:{rig.peer.port}"
    assert [r.getMessage() for r in caplog.records if "block" in r.getMessage()] == [
        f"Publishing [amqp] is blocked by {at} (low on memory)",
        f"Publishing [amqp] is no longer blocked by {at}",
        f"Publishing [amqp] is blocked by {at} (low on disk)",
    ]


async def test_without_wait_a_publish_to_a_blocked_broker_returns_at_once_and_its_task_waits(
    rig: Rig,
) -> None:
    """RabbitMQ reads nothing more of a connection that it has blocked."""
    service = await started(rig)
    await rig.publish(service, "before", "a.b")
    rig.peer.confirming = False
    rig.peer.connection.blocked("low on memory")
    await rig.settle()
    now = rig.clock.unix()
    kept, given_up = [
        await rig.publish(service, text, "a.b", wait=False) for text in ("kept", "given up")
    ]
    await rig.clock.advance(20)
    assert not kept.done()
    assert rig.clock.unix() - now == 20
    rig.peer.connection.blocked(None)
    await rig.settle()
    rig.peer.confirm(rig.peer.published[1])
    assert await kept is None
    rig.peer.connection.blocked("low on disk")
    await rig.clock.advance(11)
    with pytest.raises(AmqpConnectionException, match="low on disk"):
        await given_up


async def test_a_stop_gives_up_on_a_blocked_broker_after_the_publish_s_thirty_seconds(
    rig: Rig,
) -> None:
    service = await started(rig)
    await rig.publish(service, "before", "a.b")
    rig.peer.confirming = False
    rig.peer.connection.blocked("low on memory")
    task = await rig.publish(service, "held", "a.b", wait=False)
    stopping = rig.stopping()
    await rig.clock.advance(31)
    assert stopping.done()
    with pytest.raises(AmqpConnectionException, match="publishing is blocked: low on memory"):
        await task


async def test_a_broker_that_confirms_nothing_is_waited_for_thirty_seconds(rig: Rig) -> None:
    service = await started(rig)
    rig.peer.confirming = False
    publishing = rig.publishing(service, "x", "a.b")
    await rig.clock.advance(31)
    with pytest.raises(AmqpConnectionException, match="no confirm"):
        await publishing


async def test_a_publish_that_is_cancelled_leaves_the_others_alone(rig: Rig) -> None:
    service = await started(rig)
    rig.peer.confirming = False
    first, second = (rig.publishing(service, text, "a.b") for text in ("first", "second"))
    await rig.settle()
    first.cancel()
    rig.peer.confirm(rig.peer.published[1], multiple=True)
    await second
    assert first.cancelled()


async def test_without_wait_a_task_is_returned_that_ends_when_the_message_is_confirmed(
    rig: Rig,
) -> None:
    service = await started(rig)
    rig.peer.confirming = False
    task = await rig.publish(service, "x", "a.b", wait=False)
    await rig.settle()
    assert not task.done()
    rig.peer.confirm(rig.peer.published[0])
    assert await task is None


async def test_a_stop_awaits_publishes_that_nobody_awaits(rig: Rig) -> None:
    service = await started(rig)
    rig.peer.confirming = False
    task = await rig.publish(service, "x", "a.b", wait=False)
    await rig.settle()
    stopping = rig.stopping()
    await rig.clock.advance(3)
    assert not stopping.done()
    rig.peer.confirm(rig.peer.published[0])
    await stopping
    assert task.done()


async def test_a_publish_after_the_stop_connects_for_itself_and_disconnects(rig: Rig) -> None:
    """Upstream connects again as well, and leaves the connection open."""
    service = await started(rig)
    await rig.publish(service, "x", "a.b")
    await rig.stop()
    assert rig.peer.connections == []
    await rig.publish(service, "y", "a.b")
    await rig.settle()
    assert [message.body for message in rig.peer.published] == [b"x", b"y"]
    assert rig.peer.connections == []


async def test_a_large_message_is_cut_into_frames(rig: Rig) -> None:
    service = await started(rig)
    body = "x" * 1_000_000
    await rig.publish(service, body, "a.b")
    assert rig.peer.published[0].body == body.encode()


async def test_a_broker_that_takes_no_bytes_holds_the_publisher(rig: Rig) -> None:
    service = await started(rig)
    await rig.publish(service, "first", "a.b", confirm=False)
    rig.peer.connection.transport.pause_reading()
    body = "x" * 15_000_000
    publishing = rig.publishing(service, body, "a.b", confirm=False)
    await rig.settle()
    assert not publishing.done()
    rig.peer.connection.transport.resume_reading()
    await publishing
    await rig.settle()
    assert len(rig.peer.published[1].body) == len(body)


async def test_prefix_and_encoding_are_applied_to_the_routing_key(rig: Rig) -> None:
    service = await started(rig, routing_key_prefix="dev.")
    await rig.publish(service, "x", "smörgås")
    await rig.publish(service, "x", "b", routing_key_prefix="other.")
    await rig.publish(service, "x", "b", routing_key_prefix=None)
    keys = [message.routing_key for message in rig.peer.published]
    assert keys == ["dev.sm___c3b6_rg___c3a5_s", "other.b", "b"]


async def test_without_an_exchange_the_option_s_is_published_to(rig: Rig) -> None:
    service = await started(rig, exchange_name="media")
    await rig.publish(service, "x", "a")
    assert rig.peer.published[0].exchange == "media"


@pytest.mark.parametrize("nothing", ["", None])
async def test_without_any_exchange_it_is_amq_topic(rig: Rig, nothing: str | None) -> None:
    service = await started(rig, exchange_name=nothing)
    await rig.publish(service, "x", "a")
    assert rig.peer.published[0].exchange == "amq.topic"


async def test_data_that_is_no_text_is_refused_with_its_type_and_value(rig: Rig) -> None:
    service = await started(rig)
    with pytest.raises(TypeError, match=r"AMQP messages are text: the data is a dict, \{'n': 1\}"):
        await rig.publish(service, {"n": 1}, "a.b")


async def test_a_routing_key_over_255_octets_is_refused(rig: Rig) -> None:
    service = await started(rig)
    with pytest.raises(AmqpException, match="takes 256 octets; AMQP allows 255"):
        await rig.publish(service, "x", "k" * 256)
