"""The protobuf envelope, checked against protobuf's own reading of the declared message."""

from __future__ import annotations

import base64
import logging
import sys
import zlib

import pytest
from google.protobuf.message import DecodeError
from google.protobuf.struct_pb2 import Struct
from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import given
from hypothesis import strategies as st

import tomodachi
from tomodachi.envelope import ProtobufBase
from tomodachi.envelope.proto_build.protobuf.sns_sqs_message_pb2 import SNSSQSMessage
from tomodachi.envelope.protobuf_base import PROTOCOL_VERSION


class Sender(tomodachi.Service):
    name = "sender"
    uuid = "sender-uuid"


async def build(text: str) -> str:
    return await ProtobufBase.build_message(Sender(), "topic", StringValue(value=text))


def wire(encoding: str, data: bytes) -> str:
    message = SNSSQSMessage(data=data)
    message.metadata.data_encoding = encoding
    message.metadata.message_uuid = "u"
    return base64.b64encode(message.SerializeToString()).decode()


def test_message_has_the_declared_fields_and_numbers():
    """Written out by hand: each field's tag is number << 3 | wire type."""
    message = SNSSQSMessage(data=b"d")
    message.service.name, message.service.uuid = "n", "u"
    m = message.metadata
    m.message_uuid, m.protocol_version, m.timestamp, m.topic, m.data_encoding = (
        "a",
        "b",
        1.0,
        "c",
        "e",
    )
    service = b"\x0a\x01n\x12\x01u"
    metadata = b"\x0a\x01a\x12\x01b\x19" + b"\0\0\0\0\0\0\xf0\x3f" + b"\x22\x01c\x2a\x01e"
    expected = b"\x0a" + bytes([len(service)]) + service
    expected += b"\x12" + bytes([len(metadata)]) + metadata + b"\x1a\x01d"
    assert message.SerializeToString() == expected
    assert SNSSQSMessage.DESCRIPTOR.full_name == "proto.SNSSQSMessage"


@given(text=st.text(max_size=50))
async def test_parsing_gives_what_was_built(text):
    payload = await build(text)
    message, message_uuid, timestamp = await ProtobufBase.parse_message(
        payload, proto_class=StringValue
    )
    assert message["data"] == StringValue(value=text)
    assert message["service"] == {"name": "sender", "uuid": "sender-uuid"}
    assert message["metadata"] == {
        "message_uuid": message_uuid,
        "protocol_version": "tomodachi-protobuf-base--1.0.0",
        "timestamp": timestamp,
        "topic": "topic",
        "data_encoding": "proto",
    }
    assert message_uuid.startswith("sender-uuid.")


async def test_data_above_60000_octets_is_compressed():
    serialised = StringValue(value="x" * 60_000).SerializeToString()
    sent = SNSSQSMessage.FromString(base64.b64decode(await build("x" * 60_000)))
    assert sent.metadata.data_encoding == "gzip_proto"
    assert zlib.decompress(sent.data) == serialised
    at_limit = "x" * (60_000 - 4)
    assert len(StringValue(value=at_limit).SerializeToString()) == 60_000
    sent = SNSSQSMessage.FromString(base64.b64decode(await build(at_limit)))
    assert sent.metadata.data_encoding == "proto"


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("proto", bytes),
        ("gzip_proto", zlib.compress),
        ("base64", base64.b64encode),
        ("base64_gzip_proto", lambda data: base64.b64encode(zlib.compress(data))),
    ],
)
async def test_every_encoding_of_today_and_before_is_read(encoding, encode):
    payload = wire(encoding, encode(StringValue(value="hi").SerializeToString()))
    message, _, _ = await ProtobufBase.parse_message(payload, proto_class=StringValue)
    assert message["data"].value == "hi"


async def test_without_proto_class_the_data_is_the_bytes_that_came():
    """Seen with 0.29.0: what is compressed stays so."""
    compressed = zlib.compress(StringValue(value="hi").SerializeToString())
    message, _, _ = await ProtobufBase.parse_message(wire("gzip_proto", compressed))
    assert message["data"] == compressed


async def test_a_sender_may_lack_name_and_uuid():
    """Seen with 0.29.0."""
    payload = await ProtobufBase.build_message(object(), "topic", StringValue(value="hi"))
    message, message_uuid, _ = await ProtobufBase.parse_message(payload)
    assert message["service"] == {"name": "", "uuid": ""}
    assert message_uuid.startswith(".")


async def test_raw_data_and_unknown_encodings():
    message, _, _ = await ProtobufBase.parse_message(wire("raw", b"\xff"), proto_class=StringValue)
    assert message["data"] == b"\xff"
    message, _, _ = await ProtobufBase.parse_message(wire("rot13", b"x"), proto_class=StringValue)
    assert message["data"] == StringValue()


async def test_validator_sees_the_data_and_what_it_raises_is_logged_and_raised(caplog):
    seen = []
    payload = await build("hi")
    await ProtobufBase.parse_message(payload, proto_class=StringValue, validator=seen.append)
    assert seen == [StringValue(value="hi")]

    def refuse(data):
        msg = f"no {data.value}"
        raise ValueError(msg)

    for validator in (refuse, staticmethod(refuse)):
        caplog.clear()
        with caplog.at_level(logging.WARNING), pytest.raises(ValueError, match="no hi"):
            await ProtobufBase.parse_message(payload, proto_class=StringValue, validator=validator)
        assert caplog.records[-1].levelname == "WARNING"
        assert caplog.records[-1].name == "tomodachi.envelope"
        assert "no hi" in caplog.text


@pytest.mark.parametrize("payload", ["not base64!", base64.b64encode(b"\xff\xff").decode()])
async def test_malformed_payloads_are_errors(payload):
    with pytest.raises((ValueError, DecodeError)):
        await ProtobufBase.parse_message(payload, proto_class=StringValue)


async def test_data_of_another_class_is_a_decode_error():
    with pytest.raises(DecodeError):
        await ProtobufBase.parse_message(wire("proto", b"\xff\xff"), proto_class=Struct)


def test_decorators_keywords_are_validated():
    ProtobufBase.validate(proto_class=StringValue, other=1)
    with pytest.raises(ValueError, match="No proto_class defined"):
        ProtobufBase.validate()
    for wrong in (None, str, StringValue()):
        with pytest.raises(ValueError, match="'proto_class' is not a protobuf message class"):
            ProtobufBase.validate(proto_class=wrong)


async def test_without_protobuf_every_method_says_so(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("google.protobuf")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "google.protobuf", None)
    text = "google.protobuf package not installed"
    with pytest.raises(ImportError, match=text):
        ProtobufBase.validate(proto_class=1)
    with pytest.raises(ImportError, match=text):
        await ProtobufBase.parse_message("")
    with pytest.raises(ImportError, match=text):
        await ProtobufBase.build_message(Sender(), "t", None)


def test_older_name_is_the_same_class():
    from tomodachi.protocol.protobuf_base import ProtobufBase as Older

    assert Older is ProtobufBase
    assert PROTOCOL_VERSION == tomodachi.envelope.protobuf_base.PROTOCOL_VERSION
    assert tomodachi.envelope.protobuf_base.SNSSQSMessage is SNSSQSMessage
    with pytest.raises(AttributeError, match="has no attribute 'nope'"):
        _ = tomodachi.envelope.protobuf_base.nope
