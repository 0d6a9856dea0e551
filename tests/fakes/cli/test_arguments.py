"""Flags and variables of the program, and the settings that come of them."""

from __future__ import annotations

import pytest

from tomodachi_fakes.cli.arguments import parse
from tomodachi_fakes.servers.fake_broker import BrokerSettings
from tomodachi_fakes.sqs.limits import SqsOptions


def settings(*argv: str, **environ: str) -> BrokerSettings:
    variables = {f"SVC_FAKE_BROKER_{name}": value for name, value in environ.items()}
    return parse(argv, variables).settings()


def test_nothing_given_is_the_default_settings_on_the_known_ports() -> None:
    assert settings() == BrokerSettings(
        aws_port=4566,
        amqp_port=5672,
        amqps_port=5671,
        management_port=15672,
        management_is_optional=True,
    )


@pytest.mark.parametrize("given", [("--management-port", "15672"), ()])
def test_a_management_port_that_is_asked_for_is_needed(given: tuple[str, ...]) -> None:
    """A RabbitMQ may run beside: only who names its port cannot do without ours."""
    environ = {} if given else {"MANAGEMENT_PORT": "15672"}

    assert not settings(*given, **environ).management_is_optional
    assert settings(*given, **environ).management_port == 15672


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
    given = settings("--enforce-policies", "--http-delivery", "any", "--aws-extra", "s3, DynamoDB,")

    assert given.enforce_policies
    assert given.http_delivery == "any"
    assert given.aws_extra == ("s3", "dynamodb")


def test_each_aws_flag_has_a_variable() -> None:
    given = settings(ENFORCE_POLICIES="1", HTTP_DELIVERY="off", AWS_EXTRA="s3", STRICT="true")

    assert (given.enforce_policies, given.http_delivery, given.aws_extra) == (True, "off", ("s3",))
    assert given.sqs.recreate_wait


@pytest.mark.parametrize("value", ["", "0", "no", "false", "off", "FALSE"])
def test_a_switch_is_off_by_any_word_that_says_so(value: str) -> None:
    assert not settings(ENFORCE_POLICIES=value).enforce_policies


@pytest.mark.parametrize(
    ("argv", "environ", "message"),
    [
        (["--http-delivery", "lan"], {}, "'lan' is no rule for HTTP delivery; use off, loopback"),
        ([], {"SVC_FAKE_BROKER_HTTP_DELIVERY": "lan"}, "'lan' is no rule for HTTP delivery"),
        (["--strict", "--relaxed"], {}, "--strict and --relaxed contradict each other"),
        (["--tls", "auto", "--no-amqp"], {}, "--tls is for AMQP, which --no-amqp leaves out"),
        (["--no-aws", "--no-amqp"], {}, "leave nothing to start"),
        (["--aws-port", "65536"], {}, "'65536' is no port"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(
    argv: list[str], environ: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(argv, environ)

    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_tls_is_off_unless_asked_for() -> None:
    assert settings().tls == ""
    given = settings("--tls", "auto", "--amqps-port", "0")
    assert (given.tls, given.amqps_port) == ("auto", 0)
    assert settings(TLS="auto").amqps_port == 5671
