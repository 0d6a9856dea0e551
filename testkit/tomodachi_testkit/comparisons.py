"""How failed comparisons of messages are shown: field by field, one message a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tomodachi_testkit.messages import Message, MessageList, brief, difference


def explain(op: str, left: Any, right: Any) -> list[str] | None:
    """The lines of `pytest_assertrepr_compare`; None where there is nothing of ours to say."""
    if op == "==" and isinstance(left, Message) and isinstance(right, Message):
        return [f"{brief(left)} == {brief(right)}", *_fields(left, right)]
    if op in ("==", "!=") and (isinstance(left, MessageList) or isinstance(right, MessageList)):
        return [f"{_short(left)} {op} {_short(right)}", *_side_by_side(left, right)]
    if op in ("in", "not in") and isinstance(right, MessageList):
        return [f"{left!r} {op} {_short(right)}", *(f"  {brief(message)}" for message in right)]
    return None


def _short(value: Any) -> str:
    if isinstance(value, MessageList):
        return f"<{len(value)} {value.what}>"
    return (
        f"<{type(value).__name__} of {len(value)}>" if isinstance(value, Sequence) else repr(value)
    )


def _fields(left: Message, right: Message) -> list[str]:
    names = [name for name in Message.__dataclass_fields__ if name not in ("body", "at")]
    lines = [
        line
        for name in names
        if getattr(left, name) != getattr(right, name)
        for line in difference(name, getattr(right, name), getattr(left, name))
    ]
    return lines or ["    body or time: the same to a reader, not the same on the wire"]


def _side_by_side(left: Any, right: Any) -> list[str]:
    if not isinstance(left, Sequence) or not isinstance(right, Sequence):
        return []
    lines: list[str] = []
    for number in range(max(len(left), len(right))):
        one, other = _at(left, number), _at(right, number)
        if one == other:
            continue
        lines.append(f"  [{number}] {_said(one)}  !=  {_said(other)}")
        if isinstance(one, Message) and isinstance(other, Message):
            lines += _fields(one, other)
    return lines


def _at(values: Sequence[Any], number: int) -> Any:
    return values[number] if number < len(values) else None


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    return brief(value) if isinstance(value, Message) else repr(value)
