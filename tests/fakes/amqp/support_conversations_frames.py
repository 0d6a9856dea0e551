"""Conversations about the handshake, frames, content that is put together, and channels that come and go."""

# One conversation a line, or a few: they are read beside one another.
# fmt: off
from __future__ import annotations

from tests.fakes.amqp.support_conversations import (
    Conversation,
    count,
    dial,
    get,
    publish,
    queue,
    raw,
    say,
    wait,
)
from tests.fakes.amqp.support_wire import CAPABILITIES, publish_frames

from tomodachi_fakes.amqp.codec import encode_method, method_frame
from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_fakes.amqp.frames import frame
from tomodachi_fakes.amqp.properties import encode_header
from tomodachi_fakes.amqp.spec import PROTOCOL_HEADER

_HEADERS = {
    "0_8": b"AMQP\x01\x01\x08\x00",
    "0_9": b"AMQP\x01\x01\x00\x09",
    "0_9_of_old_clients": b"AMQP\x01\x01\x09\x00",
    "0_9_1_as_0_8_would": b"AMQP\x01\x01\x09\x01",
    "0_9_2": b"AMQP\x00\x00\x09\x02",
    "0_9_0": b"AMQP\x00\x00\x09\x00",
    "0_8_0": b"AMQP\x00\x00\x08\x00",
    "0_10": b"AMQP\x01\x01\x00\x0a",
    "1_0": b"AMQP\x00\x01\x00\x00",
    "1_0_sasl": b"AMQP\x03\x01\x00\x00",
    "1_0_tls": b"AMQP\x02\x01\x00\x00",
    "other_protocol_id": b"AMQP\x05\x00\x09\x01",
    "lower_case": b"amqp\x00\x00\x09\x01",
    "http": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "nul": b"\0" * 8,
}


def start_ok(user: str = "guest", mechanism: str = "PLAIN", response: bytes | None = None) -> bytes:
    """connection.start-ok: log in."""
    properties = typed_table({"capabilities": dict.fromkeys(CAPABILITIES, True)})
    given = f"\0{user}\0guest".encode() if response is None else response
    return method_frame(0, "connection.start-ok", properties, mechanism, given, "en_US")


def tuning(channels: int = 2047, frame_max: int = 131_072, heartbeat: int = 0) -> bytes:
    """connection.tune-ok."""
    return method_frame(0, "connection.tune-ok", channels, frame_max, heartbeat)


def opening(vhost: str = "/") -> bytes:
    """connection.open."""
    return method_frame(0, "connection.open", vhost, "", False)


_HANDSHAKE: dict[str, Conversation] = {
    **{f"header_{name}": [dial(octets), wait(0.1)] for name, octets in _HEADERS.items()},
    "login_refused": [dial(PROTOCOL_HEADER + start_ok("nobody")), wait(0.2)],
    "amqplain": [dial(PROTOCOL_HEADER), raw(start_ok(mechanism="AMQPLAIN", response=b"\x05LOGINS\0\0\0\x05guest\x08PASSWORDS\0\0\0\x05guest"), "a0")],
    "vhost_missing": [dial(PROTOCOL_HEADER + start_ok() + tuning() + opening("nowhere")), wait(0.2)],
    "vhost_empty": [dial(PROTOCOL_HEADER + start_ok() + tuning() + opening("")), wait(0.2)],
    "heartbeat_before_open": [dial(PROTOCOL_HEADER + start_ok() + tuning() + b"\x08\0\0\0\0\0\0\xce"), raw(b"\x08\0\0\0\0\0\0\xce", "a0")],
    "close_before_open": [dial(PROTOCOL_HEADER + start_ok() + tuning() + method_frame(0, "connection.close", 200, "", 0, 0))],
    "open_twice": [queue(), say("connection.open", "a0", virtual_host="$vhost")],
    "tune_twice": [queue(), raw(tuning(), "a0")],
    "start_ok_late": [queue(), raw(start_ok(), "a0")],
    "close_ok_alone": [queue(), raw(method_frame(0, "connection.close-ok"), "a0"), queue()],
    "servers_methods_from_a_client": [queue(), raw(method_frame(0, "connection.blocked", "x"), "a0")],
    "secret_empty": [say("connection.update-secret", "a0", new_secret=b"", reason="")],
}

_FRAMES: dict[str, Conversation] = {
    "heartbeat_on_a_channel": [queue(), raw(b"\x08\0\x01\0\0\0\0\xce")],
    "heartbeat_with_payload": [queue(), raw(b"\x08\0\0\0\0\0\x01x\xce")],
    "type_4": [queue(), raw(frame(4, 1, b""))], "type_9": [queue(), raw(frame(9, 0, b"abc"))], "type_0": [queue(), raw(frame(0, 1, b"abcdefgh"))],
    "bad_end": [queue(), raw(method_frame(1, "basic.qos", 0, 1, False)[:-1] + b"\x00")],
    "too_large": [queue(), raw(b"\x03\0\x01\0\x03\0\0")],
    "method_cut": [queue(), raw(frame(1, 1, b"\0\x32\0\x0a\0\0"))], "method_too_long": [queue(), raw(frame(1, 1, encode_method("basic.qos", 0, 1, False) + b"more")), queue()],
    "method_empty": [queue(), raw(frame(1, 1, b""))], "method_of_two_octets": [queue(), raw(frame(1, 1, b"\0\x3c"))],
    "unknown_class": [queue(), raw(frame(1, 1, b"\0\x63\0\x0a"))], "unknown_method": [queue(), raw(frame(1, 1, b"\0\x3c\0\x63"))],
    "basic_on_channel_0": [queue(), raw(method_frame(0, "basic.qos", 0, 1, False))], "connection_on_channel_1": [queue(), raw(method_frame(1, "connection.close", 200, "", 0, 0))],
    "servers_method_on_a_channel": [queue(), raw(method_frame(1, "queue.declare-ok", "q", 0, 0))],
    "header_alone": [queue(), raw(frame(2, 1, encode_header(1, {})))], "body_alone": [queue(), raw(frame(3, 1, b"x"))],
    "content_on_channel_0": [queue(), raw(frame(2, 0, encode_header(1, {})))], "body_on_channel_0": [queue(), raw(frame(3, 0, b"x"))],
}


def _parts(*parts: bytes) -> Conversation:
    return [queue(), raw(b"".join(parts)), count()]


_PUBLISH = method_frame(1, "basic.publish", 0, "", "cv-q", False, False)

_CONTENT: dict[str, Conversation] = {
    "two_bodies": _parts(_PUBLISH, frame(2, 1, encode_header(4, {})), frame(3, 1, b"ab"), frame(3, 1, b"cd")),
    "empty_bodies": _parts(_PUBLISH, frame(2, 1, encode_header(2, {})), frame(3, 1, b""), frame(3, 1, b"ab")),
    "body_after_an_empty_message": _parts(_PUBLISH, frame(2, 1, encode_header(0, {})), frame(3, 1, b"")),
    "too_much": _parts(_PUBLISH, frame(2, 1, encode_header(1, {})), frame(3, 1, b"abc")),
    "too_much_in_two": _parts(_PUBLISH, frame(2, 1, encode_header(3, {})), frame(3, 1, b"ab"), frame(3, 1, b"cd")),
    "method_instead_of_header": _parts(_PUBLISH, method_frame(1, "basic.qos", 0, 1, False)),
    "method_instead_of_body": _parts(_PUBLISH, frame(2, 1, encode_header(1, {})), method_frame(1, "basic.qos", 0, 1, False)),
    "body_instead_of_header": _parts(_PUBLISH, frame(3, 1, b"x")),
    "header_of_another_class": _parts(_PUBLISH, b"\x02\0\x01\0\0\0\x0e\0\x32\0\0\0\0\0\0\0\0\0\x01\0\0\xce"),
    "header_with_weight": _parts(_PUBLISH, b"\x02\0\x01\0\0\0\x0e\0\x3c\0\x05\0\0\0\0\0\0\0\x01\0\0\xce", frame(3, 1, b"x")),
    "publish_again_instead_of_header": _parts(_PUBLISH, _PUBLISH),
    "heartbeat_in_between": [queue(), raw(_PUBLISH + b"\x08\0\0\0\0\0\0\xce" + frame(2, 1, encode_header(1, {})) + frame(3, 1, b"x")), count()],
    "other_channel_in_between": [queue(), queue("cv-q", "a2"), raw(_PUBLISH + publish_frames("", "cv-q", b"2", 2) + frame(2, 1, encode_header(1, {})) + frame(3, 1, b"1")), count()],
    "property_flags_continued": _parts(_PUBLISH, frame(2, 1, b"\0\x3c\0\0\0\0\0\0\0\0\0\x01\0\x01\0\0"), frame(3, 1, b"x")),
    "property_flag_unknown": _parts(_PUBLISH, frame(2, 1, b"\0\x3c\0\0\0\0\0\0\0\0\0\x01\0\x02"), frame(3, 1, b"x")),
    "properties_cut": _parts(_PUBLISH, frame(2, 1, b"\0\x3c\0\0\0\0\0\0\0\0\0\x01\x80\0\x05ab"), frame(3, 1, b"x")),
    "properties_too_long": _parts(_PUBLISH, frame(2, 1, encode_header(1, {}) + b"more"), frame(3, 1, b"x")),
    "large": [queue(), publish("cv-q", "x" * 300_000), get()],
    "large_at_a_small_frame_max": [dial(PROTOCOL_HEADER + start_ok() + tuning(frame_max=8192), "b0"), say("connection.open", "b0", virtual_host="$vhost"), queue("cv-q", "b1"), publish("cv-q", "x" * 8184, "b1"), get("cv-q", "b1"), publish("cv-q", "x" * 8185, "b1")],
}

_CHANNELS: dict[str, Conversation] = {
    "method_without_a_channel": [queue(), raw(method_frame(7, "basic.qos", 0, 1, False))], "publish_without_a_channel": [queue(), raw(publish_frames("", "cv-q", b"x", 7))], "close_without_a_channel": [queue(), raw(method_frame(7, "channel.close", 200, "", 0, 0))], "close_ok_without_a_channel": [queue(), raw(method_frame(7, "channel.close-ok"))], "header_without_a_channel": [queue(), raw(frame(2, 7, encode_header(1, {})))],
    "open_again": [queue(), say("channel.close"), queue()], "highest_number": [queue("cv-q", "a65535")],
    "more_than_agreed": [dial(PROTOCOL_HEADER + start_ok() + tuning(channels=2), "b0"), say("connection.open", "b0", virtual_host="$vhost"), queue("cv-q", "b1"), queue("cv-q", "b9"), raw(method_frame(3, "channel.open", ""), "b0"), queue()],
    "after_an_error_nothing_counts": [queue(), raw(method_frame(1, "basic.ack", 9, False) + method_frame(1, "queue.delete", 0, "cv-q", False, False, False) + method_frame(1, "basic.ack", 9, False)), count()],
    "close_crosses_an_error": [queue(), raw(method_frame(1, "basic.ack", 9, False) + method_frame(1, "channel.close", 200, "", 0, 0)), queue("cv-q", "a2")],
    "publish_after_an_error": [queue(), raw(method_frame(1, "basic.ack", 9, False) + publish_frames("", "cv-q", b"x")), count()],
    "other_channels_live_on": [queue(), queue("cv-q", "a2"), say("basic.ack", delivery_tag=9), publish("cv-q", where="a2"), get(where="a2")],
    "close_with_a_reason": [queue(), raw(method_frame(1, "channel.close", 999, "because", 60, 40)), raw(method_frame(0, "connection.close", 999, "because", 60, 40), "a0")],
    "error_ends_the_connection": [queue("cv-q", "a2"), say("basic.qos", prefetch_size=1), queue()],
}

CONVERSATIONS: dict[str, Conversation] = {
    **{f"handshake_{name}": steps for name, steps in _HANDSHAKE.items()},
    **{f"frames_{name}": steps for name, steps in _FRAMES.items()},
    **{f"assembly_{name}": steps for name, steps in _CONTENT.items()},
    **{f"channels_{name}": steps for name, steps in _CHANNELS.items()},
}
