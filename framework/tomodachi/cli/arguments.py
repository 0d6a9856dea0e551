"""The arguments of `tomodachi run`, from the command line and the environment. Pure.

Options may stand anywhere after `run`, as `--option value` or `--option=value`; what is no option is
a service file. Where an option that takes a value has an environment variable too, the two must agree.
Whether the files exist is asked in `run.py`.
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
    logger: str = ""
    """The format; "" leaves it as it was chosen by others, "console" if nobody has."""
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
    env = {name: environ.get(_variable(name), "").strip() for name in _ENVIRONMENT}
    custom_logger, logger = _loggers(given, env)
    return RunArguments(
        service_files=files,
        config_files=list(dict.fromkeys(configs)),
        loop=_agreed("loop", given, env, _loop) or "auto",
        log_level=_agreed("log_level", given, env, _log_level) or "info",
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


def _split(argv: Sequence[str]) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """Options by name with all their values, service files, config files."""
    given: dict[str, list[str]] = {}
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
            given[_FLAGS[option]] = []
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
                given.setdefault(name, []).append(values[0])
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


def _agreed(
    name: str,
    given: Mapping[str, Sequence[str]],
    env: Mapping[str, str],
    checked: Callable[[str, str], str],
) -> str:
    """The last value of an option, or else that of its variable; "" for none. Each has to be valid."""
    option, variable = f"--{name.replace('_', '-')}", _variable(name)
    flag = [checked(value, option) for value in given.get(name, ())][-1:]
    value = checked(env[name], variable) if env[name] else ""
    if flag and value and flag != [value]:
        msg = (
            f"Invalid value for {option} option: '{given[name][-1]}' differs from env {variable}, "
            f"which is '{env[name]}'. Remove one of them."
        )
        raise UsageError(msg)
    return flag[0] if flag else value


def _variable(name: str) -> str:
    return f"TOMODACHI_{name.upper()}"


def _loop(value: str, source: str) -> str:
    if value.lower() not in LOOPS:
        msg = f"Invalid value for {_named(source)}: '{value}' not recognized."
        raise UsageError(
            msg, _near(value, LOOPS, "tomodachi run --loop {} <service.py ...>".format)
        )
    return LOOPS[value.lower()]


def _log_level(value: str, source: str) -> str:
    if value.lower() not in LOG_LEVELS:
        what = "log level" if source.startswith("--") else f"{source} environment value"
        msg = (
            f"Invalid {what}: '{value}' "
            "(expected 'debug', 'info', 'warning', 'error' or 'critical')"
        )
        raise UsageError(
            msg, _near(value, LOG_LEVELS, "tomodachi run --log-level {} <service.py ...>".format)
        )
    return LOG_LEVELS[value.lower()]


def _loggers(given: Mapping[str, Sequence[str]], env: Mapping[str, str]) -> tuple[str, str]:
    """The import path of a custom logger, "" if none, and the name of the format, "" if not said."""
    logger = _agreed("logger", given, env, _logger)
    custom = _agreed("custom_logger", given, env, lambda value, _: value)
    if (custom and logger not in ("", "custom")) or (logger == "custom" and not custom):
        raise UsageError("Invalid combination of --custom-logger and --logger options.")
    return custom, "custom" if custom else logger


def _logger(value: str, source: str) -> str:
    if value.lower() not in LOGGERS:
        msg = (
            f"Invalid value for {_named(source)}: '{value}' "
            "(expected 'json', 'console', 'python' or 'disabled')"
        )
        raise UsageError(
            msg, _near(value, LOGGERS, "tomodachi run --logger {} <service.py ...>".format)
        )
    return value.lower()


def _named(source: str) -> str:
    kind = "option" if source.startswith("--") else "environment variable"
    return f"{source} {kind}"


def _near(value: str, known: Mapping[str, str] | Sequence[str], form: Callable[[str], str]) -> str:
    near = nearest(value.lower(), known)
    return form(near) if near else ""
