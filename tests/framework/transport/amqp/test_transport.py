"""The class methods that services and tests call, and the names they are reached by."""

from __future__ import annotations

from typing import Any

import pytest
from tests.framework.transport.amqp.support_rig import Rig

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.transport import amqp as package
from tomodachi.transport.amqp import AmqpTransport

PREFIXED = {"options": {"amqp": {"routing_key_prefix": "dev.", "queue_name_prefix": "dev-"}}}


def context(**options: Any) -> dict[str, Any]:
    return {"options": {"amqp": dict(options)}}


class Plain(tomodachi.Service):
    name = "plain"

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self, message: str) -> str:
        return message.upper()


def test_public_names_are_reached_from_the_package_root() -> None:
    assert tomodachi.amqp is package.amqp
    assert tomodachi.amqp_publish == AmqpTransport.publish


async def test_a_decorated_method_can_be_called_directly() -> None:
    assert await Plain().handle("hello") == "HELLO"


def test_routing_keys_get_the_option_s_prefix_or_another() -> None:
    assert AmqpTransport.get_routing_key("a.b", context()) == "a.b"
    assert AmqpTransport.get_routing_key("a.b", context(routing_key_prefix="x-")) == "x-a.b"
    assert AmqpTransport.get_routing_key("a.b", context(routing_key_prefix="x-"), "y-") == "y-a.b"
    assert AmqpTransport.get_routing_key("a.b", context(routing_key_prefix="x-"), None) == "a.b"


def test_prefixes_of_routing_keys_come_off_again() -> None:
    with_prefix = context(routing_key_prefix="x-")
    assert AmqpTransport.get_routing_key_without_prefix("x-a.b", with_prefix) == "a.b"
    assert AmqpTransport.get_routing_key_without_prefix("a.b", with_prefix) == "a.b"
    assert AmqpTransport.get_routing_key_without_prefix("y-a", with_prefix, "y-") == "a"


def test_queue_names_get_the_option_s_prefix() -> None:
    assert AmqpTransport.prefix_queue_name("q", context(queue_name_prefix="dev-")) == "dev-q"
    assert AmqpTransport.prefix_queue_name("q", context(queue_name_prefix=None)) == "q"


def test_routing_keys_are_encoded_and_decoded() -> None:
    assert AmqpTransport.encode_routing_key("å") == "___c3a5_"
    assert AmqpTransport.decode_routing_key("___c3a5_") == "å"


def test_a_generated_queue_name_has_the_prefix() -> None:
    name = AmqpTransport.get_queue_name("a.b", "f", "u", True, PREFIXED)
    assert name.removeprefix("dev-") == AmqpTransport.get_queue_name(
        "a.b", "g", "v", True, context()
    )


async def test_connect_gives_the_service_s_connection(rig: Rig) -> None:
    service = await rig.start(Plain)
    first = await AmqpTransport.connect(service, service.context)
    assert first is await AmqpTransport.connect(service)
    assert len(rig.peer.connections) == 1


async def test_message_protocol_is_the_envelope_s_older_name(rig: Rig) -> None:
    service = await rig.start(Plain)
    with pytest.warns(DeprecationWarning, match="message_protocol is deprecated"):
        await rig.publish(service, {"n": 1}, "a.b", message_protocol=JsonBase)
    assert rig.peer.published[0].body.startswith(b'{"service"')


async def test_keywords_of_publish_are_the_envelope_s(rig: Rig) -> None:
    class Shouts:
        @classmethod
        async def build_message(cls, service: Any, topic: str, data: Any, **kwargs: Any) -> str:
            return f"{service.name} {topic} {data} {kwargs}"

    service = await rig.start(Plain)
    await rig.publish(service, "x", "a.b", message_envelope=Shouts, volume=11)
    assert rig.peer.published[0].body == b"plain a.b x {'volume': 11}"


async def test_an_envelope_that_builds_nothing_leaves_the_message_as_it_is(rig: Rig) -> None:
    """As upstream does, which looks for the method."""

    class Silent:
        """Has no method at all."""

    service = await rig.start(Plain)
    await rig.publish(service, "x", "a.b", message_envelope=Silent)
    assert rig.peer.published[0].body == b"x"


async def test_the_service_s_envelope_builds_messages(rig: Rig) -> None:
    class Enveloped(Plain):
        message_envelope = JsonBase

    service = await rig.start(Enveloped)
    await rig.publish(service, {"n": 1}, "a.b")
    await rig.publish(service, "raw", "a.b", message_envelope=None)
    assert rig.peer.published[0].body.startswith(b'{"service"')
    assert rig.peer.published[1].body == b"raw"


def test_exceptions_descend_from_one_and_keep_their_names() -> None:
    for name in (
        "AmqpInternalServiceError",
        "AmqpInternalServiceErrorException",
        "AmqpInternalServiceException",
        "AmqpExclusiveQueueLockedException",
        "AmqpTooManyConsumersException",
        "AmqpConnectionException",
        "AmqpChannelClosed",
    ):
        kind = getattr(package, name)
        assert issubclass(kind, package.AmqpException)
        assert kind(log_level="DEBUG")._log_level == "DEBUG"
    for name in ("AmqpInternalServiceErrorException", "AmqpInternalServiceException"):
        assert issubclass(getattr(package, name), package.AmqpInternalServiceError)
