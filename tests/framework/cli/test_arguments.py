from __future__ import annotations

import shlex

import pytest

from tomodachi.cli.arguments import RunArguments, parse
from tomodachi.cli.errors import UsageError


def usage_error(argv, environ=None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse(argv, environ or {})
    return caught.value


def test_defaults():
    assert parse(["a.py", "b.py"], {}) == RunArguments(
        service_files=["a.py", "b.py"],
        config_files=[],
        loop="auto",
        log_level="info",
        logger="",
        custom_logger="",
        production=False,
        opentelemetry_instrument=False,
        help=False,
    )


def test_options_stand_anywhere_and_take_their_value_both_ways():
    arguments = parse(
        shlex.split(
            "--loop uv a.py --logger=json --production b.py -l WARNING --opentelemetry-instrument"
        ),
        {},
    )

    assert arguments.service_files == ["a.py", "b.py"]
    assert (arguments.loop, arguments.logger, arguments.log_level) == ("uvloop", "json", "warning")
    assert arguments.production
    assert arguments.opentelemetry_instrument


def test_after_two_dashes_everything_is_a_file():
    assert parse(["--", "--odd.py"], {}).service_files == ["--odd.py"]


@pytest.mark.parametrize(
    ("value", "loop"),
    [("auto", "auto"), ("default", "auto"), ("aio", "asyncio"), ("async", "asyncio"),
     ("ASYNCIO", "asyncio"), ("libuv", "uvloop"), ("uv", "uvloop"), ("uvloop", "uvloop")],
)  # fmt: skip
def test_loops_have_several_names(value, loop):
    assert parse(["--loop", value], {}).loop == loop
    assert parse([], {"TOMODACHI_LOOP": value}).loop == loop


@pytest.mark.parametrize("option", ["-l", "--log", "--log-level"])
def test_the_level_has_three_options(option):
    assert parse([option, "debug"], {}).log_level == "debug"


def test_the_environment_completes_the_command_line():
    environ = {
        "TOMODACHI_LOG_LEVEL": "ERROR",
        "TOMODACHI_LOGGER": "python",
        "TOMODACHI_PRODUCTION": "1",
        "TOMODACHI_OPENTELEMETRY_INSTRUMENT": "true",
    }
    from_env = parse([], environ)
    assert (from_env.log_level, from_env.logger) == ("error", "python")
    assert from_env.production
    assert from_env.opentelemetry_instrument
    both = parse(["--log-level", "error", "--logger", "python"], environ)
    assert (both.log_level, both.logger) == ("error", "python")


@pytest.mark.parametrize("value", ["0", "no", "none", "false", "False", ""])
def test_production_is_off_for_values_that_mean_no(value):
    assert not parse([], {"TOMODACHI_PRODUCTION": value}).production


@pytest.mark.parametrize(
    ("option", "variable", "given", "other"),
    [
        ("--loop", "TOMODACHI_LOOP", "uv", "asyncio"),
        ("--log-level", "TOMODACHI_LOG_LEVEL", "debug", "info"),
        ("--logger", "TOMODACHI_LOGGER", "json", "console"),
        ("--custom-logger", "TOMODACHI_CUSTOM_LOGGER", "a.b", "a.B"),
    ],
)
def test_an_option_and_its_variable_have_to_agree(option, variable, given, other):
    """As in 0.29.0, where the two mean the same however they are written."""
    error = usage_error([option, given], {variable: other})
    assert error.message.startswith(
        f"Invalid value for {option} option: '{given}' differs from env {variable}"
    )


def test_other_names_for_one_loop_agree():
    assert parse(["--loop", "uv"], {"TOMODACHI_LOOP": "uvloop"}).loop == "uvloop"


def test_row_16_a_custom_logger_keeps_its_case_in_the_environment_too():
    """Row 16: TOMODACHI_CUSTOM_LOGGER keeps its case."""
    path = "myApp.Loggers.factory"
    assert parse(["--custom-logger", path], {}).custom_logger == path
    from_env = parse([], {"TOMODACHI_CUSTOM_LOGGER": path})
    assert (from_env.custom_logger, from_env.logger) == (path, "custom")
    assert parse(["--logger", "custom"], {"TOMODACHI_CUSTOM_LOGGER": path}).custom_logger == path


def test_custom_logger_and_logger_exclude_one_another():
    error = usage_error(["--custom-logger", "a", "--logger", "json"])
    assert error.message == "Invalid combination of --custom-logger and --logger options."
    assert (
        usage_error(["--logger", "json"], {"TOMODACHI_CUSTOM_LOGGER": "a"}).message == error.message
    )
    assert usage_error(["--logger", "custom"]).message == error.message


def test_config_files_are_several_and_end_at_the_service_file():
    arguments = parse(["-c", "a.json", "b.json", "a.json", "svc.py", "--config=c.conf"], {})
    assert arguments.config_files == ["a.json", "b.json", "c.conf"]
    assert arguments.service_files == ["svc.py"]


@pytest.mark.parametrize(
    ("argv", "message", "suggestion"),
    [
        (["--produciton", "a b.py"], "option --produciton not recognized.",
         "tomodachi run --production 'a b.py'"),
        (["--zzz"], "option --zzz not recognized.", ""),
        (["--loop"], "Missing value for --loop option.",
         "tomodachi run --loop asyncio <service.py ...>"),
        (["--loop", "--production"], "Missing value for --loop option.",
         "tomodachi run --loop asyncio <service.py ...>"),
        (["--logger"], "Missing value for --logger option.",
         "tomodachi run --logger json <service.py ...>"),
        (["--loop", "uvlop"], "Invalid value for --loop option: 'uvlop' not recognized.",
         "tomodachi run --loop uvloop <service.py ...>"),
        (["--logger", "jsn"],
         "Invalid value for --logger option: 'jsn' "
         "(expected 'json', 'console', 'python' or 'disabled')",
         "tomodachi run --logger json <service.py ...>"),
        (["-l", "wrning"],
         "Invalid log level: 'wrning' "
         "(expected 'debug', 'info', 'warning', 'error' or 'critical')",
         "tomodachi run --log-level warning <service.py ...>"),
        (["-c"], "Missing config file on command line.",
         "tomodachi run <service.py ...> -c config.json"),
        (["--production=yes"], "option --production takes no value, got 'yes'.", ""),
    ],
)  # fmt: skip
def test_row_16_what_cannot_be_run_is_said_with_what_may_have_been_meant(argv, message, suggestion):
    """Row 16: unknown flags are errors, `--loop` without a value is a usage error."""
    error = usage_error(argv)
    assert (error.message, error.suggestion) == (message, suggestion)


@pytest.mark.parametrize(
    "argv",
    [
        ["--loop", "odd", "--loop=asyncio"],
        ["--loop=asyncio", "--loop", "odd"],
        ["-l", "loud", "--log-level", "info"],
        ["--logger=odd", "--logger", "json"],
    ],
)
def test_a_bad_value_is_refused_also_where_a_good_one_stands_beside_it(argv):
    """The original framework ends with 2 for `--loop odd --loop=asyncio`."""
    with pytest.raises(UsageError, match=r"odd|loud"):
        parse([*argv, "a.py"], {})


def test_the_last_of_several_values_counts():
    assert parse(["--loop", "uv", "--loop=asyncio", "a.py"], {}).loop == "asyncio"


def test_a_bad_value_of_the_environment_is_named():
    error = usage_error([], {"TOMODACHI_LOOP": "fast"})
    assert "TOMODACHI_LOOP environment variable: 'fast'" in error.message
    error = usage_error([], {"TOMODACHI_LOG_LEVEL": "loud"})
    assert "Invalid TOMODACHI_LOG_LEVEL environment value: 'loud'" in error.message
