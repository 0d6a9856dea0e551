"""What the AMQP options come to."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

import tomodachi
from tomodachi.transport.amqp.settings import AmqpSettings


def settings(**amqp: Any) -> AmqpSettings:
    return AmqpSettings.of(tomodachi.Options(amqp=amqp))


def test_defaults() -> None:
    found = settings()
    address = found.address
    assert (address.host, address.port, address.virtualhost) == ("127.0.0.1", 5672, "/")
    assert (address.login, address.password) == ("guest", "guest")
    assert (address.heartbeat, address.tls) == (60, None)
    assert (found.exchange_name, found.queue_ttl_ms) == ("amq.topic", 86_400_000)
    assert (found.per_consumer, found.in_all) == (100, 400)
    assert (found.routing_key_prefix, found.queue_name_prefix) == ("", "")
    assert found.on_exception == "delete"


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_means_no_prefix_and_the_usual_exchange(nothing: Any) -> None:
    found = settings(exchange_name=nothing, routing_key_prefix=nothing, queue_name_prefix=nothing)
    assert (found.exchange_name, found.routing_key_prefix, found.queue_name_prefix) == (
        "amq.topic",
        "",
        "",
    )


@pytest.mark.parametrize("off", [None, False, 0])
def test_heartbeat_and_queue_ttl_can_be_turned_off(off: Any) -> None:
    found = settings(heartbeat=off, queue_ttl=off)
    assert (found.address.heartbeat, found.queue_ttl_ms) == (0, 0)


def test_numbers_may_be_given_as_text() -> None:
    assert settings(heartbeat="5").address.heartbeat == 5


@pytest.mark.parametrize("off", [None, False])
def test_without_ssl_the_connection_is_plain(off: Any) -> None:
    assert settings(ssl=off).address.tls is None


def test_ssl_true_makes_a_context_that_verifies_and_a_context_is_taken_as_it_is() -> None:
    made = settings(ssl=True).address.tls
    assert made is not None
    assert made.verify_mode is ssl.CERT_REQUIRED
    own = ssl.create_default_context()
    assert settings(ssl=own).address.tls is own


def test_the_password_is_not_printed() -> None:
    found = settings(password="s3cret")
    assert "s3cret" not in repr(found)
    assert str(found.address) == "127.0.0.1:5672"
