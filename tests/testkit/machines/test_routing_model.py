"""The brute-force matcher of topics, against the definition in AMQP 0-9-1 spec 3.1.3.3."""

from __future__ import annotations

import pytest

from tomodachi_testkit.machines.routing_model import headers_match, matches


@pytest.mark.parametrize(
    ("pattern", "key", "expected"),
    [
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.#", "a", True),
        ("#", "", True),
        ("*", "", False),
        ("#.c", "a.b.c", True),
        ("*.b.#", "a.c", False),
    ],
)
def test_topics(pattern: str, key: str, expected: bool) -> None:
    assert matches("topic", pattern, {}, key, {}) is expected


def test_headers_all_and_any() -> None:
    assert headers_match({"a": 1, "b": None}, {"a": 1, "b": 5})
    assert not headers_match({"a": 1, "b": 2}, {"a": 1})
    assert headers_match({"x-match": "any", "a": 1, "b": 2}, {"a": 1})
    assert not headers_match({"x-match": "any"}, {"a": 1})
