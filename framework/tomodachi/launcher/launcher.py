"""The launcher as programs and tests see it: what runs, how it is asked to stop, the event loop.

What happens in between, signals and restarts, is in `program.py`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from tomodachi import logging
from tomodachi.exit_code import DEFAULT, set_exit_code
from tomodachi.launcher.program import Program

if TYPE_CHECKING:
    from tomodachi.container import ServiceContainer

Hook = Callable[[], Awaitable[Any]]


class ServiceLauncher:
    """Runs service files; there is one launcher a process, hence everything is on the class.

    Attributes:
        services: The containers that run.
        restart_services: Whether the services start anew once they have stopped.
        stop_services_pre_hook: Awaited before services are asked to stop.
        stop_services_post_hook: Awaited after they were.
    """

    services: ClassVar[set[ServiceContainer]] = set()
    restart_services: ClassVar[bool] = False
    stop_services_pre_hook: ClassVar[Hook | None] = None
    stop_services_post_hook: ClassVar[Hook | None] = None
    _close_waiter: ClassVar[asyncio.Future[None] | None] = None
    _stopped_waiter: ClassVar[asyncio.Future[None] | None] = None
    _stop_task: ClassVar[asyncio.Task[None] | None] = None

    @classmethod
    def stop_services(cls) -> None:
        """Ask all services to stop; a second call does nothing more. Must be called inside the loop.

        Raises:
            RuntimeError: no event loop is running.
        """
        loop = asyncio.get_running_loop()
        if cls._close_waiter is not None and not cls._close_waiter.done():
            cls._close_waiter.set_result(None)
        if cls._stop_task is None or cls._stop_task.done() or cls._stop_task.get_loop() is not loop:
            cls._stop_task = loop.create_task(cls._stop_services())

    @classmethod
    async def _stop_services(cls) -> None:
        await _call(cls.stop_services_pre_hook)
        for container in cls.services:
            container.stop_service()
        await _call(cls.stop_services_post_hook)

    @classmethod
    def run_until_complete(
        cls,
        service_files: Iterable[str],
        configuration: Mapping[str, Any] | None = None,
        watcher: Any = None,
    ) -> None:
        """Run services until they stop; the exit code is then in `tomodachi.SERVICE_EXIT_CODE`.

        Args:
            service_files: Paths of service files.
            configuration: Values merged onto each service (deprecated configuration files).
            watcher: Tells of changed files by `await watch(loop=, callback_func=)`; None for none.
        """
        set_exit_code(DEFAULT)
        program = Program(cls, list(dict.fromkeys(service_files)), configuration, watcher)
        previous, loop = _current_loop(), asyncio.new_event_loop()
        try:
            asyncio.set_event_loop(loop)
            loop.run_until_complete(program.run())
        finally:
            _close(loop)
            asyncio.set_event_loop(previous)


async def _call(hook: Hook | None) -> None:
    if hook is not None:
        await hook()


def _close(loop: asyncio.AbstractEventLoop) -> None:
    try:
        tasks = asyncio.all_tasks(loop)
        if os.environ.get("TOMODACHI_DEBUG", "") not in ("", "0"):
            _warn_of(tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _warn_of(tasks: set[asyncio.Task[Any]]) -> None:
    logger = logging.get_logger("tomodachi.lifecycle")
    for task in tasks:
        code = getattr(task.get_coro(), "cr_code", None)
        logger.warning(
            "task has not been awaited",
            task_name=task.get_name(),
            task_function_name=getattr(code, "co_name", ...),
            task_filename=getattr(code, "co_filename", ...),
        )


def _current_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that was set for this thread, if any.

    `asyncio.get_event_loop()` would make one where there is none; the policy has no question for it.
    """
    local = getattr(asyncio.get_event_loop_policy(), "_local", None)
    loop: asyncio.AbstractEventLoop | None = getattr(local, "_loop", None)
    return loop
