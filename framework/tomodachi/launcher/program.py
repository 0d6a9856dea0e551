"""One run of service files: a container a file, signals, restarts when code changes."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tomodachi import logging
from tomodachi.container import ServiceContainer
from tomodachi.container.module_services import service_classes
from tomodachi.exit_code import DEFAULT, get_exit_code, set_exit_code
from tomodachi.helpers import clock
from tomodachi.helpers.collection import uncollected
from tomodachi.helpers.execution_context import set_execution_context
from tomodachi.importer import ServiceImporter
from tomodachi.importer.importer import service_path
from tomodachi.launcher.facts import process_facts
from tomodachi.launcher.reload import check_syntax, forget_modules, source_files
from tomodachi.transport.failures import log_uncaught

if TYPE_CHECKING:
    from tomodachi.launcher.launcher import ServiceLauncher

RETRY_AFTER_S = 1.5


class Program:
    """One run of the launcher, restarts included."""

    def __init__(
        self,
        launcher: type[ServiceLauncher],
        files: list[str],
        configuration: Mapping[str, Any] | None,
        watcher: Any,
    ) -> None:
        self._launcher = launcher
        self._files = files
        self._configuration = configuration
        self._watcher = watcher
        self._logger = logging.get_logger("tomodachi.lifecycle")
        self._changed: set[str] = set()

    async def run(self) -> None:
        """Run until the services have stopped for good."""
        loop = asyncio.get_running_loop()
        set_execution_context(process_facts(loop, watcher_enabled=self._watcher is not None))
        self._launcher._close_waiter = loop.create_future()
        self._launcher._stopped_waiter = loop.create_future()
        handled = self._handle_signals(loop)
        watching = await self._watch(loop)
        try:
            await self._run_and_restart()
        finally:
            if watching is not None:
                watching.cancel()
            for number in handled:
                loop.remove_signal_handler(number)
            gc.unfreeze()
            self._launcher._stopped_waiter.set_result(None)
            self._launcher.services = set()

    async def _run_and_restart(self) -> None:
        complete, again = await self._run_once(), self._launcher.restart_services
        while again and not self._asked_to_stop():
            self._prepare_restart()
            complete = await self._run_once()
            # Once it ran, a program that is being edited does not end because of an error in it.
            again = self._launcher.restart_services or (not complete and await self._retry())

    async def _run_once(self) -> bool:
        self._launcher.restart_services = False
        try:
            with uncollected(for_good=self._watcher is None):
                modules = [ServiceImporter.import_service_file(file) for file in self._files]
        except Exception as error:  # noqa: BLE001 - a service file may raise anything
            log_uncaught(error)
            set_exit_code(get_exit_code() or 1)
            return False
        containers = [ServiceContainer(module, self._configuration) for module in modules]
        self._tell_watcher(modules)
        self._launcher.services = set(containers)
        await asyncio.gather(*(self._run_container(container) for container in containers))
        return get_exit_code() == DEFAULT

    async def _run_container(self, container: ServiceContainer) -> None:
        await container.run_until_complete()
        # One module that fails, or has nothing to run, ends the program: the others stop too.
        for other in self._launcher.services:
            other.stop_service()

    def _asked_to_stop(self) -> bool:
        waiter = self._launcher._close_waiter
        return waiter is not None and waiter.done()

    # --- signals --------------------------------------------------------------------------------

    def _handle_signals(self, loop: asyncio.AbstractEventLoop) -> list[signal.Signals]:
        handled: list[signal.Signals] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self._on_signal, number)
            except (NotImplementedError, RuntimeError, ValueError):
                # Not on Windows, and not outside the main thread.
                continue
            handled.append(number)
        return handled

    def _on_signal(self, number: signal.Signals) -> None:
        if self._asked_to_stop():
            return
        text = (
            "interrupt signal <ctrl+c>"
            if number == signal.SIGINT
            else "received termination signal"
        )
        logging.get_logger("tomodachi.signal").warning(text, signal=number.name)
        self._launcher.stop_services()

    # --- restarts -------------------------------------------------------------------------------

    async def _watch(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[Any] | None:
        if self._watcher is None:
            return None
        task: asyncio.Future[Any] = await self._watcher.watch(
            loop=loop, callback_func=self._on_changes
        )
        return task

    def _tell_watcher(self, modules: list[ModuleType]) -> None:
        if self._watcher is not None:
            for module in modules:
                for cls in service_classes(module):
                    self._watcher.add_options(cls.options.watcher)

    async def _on_changes(self, changed: set[str]) -> None:
        loaded = source_files(self._watcher.root)
        try:
            check_syntax([*map(str, map(service_path, self._files)), *(changed & loaded)])
        except (SyntaxError, ValueError) as error:
            self._logger.warning("restart failed due to error", error=str(error))
            log_uncaught(error)
            return
        self._changed |= changed
        self._launcher.restart_services = True
        for container in self._launcher.services:
            container.stop_service()

    async def _retry(self) -> bool:
        self._logger.warning(f"trying again in {RETRY_AFTER_S} seconds")  # noqa: G004
        waiter = self._launcher._close_waiter
        if waiter is None or waiter.done():
            return False
        delay = asyncio.ensure_future(clock.sleep(RETRY_AFTER_S))
        await asyncio.wait([delay, waiter], return_when=asyncio.FIRST_COMPLETED)
        delay.cancel()
        return not waiter.done()

    def _prepare_restart(self) -> None:
        set_exit_code(DEFAULT)
        forget_modules(self._watcher.root, self._changed)
        self._changed.clear()
