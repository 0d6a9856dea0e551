"""Connections and channels as the rest of the transport uses them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.framework.transport.amqp.support_rig import Rig

from tomodachi.transport.amqp import frames
from tomodachi.transport.amqp.connection import Channel, Connection, Delivery, open_connection
from tomodachi.transport.amqp.errors import (
    AmqpChannelClosed,
    AmqpConnectionException,
    AmqpException,
)
from tomodachi.transport.amqp.settings import BrokerAddress


class Listener:
    """Keeps what the broker does of its own accord."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def channel_closed(self, channel: Channel, reason: AmqpException) -> None:
        self.told.append(("closed", str(reason)))

    def consumer_cancelled(self, channel: Channel, consumer_tag: str) -> None:
        self.told.append(("cancelled", consumer_tag))

    def confirmed(self, confirm: frames.Confirm) -> None:
        self.told.append(confirm)

    def returned(self, message: frames.Return, body: bytes) -> None:
        self.told.append((message, body))


async def connected(rig: Rig, lost: list[str]) -> Connection:
    address = BrokerAddress("127.0.0.1", rig.peer.port, "guest", "guest", "/", None, 0)
    return await open_connection(
        address, on_lost=lambda _, reason: lost.append(str(reason)), on_blocked=lambda _: None
    )


async def test_a_closed_connection_is_not_lost(rig: Rig) -> None:
    lost: list[str] = []
    connection = await connected(rig, lost)
    await connection.close()
    await connection.close()
    assert lost == []
    assert rig.peer.connections == []


async def test_a_lost_connection_is_told_once_and_to_every_channel(rig: Rig) -> None:
    lost: list[str] = []
    connection = await connected(rig, lost)
    listeners = [Listener(), Listener()]
    channels = [await connection.open_channel(listener) for listener in listeners]
    rig.peer.connection.close(320, "CONNECTION_FORCED - bye")
    await rig.settle()
    reason = "closed by the broker: 320 CONNECTION_FORCED - bye"
    assert lost == [reason]
    assert [listener.told for listener in listeners] == [[("closed", reason)]] * 2
    assert [channel.ack(1) for channel in channels] == [False, False]
    with pytest.raises(AmqpConnectionException):
        await connection.open_channel(Listener())


async def test_a_method_under_way_when_the_connection_is_lost_raises(rig: Rig) -> None:
    connection = await connected(rig, [])
    channel = await connection.open_channel(Listener())
    rig.peer.unanswered.add("Queue.Declare")
    declaring = asyncio.create_task(channel.declare_queue("q", {}))
    await rig.settle()
    rig.peer.hang_up()
    with pytest.raises(AmqpConnectionException, match="connection closed by the broker"):
        await declaring


async def test_a_refused_method_raises_the_broker_s_code_and_text(rig: Rig) -> None:
    connection = await connected(rig, [])
    listener = Listener()
    channel = await connection.open_channel(listener)
    rig.peer.refusals["Queue.Declare"] = (406, "PRECONDITION_FAILED - no")
    with pytest.raises(AmqpChannelClosed) as caught:
        await channel.declare_queue("q", {})
    assert (caught.value.reply_code, caught.value.reply_text) == (406, "PRECONDITION_FAILED - no")
    assert listener.told == [("closed", "406 PRECONDITION_FAILED - no")]
    with pytest.raises(AmqpChannelClosed):
        channel.publish("", "q", b"\x00\x00", b"", mandatory=False)
    second = await connection.open_channel(Listener())
    rig.peer.refusals.clear()
    assert (await second.declare_queue("q", {})).name == "q"
    await connection.close()


async def test_methods_of_one_channel_are_sent_one_at_a_time(rig: Rig) -> None:
    """The library keeps one waiter for each kind of method."""
    connection = await connected(rig, [])
    channel = await connection.open_channel(Listener())
    found = await asyncio.gather(*(channel.declare_queue(name, {}) for name in "abc"))
    assert [queue.name for queue in found] == ["a", "b", "c"]
    await connection.close()


async def test_a_message_for_a_cancelled_consumer_goes_back(rig: Rig) -> None:
    connection = await connected(rig, [])
    channel = await connection.open_channel(Listener())
    await channel.consume("q", "tag", lambda _: None)
    consumer = rig.peer.consumer
    await channel.cancel("tag")
    rig.peer.deliver(b"late", consumer=consumer)
    await rig.settle()
    assert rig.peer.nacked == [(1, True)]
    await connection.close()


async def test_messages_come_whole_however_they_are_cut(rig: Rig) -> None:
    connection = await connected(rig, [])
    channel = await connection.open_channel(Listener())
    got: list[Delivery] = []
    await channel.consume("q", "tag", got.append)
    for body in (b"", b"x", b"y" * 100_000):
        rig.peer.deliver(body)
    await rig.settle()
    assert [delivery.body for delivery in got] == [b"", b"x", b"y" * 100_000]
    await connection.close()


async def test_a_consumer_that_the_broker_refuses_is_not_kept(rig: Rig) -> None:
    connection = await connected(rig, [])
    channel = await connection.open_channel(Listener())
    rig.peer.refusals["Basic.Consume"] = (404, "NOT_FOUND - no queue 'q' in vhost '/'")
    with pytest.raises(AmqpChannelClosed, match="404 NOT_FOUND"):
        await channel.consume("q", "tag", lambda _: None)
    await connection.close()


async def test_closing_does_not_wait_for_a_silent_broker(rig: Rig) -> None:
    connection = await connected(rig, [])
    channel = await connection.open_channel(Listener())
    rig.peer.silent = True
    with pytest.raises(AmqpConnectionException, match="no answer within 5 s"):
        await channel.close()
    await connection.close()
    await rig.settle()
    assert connection.reason is not None


async def test_connections_and_channels_are_no_lines_in_the_log(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """Each is one to aioamqp, at level INFO; upstream turns these off too."""
    caplog.set_level("INFO")
    connection = await connected(rig, [])
    await (await connection.open_channel(Listener())).close()
    await connection.close()
    assert [one for one in caplog.records if one.name.startswith("aioamqp")] == []
