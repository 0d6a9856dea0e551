"""What one service keeps, and what it does not share. Row 20 of the deliberate differences."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.framework.transport.amqp.support_peer import Peer
from tests.framework.transport.amqp.support_rig import Rig
from tests.framework.transport.amqp.support_tls import tls_pair

import tomodachi
from tomodachi.transport.amqp import AmqpConnectionException


def service_class(queue: str) -> type[Any]:
    class Takes(tomodachi.Service):
        name = queue

        def __init__(self) -> None:
            self.got: list[tuple[str, str]] = []

        @tomodachi.amqp("a.*", queue_name=queue)
        async def handle(self, message: str, routing_key: str) -> None:
            self.got.append((message, routing_key))

    return Takes


async def test_row_20_two_services_on_two_brokers_do_not_touch_one_another(rig: Rig) -> None:
    second = Peer()
    await second.start()
    one = await rig.start(service_class("one"), login="first", routing_key_prefix="x.")
    other = await rig.start(
        service_class("other"), port=second.port, login="second", routing_key_prefix="y."
    )
    assert rig.peer.connection.start_ok.response == "\0first\0guest"
    assert second.connection.start_ok.response == "\0second\0guest"
    rig.peer.deliver(b"1", "x.a.b")
    second.deliver(b"2", "y.a.b")
    await rig.publish(one, "from one", "k")
    await rig.publish(other, "from other", "k")
    await rig.settle()
    assert one.got == [("1", "a.b")]
    assert other.got == [("2", "a.b")]
    assert [m.routing_key for m in rig.peer.published] == ["x.k"]
    assert [m.routing_key for m in second.published] == ["y.k"]

    second.hang_up()
    await rig.settle()
    await rig.publish(one, "still here", "k")
    assert len(rig.peer.connections) == 1
    await rig.stop()
    await second.stop()


async def test_row_20_two_instances_of_one_class_have_a_connection_each(rig: Rig) -> None:
    cls = service_class("q")
    first, second = await rig.start(cls), await rig.start(cls)
    assert len(rig.peer.connections) == 2
    for consumer, body in zip(list(rig.peer.consumers), (b"1", b"2"), strict=True):
        rig.peer.deliver(body, consumer=consumer)
    await rig.settle()
    assert (len(first.got), len(second.got)) == (1, 1)


async def test_options_set_by_start_service_count(rig: Rig) -> None:
    class Configures(service_class("q")):  # type: ignore[misc]
        async def _start_service(self) -> None:
            self.options.amqp.routing_key_prefix = "late."

    await rig.start(Configures)
    assert rig.peer.named("Queue.Bind")[0].routing_key == "late.a.*"


async def test_a_service_that_never_used_amqp_stops_without_it(rig: Rig) -> None:
    class Idle(tomodachi.Service):
        name = "idle"

    service = await rig.start(Idle)
    await rig.stop()
    assert "_amqp_transport" not in service.context


async def test_a_service_whose_start_failed_leaves_no_connection(rig: Rig) -> None:
    class Fails(service_class("q")):  # type: ignore[misc]
        async def _started_service(self) -> None:
            msg = "no"
            raise RuntimeError(msg)

    with pytest.raises(RuntimeError):
        await rig.start(Fails)
    await rig.settle()
    assert rig.peer.connections == []
    assert "Basic.Consume" not in rig.peer.received


async def test_a_service_publishes_from_its_hooks(rig: Rig) -> None:
    class Talks(service_class("q")):  # type: ignore[misc]
        async def _start_service(self) -> None:
            await tomodachi.amqp_publish(self, "starting", "k")

        async def _started_service(self) -> None:
            await tomodachi.amqp_publish(self, "started", "k")

        async def _stopping_service(self) -> None:
            await tomodachi.amqp_publish(self, "stopping", "k")

        async def _stop_service(self) -> None:
            assert rig.peer.connections == []
            await tomodachi.amqp_publish(self, "stop", "k")

    await rig.start(Talks)
    await rig.stop()
    await rig.settle()
    bodies = [m.body for m in rig.peer.published]
    assert bodies == [b"starting", b"started", b"stopping", b"stop"]
    assert rig.peer.connections == []


async def test_a_stop_waits_for_what_its_hook_publishes_in_the_background(rig: Rig) -> None:
    class Leaves(service_class("q")):  # type: ignore[misc]
        async def _stop_service(self) -> None:
            await tomodachi.amqp_publish(self, "bye", "k", wait=False)

    await rig.start(Leaves)
    await rig.stop()
    await rig.settle()
    assert [m.body for m in rig.peer.published] == [b"bye"]
    assert rig.peer.connections == []


async def test_a_service_that_first_publishes_after_its_stop_leaves_no_connection(rig: Rig) -> None:
    class Silent(tomodachi.Service):
        name = "silent"

    service = await rig.start(Silent)
    await rig.stop()
    await rig.publish(service, "late", "k")
    await rig.settle()
    assert [m.body for m in rig.peer.published] == [b"late"]
    assert rig.peer.connections == []


async def test_a_publish_of_a_task_of_the_user_s_own_outlives_the_stop(rig: Rig) -> None:
    service = await rig.start(service_class("q"))
    rig.peer.confirming = False
    publishing = rig.publishing(service, "x", "k")
    await rig.settle()
    await rig.stop()
    assert not publishing.done()
    rig.peer.confirm(rig.peer.published[0])
    await publishing
    await rig.settle()
    assert rig.peer.connections == []


async def test_a_connection_that_the_stop_hook_is_the_first_to_use_is_closed(rig: Rig) -> None:
    class Leaves(tomodachi.Service):
        name = "leaves"

        async def _stop_service(self) -> None:
            await tomodachi.amqp_publish(self, "bye", "k")

    await rig.start(Leaves)
    assert rig.peer.connections == []
    await rig.stop()
    await rig.settle()
    assert [m.body for m in rig.peer.published] == [b"bye"]
    assert rig.peer.connections == []


async def test_instrumentation_can_run_a_middleware_of_its_own_before_the_service_s(
    rig: Rig,
) -> None:
    order: list[str] = []

    async def pre(func: Any) -> Any:
        order.append("pre")
        return await func()

    async def own(func: Any) -> Any:
        order.append("own")
        return await func()

    class Instrumented(service_class("q")):  # type: ignore[misc]
        _amqp_message_pre_middleware = (pre,)
        message_middleware = (own,)

    await rig.start(Instrumented)
    rig.peer.deliver(b"x")
    await rig.settle()
    assert order == ["pre", "own"]


# --- TLS --------------------------------------------------------------------------------------------


async def test_amqp_ssl_takes_a_context(rig: Rig, tmp_path: Path) -> None:
    server, client = tls_pair(tmp_path)
    peer = Peer(tls=server)
    await peer.start()
    service = await rig.start(service_class("q"), port=peer.port, ssl=client)
    assert peer.connection.transport.get_extra_info("cipher") is not None
    peer.deliver(b"secret")
    await rig.settle()
    assert service.got == [("secret", "a.b")]
    await rig.stop()
    await peer.stop()


async def test_amqp_ssl_true_checks_the_certificate(rig: Rig, tmp_path: Path) -> None:
    peer = Peer(tls=tls_pair(tmp_path)[0])
    await peer.start()
    with pytest.raises(AmqpConnectionException, match=r"\(TLS: CERTIFICATE_VERIFY_FAILED\)"):
        await rig.start(service_class("q"), port=peer.port, ssl=True)
    await peer.stop()


async def test_a_plain_connection_to_a_tls_port_is_told_in_words(rig: Rig, tmp_path: Path) -> None:
    peer = Peer(tls=tls_pair(tmp_path)[0])
    await peer.start()
    starting = asyncio.create_task(rig.start(service_class("q"), port=peer.port))
    await rig.clock.advance(61)
    with pytest.raises(AmqpConnectionException, match="Unable to connect"):
        await starting
    await peer.stop()
