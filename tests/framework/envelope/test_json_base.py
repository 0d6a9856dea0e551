"""The JSON envelope."""

from __future__ import annotations

import base64
import json
import uuid
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.envelope.json_base import COMPRESS_FROM, PROTOCOL_VERSION
from tomodachi_testkit.strategies import json_values


class Sender(tomodachi.Service):
    name = "sender"
    uuid = "b9a6a2c2-3f3b-4b6b-9a55-0d1d1f1b7c11"


async def build(data):
    return await JsonBase.build_message(Sender(), "topic.name", data, extra="ignored")


async def test_wire_form_is_the_documented_one():
    message = json.loads(await build({"a": [1, None]}))
    metadata = message["metadata"]
    assert message == {
        "service": {"name": "sender", "uuid": Sender.uuid},
        "metadata": {
            "message_uuid": metadata["message_uuid"],
            "protocol_version": "tomodachi-json-base--1.0.0",
            "compatible_protocol_versions": ["json_base-wip"],
            "timestamp": metadata["timestamp"],
            "topic": "topic.name",
            "data_encoding": "raw",
        },
        "data": {"a": [1, None]},
    }
    sender, _, own = metadata["message_uuid"].partition(".")
    assert sender == Sender.uuid
    assert uuid.UUID(own).version == 4
    assert len(metadata["message_uuid"]) == 73
    assert isinstance(metadata["timestamp"], float)


@given(data=json_values())
async def test_parsing_gives_what_was_built(data):
    payload = await build(data)
    message, message_uuid, timestamp = await JsonBase.parse_message(payload, anything="ignored")
    sent = json.loads(payload)
    del sent["metadata"]["compatible_protocol_versions"]
    assert message == {**sent, "data": data}
    assert message_uuid == sent["metadata"]["message_uuid"]
    assert timestamp == sent["metadata"]["timestamp"]


@pytest.mark.parametrize(
    ("characters", "encoding"), [(COMPRESS_FROM - 1, "raw"), (COMPRESS_FROM, "base64_gzip_json")]
)
async def test_data_is_compressed_from_60000_characters_of_json(characters, encoding):
    data = "x" * (characters - 2)
    payload = await build(data)
    sent = json.loads(payload)
    assert sent["metadata"]["data_encoding"] == encoding
    if encoding != "raw":
        assert zlib.decompress(base64.b64decode(sent["data"])).decode() == json.dumps(data)
    message, _, _ = await JsonBase.parse_message(payload)
    assert message["data"] == data
    assert message["metadata"]["data_encoding"] == encoding


async def test_unknown_encoding_gives_no_data():
    sent = json.loads(await build(5))
    sent["metadata"]["data_encoding"] = "rot13"
    message, _, _ = await JsonBase.parse_message(json.dumps(sent))
    assert message["data"] is None


@given(payload=st.text(max_size=20))
async def test_what_is_no_json_is_a_value_error(payload):
    try:
        json.loads(payload)
    except ValueError:
        with pytest.raises(ValueError, match=r".*"):
            await JsonBase.parse_message(payload)


async def test_an_object_that_is_no_envelope_has_none_for_everything():
    """Seen with 0.29.0: a handler may look at the raw body of other senders' messages."""
    message, message_uuid, timestamp = await JsonBase.parse_message('{"Records": []}')
    assert (message["data"], message_uuid, timestamp) == (None, None, None)
    assert set(message["metadata"].values()) == {None}


@pytest.mark.parametrize("payload", ["[]", "5", "null", '{"metadata": null}'])
async def test_json_that_is_no_object_is_an_error(payload):
    with pytest.raises(AttributeError, match="has no attribute 'get'"):
        await JsonBase.parse_message(payload)


async def test_data_that_json_cannot_hold_is_a_type_error():
    with pytest.raises(TypeError, match="not JSON serializable"):
        await build({1, 2})


def test_older_name_is_the_same_class_and_warns():
    with pytest.deprecated_call(match=r"tomodachi\.envelope\.JsonBase"):
        assert tomodachi.protocol.JsonBase is JsonBase
    from tomodachi.protocol.json_base import JsonBase as Older

    assert Older is JsonBase
    assert PROTOCOL_VERSION == tomodachi.envelope.json_base.PROTOCOL_VERSION
