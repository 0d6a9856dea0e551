"""What a test must not leave behind: held messages, dead letters, tasks, unused faults."""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.clock import Clock
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.loop import VirtualLoop
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from tomodachi_testkit.harness import Harness

__tracebackhide__ = hides


class LeaksFound(TestkitError):
    """A test ended with something left behind."""


class LeakWarning(UserWarning):
    """A test ended with something left behind, and `svc_leaks = warn`."""


@dataclass(slots=True)
class LeakReport:
    """Leaks by kind, after those that the test allows are taken out."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def __or__(self, other: LeakReport) -> LeakReport:
        """The leaks of both."""
        kinds = dict.fromkeys((*self.found, *other.found))
        merged = {
            kind: list(dict.fromkeys([*self.found.get(kind, ()), *other.found.get(kind, ())]))
            for kind in kinds
        }
        return LeakReport(merged)

    def act(self, mode: str) -> None:
        """Raise, warn or do nothing, as `svc_leaks` says.

        Raises:
            LeaksFound: there are leaks and `mode` is "error".
        """
        if not self.found or mode == "off":
            return
        rows = [f"  {kind}: {what}" for kind, items in self.found.items() for what in items]
        names = ", ".join(repr(kind) for kind in self.found)
        text = "\n".join(
            [
                f"the test left something behind (allow it with @pytest.mark.svc_allow({names})):",
                *rows,
            ]
        )
        if mode == "warn":
            warnings.warn(text, LeakWarning, stacklevel=2)
            return
        raise LeaksFound(text)


async def find_leaks(
    harness: Harness, *, tasks_before: frozenset[asyncio.Future[Any]]
) -> LeakReport:
    """Look at the brokers and the loop while the services still run, at quiescence.

    Args:
        harness: Whose.
        tasks_before: The test's tasks that were there when the harness began.
    """
    await harness.settle()
    held = harness.sqs.held() + harness.amqp.held()
    candidates = {
        "inflight": held,
        "dlq": harness.sqs.dead_letters(),
        "tasks": _stray_tasks(harness, tasks_before),
        "unrouted": harness.sns.unrouted() + harness.amqp.unrouted(),
        "unused_faults": harness.faults.unused(),
        "unused_stubs": harness.http.unused(),
    }
    return _unless_allowed(harness, candidates)


async def find_leftovers(harness: Harness) -> LeakReport:
    """Look again when every service has been stopped, and the test's own clients closed."""
    await harness.settle()
    candidates = {
        "inflight": harness.sqs.held() + harness.amqp.held(),
        "tasks": _tasks_of_stopped(harness),
        "connections": _open_connections(harness),
    }
    return _unless_allowed(harness, candidates)


def _unless_allowed(harness: Harness, candidates: dict[str, list[str]]) -> LeakReport:
    return LeakReport(
        {kind: items for kind, items in candidates.items() if items and kind not in harness.allow}
    )


def _tasks_of_stopped(harness: Harness) -> list[str]:
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop) or not isinstance(harness.clock, Clock):
        return []
    return [
        f"{running.name} was stopped, and left running: {task!r}"
        for running in harness.running
        for task in sorted(loop.tasks_of(running.owner), key=repr)
    ]


def _open_connections(harness: Harness) -> list[str]:
    return [
        f"AMQP connection of {view.user} with {view.channels} open channel(s)"
        for view in harness.amqp.open_connections()
    ]


def _stray_tasks(harness: Harness, before: frozenset[asyncio.Future[Any]]) -> list[str]:
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop) or not isinstance(harness.clock, Clock):
        return []
    known = {asyncio.current_task(), *before}
    tasks = [task for task in loop.tasks_of("test") if task not in known and not _is_anyios(task)]
    return sorted(map(repr, tasks))


def _is_anyios(task: asyncio.Future[Any]) -> bool:
    # anyio waits for a test in a task of its own, which begins after the fixtures did.
    frame = getattr(task.get_coro(), "cr_frame", None) if isinstance(task, asyncio.Task) else None
    return frame is not None and str(frame.f_globals.get("__name__")).startswith("anyio.")
