"""The arguments of `tomodachi run`, from the command line and the environment. Pure.

Options may stand anywhere after `run`, as `--option value` or `--option=value`; what is no option is
a service file. An option of the command line beats its environment variable, but for `--loop`, where
the two must agree. Whether the files exist is asked in `run.py`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tomodachi.cli.errors import UsageError
from tomodachi.helpers.colors import is_yes
from tomodachi.helpers.nearest import nearest

LOOPS = {
    "auto": "auto",
    "default": "auto",
    "asyncio": "asyncio",
    "aio": "asyncio",
    "async": "asyncio",
    "uvloop": "uvloop",
    "libuv": "uvloop",
    "uv": "uvloop",
}
LOG_LEVELS = {
    "debug": "debug",
    "info": "info",
    "warning": "warning",
    "warn": "warning",
    "error": "error",
    "critical": "critical",
    "fatal": "critical",
}
LOGGERS = ("console", "json", "python", "disabled", "custom")

_FLAGS = {
    "--production": "production",
    "--opentelemetry-instrument": "opentelemetry_instrument",
    "-h": "help",
    "--help": "help",
}
_VALUES = {
    "--loop": "loop",
    "-l": "log_level",
    "--log": "log_level",
    "--log-level": "log_level",
    "--logger": "logger",
    "--custom-logger": "custom_logger",
    "-c": "config",
    "--config": "config",
}


@dataclass(slots=True)
class RunArguments:
    """What `tomodachi run` is asked to do."""

    service_files: list[str] = field(default_factory=list)
    config_files: list[str] = field(default_factory=list)
    loop: str = "auto"
    log_level: str = "info"
    logger: str = "console"
    custom_logger: str = ""
    production: bool = False
    opentelemetry_instrument: bool = False
    help: bool = False


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> RunArguments:
    """The arguments after `run`, completed from the environment.

    Raises:
        UsageError: an option is unknown, lacks its value, or has one that it does not take.
    """
    given, files, configs = _split(argv)
    env = {name: environ.get(f"TOMODACHI_{name.upper()}", "").strip() for name in _ENVIRONMENT}
    custom_logger, logger = _logger(given, env)
    return RunArguments(
        service_files=files,
        config_files=configs,
        loop=_loop(given.get("loop"), env["loop"]),
        log_level=_log_level(given.get("log_level") or env["log_level"] or "info"),
        logger=logger,
        custom_logger=custom_logger,
        production="production" in given or is_yes(env["production"]),
        opentelemetry_instrument=(
            "opentelemetry_instrument" in given or is_yes(env["opentelemetry_instrument"])
        ),
        help="help" in given,
    )


_ENVIRONMENT = (
    "loop",
    "log_level",
    "logger",
    "custom_logger",
    "production",
    "opentelemetry_instrument",
)


def _split(argv: Sequence[str]) -> tuple[dict[str, str], list[str], list[str]]:
    """Options by name, service files, config files."""
    given: dict[str, str] = {}
    files: list[str] = []
    configs: list[str] = []
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            files += rest
            break
        option, equals, inline = word.partition("=")
        if not word.startswith("-") or word == "-":
            files.append(word)
        elif option in _FLAGS and not equals:
            given[_FLAGS[option]] = "1"
        elif option in _FLAGS:
            msg = f"option {option} takes no value, got {inline!r}."
            raise UsageError(msg)
        elif option in _VALUES:
            name = _VALUES[option]
            values = [inline] if equals else _values(rest, many=name == "config")
            if not values or not values[0]:
                raise _missing_value(option)
            if name == "config":
                configs += values
            else:
                given[name] = values[0]
        else:
            raise _unknown(option, argv)
    return given, files, configs


def _values(rest: list[str], *, many: bool) -> list[str]:
    """Take the value of an option off `rest`; several for config files, up to the service file."""
    values: list[str] = []
    while rest and not rest[0].startswith("-"):
        if values and (not many or not rest[0].endswith(".json")):
            break
        values.append(rest.pop(0))
    return values


def _missing_value(option: str) -> UsageError:
    if _VALUES[option] == "config":
        return UsageError(
            "Missing config file on command line.",
            f"tomodachi run <service.py ...> {option} config.json",
        )
    examples = {
        "loop": "asyncio",
        "log_level": "info",
        "logger": "json",
        "custom_logger": "package.module.attribute",
    }
    return UsageError(
        f"Missing value for {option} option.",
        f"tomodachi run {option} {examples[_VALUES[option]]} <service.py ...>",
    )


def _unknown(option: str, argv: Sequence[str]) -> UsageError:
    near = nearest(option, [*_FLAGS, *_VALUES])
    meant = [word.replace(option, near) for word in argv] if near else []
    return UsageError(
        f"option {option} not recognized.", f"tomodachi run {shlex.join(meant)}" if near else ""
    )


def _loop(flag: str | None, env: str) -> str:
    def checked(value: str, source: str) -> str:
        if value.lower() not in LOOPS:
            msg = f"Invalid value for {source}: '{value}' not recognized."
            raise UsageError(
                msg, _near(value, LOOPS, "tomodachi run --loop {} <service.py ...>".format)
            )
        return LOOPS[value.lower()]

    from_env = checked(env, "TOMODACHI_LOOP environment variable") if env else ""
    from_flag = checked(flag, "--loop option") if flag else ""
    if from_env and from_flag and from_env != from_flag:
        msg = (
            f"Invalid combination of --loop option and TOMODACHI_LOOP environment variable: "
            f"'{flag}' is not '{env}'. Remove one of them."
        )
        raise UsageError(msg)
    return from_flag or from_env or "auto"


def _log_level(value: str) -> str:
    if value.lower() not in LOG_LEVELS:
        msg = (
            f"Invalid log level: '{value}' "
            "(expected 'debug', 'info', 'warning', 'error' or 'critical')"
        )
        raise UsageError(
            msg, _near(value, LOG_LEVELS, "tomodachi run --log-level {} <service.py ...>".format)
        )
    return LOG_LEVELS[value.lower()]


def _logger(given: Mapping[str, str], env: Mapping[str, str]) -> tuple[str, str]:
    """The import path of a custom logger, "" if none, and the name of the log format."""
    for source in (given, env):
        custom, logger = source.get("custom_logger", ""), source.get("logger", "")
        if not custom and not logger:
            continue
        if logger and logger.lower() not in LOGGERS:
            msg = (
                f"Invalid value for --logger option: '{logger}' "
                "(expected 'console', 'json', 'python' or 'disabled')"
            )
            raise UsageError(
                msg, _near(logger, LOGGERS, "tomodachi run --logger {} <service.py ...>".format)
            )
        if custom and logger.lower() not in ("", "custom"):
            raise UsageError("Invalid combination of --custom-logger and --logger options.")
        if custom:
            return custom, "custom"
        if logger.lower() == "custom":
            return _custom_from(env)
        return "", logger.lower()
    return "", "console"


def _custom_from(env: Mapping[str, str]) -> tuple[str, str]:
    if not env["custom_logger"]:
        msg = "Missing value for --custom-logger option, which --logger custom needs."
        raise UsageError(
            msg, "tomodachi run --custom-logger package.module.attribute <service.py ...>"
        )
    return env["custom_logger"], "custom"


def _near(value: str, known: Mapping[str, str] | Sequence[str], form: Callable[[str], str]) -> str:
    near = nearest(value.lower(), known)
    return form(near) if near else ""
