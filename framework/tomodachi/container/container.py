"""The services of one module, started, kept running and stopped together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from tomodachi import logging
from tomodachi.container.configuration import setup_configuration
from tomodachi.container.hooks import has_start_hooks, tell
from tomodachi.container.instances import InstanceError, make_runner
from tomodachi.container.module_services import service_classes
from tomodachi.container.names import assign_service_name
from tomodachi.container.runner import ServiceRunner
from tomodachi.container.running import running_containers
from tomodachi.exit_code import get_exit_code, set_exit_code
from tomodachi.helpers import clock
from tomodachi.helpers.context_variables import get_contextvar
from tomodachi.invoker import lifecycle
from tomodachi.transport.failures import log_uncaught

if TYPE_CHECKING:
    from tomodachi.services.base import Service

# How long a phase of the start may go on once the services have been asked to stop.
START_GRACE_S = 5.0


class StartedService(NamedTuple):
    """A service that runs: a tuple, because that is how its readers take it apart."""

    name: str
    instance: Any
    log_level: str

    def __hash__(self) -> int:
        """A tuple's; by identity where the service has no hash (a dataclass, for one)."""
        try:
            return tuple.__hash__(self)
        except TypeError:
            return hash((self.name, id(self.instance)))


Started = set[StartedService]
Phase = Callable[[ServiceRunner], Coroutine[Any, Any, None]]
_PHASES: tuple[Phase, ...] = (
    ServiceRunner.initialize,
    ServiceRunner.run_start_hook,
    ServiceRunner.start_transports,
    ServiceRunner.run_started_hook,
    ServiceRunner.announce,
)


class ServiceContainer:
    """Runs every service class of a module until it is told to stop.

    Args:
        module_import: The module, as `ServiceImporter` gives it.
        configuration: Values merged onto each instance (deprecated configuration files).

    Attributes:
        module_import: The module.
        module_name: Its name without packages.
        file_path: Its file.
        configuration: As given.
        services_started: The services that run: (name, instance, log level).
    """

    def __init__(
        self, module_import: ModuleType, configuration: Mapping[str, Any] | None = None
    ) -> None:
        self.module_import = module_import
        self.module_name = module_import.__name__.replace("/", ".").rpartition(".")[2]
        self.file_path = module_import.__file__
        self.configuration = configuration
        self.services_started: Started = set()
        self._made: list[ServiceRunner] = []
        self._runners: list[ServiceRunner] = []
        self._stop_requested = asyncio.Event()
        self._stopped = asyncio.Event()
        self._started_waiter: asyncio.Future[Started] | None = None
        self._logger = logging.get_logger("tomodachi.lifecycle")

    @property
    def started_waiter(self) -> asyncio.Future[Started]:
        """Done when the start has ended, well or not; its result names the service instances."""
        if self._started_waiter is None:
            self._started_waiter = asyncio.get_event_loop().create_future()
        return self._started_waiter

    def stop_service(self) -> None:
        """Ask the services to stop; `run_until_complete` returns when they have."""
        get_contextvar("exit_code").set(get_exit_code())
        for runner in self._runners:
            lifecycle.ask_to_stop(runner.instance)
        self._stop_requested.set()

    async def wait_stopped(self) -> None:
        """Return when the services have stopped."""
        await self._stopped.wait()

    async def run_until_complete(self) -> None:
        """Start the services, run until `stop_service`, stop them.

        Errors are logged, and end in an exit code of the process other than 0.
        """
        running_containers.add(self)
        get_contextvar("service.logger").set("tomodachi.service")
        try:
            await self._run()
        finally:
            await self._stop()
            running_containers.discard(self)
            self._stopped.set()

    async def _run(self) -> None:
        try:
            started = await self._instantiate() and await self._start()
        finally:
            self._tell_started()
        if started:
            await self._stop_requested.wait()

    # --- start ----------------------------------------------------------------------------------

    async def _instantiate(self) -> bool:
        logger = logging.get_logger("tomodachi.init")
        place = {"module": self.module_name, "file_path": self.file_path}
        for cls in service_classes(self.module_import):
            try:
                runner = await make_runner(cls, self.file_path, self.setup_configuration)
            except InstanceError as error:
                self._fail(error.__cause__ or error)
                logger.error(str(error), class_=cls.__name__, **place)  # noqa: TRY400 - told by the line before
                logger.warning("error during initializing", **place)
                return False
            self._made.append(runner)
        # A service without anything to start is known to the others, and that is all.
        self._runners = [
            runner
            for runner in self._made
            if runner.has_handlers or has_start_hooks(runner.instance)
        ]
        if not self._runners:
            logger.warning("no transport handlers defined", **place)
            set_exit_code(get_exit_code() or 1)
        return bool(self._runners)

    async def _start(self) -> bool:
        for phase in _PHASES:
            if self._stop_requested.is_set():
                return False
            if not await self._run_phase(phase):
                return False
        self.services_started = self._instances()
        return True

    async def _run_phase(self, phase: Phase) -> bool:
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(phase(runner)) for runner in self._runners]
        stop = loop.create_task(self._cancel_after_grace(tasks))
        try:
            results = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            stop.cancel()
            for task in tasks:
                task.cancel()
        errors = [result for result in results if isinstance(result, BaseException)]
        if self._stop_requested.is_set():
            errors = [error for error in errors if not isinstance(error, asyncio.CancelledError)]
        for error in errors:
            self._fail(error)
        if errors:
            self._abort()
        return not any(isinstance(result, BaseException) for result in results)

    def _abort(self) -> None:
        for runner in self._runners:
            name = runner.instance.name
            self._logger.warning("failed to start service", state="aborting", service=name)
            tell("lifecycle.abort")

    async def _cancel_after_grace(self, tasks: list[asyncio.Task[None]]) -> None:
        await self._stop_requested.wait()
        await clock.sleep(START_GRACE_S)
        for task in tasks:
            task.cancel()

    def _fail(self, error: BaseException) -> None:
        log_uncaught(error)
        set_exit_code(get_exit_code() or 1)

    def _tell_started(self) -> None:
        if not self.started_waiter.done():
            self.started_waiter.set_result(self._instances())

    def _instances(self) -> Started:
        return {
            StartedService(service.name, service, getattr(service, "log_level", "INFO"))
            for service in (runner.instance for runner in self._runners)
        }

    # --- stop -----------------------------------------------------------------------------------

    async def _stop(self) -> None:
        await asyncio.gather(*(runner.stop() for runner in self._made))
        self.services_started = set()

    # --- instances ------------------------------------------------------------------------------

    def setup_configuration(self, instance: Service) -> None:
        """Merge the configuration onto an instance."""
        if self.configuration:
            setup_configuration(instance, self.configuration)

    @classmethod
    def assign_service_name(cls, instance: Service) -> str:
        """Give an instance a name that is made of its module's and its class's, and unique."""
        return assign_service_name(instance)
