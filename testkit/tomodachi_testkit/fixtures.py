"""Builds the harness of a test from markers, options and ini settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tomodachi_testkit.clock import DEFAULT_START
from tomodachi_testkit.harness import Harness

_KEYS = ("clock", "seed", "start", "wall_clock")
_LEAKS = (
    "dlq",
    "inflight",
    "tasks",
    "connections",
    "errors",
    "unrouted",
    "unused_faults",
    "unused_stubs",
)
_LEAK_MODES = ("error", "warn", "off")

if TYPE_CHECKING:
    from collections.abc import Iterable


def harness_for(request: pytest.FixtureRequest, marked: dict[str, Any]) -> Harness:
    """The harness that `@pytest.mark.svc`, the command line and the ini file ask for together.

    Raises:
        pytest.UsageError: a setting is unknown or has a value that it cannot have.
    """
    config = request.config
    _refuse_unknown("svc setting", marked, _KEYS)
    allowed = {kind for mark in request.node.iter_markers("svc_allow") for kind in mark.args}
    _refuse_unknown("leak kind in svc_allow", allowed, _LEAKS)
    clock = str(marked.get("clock") or config.getini("svc_clock"))
    _refuse_unknown("svc clock", [clock], ("virtual", "real"))
    leaks = str(config.getini("svc_leaks"))
    _refuse_unknown("svc_leaks", [leaks], _LEAK_MODES)
    seed = config.getoption("--svc-seed")
    return Harness(
        seed=int(marked.get("seed", 0) if seed is None else seed),
        start=marked.get("start") or config.getini("svc_start_time") or DEFAULT_START,
        clock=clock,
        wall_clock=str(marked.get("wall_clock", "auto")),
        allow=allowed,
        leaks=leaks,
        settle_limit=int(config.getini("svc_settle_limit")),
    )


def _refuse_unknown(what: str, values: Iterable[str], known: tuple[str, ...]) -> None:
    for value in values:
        if value not in known:
            msg = f"unknown {what} {value!r}: use one of {', '.join(map(repr, known))}."
            raise pytest.UsageError(msg)
