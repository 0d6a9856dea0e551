"""Encoding of routing keys, and names of queues."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi.transport.amqp import names
from tomodachi.transport.amqp.errors import AmqpException

USUAL = """abcXYZ019_*#,;.:<>!"%&/()[]{}\\=?'^`~+|@$ -"""


def test_everyday_characters_are_left_as_they_are() -> None:
    assert names.encode_routing_key(USUAL) == USUAL


@pytest.mark.parametrize(
    ("key", "encoded"),
    [
        ("smörgås", "sm___c3b6_rg___c3a5_s"),
        ("a\tb", "a___09_b"),
        ("€", "___e282ac_"),
        ("𝄞", "___f09d849e_"),
    ],
)
def test_other_characters_become_the_hex_of_their_utf8(key: str, encoded: str) -> None:
    assert names.encode_routing_key(key) == encoded
    assert names.decode_routing_key(encoded) == key


@given(st.text(st.characters(codec="utf-8")).filter(lambda key: "___" not in key))
def test_decoding_inverts_encoding(key: str) -> None:
    assert names.decode_routing_key(names.encode_routing_key(key)) == key


@pytest.mark.parametrize("text", ["___zz_", "___c3_", "___c3b6", "__c3b6_", "___c3b_"])
def test_what_is_no_encoding_is_left_when_decoding(text: str) -> None:
    assert names.decode_routing_key(text) == text


def test_a_queue_of_competing_consumers_depends_on_the_key_alone() -> None:
    name = names.queue_name_of_handler("a.b", "first", "uuid-1", competing=True)
    assert name == sha256(b"a.b").hexdigest()
    assert name == names.queue_name_of_handler("a.b", "second", "uuid-2", competing=True)


def test_a_queue_of_one_consumer_depends_on_key_function_and_service() -> None:
    name = names.queue_name_of_handler("a.b", "func", "uuid-1", competing=False)
    assert name == sha256(b"a.bfuncuuid-1").hexdigest()


def test_a_prefix_is_only_removed_where_it_is() -> None:
    assert names.without_prefix("dev.a.b", "dev.") == "a.b"
    assert names.without_prefix("a.b", "dev.") == "a.b"


def test_names_that_fit_on_the_wire_pass() -> None:
    assert names.check_short_string("queue name", "é" * 127) == "é" * 127


def test_a_name_over_255_octets_is_refused_by_name_and_size() -> None:
    """AMQP 0-9-1 spec 4.2.5.3: short strings hold up to 255 octets."""
    with pytest.raises(AmqpException, match=r"queue name 'é+' takes 256 octets; AMQP allows 255"):
        names.check_short_string("queue name", "é" * 128)
