"""`tomodachi.exit()`: stops every service of the process, gracefully, and says how it ends."""

from __future__ import annotations

from tomodachi import logging
from tomodachi.container.running import running_containers
from tomodachi.exit_code import get_exit_code, set_exit_code
from tomodachi.launcher import ServiceLauncher


def exit(exit_code: int | None = None) -> None:  # noqa: A001 - its public name
    """Stop all services, as on SIGTERM; returns at once. Must be called inside the event loop.

    Args:
        exit_code: What the process ends with; None leaves it as it stands (0 if all went well).

    Raises:
        TypeError: `exit_code` is no integer.
        RuntimeError: no event loop is running.
    """
    code = get_exit_code() if exit_code is None else _checked(exit_code)
    set_exit_code(code)
    logging.get_logger("tomodachi.exit").warning(
        f"tomodachi.exit [{code}] was called",
        exit_code=code,
    )
    ServiceLauncher.stop_services()
    for container in running_containers:
        container.stop_service()


def _checked(exit_code: object) -> int:
    if isinstance(exit_code, int):
        return exit_code
    msg = f"tomodachi.exit() takes an integer or None as the process's exit code, not {exit_code!r}"
    raise TypeError(msg)
