"""Names on the wire: how routing keys are encoded, and what a handler's queue is called.

Characters outside RabbitMQ's everyday ones are written as `___<hex of their UTF-8>_`. A queue gets
the given name, or a SHA-256 of what makes it distinct: the binding key alone when consumers of
several processes compete for its messages, with the function's name and the service's uuid
when they don't. Prefixes are the caller's to choose; what the broker makes of a name is its own.
"""

from __future__ import annotations

import re
from hashlib import sha256

from tomodachi.transport.amqp.errors import AmqpException

MAX_SHORT_STRING = 255
"""Octets of a name on the wire. Source: AMQP 0-9-1 spec 4.2.5.3, short strings."""

_ENCODED = re.compile(r"___((?:[0-9a-f]{2}){1,4})_")
_UNSAFE = re.compile(r"""[^A-Za-z0-9_*#,;.:<>!"%&/()\[\]{}\\=?'^`~+|@$ -]""")


def encode_routing_key(routing_key: str) -> str:
    """The routing key as it goes on the wire."""
    return _UNSAFE.sub(lambda found: f"___{found[0].encode().hex()}_", routing_key)


def decode_routing_key(encoded_routing_key: str) -> str:
    """The routing key that was encoded; what is no encoding stays as it is."""
    return _ENCODED.sub(_decode_character, encoded_routing_key)


def _decode_character(found: re.Match[str]) -> str:
    try:
        return bytes.fromhex(found[1]).decode()
    except UnicodeDecodeError:
        return found[0]


def without_prefix(name: str, prefix: str) -> str:
    """The name without its prefix, if it has it."""
    return name.removeprefix(prefix)


def queue_name_of_handler(
    encoded_routing_key: str, func_name: str, service_uuid: str, *, competing: bool
) -> str:
    """A queue name, 64 hexadecimal digits, for a handler that was given none.

    Args:
        encoded_routing_key: The binding key, encoded, without a prefix.
        func_name: The handler's name.
        service_uuid: The uuid of the service; only counts when not competing.
        competing: Whether all processes share one queue.
    """
    distinct = (
        encoded_routing_key if competing else f"{encoded_routing_key}{func_name}{service_uuid}"
    )
    return sha256(distinct.encode()).hexdigest()


def check_short_string(what: str, name: str) -> str:
    """The name itself, if it fits on the wire.

    Raises:
        AmqpException: it takes more than 255 octets.
    """
    size = len(name.encode())
    if size > MAX_SHORT_STRING:
        msg = (
            f"{what} {name!r} takes {size} octets; AMQP allows {MAX_SHORT_STRING}. "
            "Use a shorter name or a shorter prefix."
        )
        raise AmqpException(msg)
    return name
