"""Open files: asked for up to what the caps on connections need, and told about once when none is left."""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
from typing import Any, cast

import pytest

from tomodachi_fakes.cli.descriptors import WANTED, WhenUsedUp, ask_for_enough

_NO_END = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "asked"),
    [
        (1024, 524_288, [(WANTED, 524_288)]),
        (1024, _NO_END, [(WANTED, _NO_END)]),
        (256, 2048, [(2048, 2048)]),
        (1024, 1024, []),
        (65_536, 65_536, []),
        (_NO_END, _NO_END, []),
    ],
)
def test_the_limit_is_raised_as_far_as_it_is_needed_and_allowed(
    soft: int, hard: int, asked: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,024 is what systemd and login shells begin with, and what one port alone may need."""
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: found.append(limits))

    ask_for_enough()

    assert found == asked


class _Loop:
    def __init__(self) -> None:
        self.now = 100.0
        self.left_to_it: list[dict[str, Any]] = []

    def time(self) -> float:
        return self.now

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        self.left_to_it.append(context)


def test_that_none_is_left_is_said_once_in_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    """The loop calls its handler for each connection that it could not take."""
    loop, tell = _Loop(), WhenUsedUp()
    used_up = {"message": "", "exception": OSError(errno.EMFILE, "Too many open files")}
    with caplog.at_level(logging.ERROR, "svc-fake-broker"):
        for loop.now in (100.0, 100.1, 109.9, 110.0):
            tell(cast("asyncio.AbstractEventLoop", loop), used_up)

    assert len(caplog.messages) == 2
    assert "ulimit -n" in caplog.messages[0]
    assert not loop.left_to_it


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOMEM, "Cannot allocate memory"), KeyError("x"), None]
)
def test_everything_else_is_the_loops_to_tell(error: Exception | None) -> None:
    loop, context = _Loop(), {"message": "a task failed", "exception": error}

    WhenUsedUp()(cast("asyncio.AbstractEventLoop", loop), context)

    assert loop.left_to_it == [context]
