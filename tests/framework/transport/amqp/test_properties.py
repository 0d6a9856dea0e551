"""Properties of received messages."""

from datetime import UTC, datetime

import pamqp.commands
import pamqp.header
import pytest

from tomodachi.transport.amqp.properties import Properties


def header(**properties: object) -> bytes:
    return pamqp.header.ContentHeader(
        body_size=1, properties=pamqp.commands.Basic.Properties(**properties)
    ).marshal()


def test_what_the_publisher_gave_is_read_and_the_rest_is_none() -> None:
    found = Properties.read(header(content_type="a/b", headers={"x": 1}, message_id="m"))
    assert found == Properties(content_type="a/b", headers={"x": 1}, message_id="m")


def test_timestamps_are_aware() -> None:
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert Properties.read(header(timestamp=when)).timestamp == when


def test_a_message_without_properties_has_none() -> None:
    assert Properties.read(header()) == Properties()


def test_malformed_properties_are_refused() -> None:
    cut = header(content_type="text/plain", priority=3)[:14]
    with pytest.raises(ValueError, match="malformed message properties"):
        Properties.read(cut)
