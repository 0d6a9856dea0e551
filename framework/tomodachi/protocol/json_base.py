"""The envelope under its older name (deprecated): see `tomodachi.envelope.json_base`."""

from __future__ import annotations

from tomodachi.envelope.json_base import PROTOCOL_VERSION, JsonBase

__all__ = ["PROTOCOL_VERSION", "JsonBase"]
