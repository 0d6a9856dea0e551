"""Commands that work on a running broker, or on this machine: their parsers, and what runs them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tomodachi_fakes.cli import completion, doctor, file_commands
from tomodachi_fakes.cli.flag_values import seconds
from tomodachi_fakes.cli.remote import Remote, default_url
from tomodachi_fakes.cli.remote_commands import COMMANDS, RemoteCommand

Run = Callable[[argparse.Namespace], int]
WAIT_S = 30.0
_WITH_FILE = {
    ("snapshot", "save"): (file_commands.save_snapshot, "write everything stored to FILE"),
    ("snapshot", "load"): (file_commands.load_snapshot, "go back to what FILE holds"),
    ("definitions", "import"): (
        file_commands.import_definitions,
        "take RabbitMQ's definitions in from FILE",
    ),
    ("definitions", "export"): (
        file_commands.export_definitions,
        "write RabbitMQ's definitions to FILE",
    ),
}
GROUPS = {
    "clock": "the brokers' time",
    "fault": "what shall go wrong",
    "snapshot": "everything stored, in a file",
    "definitions": "RabbitMQ's topology, users and policies, in a file",
}


def parse_command(argv: Sequence[str]) -> argparse.Namespace:
    """Parse one of these commands; `run` in the result does it."""
    parser = _parser()
    known = ["start", "env", *_subparsers(parser)]
    if argv[0] not in known:
        # Said here, because argparse would leave out the two that are parsed elsewhere.
        parser.error(
            f"argument COMMAND: invalid choice: {argv[0]!r} (choose from {', '.join(known)})"
        )
    return parser.parse_args(argv)


def command_names() -> list[str]:
    """Every command that is parsed here."""
    return list(_subparsers(_parser()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="svc-fake-broker", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    groups: dict[str, Any] = {}
    for name, what in GROUPS.items():
        group = commands.add_parser(name, help=what, description=what, allow_abbrev=False)
        groups[name] = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, found in COMMANDS.items():
        if isinstance(found, RemoteCommand):
            _add_remote(commands, name, found)
            continue
        for action, one in found.items():
            _add_remote(groups[name], action, one)
    for (name, action), (run, what) in _WITH_FILE.items():
        _add_with_file(groups[name], name, action, run, what)
    _add_others(commands)
    return parser


def _add_remote(commands: Any, name: str, command: RemoteCommand) -> None:
    parser = commands.add_parser(
        name, help=command.what, description=command.what, allow_abbrev=False
    )
    command.add_arguments(parser)
    _at_a_broker(parser, command.run)


def _add_with_file(
    commands: Any, group: str, name: str, run: Callable[..., int], what: str
) -> None:
    parser = commands.add_parser(name, help=what, description=what, allow_abbrev=False)
    optional = name == "export"
    parser.add_argument(
        "file", metavar="FILE", nargs="?" if optional else None, default="-", help="- for standard "
        f"{'output' if name in ('export', 'save') else 'input'}",
    )  # fmt: skip
    if group == "definitions":
        user, password = (_login(name) for name in ("USER", "PASS"))
        parser.add_argument("--user", default=user, help="RabbitMQ user (%(default)s)")
        parser.add_argument("--password", default=password, help="their password")
    _at_a_broker(parser, run)


def _login(part: str) -> str:
    """User or password of the broker that was started with the same variables."""
    return os.environ.get(f"RABBITMQ_DEFAULT_{part}") or "guest"


def _add_others(commands: Any) -> None:
    def add(name: str, what: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = commands.add_parser(
            name, help=what, description=what, allow_abbrev=False
        )
        return parser

    wait = add("wait", "wait until a broker is ready")
    wait.add_argument(
        "--timeout",
        type=seconds,
        metavar="SECONDS",
        default=WAIT_S,
        help="longest wait (%(default)g)",
    )
    _at_a_broker(wait, file_commands.wait)
    _at_a_broker(add("stop", "end a running broker in good order"), file_commands.stop)
    replay = add("replay", "do the calls of FILE, one JSON object a line")
    replay.add_argument("file", metavar="FILE", help="- for standard input")
    _at_a_broker(replay, file_commands.replay)
    look = add("doctor", "look for what could keep brokers or clients from working here")
    look.add_argument("--json", action="store_true", help="print JSON")
    look.set_defaults(run=doctor.doctor)
    complete = add("completion", "print a script that completes commands and flags")
    complete.add_argument("shell", choices=completion.SHELLS)
    complete.set_defaults(run=lambda arguments: completion.completion(arguments, words()))


def _at_a_broker(
    parser: argparse.ArgumentParser, run: Callable[[Remote, argparse.Namespace], int]
) -> None:
    parser.add_argument(
        "--url", default=default_url(), help="the broker's management port (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=lambda arguments: run(Remote(arguments.url), arguments))


# --- for completion ------------------------------------------------------------------------------


def words() -> dict[str, list[str]]:
    """What may follow the program's name, and each command."""
    from tomodachi_fakes.cli.arguments import start_flags

    flags = start_flags()
    found = {"": ["start", "env", *command_names()], "start": flags, "env": flags}
    for name, parser in _subparsers(_parser()).items():
        found[name] = [*_subparsers(parser), *_flags(parser)]
    return found


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            choices: dict[str, argparse.ArgumentParser] = action.choices
            return choices
    return {}


def _flags(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from (option for option in action.option_strings if option.startswith("--"))
