"""Commands that move files in and out of a running broker, wait for it, or end it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

from tomodachi_fakes.cli.printing import Progress, say, say_json
from tomodachi_fakes.cli.remote import NotABroker, NotRunning, Refused, Remote
from tomodachi_fakes.errors import FakesError

_STEP_S = 0.05
_STOP_S = 5.0
_ANSWER_S = 1.0  # time for one answer, even where there is none to wait
_OK, _STARTING = 200, 503
_OCTETS = {"Content-Type": "application/octet-stream"}


def wait(remote: Remote, arguments: argparse.Namespace) -> int:
    """Wait until `GET /health` answers 200; 1 when the time is over."""
    until = time.monotonic() + arguments.timeout
    while True:
        try:
            left_s = max(until - time.monotonic(), _ANSWER_S)
            status, _ = remote.send("GET", "/health", within_s=left_s)
            if status == _OK:
                _tell(arguments, {"ready": True}, f"ready: {remote.url}")
                return 0
            reason = "it is still starting" if status == _STARTING else str(NotABroker(remote.url))
        except NotRunning as error:
            reason = str(error)
        if time.monotonic() >= until:
            msg = f"not ready within {arguments.timeout:g} s: {reason}"
            raise FakesError(msg)
        time.sleep(_STEP_S)


def stop(remote: Remote, arguments: argparse.Namespace) -> int:
    """End the program, and wait until it is gone."""
    remote.call("POST", "stop")
    until = time.monotonic() + _STOP_S
    while time.monotonic() < until:
        try:
            remote.send("GET", "/health")
        except NotRunning:
            _tell(arguments, {"stopped": True}, "stopped")
            return 0
        time.sleep(_STEP_S)
    msg = f"{remote.url} still answers {_STOP_S:g} s after it was told to stop"
    raise FakesError(msg)


def save_snapshot(remote: Remote, arguments: argparse.Namespace) -> int:
    """Write everything stored to a file."""
    status, octets = remote.send("GET", "/_broker/snapshot")
    if status != _OK:
        raise NotABroker(remote.url)
    _write(arguments.file, octets)
    if arguments.file != "-":
        _tell(arguments, {"saved": len(octets)}, f"saved {len(octets)} octets")
    return 0


def load_snapshot(remote: Remote, arguments: argparse.Namespace) -> int:
    """Go back to what a file holds."""
    octets = _read(arguments.file)
    remote.control_answer(remote.send("POST", "/_broker/snapshot", octets, _OCTETS))
    _tell(arguments, {"restored": True}, "restored")
    return 0


def export_definitions(remote: Remote, arguments: argparse.Namespace) -> int:
    """Print, or write to a file, RabbitMQ's definitions."""
    status, body = remote.send("GET", "/api/definitions", b"", _login(arguments))
    if status != _OK:
        raise Refused(status, remote.content(status, body))
    text = json.dumps(remote.content(status, body), indent=2) + "\n"
    _write(arguments.file, text.encode())
    if arguments.file != "-":
        _tell(arguments, {"exported": arguments.file}, f"exported to {arguments.file}")
    return 0


def import_definitions(remote: Remote, arguments: argparse.Namespace) -> int:
    """Take RabbitMQ's definitions in from a file."""
    status, body = remote.send("POST", "/api/definitions", _read(arguments.file), _login(arguments))
    if status >= 300:
        raise Refused(status, remote.content(status, body))
    _tell(arguments, {"imported": arguments.file}, f"imported {arguments.file}")
    return 0


def replay(remote: Remote, arguments: argparse.Namespace) -> int:
    """Do the calls of a file, one JSON object a line: `{"send": {"queue": "q", "body": "x"}}`."""
    try:
        lines = _read(arguments.file).decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        msg = f"{arguments.file}: this is no text in UTF-8: {error.reason} at octet {error.start}"
        raise FakesError(msg) from error
    progress = Progress(len(lines))
    count = 0
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            _replay_one(remote, line, f"{arguments.file}:{number}")
            count += 1
        progress.at(number)
    progress.end()
    _tell(arguments, {"replayed": count}, f"{count} calls replayed")
    return 0


def _replay_one(remote: Remote, line: str, where: str) -> None:
    try:
        found = json.loads(line)
    except ValueError as error:
        msg = f"{where}: this is no JSON: {error}"
        raise FakesError(msg) from error
    calls = list(found.items()) if isinstance(found, dict) else []
    if len(calls) != 1 or not isinstance(calls[0][1], dict):
        msg = f'{where}: a line is one call, such as {{"send": {{"queue": "q", "body": "x"}}}}'
        raise FakesError(msg)
    path, given = calls[0]
    try:
        remote.call("POST", path, given)
    except Refused as error:
        msg = f"{where}: {error}"
        raise FakesError(msg) from error


def _login(arguments: argparse.Namespace) -> dict[str, str]:
    pair = f"{arguments.user}:{arguments.password}".encode()
    return {
        "Authorization": f"Basic {b64encode(pair).decode()}",
        "Content-Type": "application/json",
    }


def _read(name: str) -> bytes:
    """The octets of a file; "-" is standard input."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        msg = f"{name} cannot be read: {error.strerror}"
        raise FakesError(msg) from error


def _write(name: str, octets: bytes) -> None:
    """Write a file; "-" is standard output."""
    if name == "-":
        sys.stdout.buffer.write(octets)
        return
    try:
        Path(name).write_bytes(octets)
    except OSError as error:
        msg = f"{name} cannot be written: {error.strerror}"
        raise FakesError(msg) from error


def _tell(arguments: argparse.Namespace, content: dict[str, Any], text: str) -> None:
    if arguments.json:
        say_json(content)
    else:
        say(text)
