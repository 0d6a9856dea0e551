"""Flags and variables of the program, and the settings that come of them."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from tomodachi_fakes.cli.arguments import Arguments, parse, start_flags
from tomodachi_fakes.servers.environment import AmqpLogin
from tomodachi_fakes.servers.fake_broker import BrokerSettings
from tomodachi_fakes.sqs.limits import SqsOptions


def given(*argv: str, **environ: str) -> Arguments:
    variables = {f"SVC_FAKE_BROKER_{name}": value for name, value in environ.items()}
    arguments = parse(argv, variables)
    assert isinstance(arguments, Arguments)
    return arguments


def settings(*argv: str, **environ: str) -> BrokerSettings:
    return given(*argv, **environ).settings()


def test_nothing_given_is_the_default_settings_on_the_known_ports() -> None:
    assert settings() == BrokerSettings(
        aws_port=4566,
        amqp_port=5672,
        amqps_port=5671,
        management_port=15672,
        management_is_optional=True,
        metrics_port=15692,
        metrics_is_optional=True,
    )


@pytest.mark.parametrize("argv", [("--management-port", "15672"), ()])
def test_a_management_port_that_is_asked_for_is_needed(argv: tuple[str, ...]) -> None:
    """A RabbitMQ may run beside: only who names its port cannot do without ours."""
    environ = {} if argv else {"MANAGEMENT_PORT": "15672"}

    assert not settings(*argv, **environ).management_is_optional
    assert settings(*argv, **environ).management_port == 15672


@pytest.mark.parametrize(
    ("flag", "options"),
    [
        ("--strict", SqsOptions(recreate_wait=True)),
        ("--relaxed", SqsOptions(purge_wait=False)),
    ],
)
def test_waits_between_calls_can_all_be_in_force_or_none(flag: str, options: SqsOptions) -> None:
    assert settings(flag).sqs == options


def test_each_aws_flag_reaches_the_settings() -> None:
    found = settings("--enforce-policies", "--http-delivery", "any", "--aws-extra", "s3, DynamoDB,")

    assert found.enforce_policies
    assert found.http_delivery == "any"
    assert found.aws_extra == ("s3", "dynamodb")
    assert settings("--aws-public-url", "https://brokers.test").aws_public_url == (
        "https://brokers.test"
    )


# A value other than the default for every flag, and the attribute that shows it.
EVERY_FLAG = {
    "host": ("0.0.0.0", "0.0.0.0"),
    "aws-port": ("1", 1),
    "amqp-port": ("2", 2),
    "amqps-port": ("3", 3),
    "management-port": ("4", 4),
    "metrics-port": ("5", 5),
    "no-aws": ("", True),
    "no-amqp": ("", True),
    "no-management": ("", True),
    "no-metrics": ("", True),
    "region": ("eu-west-1", "eu-west-1"),
    "account": ("111122223333", "111122223333"),
    "aws-public-url": ("http://brokers:4566/", "http://brokers:4566"),
    "strict": ("", True),
    "relaxed": ("", True),
    "enforce-policies": ("", True),
    "http-delivery": ("any", "any"),
    "aws-extra": ("s3", ("s3",)),
    "tls": ("auto", "auto"),
    "rabbitmq-version": ("3.10", "3.10"),
    "config": ("a.toml", (Path("a.toml"),)),
    "init": ("ready.d", "ready.d"),
    "persist": ("kept", "kept"),
    "seed": ("7", 7),
    "idle-exit": ("10m", 600.0),
    "parent-pid": ("12", 12),
    "ready-file": ("ready", "ready"),
    "json": ("", True),
    "log-format": ("json", "json"),
    "log-level": ("debug", "debug"),
}


@pytest.mark.parametrize("name", EVERY_FLAG)
def test_each_flag_has_a_variable_which_a_flag_beats(name: str) -> None:
    text, value = EVERY_FLAG[name]
    attribute = "config_files" if name == "config" else name.replace("-", "_")
    by_flag = given(f"--{name}", *([text] if text else []))
    by_variable = given(**{name.upper().replace("-", "_"): text or "1"})
    unset = given(**{name.upper().replace("-", "_"): ""})

    assert getattr(by_flag, attribute) == getattr(by_variable, attribute) == value
    assert getattr(unset, attribute) == getattr(given(), attribute) != value
    if text:
        assert getattr(given(f"--{name}", text, **{name.upper(): "1"}), attribute) == value


def test_every_flag_is_in_the_table_above() -> None:
    assert set(start_flags()) == {f"--{name}" for name in EVERY_FLAG} | {
        "--demo",
        "--help",
        "--version",
    }


def test_files_may_be_several() -> None:
    both = (Path("a.toml"), Path("b.json"))
    assert given("--config", "a.toml", "--config", "b.json").config_files == both
    assert given(CONFIG=os.pathsep.join(["a.toml", "b.json"])).config_files == both


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("1.5h", 5400), ("250ms", 0.25)]
)
def test_a_length_of_time_has_a_unit(text: str, seconds: float) -> None:
    assert given("--idle-exit", text).idle_exit == seconds


def test_rabbitmqs_own_variables_choose_the_first_user() -> None:
    """https://hub.docker.com/_/rabbitmq, "Setting default user and password"."""
    chosen = {"USER": "app", "PASS": "secret", "VHOST": "shop"}
    environ = {f"RABBITMQ_DEFAULT_{name}": value for name, value in chosen.items()}
    assert parse([], environ).settings().login == AmqpLogin("app", "secret", "shop")
    assert parse([], {"RABBITMQ_DEFAULT_USER": ""}).settings().login == AmqpLogin()


@pytest.mark.parametrize("value", ["", "0", "no", "false", "off", "FALSE"])
def test_a_switch_is_off_by_any_word_that_says_so(value: str) -> None:
    assert not settings(ENFORCE_POLICIES=value).enforce_policies


@pytest.mark.parametrize(
    ("argv", "environ", "message"),
    [
        (["--http-delivery", "lan"], {}, "'lan' is no rule for HTTP delivery; use off, loopback"),
        (
            [],
            {"SVC_FAKE_BROKER_HTTP_DELIVERY": "lan"},
            "SVC_FAKE_BROKER_HTTP_DELIVERY: 'lan' is no rule for HTTP delivery",
        ),
        ([], {"SVC_FAKE_BROKER_NO_AWS": "maybe"}, "'maybe' is neither yes nor no; use 1 or 0"),
        ([], {"SVC_FAKE_BROKER_RABBITMQ_VERSION": "9"}, "'9' is no version of RabbitMQ that is"),
        ([], {"SVC_FAKE_BROKER_LOG_LEVEL": "loud"}, "'loud' is no level of the log; use debug"),
        (["--seed", "x"], {}, "'x' is no whole number"),
        (
            ["--idle-exit", "soon"],
            {},
            "'soon' is no length of time; use a number with ms, s, m or h",
        ),
        (["--idle-exit", "0"], {}, "'0' is no length of time"),
        (["--region", "EU WEST"], {}, "'EU WEST' is no AWS region; one is eu-west-1"),
        (["--region", ""], {}, "'' is no AWS region"),
        (["--parent-pid", "0"], {}, "'0' is no process id"),
        (["--log-format", "xml"], {}, "'xml' is no format of the log; use text, json"),
        (["--strict", "--relaxed"], {}, "--strict and --relaxed contradict each other"),
        (["--tls", "auto", "--no-amqp"], {}, "--tls is for AMQP, which --no-amqp leaves out"),
        (["--no-aws", "--no-amqp"], {}, "leave nothing to start"),
        (["--aws-port", "65536"], {}, "'65536' is no port"),
        ([], {"SVC_FAKE_BROKER_AWS_PORT": "x"}, "error: SVC_FAKE_BROKER_AWS_PORT: 'x' is no port"),
        (["--aws-public-url", "brokers:4566"], {}, "'brokers:4566' is no address"),
        (["--aws-public-url", "http://a/b"], {}, "one is http://brokers:4566"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(
    argv: list[str], environ: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(argv, environ)

    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--version"], {})

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"svc-fake-broker {version('tomodachi-testkit')}\n"


def test_an_unknown_command_is_told_every_one_that_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        parse(["run"], {})

    assert "'run' (choose from start, env, clock, fault," in capsys.readouterr().err


def test_tls_is_off_unless_asked_for() -> None:
    assert settings().tls == ""
    found = settings("--tls", "auto", "--amqps-port", "0")
    assert (found.tls, found.amqps_port) == ("auto", 0)
    assert settings(TLS="auto").amqps_port == 5671
