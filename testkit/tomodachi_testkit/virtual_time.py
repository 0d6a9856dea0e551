"""Takes over time for the length of a test: the loop's, the wall clock's, and the watch for hangs."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tomodachi_testkit.errors import NotVirtual, TwoClocks
from tomodachi_testkit.loop import VirtualLoop
from tomodachi_testkit.timeline import describe_wait, frames_of
from tomodachi_testkit.tracebacks import hides, of_frames
from tomodachi_testkit.wall_clock import WallClock, frozen_before, wall_clock

if TYPE_CHECKING:
    from types import TracebackType

    from tomodachi_testkit.clock import Clock

__tracebackhide__ = hides


class VirtualTime:
    """Virtual time on the running loop, from `start` to `stop`.

    Args:
        clock: The harness's clock.
        mover: What moves the wall clock; see `wall_clock`.
        start_is_given: Whether the test said itself when its time starts.

    Attributes:
        hang: Why the test hangs; empty as long as it does not.
        hangs_at: Where, as a traceback.
        cancellations: How many times it was cancelled for that.
        waiting_task: The task that a hang cancels.
    """

    def __init__(self, clock: Clock, mover: str, *, start_is_given: bool = False) -> None:
        self._clock = clock
        self._mover = mover
        self._start_is_given = start_is_given
        self._wall: WallClock | None = None
        self._stack = ExitStack()
        self.hang = ""
        self.hangs_at: TracebackType | None = None
        self.cancellations = 0
        self.waiting_task: asyncio.Task[object] | None = None

    def start(self) -> VirtualLoop:
        """Stop real time.

        Raises:
            NotVirtual: the running loop's time cannot be moved.
            TwoClocks: somebody else holds the wall clock.
        """
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualLoop):
            raise NotVirtual(loop)
        self._stack.enter_context(loop.virtual_time())
        try:
            self._take(loop)
        except BaseException:
            self._stack.close()
            raise
        return loop

    def _take(self, loop: VirtualLoop) -> None:
        clock = self._clock
        wall = self._wall = self._bound() or wall_clock(self._mover)
        clock.bind(loop)
        self._stack.callback(clock.unbind)
        wall.start(clock.unix())
        self._stack.callback(wall.stop)
        self._stack.callback(loop.on_move(lambda: wall.move(clock.unix())))

        def hang() -> None:
            self.hang = describe_wait(loop, clock, self.waiting_task)
            self.hangs_at = of_frames(frames_of(self.waiting_task))
            if self.waiting_task is not None:
                self.cancellations += 1
                self.waiting_task.cancel(msg="hang detected")

        loop.on_hang = hang
        self._stack.callback(setattr, loop, "on_hang", None)

    def _bound(self) -> WallClock | None:
        frozen = None if self._mover == "none" else frozen_before()
        if frozen is None:
            return None
        if self._start_is_given and abs(frozen.at - self._clock.unix()) > 1e-3:
            msg = (
                f"time was frozen at {frozen.at:.3f}, and start=... says {self._clock.unix():.3f}."
            )
            raise TwoClocks(msg)
        self._clock.start_at(frozen.at)
        return frozen.mover()

    def check(self) -> None:
        """Refuse a freeze that began after the harness did.

        Raises:
            TwoClocks: there is one.
        """
        if self._wall is not None:
            self._wall.check()

    def stop(self) -> None:
        """Give time back."""
        self._stack.close()
