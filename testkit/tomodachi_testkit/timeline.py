"""What a failing test's report says: the settings to replay it, the timeline, who waits for what."""

from __future__ import annotations

import asyncio
import sysconfig
from datetime import UTC, datetime
from types import CoroutineType, FrameType
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.loop import VirtualLoop
from tomodachi_testkit.tracebacks import is_ours

if TYPE_CHECKING:
    from tomodachi_testkit.clock import Clock, RealClock
    from tomodachi_testkit.harness import Harness

_SHOWN = 60
_PYTHONS = sysconfig.get_path("stdlib")


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


def describe_wait(
    loop: VirtualLoop, clock: Clock | RealClock, waiting: asyncio.Future[Any] | None = None
) -> str:
    """Why a test hangs: nothing can happen, and these tasks wait.

    Args:
        loop: Whose tasks.
        clock: Whose timers.
        waiting: The test's own task.
    """
    tasks = sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    places = [(task, _where(task)) for task in tasks]
    tests = next((place for task, place in places if task is waiting), "")
    lines = [
        f"the test waits for something that cannot happen{f', in {tests}' if tests else ''}: nothing "
        "is runnable, no I/O is under way and the test has no timer. If time should pass, use "
        "`await svc.clock.advance(...)` or `await svc.drain()`; if a thread or process outside the "
        "loop is at work, wrap the wait in `with svc.clock.hold():`.",
        "waiting tasks:",
    ]
    lines += [f"  {task.get_name()}: {place}" for task, place in places]
    lines.append("next timers:")
    lines += [f"  {timer!r}" for timer in clock.next()[:10]] or ["  none"]
    return "\n".join(lines)


def _where(task: asyncio.Task[object]) -> str:
    frames = frames_of(task)
    if not frames:
        return "not started"
    frame = frames[-1]
    return f"{frame.f_code.co_qualname} (line {frame.f_lineno} of {frame.f_code.co_filename})"


def frames_of(task: asyncio.Future[Any] | None) -> list[FrameType]:
    """Where a task waits: frames of its coroutines, outermost first.

    The last one is the innermost that is neither Python's own nor ours, where there is one.
    """
    awaited: Any = task.get_coro() if isinstance(task, asyncio.Task) else None
    frames: list[FrameType] = []
    while isinstance(awaited, CoroutineType) and awaited.cr_frame is not None:
        frames.append(awaited.cr_frame)
        awaited = awaited.cr_await
    users = [n for n, frame in enumerate(frames, 1) if _is_users(frame.f_code.co_filename)]
    return frames[: users[-1]] if users else frames


def _is_users(filename: str) -> bool:
    return not filename.startswith(_PYTHONS) and not is_ours(filename)
