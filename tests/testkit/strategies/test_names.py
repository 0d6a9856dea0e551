"""Drawn names keep the services' limits."""

import re

from hypothesis import given

from tomodachi_testkit import strategies


@given(strategies.topic_names(fifo=None))
def test_topic_names_are_legal(name: str) -> None:
    """SNS API reference, CreateTopic: 1 to 256 of A-Za-z0-9_-, FIFO topics end in .fifo."""
    assert re.fullmatch(r"[A-Za-z0-9_-]+(\.fifo)?", name)
    assert len(name) <= 256


@given(strategies.queue_names(fifo=True))
def test_fifo_queue_names_are_legal(name: str) -> None:
    """SQS API reference, CreateQueue: 80 characters, the suffix counted."""
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,75}\.fifo", name)


@given(strategies.routing_keys())
def test_routing_keys_fit_a_short_string(key: str) -> None:
    """AMQP 0-9-1 spec 4.2.5.3: short strings have at most 255 octets."""
    assert len(key.encode()) <= 255
