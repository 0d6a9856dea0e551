"""Which envelope a test's own messages get: the one that the services under test use.

`envelope=None` sends the data as it is (text verbatim, anything else as JSON); a class with
`build_message` is used as given; left out, it is the running services' `message_envelope`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomodachi_testkit.harness import Harness


class _Services:
    """Stands for "the envelope of the services"."""

    def __repr__(self) -> str:
        return "SERVICES"


SERVICES: Any = _Services()


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a test's messages come from, as envelopes ask a service for it."""

    name: str
    uuid: str


async def build(harness: Harness, topic: str, data: Any, envelope: Any) -> str:
    """The text to send for `data`."""
    chosen = envelope_of(harness) if envelope is SERVICES else envelope
    if chosen is None:
        return data if isinstance(data, str) else json.dumps(data)
    sender = Sender("test", f"00000000-0000-4000-8000-{harness.seed % 16**12:012x}")
    return str(await chosen.build_message(sender, topic, data))


def envelope_of(harness: Harness) -> Any:
    """The envelope of the service that was started last and has one."""
    for running in reversed(harness.running):
        envelope = getattr(running.service, "message_envelope", None)
        if envelope is not None:
            return envelope
    return None
