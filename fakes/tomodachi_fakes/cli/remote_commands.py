"""Commands that are one control call each: their arguments are made from the call's parameters."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tomodachi_fakes.cli.printing import say, say_json, table
from tomodachi_fakes.cli.remote import Refused, Remote
from tomodachi_fakes.control.operations import BY_ROUTE
from tomodachi_fakes.control.parameters import Parameter
from tomodachi_fakes.errors import FakesError

Show = Callable[[Any], Iterable[str]]
# Parameters that stand without a flag, in this order.
_POSITIONAL = ("queue", "point", "kind", "seconds", "body")
_QUEUE_COLUMNS = (
    "service", "name", "ready", "in_flight", "delayed", "dead_lettered", "consumers", "account", "region",
    "vhost",
)  # fmt: skip
_MESSAGE_COLUMNS = ("state", "message_id", "receive_count", "body", "attributes")
_FAULT_COLUMNS = ("point", "kind", "times", "after", "code", "seen", "taken")


@dataclass(frozen=True, slots=True)
class RemoteCommand:
    """One command; `show` makes lines of the answer."""

    method: str
    path: str
    show: Show

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes."""
        return BY_ROUTE[self.method, self.path].parameters

    @property
    def what(self) -> str:
        """What it does."""
        return BY_ROUTE[self.method, self.path].what

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Its arguments: required ones stand alone, the others have flags."""
        for name in _POSITIONAL:
            for one in self.parameters:
                if one.name == name and one.required:
                    _add_positional(parser, one)
        for one in self.parameters:
            if one.name in _POSITIONAL and one.required:
                continue
            flag = f"--{one.name.replace('_', '-')}"
            if one.kind == "object":
                form = "NAME=VALUE, may be given again; or one JSON object"
                parser.add_argument(
                    flag, action="append", metavar="NAME=VALUE", help=f"{one.what} ({form})"
                )
            else:
                parser.add_argument(
                    flag, help=one.what, type=_reader(one), required=one.required, **_choices(one)
                )

    def run(self, remote: Remote, arguments: argparse.Namespace) -> int:
        """Call and print; 0 when it was done, 1 when the broker would not."""
        given = {one.name: _value(one, getattr(arguments, one.name)) for one in self.parameters}
        try:
            answer = remote.call(self.method, self.path, given)
        except Refused as error:
            if arguments.json:
                say_json(error.content)
                return 1
            raise
        if arguments.json:
            say_json(answer)
        else:
            for line in self.show(answer):
                say(line)
        return 0


def _add_positional(parser: argparse.ArgumentParser, one: Parameter) -> None:
    # Choices stand in the help's text: as the argument's name they would not fit on a line.
    what = f"{one.what}: {', '.join(one.choices)}" if one.choices else one.what
    parser.add_argument(one.name, help=what, type=_reader(one), metavar=one.name, **_choices(one))


def _choices(one: Parameter) -> dict[str, Any]:
    return {"choices": one.choices} if one.choices else {}


def _reader(one: Parameter) -> Callable[[str], Any]:
    readers: dict[str, Callable[[str], Any]] = {"integer": int, "number": float}
    return readers.get(one.kind, str)


def _value(one: Parameter, given: Any) -> Any:
    if one.kind != "object" or given is None:
        return given
    found: dict[str, Any] = {}
    for text in given:
        found |= _members(one, text)
    return found


def _members(one: Parameter, text: str) -> dict[str, Any]:
    """What one NAME=VALUE, or one JSON object, says.

    Raises:
        FakesError: it is neither.
    """
    name, equals, value = text.partition("=")
    if not text.startswith("{") and equals:
        return {name: value}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        msg = f"--{one.name.replace('_', '-')}: {text!r} is neither NAME=VALUE nor a JSON object"
        raise FakesError(msg)
    return found


# --- how answers look ----------------------------------------------------------------------------


def _table(columns: Sequence[str], empty: str) -> Show:
    return lambda rows: table(rows, columns) if rows else [empty]


def _pairs(answer: dict[str, Any]) -> Iterable[str]:
    width = max(map(len, answer))
    for name, value in answer.items():
        shown = value if isinstance(value, str) else "-" if value is None else json.dumps(value)
        yield f"{name.ljust(width)}  {shown}"


def _topics(rows: list[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        yield "no topics and no exchanges"
    for row in rows:
        name = row["name"] or "(default)"
        yield f"{row['service']}  {name}  {row.get('arn') or row.get('type')}"
        for one in row.get("subscriptions", ()):
            pending = "  (pending)" if one["pending"] else ""
            yield f"     {one['protocol']} -> {one['endpoint']}{pending}"
        for one in row.get("bindings", ()):
            yield f"     {one['key']!r} -> {one['destination']}"


COMMANDS: dict[str, RemoteCommand | dict[str, RemoteCommand]] = {
    "status": RemoteCommand("GET", "status", _pairs),
    "queues": RemoteCommand("GET", "queues", _table(_QUEUE_COLUMNS, "no queues")),
    "topics": RemoteCommand("GET", "topics", _topics),
    "peek": RemoteCommand("GET", "peek", _table(_MESSAGE_COLUMNS, "no messages")),
    "send": RemoteCommand("POST", "send", _pairs),
    "publish": RemoteCommand("POST", "publish", _pairs),
    "purge": RemoteCommand("POST", "purge", _pairs),
    "redrive": RemoteCommand("POST", "redrive", _pairs),
    "reset": RemoteCommand("POST", "reset", _pairs),
    "clock": {
        "now": RemoteCommand("GET", "clock", _pairs),
        "freeze": RemoteCommand("POST", "clock/freeze", _pairs),
        "advance": RemoteCommand("POST", "clock/advance", _pairs),
        "resume": RemoteCommand("POST", "clock/resume", _pairs),
    },
    "fault": {
        "add": RemoteCommand("POST", "faults", _pairs),
        "list": RemoteCommand("GET", "faults", _table(_FAULT_COLUMNS, "no faults")),
        "clear": RemoteCommand("DELETE", "faults", _pairs),
    },
}
