"""Keeping a service connected: row 1 of the deliberate differences, and what belongs to it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.framework.transport.amqp.support_rig import Rig

import tomodachi
from tomodachi.transport.amqp import AmqpConnectionException


class Worker(tomodachi.Service):
    name = "worker"

    def __init__(self) -> None:
        self.got: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    @tomodachi.amqp("a.*", queue_name="q", exchange_name="media")
    async def handle(self, message: str) -> None:
        await self.gate.wait()
        self.got.append(message)

    @tomodachi.amqp("b.*", queue_name="r")
    async def other(self, message: str) -> None:
        self.got.append(message)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "tomodachi.amqp"]


async def test_row_1_a_lost_connection_is_mended_and_every_consumer_resumed(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    service = await rig.start(Worker)
    before = [name for name in rig.peer.received if not name.startswith("Connection")]
    rig.peer.received.clear()
    rig.peer.hang_up()
    await rig.clock.advance(1)

    after = [name for name in rig.peer.received if not name.startswith("Connection")]
    assert after == before
    assert sorted(consumer.queue for consumer in rig.peer.consumers) == ["q", "r"]
    rig.peer.deliver(b"hello", consumer=rig.peer.consumers[0])
    rig.peer.deliver(b"again", "b.c", consumer=rig.peer.consumers[1])
    await rig.settle()
    assert sorted(service.got) == ["again", "hello"]
    at = f"127.0.0.1:{rig.peer.port}"
    assert said(caplog) == [
        f"Lost connection [amqp] to {at} (connection closed by the broker) - reconnecting",
        f"Reconnecting [amqp] to {at}",
        f"Reconnected [amqp] to {at}",
        "Resumed consuming [amqp]",
    ]


async def test_row_1_attempts_go_on_with_growing_waits_until_the_broker_is_back(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await rig.start(Worker)
    await rig.peer.stop()
    await rig.clock.advance(600)
    attempts = [r for r in caplog.records if r.getMessage().startswith("Reconnecting")]
    refused = [text for text in said(caplog) if "(connection refused)" in text]
    # 600 s with waits of 15 s on average, after a few short ones.
    assert 25 < len(attempts) < 80
    assert len(refused) >= len(attempts) - 1

    await rig.peer.start()
    await rig.clock.advance(31)
    assert len(rig.peer.consumers) == 2


async def test_row_1_waits_are_drawn_from_the_service_s_own_random_source(rig: Rig) -> None:
    """The same seed gives the same waits, so a test that failed can be run again."""
    waits: list[list[float]] = []
    for _ in range(2):
        await rig.start(Worker)
        rig.peer.hang_up()
        await rig.settle()
        due = [t.due for t in rig.clock.next() if t.kind == "sleep"]
        waits.append([(moment - rig.clock.now()).total_seconds() for moment in due])
        await rig.stop()
    assert waits[0] == waits[1] != []


async def test_connections_that_do_not_last_are_mended_more_and_more_slowly(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """A broker that takes every login and hangs up at once must not be hammered."""
    await rig.start(Worker)
    rig.peer.goodbyes["Channel.Open"] = (541, "INTERNAL_ERROR")
    rig.peer.hang_up()
    await rig.clock.advance(600)
    assert 20 < len([text for text in said(caplog) if "INTERNAL_ERROR" in text]) < 80

    rig.peer.goodbyes.clear()
    await rig.clock.advance(120)
    assert len(rig.peer.consumers) == 2
    caplog.set_level("INFO")
    caplog.clear()
    rig.peer.hang_up()
    await rig.clock.advance(0.5)
    assert f"Reconnected [amqp] to 127.0.0.1:{rig.peer.port}" in said(caplog)


async def test_a_broker_that_falls_silent_is_left_after_two_heartbeat_intervals(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """AMQP 0-9-1 spec 4.2.7: a half-open connection is noticed by missing heartbeats alone."""
    await rig.start(Worker, heartbeat=10)
    await rig.clock.advance(300)
    assert said(caplog) == []
    rig.peer.silent = True
    await rig.clock.advance(19)
    assert said(caplog) == []
    await rig.clock.advance(6)
    assert "missed heartbeats from the broker" in said(caplog)[0]

    rig.peer.silent = False
    await rig.clock.advance(60)
    assert len(rig.peer.consumers) == 2


@pytest.mark.parametrize("off", [0, False, None])
async def test_heartbeats_can_be_turned_off(rig: Rig, off: Any) -> None:
    await rig.start(Worker, heartbeat=off)
    assert rig.peer.named("Connection.TuneOk")[0].heartbeat == 0
    rig.peer.silent = True
    await rig.clock.advance(3_600)
    assert len(rig.peer.connections) == 1


async def test_the_service_sends_heartbeats_when_it_has_nothing_else_to_say(rig: Rig) -> None:
    await rig.start(Worker, heartbeat=4)
    began = rig.peer.connection.heartbeats
    await rig.clock.advance(20)
    assert rig.peer.connection.heartbeats - began == 10


async def test_a_broker_that_says_goodbye_is_reconnected_to(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.start(Worker)
    rig.peer.connection.close(320, "CONNECTION_FORCED - broker shutdown")
    await rig.clock.advance(1)
    assert "(closed by the broker: 320 CONNECTION_FORCED - broker shutdown)" in said(caplog)[0]
    assert len(rig.peer.consumers) == 2


@pytest.mark.parametrize(
    ("garbage", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "unknown frame type 72"),
        (
            b"\x01\x00\x01\x00\x00\x00\x04\x00\x00\x00\x00\x00",
            "frame of type 1 and 4 octets has no",
        ),
        (b"\x03\x00\x01\x7f\x00\x00\x00\x00", "frame of 2130706432 octets, where 131072 are"),
        (b"\x01\x00\x01\x00\x00\x00\x04\x00\x63\x00\x63\xce", ""),
        (b"\x03\x00\x01\x00\x00\x00\x01x\xce", ""),
    ],
)
async def test_bytes_that_are_no_amqp_end_the_connection_and_it_is_mended(
    rig: Rig, caplog: pytest.LogCaptureFixture, garbage: bytes, reason: str
) -> None:
    await rig.start(Worker)
    rig.peer.connection.transport.write(garbage)
    await rig.clock.advance(2)
    assert f"the broker sent what is no AMQP frame: {reason}" in said(caplog)[0]
    assert len(rig.peer.consumers) == 2


async def test_a_connection_that_is_lost_again_while_it_is_mended_is_mended_again(
    rig: Rig,
) -> None:
    service = await rig.start(Worker)
    rig.peer.unanswered.add("Queue.Declare")
    rig.peer.hang_up()
    await rig.clock.advance(1)
    assert rig.peer.consumers == []
    rig.peer.hang_up()
    rig.peer.unanswered.clear()
    await rig.clock.advance(2)
    rig.peer.deliver(b"x", consumer=rig.peer.consumers[0])
    await rig.settle()
    assert service.got == ["x"]


async def test_a_broker_that_does_not_answer_a_method_is_left_after_a_while(rig: Rig) -> None:
    await rig.start(Worker)
    rig.peer.unanswered.add("Queue.Declare")
    rig.peer.hang_up()
    await rig.clock.advance(20)
    assert rig.peer.consumers == []
    rig.peer.unanswered.clear()
    await rig.clock.advance(20)
    assert len(rig.peer.consumers) == 2


async def test_a_topology_that_is_refused_after_a_reconnect_is_tried_again(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.start(Worker)
    with rig.peer.refusing("Queue.Declare", 405, "RESOURCE_LOCKED - cannot obtain access"):
        rig.peer.hang_up()
        await rig.clock.advance(60)
        assert rig.peer.consumers == []
    await rig.clock.advance(31)
    assert len(rig.peer.consumers) == 2
    assert "Unable to resume consuming [amqp]" in said(caplog)


# --- at start ---------------------------------------------------------------------------------------


async def fails_to_start(rig: Rig, **options: Any) -> AmqpConnectionException:
    with pytest.raises(AmqpConnectionException) as caught:
        await rig.start(Worker, **options)
    return caught.value


async def test_a_service_does_not_start_without_its_broker(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.peer.stop()
    error = await fails_to_start(rig)
    text = f"Unable to connect [amqp] to 127.0.0.1:{rig.peer.port} (connection refused)"
    assert str(error) == text
    assert said(caplog) == [text]


async def test_a_broker_that_accepts_and_says_nothing_is_left_after_ten_seconds(rig: Rig) -> None:
    rig.peer.silent = True
    starting = asyncio.create_task(fails_to_start(rig))
    await rig.clock.advance(9.9)
    assert not starting.done()
    await rig.clock.advance(0.2)
    assert "(no answer within 10 s)" in str(await starting)


async def test_a_refused_login_is_told_in_the_broker_s_words(rig: Rig) -> None:
    rig.peer.goodbyes["Connection.StartOk"] = (403, "ACCESS_REFUSED - Login was refused")
    assert "403 ACCESS_REFUSED - Login was refused" in str(await fails_to_start(rig))


async def test_an_unknown_virtual_host_is_told_in_the_broker_s_words(rig: Rig) -> None:
    rig.peer.goodbyes["Connection.Open"] = (530, "NOT_ALLOWED - vhost nope not found")
    error = await fails_to_start(rig, virtualhost="nope")
    assert "530 NOT_ALLOWED - vhost nope not found" in str(error)


async def test_login_password_and_virtual_host_are_those_of_the_options(rig: Rig) -> None:
    await rig.start(Worker, login="me", password="s3cret", virtualhost="/a b")
    assert rig.peer.connection.start_ok.response == "\0me\0s3cret"
    assert rig.peer.named("Connection.Open")[0].virtual_host == "/a b"


async def test_the_broker_is_told_what_the_client_understands(rig: Rig) -> None:
    await rig.start(Worker)
    capabilities = rig.peer.connection.start_ok.client_properties["capabilities"]
    assert capabilities["authentication_failure_close"] is True
    assert capabilities["connection.blocked"] is True
    assert capabilities["consumer_cancel_notify"] is True


async def test_no_secret_is_printed(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    service = await rig.start(Worker, password="s3cret")
    rig.peer.hang_up()
    await rig.clock.advance(5)
    assert "s3cret" not in caplog.text
    assert "s3cret" not in repr(service.context["_amqp_transport"].settings)
