"""The envelope under its older name (deprecated): see `tomodachi.envelope.protobuf_base`."""

from __future__ import annotations

from tomodachi.envelope.protobuf_base import PROTOCOL_VERSION, ProtobufBase

__all__ = ["PROTOCOL_VERSION", "ProtobufBase"]
