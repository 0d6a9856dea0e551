"""What topics and queues are called on AWS."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi.transport.aws_sns_sqs import names
from tomodachi.transport.aws_sns_sqs.errors import InvalidName

ACCOUNT = "arn:aws:sns:eu-west-1:123456789012:"
ANY_NAME = st.text(min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("topic", "encoded"),
    [
        ("order-created_2", "order-created_2"),
        ("order.created", "order___2e_created"),
        ("a b", "a___20_b"),
        ("å", "___c3a5_"),
        ("a*#.b", "a*#___2e_b"),
        ("a.fifo", "a.fifo"),
        ("a.fifo.b", "a___2e_fifo___2e_b"),
    ],
)
def test_characters_that_sns_refuses_are_encoded(topic: str, encoded: str) -> None:
    """CreateTopic: alphanumerics, hyphens and underscores, and .fifo at the end."""
    assert names.encode(topic) == encoded


@given(ANY_NAME.filter(lambda text: "___" not in text))
def test_decode_inverts_encode(topic: str) -> None:
    assert names.decode(names.encode(topic)) == topic


@given(ANY_NAME)
def test_an_encoded_name_has_only_characters_that_sns_allows(topic: str) -> None:
    encoded = names.encode(topic).removesuffix(".fifo")
    assert all(char.isascii() and (char.isalnum() or char in "_-*#") for char in encoded)


def test_what_only_looks_encoded_is_left_alone() -> None:
    assert names.decode("a___ff_b") == "a___ff_b"
    assert names.decode("a___zz_b") == "a___zz_b"


def test_the_prefix_is_part_of_the_topic_name_and_encoded_with_it() -> None:
    assert names.topic_name("created", "dev.") == "dev___2e_created"


def test_a_fifo_topic_ends_in_fifo_once() -> None:
    assert names.topic_name("a", "p-", fifo=True) == "p-a.fifo"
    assert names.topic_name("a.fifo", "p-", fifo=True) == "p-a.fifo"


def test_a_topic_name_may_have_256_characters_once_encoded() -> None:
    assert len(names.topic_name("x" * 256, "")) == 256
    with pytest.raises(InvalidName, match="257 characters long"):
        names.topic_name("x" * 257, "")
    with pytest.raises(InvalidName, match="shorten"):
        names.topic_name("." * 43, "")


@pytest.mark.parametrize("topic", ["", None, 7])
def test_a_topic_is_a_text(topic: object) -> None:
    with pytest.raises(InvalidName, match="non-empty string"):
        names.topic_name(topic, "")  # type: ignore[arg-type]


def test_a_received_topic_is_decoded_and_has_no_prefix() -> None:
    assert names.topic_of_arn(f"{ACCOUNT}dev-order___2e_created", "dev-") == "order.created"
    assert names.topic_of_arn(f"{ACCOUNT}other", "dev-") == "other"
    assert names.topic_of_arn(f"{ACCOUNT}a", None) == "a"


def test_a_star_matches_anything_but_a_dot() -> None:
    arns = [ACCOUNT + names.encode(name) for name in ("a.b", "a.b.c", "a.", "x.b", "ab")]
    pattern = names.topic_name("a.*", "")
    assert names.matching_topics(pattern, arns) == [arns[0], arns[2]]


def test_a_hash_matches_anything() -> None:
    arns = [ACCOUNT + names.encode(name) for name in ("a.b", "a.b.c", "b.a", "a.b.fifo")]
    assert names.matching_topics(names.topic_name("a.#", ""), arns) == [arns[0], arns[1], arns[3]]


def test_the_prefix_of_a_wildcard_topic_has_to_match() -> None:
    arns = [f"{ACCOUNT}dev-a", f"{ACCOUNT}prod-a", f"{ACCOUNT}my-dev-a"]
    assert names.matching_topics(names.topic_name("#", "dev-"), arns) == arns[:1]


def test_only_star_and_hash_make_a_wildcard() -> None:
    assert names.is_wildcard("a.*")
    assert names.is_wildcard("#")
    assert not names.is_wildcard("a.b")


def test_the_source_arn_of_one_topic_is_its_own() -> None:
    assert names.source_arn([f"{ACCOUNT}a"]) == f"{ACCOUNT}a"


def test_the_source_arn_of_several_topics_is_their_common_prefix() -> None:
    assert names.source_arn([f"{ACCOUNT}order-b", f"{ACCOUNT}order-a"]) == f"{ACCOUNT}order-*"


# --- queues -------------------------------------------------------------------------------------


def test_a_named_queue_is_prefixed() -> None:
    assert names.named_queue("orders", "dev-") == "dev-orders"
    assert names.named_queue("orders.fifo", None) == "orders.fifo"


def test_a_queue_name_may_have_80_characters() -> None:
    assert names.named_queue("q" * 80, "")
    with pytest.raises(InvalidName, match=r"81 characters long.*shorten"):
        names.named_queue("q" * 81, "")


@pytest.mark.parametrize("name", ["a.b", "a b", "å", ".fifo", "a.fifo.fifo"])
def test_a_queue_name_with_other_characters_is_refused(name: str) -> None:
    with pytest.raises(InvalidName, match="may only contain alphanumeric characters"):
        names.named_queue(name, "")


def test_the_queue_of_one_service_is_called_by_topic_handler_and_uuid() -> None:
    """As upstream: services find the queues that earlier versions made."""
    name = names.digest_queue("a___2e_b", "handler", "uuid", "dev-", competing=False, fifo=False)
    assert name == "dev-" + hashlib.sha256(b"a___2e_bhandleruuid").hexdigest()


def test_the_queue_of_competing_services_is_called_by_topic_alone() -> None:
    name = names.digest_queue("a___2e_b", "handler", "uuid", "dev-", competing=True, fifo=True)
    assert name == "dev-" + hashlib.sha256(b"a___2e_b").hexdigest() + ".fifo"


def test_a_queue_is_given_by_name_arn_or_url() -> None:
    arn = "arn:aws-cn:sqs:cn-north-1:123456789012:orders"
    assert names.is_queue_arn(arn)
    assert not names.is_queue_arn("arn:aws:sns:eu-west-1:123456789012:orders")
    assert not names.is_queue_arn("orders")
    assert names.is_queue_url("https://sqs.eu-west-1.amazonaws.com/123456789012/orders")
    assert names.parse_arn(arn) == names.Arn("sqs", "cn-north-1", "123456789012", "orders")
    assert names.parse_arn("arn:aws:sqs") is None
