"""What must be the same however often a service is started, and whatever it sends (24, 25).

Source: invariants of the property tests: envelopes round-trip; options precedence is a function.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tomodachi.envelope import JsonBase

if TYPE_CHECKING:
    from tomodachi_testkit.messages import Message


async def changed_by_envelope(service: Any, messages: Iterable[Message]) -> list[str]:
    """Messages whose data another trip through the service's envelope would change.

    Envelopes that are made of the text alone are examined, `JsonBase` and what is derived from it;
    messages that were sent without one are passed by.
    """
    envelope = getattr(service, "message_envelope", None)
    if not (isinstance(envelope, type) and issubclass(envelope, JsonBase)):
        return []
    changed = []
    for message in messages:
        try:
            data = await _read(envelope, _text(message))
        except (ValueError, KeyError):
            continue
        again = await _read(
            envelope, await envelope.build_message(service, message.topic or "", data)
        )
        if again != data:
            changed.append(f"{message.topic}: {data!r} becomes {again!r}")
    return changed


async def _read(envelope: type[JsonBase], text: str) -> Any:
    message, _, _ = await envelope.parse_message(text)
    return message["data"]


def _text(message: Message) -> str:
    return message.body if isinstance(message.body, str) else message.body.decode()


def differing_options(first: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Keys that two starts of one service resolved differently; values may be secret."""
    return sorted(key for key in {*first, *other} if first.get(key) != other.get(key))
