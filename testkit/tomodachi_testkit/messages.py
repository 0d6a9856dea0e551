"""Messages as a test sees them, and lists of them that can be asked for exactly one.

A failed match shows the difference to the closest candidate, because "no such message" is the least
helpful thing an assertion can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any, overload

from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.tracebacks import hides

__tracebackhide__ = hides

_ABSENT = object()


class NoSuchField(TestkitError, TypeError):
    """Messages were matched by a field that they do not have."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, decoded.

    Attributes:
        data: The payload: an envelope's `data` (octets where it is protobuf), else the body as JSON,
            else the body as text.
        topic: SNS topic name, or AMQP routing key; "" for a message sent straight to a queue.
        queue: Name of the queue it was found in; "" for a published message.
        exchange: AMQP exchange; "" elsewhere.
        body: The body as it is on the wire.
        attributes: SNS/SQS message attributes by name (Python values), or AMQP headers.
        properties: AMQP properties that are set, or SQS system attributes.
        message_id: The broker's id, "" where there is none.
        correlation_id: AMQP correlation id, or the envelope's message uuid.
        group: FIFO message group, None elsewhere.
        receive_count: How often a consumer got it.
        at: When it was published or sent (UTC).
    """

    data: Any
    topic: str = ""
    queue: str = ""
    exchange: str = ""
    body: str | bytes = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    message_id: str = ""
    correlation_id: str | None = None
    group: str | None = None
    receive_count: int = 0
    at: datetime | None = None


def _matches(message: Message, wanted: dict[str, Any]) -> int:
    """How many of the wanted fields agree."""
    return sum(_agrees(value, getattr(message, name)) for name, value in wanted.items())


def _agrees(wanted: Any, actual: Any) -> bool:
    return bool(wanted == actual)  # `wanted` first: dirty-equals matchers live on the left


class MessageList(Sequence[Message]):
    """An immutable list of messages with assertions.

    Every method takes fields of `Message` as keywords; a value may be a matcher that defines `==`.

    Attributes:
        what: What they are, for error messages.
    """

    def __init__(self, messages: Sequence[Message], what: str = "messages") -> None:
        self._messages = tuple(messages)
        self.what = what

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> MessageList: ...
    def __getitem__(self, index: int | slice) -> Message | MessageList:
        if isinstance(index, slice):
            return MessageList(self._messages[index], self.what)
        return self._messages[index]

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(id(message) for message in self._messages))

    def __repr__(self) -> str:
        return f"<{len(self)} {self.what}: {[(m.topic or m.queue, m.data) for m in self]!r}>"

    def where(self, **match: Any) -> MessageList:
        """The messages that agree with every given field."""
        _check_names(match)
        found = [m for m in self._messages if _matches(m, match) == len(match)]
        return MessageList(found, self.what)

    def one(self, **match: Any) -> Message:
        """The only message that matches.

        Raises:
            AssertionError: none or several match; with the difference to the closest candidate.
        """
        found = self.where(**match)
        if len(found) != 1:
            raise AssertionError(self._explain(1, found, match))
        return found[0]

    def none(self, **match: Any) -> None:
        """Nothing matches.

        Raises:
            AssertionError: something does.
        """
        self.count(0, **match)

    def count(self, expected: int, **match: Any) -> MessageList:  # type: ignore[override] # an assertion, by its spec
        """Exactly `expected` messages match; returns them.

        Raises:
            AssertionError: another number does.
        """
        found = self.where(**match)
        if len(found) != expected:
            raise AssertionError(self._explain(expected, found, match))
        return found

    def _explain(self, expected: int, found: MessageList, match: dict[str, Any]) -> str:
        shape = ", ".join(f"{name}={value!r}" for name, value in match.items()) or "anything"
        lines = [f"expected {expected} of the {self.what} to match {shape}; {len(found)} did."]
        if found:
            lines += [f"  matched: {brief(message)}" for message in found]
        elif self._messages:
            lines += self._closest(match)
        else:
            lines.append(f"  there are no {self.what}.")
        return "\n".join(lines)

    def _closest(self, match: dict[str, Any]) -> list[str]:
        # The latest wins a tie: it is the likeliest to be what the test just did.
        best = max(reversed(self._messages), key=lambda message: _matches(message, match))
        lines = [f"  closest of {len(self)}: {brief(best)}"]
        for name, value in match.items():
            actual = getattr(best, name)
            if not _agrees(value, actual):
                lines += difference(name, value, actual)
        return lines


def _check_names(match: dict[str, Any]) -> None:
    unknown = set(match) - set(Message.__dataclass_fields__)
    if unknown:
        known = ", ".join(Message.__dataclass_fields__)
        msg = f"messages have no field {sorted(unknown)[0]!r}; match by one of: {known}."
        raise NoSuchField(msg)


def brief(message: Message) -> str:
    """A message in a few words: where it was, and its data."""
    where = message.topic or message.queue or message.exchange
    return f"{where}: {message.data!r}"


def difference(name: str, wanted: Any, actual: Any) -> list[str]:
    """Lines that say how a field differs from what was wanted, as deep in it as the difference is."""
    parts = _parts(wanted, actual)
    if not parts:
        return [f"    {name}: expected {_shown(wanted)}, got {_shown(actual)}"]
    return [
        line
        for key, expected, got in parts
        if expected is _ABSENT or got is _ABSENT or not _agrees(expected, got)
        for line in difference(f"{name}[{key!r}]", expected, got)
    ]


def _parts(wanted: Any, actual: Any) -> list[tuple[Any, Any, Any]]:
    """Values by key or index, wanted and actual, where both are dicts or both are lists."""
    if isinstance(wanted, dict) and isinstance(actual, dict):
        keys = {**wanted, **actual}
        return [(key, wanted.get(key, _ABSENT), actual.get(key, _ABSENT)) for key in keys]
    if isinstance(wanted, list) and isinstance(actual, list):
        pairs = zip_longest(wanted, actual, fillvalue=_ABSENT)
        return [(index, *pair) for index, pair in enumerate(pairs)]
    return []


def _shown(value: Any) -> str:
    return "nothing" if value is _ABSENT else repr(value)
