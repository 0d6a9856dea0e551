"""The properties of a received message, as handlers see them.

Attribute names are those handlers know; the bytes they are read from are `frames.py`'s business.

Source: AMQP 0-9-1 spec 1.8, class basic.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from tomodachi.transport.amqp.frames import read_properties


@dataclass(frozen=True, slots=True)
class Properties:
    """What a publisher said of its message; None for what it left out."""

    content_type: str | None = None
    content_encoding: str | None = None
    # A field table holds whatever the publisher put there.
    headers: dict[str, Any] | None = None
    delivery_mode: int | None = None
    priority: int | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    expiration: str | None = None
    message_id: str | None = None
    timestamp: datetime | None = None
    message_type: str | None = None
    user_id: str | None = None
    app_id: str | None = None
    cluster_id: str | None = None

    @staticmethod
    def read(header: bytes) -> Properties:
        """The properties in a content header.

        Raises:
            ValueError: they are malformed.
        """
        found = read_properties(header)
        values = {name: getattr(found, name) for name in _NAMES}
        timestamp = values["timestamp"]
        if isinstance(timestamp, datetime) and timestamp.tzinfo is None:
            values["timestamp"] = timestamp.replace(tzinfo=UTC)
        values["cluster_id"] = values["cluster_id"] or None
        return Properties(**values)


_NAMES = tuple(field.name for field in fields(Properties))
