"""Flags and environment variables of `svc-fake-broker`; a flag beats its variable.

Every flag `--some-name` has a variable `SVC_FAKE_BROKER_SOME_NAME`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from tomodachi_fakes.servers.fake_broker import (
    DEFAULT_ACCOUNT,
    DEFAULT_REGION,
    BrokerSettings,
)
from tomodachi_fakes.sqs.limits import SqsOptions

AWS_PORT = 4566
AMQP_PORT = 5672
AMQPS_PORT = 5671
MANAGEMENT_PORT = 15672
VERSIONS = ("3.10", "4.0", "4.3")
HTTP_DELIVERY = ("off", "loopback", "any")
_PREFIX = "SVC_FAKE_BROKER_"
_FALSE = ("", "0", "no", "false", "off")
_LAST_PORT = 65_535
_HERE = ("start", "env")
_OTHERS = (
    "status, stop, wait, reset, queues, topics, peek, send, publish, purge, redrive, clock, fault, "
    "definitions, snapshot, replay, completion, doctor"
)


class Arguments(argparse.Namespace):
    """What was asked for, typed."""

    run: Callable[[Any], int]
    host: str
    aws_port: int
    amqp_port: int
    amqps_port: int
    management_port: int | None
    persist: str
    tls: str
    no_aws: bool
    no_amqp: bool
    no_management: bool
    region: str
    account: str
    seed: int | None
    rabbitmq_version: str
    strict: bool
    relaxed: bool
    enforce_policies: bool
    http_delivery: Literal["off", "loopback", "any"]
    aws_extra: tuple[str, ...]
    json: bool
    ready_file: str
    log_level: str
    demo: bool

    def settings(self) -> BrokerSettings:
        """The brokers' settings."""
        return BrokerSettings(
            host=self.host,
            aws_port=None if self.no_aws else self.aws_port,
            amqp_port=None if self.no_amqp else self.amqp_port,
            tls=self.tls,
            amqps_port=self.amqps_port,
            management_port=self._management_port(),
            management_is_optional=self.management_port is None,
            region=self.region,
            account=self.account,
            seed=self.seed,
            rabbitmq_version=self.rabbitmq_version,
            sqs=SqsOptions(purge_wait=not self.relaxed, recreate_wait=self.strict),
            enforce_policies=self.enforce_policies,
            http_delivery=self.http_delivery,
            aws_extra=self.aws_extra,
        )

    def _management_port(self) -> int | None:
        if self.no_management:
            return None
        return MANAGEMENT_PORT if self.management_port is None else self.management_port


def parse(argv: Sequence[str], environ: Mapping[str, str] | None = None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the process with exit code 2, as argparse does."""
    if argv and argv[0] not in _HERE and not argv[0].startswith("-"):
        # Imported late: what talks to a running broker is not needed to start one.
        from tomodachi_fakes.cli.commands import parse_command

        return parse_command(argv)
    parser = _parser(os.environ if environ is None else environ)
    arguments = parser.parse_args(argv, namespace=Arguments())
    arguments.run = _command(arguments)
    if arguments.no_aws and arguments.no_amqp:
        parser.error("--no-aws and --no-amqp together leave nothing to start")
    if arguments.tls and arguments.no_amqp:
        parser.error("--tls is for AMQP, which --no-amqp leaves out; pass one of them")
    if arguments.strict and arguments.relaxed:
        parser.error("--strict and --relaxed contradict each other; pass one of them, or neither")
    return arguments


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="svc-fake-broker",
        description="In-memory SNS + SQS and RabbitMQ for local development and CI.",
        epilog="Every flag can be given as a variable: --aws-port as SVC_FAKE_BROKER_AWS_PORT. "
        f"Commands for a running broker: {_OTHERS}; each has its own --help.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=_HERE,
        default="start",
        help="start: listen until SIGTERM (default); env: print shell exports for clients",
    )
    parser.add_argument("--demo", action="store_true", help="show both brokers at work, then end")
    _add_broker_flags(parser, environ)
    _add_aws_flags(parser, environ)
    _add_output_flags(parser, environ)
    return parser


def start_flags() -> list[str]:
    """Every flag of `start`, for completion."""
    return [
        option
        for action in _parser({})._actions
        for option in action.option_strings
        if option.startswith("--")
    ]


def _add_broker_flags(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    def given(name: str, default: str) -> str:
        return environ.get(_PREFIX + name, default)

    add = parser.add_argument
    add("--host", default=given("HOST", "127.0.0.1"), help="address to listen on (%(default)s)")
    for flag, default, what in (
        ("aws", AWS_PORT, "SNS + SQS"),
        ("amqp", AMQP_PORT, "AMQP"),
        ("amqps", AMQPS_PORT, "AMQP over TLS, with --tls"),
    ):
        add(
            f"--{flag}-port",
            type=_port,
            default=given(f"{flag.upper()}_PORT", str(default)),
            metavar="PORT",
            help=f"port of {what}; 0 takes a free one (%(default)s)",
        )
    add(
        "--management-port",
        type=_port,
        default=environ.get(_PREFIX + "MANAGEMENT_PORT"),
        metavar="PORT",
        help="port of the management API; 0 takes a free one "
        f"({MANAGEMENT_PORT}, or none where that one is taken)",
    )
    add("--no-aws", action="store_true", default=_switched(environ, "NO_AWS"), help="no SNS + SQS")
    add("--no-amqp", action="store_true", default=_switched(environ, "NO_AMQP"), help="no AMQP")
    add(
        "--no-management",
        action="store_true",
        default=_switched(environ, "NO_MANAGEMENT"),
        help="no management API",
    )
    add(
        "--tls",
        default=given("TLS", ""),
        metavar="auto|DIR",
        help="serve AMQP over TLS too; auto makes certificates for this run, DIR keeps them",
    )
    add("--region", default=given("REGION", DEFAULT_REGION), help="AWS region (%(default)s)")
    add(
        "--account",
        type=_account,
        default=given("ACCOUNT", DEFAULT_ACCOUNT),
        help="AWS account (%(default)s)",
    )
    add(
        "--persist",
        default=given("PERSIST", ""),
        metavar="FILE",
        help="keep what the brokers hold in FILE when they stop, and go on from there when they start",
    )
    add("--seed", type=int, default=environ.get(_PREFIX + "SEED"), help="seed of every id")
    add(
        "--rabbitmq-version",
        choices=VERSIONS,
        default=given("RABBITMQ_VERSION", "4.0"),
        help="RabbitMQ to behave like (%(default)s)",
    )


def _add_aws_flags(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    add = parser.add_argument
    for name, what in (
        (
            "strict",
            "every wait that AWS has, the 60 s before a deleted queue can be made again too",
        ),
        ("relaxed", "none of AWS's waits between calls"),
        ("enforce-policies", "queue and topic policies decide who may do what"),
    ):
        variable = name.upper().replace("-", "_")
        add(f"--{name}", action="store_true", default=_switched(environ, variable), help=what)
    add(
        "--http-delivery",
        type=_http_delivery,
        default=environ.get(_PREFIX + "HTTP_DELIVERY", "loopback"),
        metavar="RULE",
        help="where SNS may post to: off, loopback or any (%(default)s)",
    )
    add(
        "--aws-extra",
        type=_services,
        default=environ.get(_PREFIX + "AWS_EXTRA", ""),
        metavar="NAMES",
        help="other AWS services, served by moto: s3,dynamodb,... or all",
    )


def _switched(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(_PREFIX + name, "").lower() not in _FALSE


def _add_output_flags(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    add = parser.add_argument
    add("--json", action="store_true", help="print JSON instead of text")
    add(
        "--ready-file",
        default=environ.get(_PREFIX + "READY_FILE", ""),
        metavar="FILE",
        help="write the READY line to FILE too",
    )
    add(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default=environ.get(_PREFIX + "LOG_LEVEL", "info"),
        help="least level logged to stderr (%(default)s)",
    )


def _command(arguments: Arguments) -> Callable[[Any], int]:
    # Imported late: `env` needs no broker, and the demo needs more than `start`.
    if arguments.demo:
        from tomodachi_fakes.cli.demo import demo

        return demo
    if arguments.command == "env":
        from tomodachi_fakes.cli.environment import print_environment

        return print_environment
    from tomodachi_fakes.cli.start import start

    return start


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        msg = f"{text!r} is no port; use 0 (a free one) to {_LAST_PORT}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _account(text: str) -> str:
    if len(text) != len(DEFAULT_ACCOUNT) or not text.isdecimal():
        msg = f"{text!r} is no AWS account; use 12 digits"
        raise argparse.ArgumentTypeError(msg)
    return text


def _http_delivery(text: str) -> str:
    if text not in HTTP_DELIVERY:
        msg = f"{text!r} is no rule for HTTP delivery; use {', '.join(HTTP_DELIVERY)}"
        raise argparse.ArgumentTypeError(msg)
    return text


def _services(text: str) -> tuple[str, ...]:
    names = [name.strip().lower() for name in text.split(",")]
    return tuple(name for name in names if name)
