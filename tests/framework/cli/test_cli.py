from __future__ import annotations

import asyncio
import importlib.util
import sys

import pytest

import tomodachi
from tomodachi import cli, logging
from tomodachi.cli import dependencies
from tomodachi.cli import run as cli_run
from tomodachi.cli.arguments import parse


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for name in ("LOOP", "LOG_LEVEL", "LOGGER", "CUSTOM_LOGGER", "PRODUCTION"):
        monkeypatch.delenv(f"TOMODACHI_{name}", raising=False)


@pytest.fixture
def command(capsys):
    """Run a command line; its exit code and what it printed."""

    def run(*argv: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as caught:
            cli.cli_entrypoint(["tomodachi", *argv])
        output = capsys.readouterr()
        assert output.err == ""
        return caught.value.code, output.out

    return run


@pytest.fixture
def run_calls(monkeypatch):
    """The arguments that services would have been run with."""
    calls: list[cli.RunArguments] = []

    def run(arguments: cli.RunArguments) -> int:
        calls.append(arguments)
        return 7

    monkeypatch.setattr(cli_run, "run", run)
    return calls


@pytest.mark.parametrize(
    "argv", [[], ["-h"], ["--help"], ["run"], ["run", "--help"], ["run", "svc.py", "-h"]]
)
def test_help_fits_a_terminal_and_names_every_option(command, argv):
    code, text = command(*argv)

    assert code == 0
    assert max(map(len, text.splitlines())) <= 80
    for option in ("--loop", "--production", "--log-level", "--logger", "--custom-logger"):
        assert option in text
    assert "\033[" not in text


@pytest.mark.parametrize("option", ["-v", "-V", "--version"])
def test_version(command, option):
    assert command(option) == (0, f"tomodachi {tomodachi.__version__}\n")


@pytest.mark.parametrize("option", ["--help", "--version", "--deps"])
@pytest.mark.parametrize("other", ["--bogus", "--loop=asyncio"])
def test_row_16_unknown_flags_are_errors_behind_an_informing_option_too(command, option, other):
    """As in tomodachi 0.29."""
    code, told = command(option, other)
    assert (code, f"option {other} not recognized" in told) == (2, True)


def test_options_of_run_may_stand_behind_an_informing_option(command):
    """As in tomodachi 0.29, where nothing comes of them."""
    assert command("--version", "--production")[0] == 0


@pytest.mark.parametrize("option", ["--dependency-versions", "--dependencies", "--deps"])
def test_dependency_versions(command, option):
    code, text = command(option)

    lines = dict(line.split("/") for line in text.splitlines())
    assert code == 0
    assert list(lines)[:4] == ["aioamqp", "aiobotocore", "aiohttp", "botocore"]
    assert cli.CLI().test_dependencies()["aiohttp"] == lines["aiohttp"]


def test_an_absent_dependency_is_told_and_fails_who_asks_for_that(command, monkeypatch, capsys):
    """The arguments of 0.29.0."""
    monkeypatch.setattr(dependencies, "versions", lambda: dict.fromkeys(dependencies.DEPENDENCIES))
    code, text = command("--deps")
    assert (code, text.splitlines()[0]) == (0, "Dependency failure: 'aioamqp' is not installed")

    assert cli.CLI.test_dependencies(fail_on_errors=False, output_errors=False)["aiohttp"] is None
    assert capsys.readouterr().out == ""
    with pytest.raises(SystemExit) as caught:
        cli.CLI.test_dependencies()
    assert caught.value.code == 1


@pytest.mark.parametrize("name", ["run", "start", "go"])
def test_the_exit_code_is_that_of_the_services(command, run_calls, name):
    assert command(name, "svc.py", "--production")[0] == 7
    assert run_calls[0].service_files == ["svc.py"]
    assert run_calls[0].production


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["svc.py"], ["the command 'run' must be specified", "tomodachi run svc.py"]),
        (["rum", "svc.py"], ["no such command: 'rum'", "tomodachi run svc.py"]),
        (["--hepl"], ["option --hepl not recognized", "tomodachi --help"]),
        (["--production", "run", "svc.py"],
         ["options of 'run' stand after it", "tomodachi run --production svc.py"]),
        (["run", "--production"], ["no service file has been provided as argument."]),
        (["run", "svc.py", "--unknown-flag"], ["option --unknown-flag not recognized."]),
        (["run", "svc.py", "--loop"], ["Missing value for --loop option."]),
    ],
)  # fmt: skip
def test_usage_errors_exit_with_two_and_say_what_to_do(command, run_calls, argv, said):
    code, text = command(*argv)

    assert code == 2
    for part in said:
        assert part in text
    assert "use the '--help' option for cli usage help." in text
    assert run_calls == []


@pytest.mark.parametrize("argv", [["--foo"], ["svc.py"], ["-l", "debug", "run", "svc.py"]])
def test_what_is_no_command_is_introduced_as_such(command, argv):
    """The first line of 0.29.0's answer."""
    code, text = command(*argv)

    assert code == 2
    assert text.startswith("error: invalid command or combination of command options.\nerror: ")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "service.py").write_text("")
    return tmp_path


def test_row_16_a_missing_file_exits_with_two_and_names_the_nearest(command, folder):
    """Row 16: a missing file exits 2."""
    code, text = command("run", "servise.py")

    assert code == 2
    assert "no such service file: 'servise.py'" in text
    assert "tomodachi run service.py" in text


def test_a_directory_is_no_service_file(command, folder):
    for name in (str(folder), ".", "..", "/"):
        code, text = command("run", name)

        assert code == 2
        assert f"'{name}' is a directory" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "Invalid config file: conf.json"),
     ("{", "Invalid config file, invalid JSON format: "),
     ("[]", "Invalid config file, invalid JSON format: ")],
)  # fmt: skip
def test_a_bad_config_file_exits_with_two(command, folder, content, said):
    if content is not None:
        (folder / "conf.json").write_text(content)
    with pytest.warns(DeprecationWarning, match="Configuration files"):
        code, text = command("run", "service.py", "-c", "conf.json")

    assert code == 2
    assert said in text


@pytest.mark.parametrize(("option", "chosen"), [((), "json"), (("--logger", "python"), "python")])
def test_the_format_stays_what_a_program_has_chosen_if_no_option_says_another(
    monkeypatch, option, chosen
):
    """0.29.0: a service file that calls `tomodachi.run()` may have chosen one."""
    monkeypatch.setattr(logging, "configure", lambda **_: None)
    logging.set_default_formatter("json")
    try:
        cli_run.set_up_logging(parse(option, {}))
        assert chosen == logging.TOMODACHI_LOGGER_TYPE
    finally:
        logging.set_default_formatter("console")


def test_the_loop_asyncio_is_put_in_the_place_of_another_policy():
    class Other(asyncio.DefaultEventLoopPolicy):
        pass

    asyncio.set_event_loop_policy(Other())
    try:
        cli_run.choose_loop("auto")
        assert isinstance(asyncio.get_event_loop_policy(), Other)
        cli_run.choose_loop("asyncio")
        assert not isinstance(asyncio.get_event_loop_policy(), Other)
    finally:
        asyncio.set_event_loop_policy(None)


@pytest.mark.parametrize(
    ("option", "module", "extra"),
    [
        (("--loop", "uvloop"), "uvloop", "uvloop"),
        (
            ("--opentelemetry-instrument",),
            "opentelemetry.instrumentation.auto_instrumentation",
            "opentelemetry",
        ),
    ],
)
def test_a_package_that_an_option_needs_is_said(
    command, folder, monkeypatch, option, module, extra
):
    monkeypatch.setattr(cli_run, "set_up_logging", lambda arguments: None)
    monkeypatch.setitem(sys.modules, module, None)
    code, text = command("run", "service.py", "--production", *option)

    assert code == 2
    assert f"pip install 'tomodachi-testkit[{extra}]'" in text


def test_a_custom_loggers_missing_module_is_an_import_error(folder):
    with pytest.raises(ModuleNotFoundError, match="nope"):
        cli.CLI().run_command(["service.py", "--production", "--custom-logger", "nope.Logger"])


def test_two_distributions_that_provide_tomodachi_are_refused(command, run_calls, monkeypatch):
    monkeypatch.setattr(cli, "conflicting_distributions", lambda: ["tomodachi"])
    code, text = command("run", "svc.py")

    assert code == 2
    assert "python -m pip uninstall tomodachi" in text
    assert run_calls == []


def test_watched_are_the_working_directory_the_files_and_the_python_path(folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/one:/two")
    (folder / "sub").mkdir()

    assert cli_run.watched_roots(["service.py", "sub/other.py"]) == [
        str(folder),
        str(folder / "sub"),
        "/one",
        "/two",
    ]


def test_the_console_script_is_the_entry_point():
    spec = importlib.util.find_spec("tomodachi.__main__")
    assert spec is not None
    assert callable(tomodachi.cli.cli_entrypoint)
