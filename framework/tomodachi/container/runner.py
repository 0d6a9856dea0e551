"""The life of one service, in phases, on the running loop.

`ServiceContainer` runs the phases of several services side by side; whoever has just one calls
`start()` and `stop()`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tomodachi import logging
from tomodachi.container.hooks import run_all, run_hook, tell
from tomodachi.container.registries import add_to_registries, remove_from_registries
from tomodachi.invoker import (
    StartFunction,
    handler_methods,
    lifecycle,
    register,
    service_context,
)
from tomodachi.services.registry import set_service, unset_service
from tomodachi.transport.failures import is_being_cancelled, log_uncaught

if TYPE_CHECKING:
    from tomodachi.services.base import Service


class ServiceRunner:
    """Starts and stops one service.

    Args:
        service: The instance, or its class, which is then instantiated.

    Attributes:
        instance: The service.
        context: Its settings and the state of its transports.
    """

    def __init__(self, service: Service | type[Service]) -> None:
        self.instance: Service = service() if isinstance(service, type) else service
        self.context = service_context(self.instance)
        self._methods = handler_methods(type(self.instance))
        self._starts: list[StartFunction] = []
        self._begun = False
        self._stopping: asyncio.Task[None] | None = None
        self._logger = logging.get_logger("tomodachi.lifecycle")

    @property
    def has_handlers(self) -> bool:
        """Whether any method is decorated."""
        return bool(self._methods)

    async def start(self) -> None:
        """Go through all phases; a service that fails in one is stopped, and the error raised."""
        try:
            await self.prepare()
            await self.initialize()
            await self.run_start_hook()
            await self.start_transports()
            await self.run_started_hook()
            await self.announce()
        except BaseException as error:
            if not isinstance(error, GeneratorExit):
                await self.stop()
            raise

    # --- phases, in their order -----------------------------------------------------------------

    async def prepare(self) -> None:
        """Make the service known and run the tools' hooks."""
        set_service(self.instance.name, self.instance)
        try:
            await run_all(self.instance, "post_init_hook")
        except BaseException:
            unset_service(self.instance.name, self.instance)
            raise

    async def initialize(self) -> None:
        """Register the handlers."""
        logging.get_logger("tomodachi.service").info(
            "initializing service instance", service=self.instance.name, uuid=self.instance.uuid
        )
        self._starts = []
        for method in self._methods:
            start = await register(self.instance, method)
            if start is not None:
                self._starts.append(start)

    async def run_start_hook(self) -> None:
        """Run the user's `_start_service`."""
        self._begun = True
        self._log("starting the service", "starting")
        tell("lifecycle.setup")
        await run_hook(self.instance, "_start_service")
        # What the hook set on the instance counts when the transports start.
        service_context(self.instance)

    async def start_transports(self) -> None:
        """Start what the handlers were registered with, all at once, and tell the registries."""
        await self._start_all()
        await add_to_registries(self.instance)
        names = [str(getattr(method, "__name__", method)) for method in self._methods]
        self._log("enabled handler functions", "initialized", handlers=names or ...)
        tell("lifecycle.initialized")

    async def _start_all(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for start in self._starts:
                    group.create_task(_start(start))
        except BaseExceptionGroup as errors:
            # The first to fail is the reason; the others were cancelled, or failed beside it.
            for error in errors.exceptions[1:]:
                log_uncaught(error)
            raise errors.exceptions[0] from None

    async def run_started_hook(self) -> None:
        """Run the user's `_started_service`, after which consumers and schedules begin."""
        await run_hook(self.instance, "_started_service")

    async def announce(self) -> None:
        """Say that the service runs."""
        self._log("started service successfully", "ready")
        tell("lifecycle.ready")

    async def stop(self) -> None:
        """Stop the transports, then the service; errors are logged. Only the first call does it.

        Of a service whose `_start_service` was not reached no hook is called.
        """
        if self._stopping is None:
            self._stopping = asyncio.get_running_loop().create_task(self._stop())
        await asyncio.shield(self._stopping)

    async def _stop(self) -> None:
        if self._begun:
            await self._tear_down()
        # What a hook was the first to use is closed as well.
        await lifecycle.run_after_stopped(self.instance)
        if self._begun:
            self._log("terminated service", "terminated")
        await self._logged(run_all(self.instance, "post_teardown_hook"))
        unset_service(self.instance.name, self.instance)

    async def _tear_down(self) -> None:
        tell("lifecycle.interrupt")
        self._log("stopping service", "stopping")
        async with asyncio.TaskGroup() as group:
            group.create_task(self._logged(run_hook(self.instance, "_stopping_service")))
            await asyncio.sleep(0)  # lets it begin before the teardown does
            tell("lifecycle.teardown")
            await remove_from_registries(self.instance)
            await self._logged(run_hook(self.instance, "_stop_service"))

    async def _logged(self, hook: Any) -> None:
        try:
            await hook
        except asyncio.CancelledError as error:
            # For example of a task that the hook cancelled and then awaited.
            if is_being_cancelled():
                raise
            log_uncaught(error)
        except Exception as error:  # noqa: BLE001 - the service stops whatever its hooks raise
            log_uncaught(error)

    def _log(self, message: str, state: str, **values: Any) -> None:
        self._logger.info(message, state=state, service=self.instance.name, **values)


async def _start(start: StartFunction) -> None:
    await start()
