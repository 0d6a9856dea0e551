"""Message envelopes: how data, sender and metadata are put into one message, and read again.

An envelope is any class with the class methods of `MessageEnvelopeProtocol`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomodachi.envelope import json_base as json_base
    from tomodachi.envelope import protobuf_base as protobuf_base
    from tomodachi.envelope.json_base import JsonBase as JsonBase
    from tomodachi.envelope.message_envelope import (
        MessageEnvelopeProtocol as MessageEnvelopeProtocol,
    )
    from tomodachi.envelope.protobuf_base import ProtobufBase as ProtobufBase

__all__ = ["JsonBase", "MessageEnvelopeProtocol", "ProtobufBase", "json_base", "protobuf_base"]

_HOMES = {
    "JsonBase": "json_base",
    "MessageEnvelopeProtocol": "message_envelope",
    "ProtobufBase": "protobuf_base",
}


def __getattr__(name: str) -> Any:
    """Resolve a name when it is first asked for: protobuf is not everybody's."""
    if name in _HOMES.values():
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        msg = f"module '{__name__}' has no attribute '{name}'"
        raise AttributeError(msg, name=name)
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value
