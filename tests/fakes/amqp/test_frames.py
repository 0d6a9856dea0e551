"""The frame parser takes a stream cut anywhere, and refuses what cannot be a frame."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.amqp.errors import AmqpConnectionError
from tomodachi_fakes.amqp.frames import (
    END,
    FRAME_HEAD,
    FrameParser,
    body_frames,
    erlang_binary,
    frame,
)

_STREAM = (
    frame(1, 1, b"method") + frame(2, 1, b"") + frame(3, 65_535, bytes(300)) + frame(8, 0, b"")
)
_FRAMES = [(1, 1, b"method"), (2, 1, b""), (3, 65_535, bytes(300)), (8, 0, b"")]


@pytest.mark.parametrize("size", range(1, len(_STREAM) + 1))
def test_frames_come_out_whole_for_chunks_of_every_size(size: int) -> None:
    """AMQP 0-9-1 spec 2.3.5: a frame's end is known by its size, not by how TCP cut it."""
    parser = FrameParser(4096)
    chunks = [_STREAM[at : at + size] for at in range(0, len(_STREAM), size)]
    assert [found for chunk in chunks for found in parser.feed(chunk)] == _FRAMES


@pytest.mark.parametrize("cut", range(len(_STREAM) + 1))
def test_frames_come_out_whole_for_every_single_cut(cut: int) -> None:
    parser = FrameParser(4096)
    assert [*parser.feed(_STREAM[:cut]), *parser.feed(_STREAM[cut:])] == _FRAMES


@given(cuts=st.lists(st.integers(0, len(_STREAM)), max_size=20))
def test_frames_come_out_whole_for_any_cuts(cuts: list[int]) -> None:
    parser = FrameParser(4096)
    edges = [0, *sorted(cuts), len(_STREAM)]
    chunks = [_STREAM[a:b] for a, b in pairwise(edges)]
    assert [found for chunk in chunks for found in parser.feed(chunk)] == _FRAMES


def test_a_payload_of_frame_max_octets_is_let_through_and_one_more_is_not() -> None:
    """RabbitMQ lets 8 octets more pass than the letter of the rule."""
    parser = FrameParser(4096)
    assert len(list(parser.feed(frame(3, 1, bytes(4096))))) == 1
    with pytest.raises(AmqpConnectionError, match=r"frame_too_large,4097,4088"):
        list(parser.feed(FRAME_HEAD.pack(3, 1, 4097)))


@given(body=st.binary(max_size=300), frame_max=st.integers(9, 64))
def test_body_frames_keep_within_frame_max_and_carry_the_body(body: bytes, frame_max: int) -> None:
    octets = body_frames(7, body, frame_max)
    frames = list(FrameParser(4096).feed(octets))
    assert b"".join(payload for _, _, payload in frames) == body
    assert all(0 < len(payload) <= frame_max - 8 for _, _, payload in frames)


def test_a_frame_without_its_end_octet_is_refused() -> None:
    broken = frame(1, 1, b"abc")[:-1] + b"\0"
    with pytest.raises(AmqpConnectionError, match="invalid_frame_end_marker,0"):
        list(FrameParser(4096).feed(broken))
    assert END == b"\xce"


@pytest.mark.parametrize(
    ("octets", "text"), [(b"abc", '<<"abc">>'), (b"\0\x02", "<<0,2>>"), (b"", "<<>>")]
)
def test_octets_are_shown_as_erlang_shows_them(octets: bytes, text: str) -> None:
    assert erlang_binary(octets) == text
