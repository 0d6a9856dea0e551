"""From parsed arguments to running services: logging, loop, banner, watcher, launcher, exit code."""

from __future__ import annotations

import asyncio
import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import tomodachi
from tomodachi.cli.arguments import RunArguments
from tomodachi.cli.errors import UsageError
from tomodachi.helpers.nearest import nearest

if TYPE_CHECKING:
    from tomodachi.logging.handlers import LoggerType


def run(arguments: RunArguments) -> int:
    """Run the services until they stop; the exit code.

    Raises:
        UsageError: a file is missing or unreadable, or a package that an option needs.
        ModuleNotFoundError: the custom logger's module does not exist.
    """
    files = [_existing_service_file(name) for name in arguments.service_files]
    configuration = _configuration(arguments.config_files)
    tomodachi.get_contextvar("loop.setting").set(arguments.loop)
    set_up_logging(arguments)
    if arguments.opentelemetry_instrument:
        instrument()
    loop_version = choose_loop(arguments.loop)
    watcher = None if arguments.production else _watcher(files, configuration)
    if not arguments.production:
        _banner(arguments, loop_version)

    from tomodachi.launcher import ServiceLauncher

    ServiceLauncher.run_until_complete(files, configuration, watcher)
    return int(tomodachi.SERVICE_EXIT_CODE)


def _existing_service_file(name: str) -> str:
    """The file as given, or with `.py`."""
    path = Path(name)
    if path.is_file() or Path(f"{name}.py").is_file():
        return name
    if path.is_dir():
        msg = f"'{name}' is a directory: name a service file in it."
        raise UsageError(msg)
    folder = path.parent if path.parent.is_dir() else Path()
    near = nearest(path.name, (file.name for file in folder.glob("*.py")))
    suggestion = f"tomodachi run {folder / near}" if near else ""
    msg = f"no such service file: '{name}'."
    raise UsageError(msg, suggestion)


def _configuration(files: list[str]) -> dict[str, Any] | None:
    if not files:
        return None
    from tomodachi.config import parse_config_files
    from tomodachi.helpers.deprecation import warn_deprecated

    warn_deprecated(
        "Configuration files (-c, --config) are deprecated: set a service's options in its code, "
        "from environment variables where they differ by environment."
    )

    for name in files:
        if not Path(name).is_file():
            msg = f"Invalid config file: {name}"
            raise UsageError(msg)
    try:
        return parse_config_files(files)
    except ValueError as error:
        msg = f"Invalid config file, invalid JSON format: {error}"
        raise UsageError(msg) from error


def set_up_logging(arguments: RunArguments) -> None:
    """Choose the format and the level that the arguments ask for."""
    from tomodachi import logging

    if arguments.logger:
        # The parser has checked that the name is one of the formats.
        logging.set_default_formatter(cast("LoggerType", arguments.logger))
    if arguments.custom_logger:
        logging.set_custom_logger_factory(arguments.custom_logger)
    logging.configure(log_level=arguments.log_level)


def choose_loop(name: str) -> str:
    """Put the event loop policy in place; the version of a loop that is not asyncio's.

    Raises:
        UsageError: uvloop is asked for and not installed.
    """
    if name == "asyncio":
        asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())
    if name != "uvloop":
        return ""
    try:
        uvloop = importlib.import_module("uvloop")
    except ModuleNotFoundError as error:
        msg = "the event loop 'uvloop' needs the package uvloop, which is not installed."
        raise UsageError(msg, "python -m pip install 'tomodachi-testkit[uvloop]'") from error
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    return str(uvloop.__version__)


def instrument() -> None:
    """Instrument with every OpenTelemetry instrumentor that is installed, ours included.

    Raises:
        UsageError: the extra is not installed.
    """
    try:
        auto = importlib.import_module("opentelemetry.instrumentation.auto_instrumentation")
    except ModuleNotFoundError as error:
        msg = f"--opentelemetry-instrument needs packages that are not installed ({error.name})."
        suggestion = "python -m pip install 'tomodachi-testkit[opentelemetry]'"
        raise UsageError(msg, suggestion) from error
    # Others that are installed would be taken otherwise, whichever is found first.
    os.environ.setdefault("OTEL_PYTHON_DISTRO", "tomodachi")
    auto.initialize()


def _watcher(files: list[str], configuration: dict[str, Any] | None) -> Any:
    from tomodachi.watcher import Watcher

    return Watcher(root=watched_roots(files), configuration=configuration)


def watched_roots(files: list[str]) -> list[str]:
    """The working directory, the directory of every service file, every entry of PYTHONPATH."""
    roots = [Path.cwd(), *(Path(name).resolve().parent for name in files)]
    roots += [Path(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return list(dict.fromkeys(str(root) for root in roots))


def _banner(arguments: RunArguments, loop_version: str) -> None:
    from tomodachi.helpers.banner import render_banner

    name = "asyncio" if arguments.loop == "auto" else arguments.loop
    render_banner(
        arguments.service_files,
        event_loop_alias=name,
        event_loop_version=loop_version,
        watcher_enabled=True,
    )
