"""What every transport owes its services, as tests to subclass: for a transport of your own.

```python
class TestFileTransport(TransportConformance):
    def service(self): return FileService          # two handlers, see `TransportConformance`
    async def deliver(self, svc, running, name, data): (running.service.inbox / name).write_text(data)
```

A service under test keeps what its handlers got in `handled`, a list of (handler name, data), and has
the handlers named by `handler`, `failing` and `slow`. Written for the lifecycle that the runtime
documents: handlers run between `_started_service` and `_stop_service`, a stop waits for those that
run, an error is the observer's to see and never ends the service.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.loop import VirtualLoop

if TYPE_CHECKING:
    import tomodachi
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.running import Running


class TransportConformance(ABC):
    """Subclass it in a test file, say how messages get to your transport, and run the tests.

    Attributes:
        handler: Name of a handler that appends (its name, data) to `service.handled`.
        failing: Name of a handler that raises `RuntimeError`; "" for none.
        slow: Name of a handler that sleeps `slow_s` seconds, then appends; "" for none.
        slow_s: Seconds.
        transport: What the transport calls itself when it reports calls to the observer.
    """

    __test__ = False

    handler = "handle"
    failing = "fail"
    slow = "handle_slowly"
    slow_s = 5.0
    transport = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let pytest collect subclasses, and not this class where it is imported."""
        super().__init_subclass__(**kwargs)
        cls.__test__ = True

    @abstractmethod
    def service(self) -> type[tomodachi.Service]:
        """The class of the service under test."""

    @abstractmethod
    async def deliver(self, svc: Harness, running: Running[Any], handler: str, data: str) -> None:
        """Make a message arrive for a handler of a running service."""

    async def settle(self, svc: Harness) -> None:
        """Return when what was delivered has been handled, as far as it can be without time."""
        await svc.settle()

    # --- tests ----------------------------------------------------------------------------------

    async def test_a_message_reaches_its_handler_once(self, svc: Harness) -> None:
        """One message, one call."""
        running = await svc.start(self.service())
        await self.deliver(svc, running, self.handler, "one")
        await self.settle(svc)
        assert _handled(running) == [(self.handler, "one")]

    async def test_messages_keep_their_data_apart(self, svc: Harness) -> None:
        """Several messages arrive, each with its own data."""
        running = await svc.start(self.service())
        for number in range(5):
            await self.deliver(svc, running, self.handler, f"message {number}")
            await self.settle(svc)
        assert sorted(_handled(running)) == [(self.handler, f"message {n}") for n in range(5)]

    async def test_no_handler_runs_before_the_service_has_started(self, svc: Harness) -> None:
        """runtime: consumers wait for the user's `_started_service` to return."""
        seen: list[int] = []

        class Watched(self.service()):  # type: ignore[misc] # the class is the subclass's to name
            async def _started_service(self) -> None:
                started = getattr(super(), "_started_service", None)
                if started is not None:
                    await started()
                await asyncio.sleep(0)
                seen.append(len(self.handled))

        running = await svc.start(Watched)
        assert seen == [0]
        await self.deliver(svc, running, self.handler, "after")
        await self.settle(svc)
        assert _handled(running) == [(self.handler, "after")]

    async def test_an_error_is_reported_and_does_not_end_the_service(self, svc: Harness) -> None:
        """A handler's exception reaches the observer; the next message is handled."""
        if not self.failing:
            return
        running = await svc.start(self.service())
        await self.deliver(svc, running, self.failing, "bad")
        await self.settle(svc)
        errors = svc.watch.take_errors()
        assert [type(error) for error in errors][:1] == [RuntimeError]
        await self.deliver(svc, running, self.handler, "good")
        await self.settle(svc)
        svc.watch.take_errors()
        assert (self.handler, "good") in _handled(running)

    async def test_calls_are_reported_to_the_observer(self, svc: Harness) -> None:
        """Handler calls appear in the log, started and ended, under the transport's name."""
        running = await svc.start(self.service())
        await self.deliver(svc, running, self.handler, "seen")
        await self.settle(svc)
        ended = svc.log.where(kind="finished", handler=self.handler)
        assert len(ended) == 1
        if self.transport:
            assert svc.log.where(kind=self.transport, handler=self.handler)

    async def test_a_stop_waits_for_a_running_handler(self, svc: Harness) -> None:
        """A graceful stop loses nothing that was begun."""
        if not self.slow:
            return
        running = await svc.start(self.service())
        await self.deliver(svc, running, self.slow, "slow")
        await self.settle(svc)
        assert _handled(running) == []
        stopping = asyncio.ensure_future(running.stop())
        await svc.clock.advance(self.slow_s + 1)
        await stopping
        assert _handled(running) == [(self.slow, "slow")]

    async def test_a_stopped_service_handles_nothing_and_leaves_no_task(self, svc: Harness) -> None:
        """After the stop, no task of the service is left."""
        running = await svc.start(self.service())
        await running.stop()
        await svc.settle()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        assert loop.tasks_of(running.owner) == []
        assert _handled(running) == []

    async def test_two_services_share_nothing(self, svc: Harness) -> None:
        """Transports keep their state per instance."""
        first = await svc.start(self.service())
        second = await svc.start(self.service())
        await self.deliver(svc, first, self.handler, "for the first")
        await self.settle(svc)
        handled = [*_handled(first), *_handled(second)]
        assert handled == [(self.handler, "for the first")]

    async def test_a_service_starts_again_after_a_stop(self, svc: Harness) -> None:
        """Nothing of the first run stands in the way of the second."""
        first = await svc.start(self.service())
        second = await first.restart()
        await self.deliver(svc, second, self.handler, "again")
        await self.settle(svc)
        assert _handled(first) == []
        assert _handled(second) == [(self.handler, "again")]

    async def test_running_call_reaches_handlers(self, svc: Harness) -> None:
        """`Running.call` works where the transport adds entries (`tomodachi.helpers.handler_entries`)."""
        from tomodachi.helpers.handler_entries import entries_of

        running = await svc.start(self.service())
        entries = [entry for entry in entries_of(running.context) if entry.name == self.handler]
        if not entries:
            return
        message: Callable[[str], dict[str, Any]] = self.call_message
        await running.call(self.handler, **message("called"))
        assert _handled(running) == [(self.handler, "called")]

    def call_message(self, data: str) -> dict[str, Any]:
        """The keywords of `Running.call` for a message with this data."""
        return {"data": data}


def _handled(running: Running[Any]) -> list[tuple[str, str]]:
    return list(running.service.handled)
