"""What must be the same however often a service is started, and whatever it sends (24, 25).

An envelope is watched where the service builds its messages: what a receiver reads must be what the
service gave. That holds for `JsonBase`, `ProtobufBase`, and users' own envelopes alike.

Source: invariants of the property tests: envelopes round-trip; options precedence is a function.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Built:
    """A message that a service built.

    Attributes:
        topic: Topic or routing key.
        data: What the service gave, as it was then.
        payload: What the envelope made of it.
    """

    topic: str
    data: Any
    payload: Any


class WatchedEnvelope:
    """A service's envelope, in every respect, that keeps what the service built with it.

    Args:
        envelope: The envelope.
        service: Whose messages are kept; a test builds its own with the same envelope.

    Attributes:
        built: Those messages, oldest first.
    """

    def __init__(self, envelope: Any, service: object) -> None:
        self.built: list[Built] = []
        self._envelope = envelope
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(self._envelope, name)

    async def build_message(self, service: Any, topic: str, data: Any, **kwargs: Any) -> Any:
        """What is published."""
        given = copy.deepcopy(data)
        payload = await self._envelope.build_message(service, topic, data, **kwargs)
        if service is self._service:
            self.built.append(Built(topic, given, payload))
        return payload

    async def changes(self) -> list[str]:
        """Messages whose data a receiver reads otherwise, described."""
        found = []
        for made in self.built:
            given, read = made.data, await self._read(made.payload, made.data)
            if not _is_plain(given):
                # Only the envelope knows what text an object becomes; it must stay that.
                again = await self._envelope.build_message(self._service, made.topic, read)
                given, read = read, await self._read(again, read)
            if read != given and read != _as_json(given):
                found.append(f"{made.topic}: {_on_one_line(given)} becomes {_on_one_line(read)}")
        return found

    async def _read(self, payload: Any, data: Any) -> Any:
        arguments = {"proto_class": type(data)} if _is_protobuf(data) else {}
        message, _, _ = await self._envelope.parse_message(payload, **arguments)
        return message["data"] if isinstance(message, Mapping) and "data" in message else message


def watch_envelope(service: Any, context: Mapping[str, Any]) -> WatchedEnvelope | None:
    """Watch the envelope of a service that runs; None where it has none.

    Args:
        service: The instance.
        context: What its transports look the envelope up in.
    """
    envelope = getattr(service, "message_envelope", None)
    if not hasattr(envelope, "build_message"):
        return None
    watched = WatchedEnvelope(envelope, service)
    service.message_envelope = watched
    if isinstance(context, dict):
        context["message_envelope"] = watched
    return watched


def differing_options(first: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Keys that two starts of one service resolved differently; values may be secret."""
    return sorted(key for key in {*first, *other} if first.get(key) != other.get(key))


def _on_one_line(data: Any) -> str:
    return " ".join(repr(data).split())


def _is_plain(data: Any) -> bool:
    return _is_protobuf(data) or _as_json(data) is not None or data is None


def _is_protobuf(data: Any) -> bool:
    return hasattr(data, "SerializeToString")


def _as_json(data: Any) -> Any:
    """The data as JSON gives it back: tuples as lists, keys as text; None where it cannot."""
    try:
        return json.loads(json.dumps(data))
    except (TypeError, ValueError):
        return None
