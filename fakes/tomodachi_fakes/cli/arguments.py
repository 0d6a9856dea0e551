"""The command line of `svc-fake-broker` as settings; the flags themselves are in `flags.py`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tomodachi_fakes.cli.flags import (
    MANAGEMENT_PORT,
    METRICS_PORT,
    PREFIX,
    Flags,
    Mistake,
    add_start_flags,
)
from tomodachi_fakes.servers.environment import AmqpLogin
from tomodachi_fakes.servers.fake_broker import (
    DEFAULT_ACCOUNT,
    DEFAULT_REGION,
    BrokerSettings,
)
from tomodachi_fakes.sqs.limits import SqsOptions

_HERE = ("start", "env")
_OTHERS = (
    "status, stop, wait, reset, queues, topics, peek, send, publish, purge, redrive, clock, fault, "
    "definitions, snapshot, replay, completion, doctor"
)


class Arguments(argparse.Namespace):
    """What was asked for, typed.

    Attributes:
        region: None leaves it to the files of `--config`, and else to the default; so does `account`.
        config: Files of `--config`; None when only the variable may name some.
        environ: The variables, of which RabbitMQ's own are read too.
    """

    run: Callable[[Any], int]
    environ: Mapping[str, str]
    host: str
    aws_port: int
    amqp_port: int
    amqps_port: int
    management_port: int | None
    metrics_port: int | None
    no_aws: bool
    no_amqp: bool
    no_management: bool
    no_metrics: bool
    region: str | None
    account: str | None
    aws_public_url: str | None
    strict: bool
    relaxed: bool
    enforce_policies: bool
    http_delivery: Literal["off", "loopback", "any"]
    aws_extra: tuple[str, ...]
    tls: str
    rabbitmq_version: str
    config: list[Path] | None
    config_by_variable: tuple[Path, ...]
    init: str
    persist: str
    seed: int | None
    idle_exit: float | None
    parent_pid: int | None
    ready_file: str
    json: bool
    log_format: str
    log_level: str
    demo: bool

    @property
    def config_files(self) -> tuple[Path, ...]:
        """The files of `--config`, or else of its variable."""
        return self.config_by_variable if self.config is None else tuple(self.config)

    def settings(self) -> BrokerSettings:
        """The brokers' settings."""
        return BrokerSettings(
            host=self.host,
            aws_port=None if self.no_aws else self.aws_port,
            amqp_port=None if self.no_amqp else self.amqp_port,
            tls=self.tls,
            amqps_port=self.amqps_port,
            management_port=_optional(
                self.management_port, MANAGEMENT_PORT, not self.no_management
            ),
            management_is_optional=self.management_port is None,
            metrics_port=_optional(self.metrics_port, METRICS_PORT, not self.no_metrics),
            metrics_is_optional=self.metrics_port is None,
            region=self.region or DEFAULT_REGION,
            account=self.account or DEFAULT_ACCOUNT,
            aws_public_url=self.aws_public_url or "",
            seed=self.seed,
            rabbitmq_version=self.rabbitmq_version,
            sqs=SqsOptions(purge_wait=not self.relaxed, recreate_wait=self.strict),
            enforce_policies=self.enforce_policies,
            http_delivery=self.http_delivery,
            aws_extra=self.aws_extra,
            login=_login(self.environ),
        )


def _optional(given: int | None, default: int, wanted: bool) -> int | None:  # noqa: FBT001
    if not wanted:
        return None
    return default if given is None else given


def _login(environ: Mapping[str, str]) -> AmqpLogin:
    """RabbitMQ's first user, by the variables of its container image.

    Source: https://hub.docker.com/_/rabbitmq, "Setting default user and password"
    """
    default = AmqpLogin()
    return AmqpLogin(
        environ.get("RABBITMQ_DEFAULT_USER") or default.user,
        environ.get("RABBITMQ_DEFAULT_PASS") or default.password,
        environ.get("RABBITMQ_DEFAULT_VHOST") or default.vhost,
    )


def parse(argv: Sequence[str], environ: Mapping[str, str] | None = None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the process with exit code 2, as argparse does."""
    if argv and argv[0] not in _HERE and not argv[0].startswith("-"):
        # Imported late: what talks to a running broker is not needed to start one.
        from tomodachi_fakes.cli.commands import parse_command

        return parse_command(argv)
    environ = os.environ if environ is None else environ
    parser = _parser(environ)
    arguments = parser.parse_args(argv, namespace=Arguments())
    for value in vars(arguments).values():
        if isinstance(value, Mistake):
            parser.error(value)
    arguments.environ = environ
    arguments.run = _command(arguments)
    if arguments.no_aws and arguments.no_amqp:
        parser.error("--no-aws and --no-amqp together leave nothing to start")
    if arguments.tls and arguments.no_amqp:
        parser.error("--tls is for AMQP, which --no-amqp leaves out; pass one of them")
    if arguments.strict and arguments.relaxed:
        parser.error("--strict and --relaxed contradict each other; pass one of them, or neither")
    return arguments


class _Version(argparse.Action):
    """Looked up when it is asked for: the start does not wait for the package's metadata."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        from tomodachi_fakes.cli.printing import say

        say(f"{parser.prog} {version('tomodachi-testkit')}")
        parser.exit()


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="svc-fake-broker",
        description="In-memory SNS + SQS and RabbitMQ for local development and CI.",
        epilog=f"Every flag can be given as a variable: --aws-port as {PREFIX}AWS_PORT. "
        "RABBITMQ_DEFAULT_USER, RABBITMQ_DEFAULT_PASS and RABBITMQ_DEFAULT_VHOST are read, too. "
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
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and end")
    parser.add_argument("--demo", action="store_true", help="show both brokers at work, then end")
    add_start_flags(Flags(parser, environ))
    return parser


def start_flags() -> list[str]:
    """Every flag of `start`, for completion."""
    return [
        option
        for action in _parser({})._actions
        for option in action.option_strings
        if option.startswith("--")
    ]


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
