"""Recordings: the event log of a test with what it takes to run it again, and the comparison.

A recording is a file of JSON lines: first what the test was run with, then one event a line. A test
is replayed by running it with the same seed, start time and order of tasks; since nothing else is
random, the log must be the same, and the first event that is not tells what changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.errors import TestkitError

if TYPE_CHECKING:
    from tomodachi_testkit.event_log import EventLog
    from tomodachi_testkit.harness import Harness

FORMAT = "tomodachi-testkit recording 1"
_LONGEST_NAME = 120


class ReplayDiverged(TestkitError):
    """A replayed test did not do what its recording says."""


class NoRecording(TestkitError):
    """A file that should be a recording is none."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path} is no recording ({why}). Record a test with --svc-record=DIR, and pass one of "
            "the files that are written there."
        )


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded test.

    Attributes:
        test: Its node id.
        seed: The seed it ran with.
        start: When its virtual time started, Unix seconds.
        fuzz: The seed of its order of tasks; None for asyncio's own.
        events: One JSON text an event.
    """

    test: str
    seed: int
    start: float
    fuzz: int | None
    events: tuple[str, ...]

    @staticmethod
    def load(path: Path) -> Recording:
        """Read a recording.

        Raises:
            NoRecording: the file is missing, or something else.
        """
        try:
            first, *events = path.read_text(encoding="utf-8").splitlines()
            header = json.loads(first)
        except OSError as error:
            raise NoRecording(path, str(error.strerror)) from error
        except ValueError as error:
            raise NoRecording(path, "its first line is no JSON") from error
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            why = f"its first line does not say {FORMAT!r}"
            raise NoRecording(path, why)
        return Recording(
            header["test"], header["seed"], header["start"], header["fuzz"], tuple(events)
        )

    def check(self, log: EventLog) -> None:
        """Compare with the log of a replay.

        Raises:
            ReplayDiverged: they differ; with the first difference.
        """
        now = log.lines()
        for number, (then, line) in enumerate(zip(self.events, now, strict=False), start=1):
            if then != line:
                msg = f"event {number} differs.\n  recorded: {then}\n  now:      {line}"
                raise ReplayDiverged(msg)
        if len(now) != len(self.events):
            msg = f"{len(self.events)} events were recorded, and {len(now)} happened now"
            further = (self.events, "recorded") if len(self.events) > len(now) else (now, "now")
            number = min(len(now), len(self.events))
            msg = f"{msg}.\n  first one {further[1]}: {further[0][number]}"
            raise ReplayDiverged(msg)


def save(harness: Harness, test: str, directory: Path) -> Path:
    """Write a harness's recording into a directory, which is made if there is none; returns the file."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / file_name(test)
    header: dict[str, Any] = {
        "format": FORMAT,
        "test": test,
        "seed": harness.seed,
        "start": harness.started_at,
        "fuzz": harness.fuzz,
    }
    lines = [json.dumps(header), *harness.log.lines()]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def file_name(test: str) -> str:
    """The name of a test's recording: readable, short, and no other test's."""
    readable = re.sub(r"[^\w.\[\]-]+", "_", test)
    if readable == test and len(test) < _LONGEST_NAME:
        return f"{readable}.jsonl"
    digest = hashlib.sha256(test.encode()).hexdigest()[:8]
    return f"{readable[-_LONGEST_NAME:]}-{digest}.jsonl"
