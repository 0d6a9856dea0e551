"""The name that a binding has in the API's paths: its `properties_key`.

The binding key, quoted; "~" when there is neither key nor arguments; with arguments "~" and a hash of
them. RabbitMQ's hash is one of Erlang terms; ours is another of the same length, and as little meant to
be computed by clients.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote_plus
from zlib import crc32

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.exchanges import Binding


def properties_key(binding: Binding) -> str:
    """The binding's name in paths and views."""
    key = quote_plus(binding.key, errors="surrogateescape").replace("~", "%7E")
    if binding.arguments:
        digest = crc32(binding.fingerprint).to_bytes(4, "big")
        return f"{key}~{urlsafe_b64encode(digest).decode().rstrip('=')}"
    return key or "~"


def is_named(binding: Binding, given: str) -> bool:
    """Whether a path's last segment, decoded once, names the binding: its key may be quoted or not."""
    return unquote_plus(given) == unquote_plus(properties_key(binding))
