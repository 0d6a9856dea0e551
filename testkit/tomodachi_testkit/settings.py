"""What a test run is set to, from the command line and the ini file, and what a marker may change.

A project that wants other settings than those of its ini file, for some directories say, overrides
the session fixture `svc_settings`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tomodachi_testkit.recording import NoRecording, Recording
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__tracebackhide__ = hides

LEAKS = (
    "dlq",
    "inflight",
    "tasks",
    "connections",
    "errors",
    "unrouted",
    "unused_faults",
    "unused_stubs",
)
LEAK_MODES = ("error", "warn", "off")
CLOCKS = ("virtual", "real")
BROKERS = ("fake", "real", "both")
MARKED = ("clock", "seed", "start", "wall_clock", "broker")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of `svc` tests.

    Attributes:
        clock: "virtual" or "real".
        start: When virtual time starts; None for the testkit's own default.
        seed: Of every id and random choice.
        wall_clock: What moves the wall clock: "auto", "time-machine", "freezegun" or "none".
        broker: "fake", "real" or "both".
        leaks: What a leak does: "error", "warn" or "off".
        settle_limit: Most clock steps that one drain may take, and most handler calls in between two.
        timeline: When a report shows the timeline: "fail", "all" or "none".
        record: Where event logs are saved; None saves none.
        replay: A saved log, whose test is run again and compared.
    """

    clock: str = "virtual"
    start: Any = None
    seed: int = 0
    wall_clock: str = "auto"
    broker: str = "fake"
    leaks: str = "error"
    settle_limit: int = 10_000
    timeline: str = "fail"
    record: Path | None = None
    replay: Recording | None = None

    def marked(self, marks: Mapping[str, Any], *, seed_is_given: bool = False) -> Settings:
        """These, with what `@pytest.mark.svc(...)` says; a seed on the command line stands.

        Raises:
            pytest.UsageError: the marker has a setting that there is not, or a value it cannot have.
        """
        refuse_unknown("svc setting", marks, MARKED)
        given = {
            name: value
            for name, value in marks.items()
            if value is not None and not (name == "seed" and seed_is_given)
        }
        settings = replace(self, **given)
        refuse_unknown("svc clock", [settings.clock], CLOCKS)
        refuse_unknown("svc broker", [settings.broker], BROKERS)
        return settings


def settings_of(config: pytest.Config) -> Settings:
    """What the command line and the ini file say.

    Raises:
        pytest.UsageError: something that they cannot say.
    """
    leaks, limit = str(config.getini("svc_leaks")), str(config.getini("svc_settle_limit"))
    refuse_unknown("svc_leaks", [leaks], LEAK_MODES)
    if not limit.isdecimal() or int(limit) < 1:
        msg = f"svc_settle_limit = {limit!r}: give a whole number of clock steps, 1 or more."
        raise pytest.UsageError(msg)
    record, replay = config.getoption("--svc-record"), config.getoption("--svc-replay")
    return Settings(
        clock=str(config.getini("svc_clock")),
        start=config.getini("svc_start_time") or None,
        seed=config.getoption("--svc-seed") or 0,
        broker=config.getoption("--svc-broker"),
        leaks=leaks,
        settle_limit=int(limit),
        timeline=config.getoption("--svc-timeline"),
        record=None if record is None else Path(record),
        replay=None if replay is None else _recording(Path(replay)),
    )


def _recording(path: Path) -> Recording:
    try:
        return Recording.load(path)
    except NoRecording as error:
        raise pytest.UsageError(str(error)) from error


def refuse_unknown(what: str, values: Iterable[str], known: tuple[str, ...]) -> None:
    """Refuse a value that is none of those known, naming them.

    Raises:
        pytest.UsageError: there is one.
    """
    for value in values:
        if value not in known:
            msg = f"unknown {what} {value!r}: use one of {', '.join(map(repr, known))}."
            raise pytest.UsageError(msg)
