"""State machines whose rules are coroutines, on a virtual loop and in a harness of their own.

One loop and one harness an example. After every rule the loop is settled, so that a step has had all
its consequences except those that need time to pass. A rule that waits for what cannot happen is
reported as a hang, with the tasks that wait.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from tomodachi_testkit.harness import Harness
from tomodachi_testkit.loop import VirtualLoop
from tomodachi_testkit.machines.steps import Function, ReproducibleMachine

T = TypeVar("T")


class AsyncRuleBasedStateMachine(ReproducibleMachine):
    """Rules may be `async def`; `self.svc` is a `Harness`.

    Class attributes:
        seed: The harness's seed.
        allow: Leaks that are no error, as in `@pytest.mark.svc_allow`.
        harness: Further arguments for `Harness`.
    """

    seed: ClassVar[int] = 0
    allow: ClassVar[frozenset[str]] = frozenset()
    harness: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self._ended = False
        self._runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.svc = Harness(seed=self.seed, allow=self.allow, **self.harness)
        try:
            self.run(self.set_up())
        except BaseException:
            self._close()
            raise

    async def set_up(self) -> None:
        """Start what the rules need; for subclasses."""

    async def tear_down(self) -> None:
        """Check what must be true in the end, while the harness still runs; for subclasses."""

    def teardown(self) -> None:
        """End the example: `tear_down`, then the harness with its checks."""
        try:
            if not self._ended and not self.failed:
                self.noting(type(self)._finish, {})
        finally:
            self._close()

    async def _finish(self) -> None:
        await self.tear_down()
        self._ended = True
        await self.svc.__aexit__(None, None, None)

    def _close(self) -> None:
        try:
            if not self._ended:
                self._ended = True
                self._runner.run(self._abandon())
        finally:
            self._runner.close()

    async def _abandon(self) -> None:
        # What is checked at the end of a test would hide the error that ended the example.
        error = RuntimeError("the example has failed")
        await self.svc.__aexit__(type(error), error, None)

    def history(self) -> str:
        """The event log."""
        return self.svc.log.render(width=120)

    def execute(self, function: Function, arguments: dict[str, Any]) -> Any:
        """Run a rule or invariant on the machine's loop."""
        result = function(self, **arguments)
        return self.run(result) if inspect.iscoroutine(result) else result

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end on the machine's loop, and settle."""
        return self._runner.run(self._watched(coroutine))

    async def _watched(self, coroutine: Coroutine[Any, Any, T]) -> T:
        # Entering again only tells the harness which task to wake when everything hangs.
        await self.svc.__aenter__()
        try:
            result = await coroutine
            if not self._ended:
                await self.svc.settle()
        except asyncio.CancelledError as error:
            self._ended = True
            await self.svc.__aexit__(type(error), error, error.__traceback__)
            raise
        return result
