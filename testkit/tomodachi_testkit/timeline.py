"""What a failing test's report says: the settings to replay it, the timeline, who waits for what."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tomodachi_testkit.loop import VirtualLoop

if TYPE_CHECKING:
    from tomodachi_testkit.clock import Clock, RealClock
    from tomodachi_testkit.harness import Harness

_SHOWN = 60


def failure_report(harness: Harness, test: str) -> str:
    """The report section: seed, start time, timeline, and the command that replays the test."""
    lines = [
        f"seed {harness.seed}, now {harness.clock.now().isoformat()}, "
        f"started {datetime.fromtimestamp(harness.started_at, UTC).isoformat()}",
        f"replay: python -m pytest '{test}' {' '.join(_options(harness))}",
        "",
        *_timeline(harness),
    ]
    return "\n".join(lines)


def _options(harness: Harness) -> list[str]:
    options = [f"--svc-seed={harness.seed}"]
    if harness.fuzz is not None:
        # The test's id says which of the orders it is.
        options.append(f"--svc-fuzz={harness.fuzz + 1}")
    if harness.brokers.kind == "real":
        options.append("--svc-broker=real")
    return options


def _timeline(harness: Harness) -> list[str]:
    rows = harness.log.render(width=120).splitlines()
    if not rows:
        return ["nothing happened"]
    if len(rows) > _SHOWN:
        left_out = len(rows) - _SHOWN
        rows = [f"     … {left_out} earlier events; svc.log.save(path) keeps all", *rows[-_SHOWN:]]
    return rows


def describe_wait(loop: VirtualLoop, clock: Clock | RealClock) -> str:
    """Why a test hangs: nothing can happen, and these tasks wait."""
    lines = [
        "the test waits for something that cannot happen: nothing is runnable, no I/O is under way "
        "and the test has no timer. If time should pass, use `await svc.clock.advance(...)` or "
        "`await svc.drain()`; if a thread or process outside the loop is at work, wrap the wait in "
        "`with svc.clock.hold():`.",
        "waiting tasks:",
    ]
    tasks = sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    lines += [f"  {task.get_name()}: {_where(task)}" for task in tasks]
    lines.append("next timers:")
    lines += [f"  {timer!r}" for timer in clock.next()[:10]] or ["  none"]
    return "\n".join(lines)


def _where(task: asyncio.Task[object]) -> str:
    frames = task.get_stack()
    if not frames:
        return "not started"
    frame = frames[-1]
    return f"{frame.f_code.co_qualname} (line {frame.f_lineno} of {frame.f_code.co_filename})"
