"""One run of service files: a container a file, restarts when code changes, the end.

What a change of code does is in `reload.py`, signals are in `signals.py`.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping
from contextvars import copy_context
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tomodachi import logging
from tomodachi.container import ServiceContainer
from tomodachi.container.module_services import service_classes
from tomodachi.exit_code import DEFAULT, get_exit_code, set_exit_code
from tomodachi.helpers import clock
from tomodachi.helpers.collection import uncollected
from tomodachi.helpers.context_variables import get_contextvar
from tomodachi.helpers.execution_context import clear_execution_context, set_execution_context
from tomodachi.importer import ServiceImporter
from tomodachi.launcher.facts import process_facts
from tomodachi.launcher.signals import handled_signals
from tomodachi.logging.handlers import OwnHandler, own_handlers, remove
from tomodachi.services.registry import clear_services

if TYPE_CHECKING:
    from tomodachi.launcher.launcher import ServiceLauncher

RETRY_AFTER_S = 1.5
NOT_ENDED = -1
"""What `tomodachi.context("exit_code")` says until the services are asked to stop."""


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
        self._logger = logging.get_logger("tomodachi.watcher")
        # What a change has been imported as while the services before it still ran.
        self._next: list[ModuleType] | None = None
        self._changed = asyncio.Event()
        self._old_handlers: list[OwnHandler] = []
        self._context = copy_context()

    async def run(self) -> None:
        """Run until the services have stopped for good."""
        loop = asyncio.get_running_loop()
        self._launcher._close_waiter = loop.create_future()
        self._launcher._stopped_waiter = loop.create_future()
        clear_services()
        clear_execution_context()
        with handled_signals(loop, self._launcher.stop_services):
            watching = await self._watch(loop)
            try:
                await loop.create_task(self._run_and_restart(), context=self._context)
            finally:
                if watching is not None:
                    watching.cancel()
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
        self._changed.clear()
        set_exit_code(DEFAULT)
        get_contextvar("exit_code").set(NOT_ENDED)
        loop, watched = asyncio.get_running_loop(), self._watcher is not None
        set_execution_context(process_facts(loop, watcher_enabled=watched))
        modules, self._next = self._next or self._imported(), None
        containers = [ServiceContainer(module, self._configuration) for module in modules]
        self._tell_watcher(modules)
        self._launcher.services = set(containers)
        await asyncio.gather(*(container.run_until_complete() for container in containers))
        return get_exit_code() == DEFAULT

    def _imported(self) -> list[ModuleType]:
        """The modules of all files; none if one of them can't be imported."""
        try:
            with uncollected(for_good=self._watcher is None):
                return [ServiceImporter.import_service_file(file) for file in self._files]
        except Exception as error:  # noqa: BLE001 - a service file may raise anything
            from tomodachi.launcher.import_errors import log_import_error

            log_import_error(error)
            set_exit_code(get_exit_code() or 1)
            return []

    def _asked_to_stop(self) -> bool:
        waiter = self._launcher._close_waiter
        return waiter is not None and waiter.done()

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
        # Imported by the first change: production needs none of it.
        from tomodachi.launcher.reload import ReloadError, imported_anew

        handlers = own_handlers()
        self._context.run(logging.reset_context)
        try:
            # What a module sets in its context when it is imported is the services' to see.
            self._next = self._context.run(imported_anew, self._files, self._watcher.root, changed)
        except ReloadError as error:
            location = error.location or ...
            self._logger.warning("restart failed due to error", error_location=location)
            return
        self._old_handlers += handlers
        self._logger.warning("restarting services")
        self._launcher.restart_services = True
        self._changed.set()
        for container in self._launcher.services:
            container.stop_service()

    async def _retry(self) -> bool:
        """Wait a moment, or for a change; whether there is to be another run."""
        self._logger.warning("service exited due to errors")
        self._logger.warning(f"trying again in {RETRY_AFTER_S} seconds")  # noqa: G004
        waiter = self._launcher._close_waiter
        if waiter is None or waiter.done():
            return False
        moments: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(clock.sleep(RETRY_AFTER_S)),
            asyncio.ensure_future(self._changed.wait()),
        ]
        await asyncio.wait([*moments, waiter], return_when=asyncio.FIRST_COMPLETED)
        for moment in moments:
            moment.cancel()
        return not waiter.done()

    def _prepare_restart(self) -> None:
        from tomodachi.launcher.reload import forget_modules

        if self._next is None:
            self._old_handlers = own_handlers()
            logging.reset_context()
            forget_modules(self._watcher.root)
        remove(self._old_handlers)
        self._old_handlers.clear()
