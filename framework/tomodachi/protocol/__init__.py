"""The envelopes under their older name (deprecated): `tomodachi.envelope` has the same objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi import envelope
from tomodachi.helpers.deprecation import warn_deprecated

if TYPE_CHECKING:
    from tomodachi.envelope import (
        JsonBase as JsonBase,
    )
    from tomodachi.envelope import (
        ProtobufBase as ProtobufBase,
    )
    from tomodachi.envelope import (
        json_base as json_base,
    )
    from tomodachi.envelope import (
        protobuf_base as protobuf_base,
    )

__all__ = ["JsonBase", "ProtobufBase", "json_base", "protobuf_base"]


def __getattr__(name: str) -> Any:
    """Take the name from `tomodachi.envelope`."""
    if name not in __all__:
        msg = f"module '{__name__}' has no attribute '{name}'"
        raise AttributeError(msg, name=name)
    warn_deprecated(
        f"Using 'tomodachi.protocol.{name}' is deprecated: use 'tomodachi.envelope.{name}' instead."
    )
    return getattr(envelope, name)
