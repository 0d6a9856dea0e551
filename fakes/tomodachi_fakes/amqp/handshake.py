"""What is said before a connection is open: server properties, SASL answers, tuning.

Pure decisions on values; the order of methods is in `connection.py`.

Source: AMQP 0-9-1 spec 2.2.4; https://www.rabbitmq.com/docs/authentication
"""

from __future__ import annotations

from dataclasses import dataclass

from tomodachi_fakes.amqp.errors import MalformedTable, PeerGone
from tomodachi_fakes.amqp.fields import FieldType, Table, decode_table, typed_table
from tomodachi_fakes.amqp.model.profiles import Profile
from tomodachi_fakes.amqp.spec import FRAME_MIN_SIZE

CHANNEL_MAX, FRAME_MAX, HEARTBEAT_S = 2047, 131_072, 60
HANDSHAKE_TIMEOUT_S = 10.0
SILENT_CLOSE_DELAY_S = 3.0
LOCALES = b"en_US"
_CAPABILITIES = (
    "publisher_confirms",
    "exchange_exchange_bindings",
    "basic.nack",
    "consumer_cancel_notify",
    "connection.blocked",
    "consumer_priorities",
    "authentication_failure_close",
    "per_consumer_qos",
    "direct_reply_to",
)


def server_properties(profile: Profile, cluster_name: str, *, capabilities: bool = True) -> Table:
    """What `connection.start` tells about the server; AMQP 0-8 clients see no capabilities."""
    return typed_table(
        {
            "capabilities": dict.fromkeys(_CAPABILITIES, True) if capabilities else {},
            "cluster_name": cluster_name,
            "copyright": profile.copyright,
            "information": "Licensed under the MPL 2.0. Website: https://rabbitmq.com",
            "platform": profile.platform,
            "product": "RabbitMQ",
            "version": profile.version,
        }
    )


def client_capabilities(properties: Table) -> frozenset[str]:
    """The capabilities that a client says it has."""
    field = properties.get("capabilities")
    if field is None or field.type is not FieldType.TABLE:
        return frozenset()
    table: Table = field.value
    return frozenset(name for name, flag in table.items() if flag.value is True)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who wants to log in; `password` None means the TLS certificate vouches."""

    user: str
    password: str | None


def read_credentials(mechanism: str, response: bytes, tls_name: str | None) -> Credentials:
    """What a SASL response says.

    Args:
        mechanism: "PLAIN", "AMQPLAIN", or "EXTERNAL".
        response: As in `start-ok`.
        tls_name: Common name of the client's certificate; "" for TLS without one, None without TLS.

    Raises:
        PeerGone: an unknown mechanism, or a response that cannot be read.
    """
    if mechanism == "PLAIN":
        return _plain(response)
    if mechanism == "AMQPLAIN":
        return _amqplain(response)
    if mechanism == "EXTERNAL" and tls_name is not None:
        return Credentials(tls_name, None)
    msg = f"unknown SASL mechanism {mechanism!r}"
    raise PeerGone(msg, delay_s=SILENT_CLOSE_DELAY_S)


def _plain(response: bytes) -> Credentials:
    parts = response.split(b"\x00")
    if len(parts) != 3 or parts[0]:  # RabbitMQ knows no authorization identity
        raise PeerGone("malformed PLAIN response", delay_s=SILENT_CLOSE_DELAY_S)
    user, password = (part.decode("utf-8", "surrogateescape") for part in parts[1:])
    return Credentials(user, password)


def _amqplain(response: bytes) -> Credentials:
    try:
        table = decode_table(response)
        user, password = table["LOGIN"], table["PASSWORD"]
        return Credentials(
            user.value.decode("utf-8", "surrogateescape"),
            password.value.decode("utf-8", "surrogateescape"),
        )
    except (MalformedTable, KeyError, AttributeError) as error:
        raise PeerGone("malformed AMQPLAIN response", delay_s=SILENT_CLOSE_DELAY_S) from error


@dataclass(frozen=True, slots=True)
class Tuning:
    """What both sides agreed on; `stalled` means RabbitMQ would never answer again."""

    channel_max: int
    frame_max: int
    heartbeat_s: int
    stalled: bool = False


def agree(channel_max: int, frame_max: int, heartbeat_s: int, profile: Profile) -> Tuning:
    """Check what a client answered to `connection.tune`.

    Raises:
        PeerGone: a value is above the server's, or is 0 or too low where that is not allowed.
    """
    too_many = channel_max > CHANNEL_MAX
    too_large = frame_max > FRAME_MAX or frame_max == 0
    if too_many and not profile.high_channel_max_closes:
        return Tuning(channel_max, frame_max, heartbeat_s, stalled=True)
    if channel_max == 0 or too_many or too_large:
        msg = f"negotiated channel_max = {channel_max}, frame_max = {frame_max} is not allowed"
        raise PeerGone(
            msg,
            delay_s=SILENT_CLOSE_DELAY_S,
        )
    if frame_max < FRAME_MIN_SIZE and not profile.low_frame_max_closes:
        return Tuning(channel_max, frame_max, heartbeat_s, stalled=True)
    if frame_max < profile.frame_max_at_least:
        msg = f"negotiated frame_max = {frame_max} is lower than the minimum allowed"
        raise PeerGone(
            msg,
            delay_s=SILENT_CLOSE_DELAY_S,
        )
    return Tuning(channel_max, frame_max, heartbeat_s)
