"""Frames of messages, checked against pamqp."""

import pamqp.body
import pamqp.commands
import pamqp.frame
import pamqp.header
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi.transport.amqp import frames

TAG = st.integers(1, 2**63 - 1)
CHANNEL = st.integers(1, 2047)
KEY = st.text(st.characters(codec="utf-8"), max_size=60)
NAME = st.text("abcXYZ019-_.:", max_size=40)


def unmarshalled(data: bytes) -> list[object]:
    found = []
    while data:
        used, channel, frame = pamqp.frame.unmarshal(data)
        found.append((channel, frame))
        data = data[used:]
    return found


@given(CHANNEL, TAG)
def test_ack_is_what_pamqp_writes(channel: int, tag: int) -> None:
    expected = pamqp.frame.marshal(pamqp.commands.Basic.Ack(tag, False), channel)
    assert frames.write_ack(channel, tag) == expected


@given(CHANNEL, TAG, st.booleans())
def test_nack_is_what_pamqp_writes(channel: int, tag: int, requeue: bool) -> None:
    expected = pamqp.frame.marshal(pamqp.commands.Basic.Nack(tag, False, requeue), channel)
    assert frames.write_nack(channel, tag, requeue=requeue) == expected


@given(CHANNEL, KEY, st.booleans(), st.binary(max_size=300), st.sampled_from([0, 64, 131_072]))
def test_publish_is_read_back_by_pamqp(
    channel: int, key: str, mandatory: bool, body: bytes, frame_max: int
) -> None:
    properties = frames.encode_properties({"content_type": "text/plain", "delivery_mode": 2})
    data = frames.write_publish(
        channel, "media", key, properties, body, mandatory=mandatory, frame_max=frame_max
    )
    (number, method), (_, header), *parts = unmarshalled(data)
    assert (number, method.name) == (channel, "Basic.Publish")
    assert (method.exchange, method.routing_key) == ("media", key)
    assert (method.mandatory, method.immediate) == (mandatory, False)
    assert header.body_size == len(body)
    assert (header.properties.content_type, header.properties.delivery_mode) == ("text/plain", 2)
    assert b"".join(part.value for _, part in parts) == body
    if frame_max:
        assert all(len(part.value) + 8 <= frame_max for _, part in parts)


@given(NAME, TAG, st.booleans(), NAME, KEY)
def test_deliver_is_read_as_pamqp_writes_it(
    consumer_tag: str, tag: int, redelivered: bool, exchange: str, key: str
) -> None:
    method = pamqp.commands.Basic.Deliver(consumer_tag, tag, redelivered, exchange, key)
    payload = pamqp.frame.marshal(method, 1)[7:-1]
    assert frames.method_id(payload) == frames.DELIVER
    assert frames.read_deliver(payload) == frames.Deliver(
        consumer_tag, tag, redelivered, exchange, key
    )


@given(st.integers(200, 599), KEY, NAME, KEY)
def test_return_is_read_as_pamqp_writes_it(code: int, text: str, exchange: str, key: str) -> None:
    payload = pamqp.frame.marshal(pamqp.commands.Basic.Return(code, text, exchange, key), 1)[7:-1]
    assert frames.method_id(payload) == frames.RETURN
    assert frames.read_return(payload) == frames.Return(code, text, exchange, key)


@given(TAG, st.booleans())
def test_confirms_are_read_as_pamqp_writes_them(tag: int, multiple: bool) -> None:
    ack = pamqp.frame.marshal(pamqp.commands.Basic.Ack(tag, multiple), 1)[7:-1]
    nack = pamqp.frame.marshal(pamqp.commands.Basic.Nack(tag, multiple, False), 1)[7:-1]
    assert frames.read_confirm(ack) == frames.Confirm(tag, multiple, positive=True)
    assert frames.read_confirm(nack) == frames.Confirm(tag, multiple, positive=False)


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(1, 9))
def test_a_stream_is_cut_into_the_same_frames_however_it_arrives(
    payloads: list[bytes], step: int
) -> None:
    stream = b"".join(frames.write_method(3, payload) for payload in payloads)
    splitter = frames.FrameSplitter()
    found = [
        frame
        for start in range(0, len(stream), step)
        for frame in splitter.feed(stream[start : start + step])
    ]
    assert found == [(frames.METHOD, 3, payload) for payload in payloads]


def test_a_frame_without_its_end_octet_is_refused() -> None:
    """AMQP 0-9-1 spec 4.2.3: a missing frame end is a fatal error."""
    broken = frames.write_ack(1, 1)[:-1] + b"\x00"
    with pytest.raises(frames.MalformedFrameError, match="no frame end"):
        list(frames.FrameSplitter().feed(broken))


def test_a_message_is_complete_when_its_announced_size_has_come() -> None:
    content = frames.Content(frames.Deliver("tag", 1, False, "", "q"))
    header = pamqp.header.ContentHeader(body_size=5).marshal()
    assert not content.add_header(header)
    assert not content.add_body(b"he")
    assert content.add_body(b"llo")
    assert content.body == b"hello"


def test_an_empty_message_is_complete_with_its_header() -> None:
    content = frames.Content(frames.Deliver("tag", 1, False, "", "q"))
    assert content.add_header(pamqp.header.ContentHeader(body_size=0).marshal())
    assert content.body == b""


def test_both_usual_properties_can_be_left_out() -> None:
    assert frames.encode_properties({"content_type": None, "delivery_mode": None}) == b"\x00\x00"


def test_a_property_that_amqp_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        frames.encode_properties({"colour": "red"})


@pytest.mark.parametrize("start", [b"HTTP/1.1", b"\x04\x00\x00\x00\x00\x00\x05\x00"])
def test_what_cannot_become_a_frame_is_not_waited_for(start: bytes) -> None:
    with pytest.raises(frames.MalformedFrameError, match="unknown frame type"):
        list(frames.FrameSplitter().feed(start))


def test_a_frame_larger_than_agreed_on_is_refused_before_it_has_come() -> None:
    splitter = frames.FrameSplitter()
    splitter.frame_max = 131_072
    assert list(splitter.feed(b"\x03\x00\x01\x00\x02\x00\x00\x00")) == []
    splitter = frames.FrameSplitter()
    splitter.frame_max = 131_072
    with pytest.raises(frames.MalformedFrameError, match="frame of 131073 octets"):
        list(splitter.feed(b"\x03\x00\x01\x00\x02\x00\x01\x00"))
