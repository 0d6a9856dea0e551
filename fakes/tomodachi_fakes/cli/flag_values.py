"""What flags may hold: each function reads a text, or says what is wrong with it and what to give instead."""

from __future__ import annotations

import os
import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from math import inf
from pathlib import Path

from tomodachi_fakes.servers.fake_broker import DEFAULT_ACCOUNT

_LAST_PORT = 65_535
_REGION = r"[a-z0-9]+(-[a-z0-9]+)*"
_ADDRESS = r"https?://[^/?#\s]+/?"
_DURATION = r"(\d+(?:\.\d+)?)(ms|s|m|h)?"
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def port(text: str) -> int:
    """A TCP port; 0 takes a free one."""
    if not text.isdecimal() or int(text) > _LAST_PORT:
        msg = f"{text!r} is no port; use 0 (a free one) to {_LAST_PORT}"
        raise ArgumentTypeError(msg)
    return int(text)


def account(text: str) -> str:
    """An AWS account."""
    if len(text) != len(DEFAULT_ACCOUNT) or not text.isdecimal():
        msg = f"{text!r} is no AWS account; use 12 digits"
        raise ArgumentTypeError(msg)
    return text


def region(text: str) -> str:
    """An AWS region; those of tomorrow, and those of other fakes, are taken as well."""
    if not re.fullmatch(_REGION, text):
        msg = f"{text!r} is no AWS region; one is eu-west-1"
        raise ArgumentTypeError(msg)
    return text


def address(text: str) -> str:
    """Scheme and authority of a URL."""
    if not re.fullmatch(_ADDRESS, text):
        msg = f"{text!r} is no address to reach AWS at; one is http://brokers:4566"
        raise ArgumentTypeError(msg)
    return text.rstrip("/")


def number(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError as error:
        msg = f"{text!r} is no whole number; one is 7"
        raise ArgumentTypeError(msg) from error


def process(text: str) -> int:
    """The id of a process."""
    found = number(text)
    if found <= 0:
        msg = f"{text!r} is no process id; in a shell, $$ is the shell's own"
        raise ArgumentTypeError(msg)
    return found


def duration(text: str) -> float:
    """A length of time, in seconds: a number with ms, s, m or h behind it."""
    found = re.fullmatch(_DURATION, text.strip())
    seconds = float(found[1]) * _UNITS[found[2] or "s"] if found else 0.0
    if not seconds:
        msg = (
            f"{text!r} is no length of time; use a number with ms, s, m or h behind it, such as 10m"
        )
        raise ArgumentTypeError(msg)
    return seconds


def seconds(text: str) -> float:
    """A number of seconds, which may be none."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < inf:
        msg = f"{text!r} is no number of seconds; use 0 or more, such as 30"
        raise ArgumentTypeError(msg)
    return found


def services(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    names = [name.strip().lower() for name in text.split(",")]
    return tuple(name for name in names if name)


def file(text: str) -> Path:
    """A file's name."""
    return Path(text)


def files(text: str) -> tuple[Path, ...]:
    """Files with the system's path separator between them."""
    return tuple(Path(name) for name in text.split(os.pathsep) if name)


def switch(text: str) -> bool:
    """Yes or no, as a variable says it."""
    word = text.strip().lower()
    if word not in _TRUE + _FALSE:
        msg = f"{text!r} is neither yes nor no; use 1 or 0"
        raise ArgumentTypeError(msg)
    return word in _TRUE


def one_of(*names: str, what: str) -> Callable[[str], str]:
    """One of these names."""

    def read(text: str) -> str:
        if text not in names:
            msg = f"{text!r} is no {what}; use {', '.join(names)}"
            raise ArgumentTypeError(msg)
        return text

    return read
