"""Which queues a message must reach: the exchange types by their definitions, tried one by one.

Source: AMQP 0-9-1 spec 3.1.3; https://www.rabbitmq.com/docs/exchanges; invariant 20.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def topic_matches(pattern: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a topic pattern matches: `*` is one word, `#` any number."""
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(topic_matches(pattern[1:], words[n:]) for n in range(len(words) + 1))
    if not words or pattern[0] not in ("*", words[0]):
        return False
    return topic_matches(pattern[1:], words[1:])


def headers_match(arguments: Mapping[str, Any], headers: Mapping[str, Any]) -> bool:
    """Whether a headers binding matches; values are equal, and None asks for presence only."""
    wanted = {name: value for name, value in arguments.items() if not name.startswith("x-")}
    hits = [
        name in headers and value in (None, headers.get(name)) for name, value in wanted.items()
    ]
    return any(hits) if arguments.get("x-match") == "any" else all(hits)


def matches(
    kind: str,
    binding_key: str,
    arguments: Mapping[str, Any],
    routing_key: str,
    headers: Mapping[str, Any],
) -> bool:
    """Whether a binding of an exchange of type `kind` takes a message."""
    if kind == "direct":
        return binding_key == routing_key
    if kind == "topic":
        return topic_matches(_words(binding_key), _words(routing_key))
    if kind == "headers":
        return headers_match(arguments, headers)
    return True


def _words(key: str) -> list[str]:
    return key.split(".") if key else []
