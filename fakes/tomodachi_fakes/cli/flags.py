"""The flags of `start`: what each is called, what it may hold, and the variable that stands for it.

`--some-name` has the variable `SVC_FAKE_BROKER_SOME_NAME`. A flag beats its variable; a variable that is
empty is as good as none, since compose files set variables to nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

from tomodachi_fakes.cli import flag_values as values
from tomodachi_fakes.servers.fake_broker import DEFAULT_ACCOUNT, DEFAULT_REGION

AWS_PORT = 4566
AMQP_PORT = 5672
AMQPS_PORT = 5671
MANAGEMENT_PORT = 15672
METRICS_PORT = 15692
PREFIX = "SVC_FAKE_BROKER_"
_VERSIONS = ("3.10", "4.0", "4.3")
_DELIVERY = ("off", "loopback", "any")
_LEVELS = ("debug", "info", "warning", "error")
Read = Callable[[str], Any]


class Mistake(str):
    """A variable that cannot be read: wrong only where no flag beats it."""

    __slots__ = ()


class Flags:
    """Adds flags to a parser, each with the value of its variable as its default.

    Args:
        parser: Where to.
        environ: The variables.
    """

    def __init__(self, parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
        self._parser = parser
        self._environ = environ

    def value(self, name: str, default: Any, what: str, *, shown: str, read: Read = str) -> None:
        """A flag with a value; `shown` stands for the value in the help."""
        self._parser.add_argument(
            f"--{name}",
            # argparse reads defaults that are texts, too.
            type=lambda text: text if isinstance(text, Mistake) else read(text),
            default=self._given(name, default, read),
            metavar=shown,
            help=what,
        )

    def switch(self, name: str, what: str) -> None:
        """A flag that is there or not."""
        default = self._given(name, default=False, read=values.switch)
        self._parser.add_argument(f"--{name}", action="store_true", default=default, help=what)

    def files(self, name: str, what: str) -> None:
        """A flag that may be given again, each time with a file; its variable has all of them."""
        self._parser.add_argument(
            f"--{name}", action="append", type=values.file, metavar="FILE", help=what
        )
        self._parser.set_defaults(**{f"{name}_by_variable": self._given(name, (), values.files)})

    def _given(self, name: str, default: Any, read: Read) -> Any:
        variable = PREFIX + name.upper().replace("-", "_")
        text = self._environ.get(variable)
        if not text:
            return default
        try:
            return read(text)
        except argparse.ArgumentTypeError as error:
            return Mistake(f"{variable}: {error}")


def add_start_flags(flags: Flags) -> None:
    """Every flag of `start`."""
    flags.value("host", "127.0.0.1", "address to listen on (%(default)s)", shown="ADDRESS")
    _add_ports(flags)
    _add_aws(flags)
    _add_amqp(flags)
    _add_resources(flags)
    _add_life(flags)
    _add_output(flags)


def _add_ports(flags: Flags) -> None:
    for name, default, what in (
        ("aws-port", AWS_PORT, "SNS + SQS"),
        ("amqp-port", AMQP_PORT, "AMQP"),
        ("amqps-port", AMQPS_PORT, "AMQP over TLS, with --tls"),
    ):
        what = f"port of {what}; 0 takes a free one (%(default)s)"
        flags.value(name, default, what, shown="PORT", read=values.port)
    for name, port, what in (
        ("management-port", MANAGEMENT_PORT, "the management API and the dashboard"),
        ("metrics-port", METRICS_PORT, "metrics for Prometheus"),
    ):
        what = f"port of {what}; 0 takes a free one ({port}, or none where that one is taken)"
        flags.value(name, None, what, shown="PORT", read=values.port)
    flags.switch("no-aws", "no SNS + SQS")
    flags.switch("no-amqp", "no AMQP")
    flags.switch("no-management", "no management API, and no dashboard")
    flags.switch("no-metrics", "no metrics for Prometheus")


def _add_aws(flags: Flags) -> None:
    flags.value(
        "region", None, f"AWS region ({DEFAULT_REGION})", shown="REGION", read=values.region
    )
    what = f"AWS account ({DEFAULT_ACCOUNT})"
    flags.value("account", None, what, shown="ACCOUNT", read=values.account)
    what = "what queue URLs begin with (the address that each client used)"
    flags.value("aws-public-url", None, what, shown="URL", read=values.address)
    flags.switch(
        "strict",
        "every wait that AWS has, the 60 s before a deleted queue can be made again too",
    )
    flags.switch("relaxed", "none of AWS's waits between calls")
    flags.switch("enforce-policies", "queue and topic policies decide who may do what")
    flags.value(
        "http-delivery",
        "loopback",
        "where SNS may post to: off, loopback or any (%(default)s)",
        shown="RULE",
        read=values.one_of(*_DELIVERY, what="rule for HTTP delivery"),
    )
    what = "other AWS services, served by moto: s3,dynamodb,... or all"
    flags.value("aws-extra", (), what, shown="NAMES", read=values.services)


def _add_amqp(flags: Flags) -> None:
    flags.value(
        "tls",
        "",
        "serve AMQP over TLS too; auto makes certificates for this run, DIR keeps them",
        shown="auto|DIR",
    )
    flags.value(
        "rabbitmq-version",
        "4.0",
        f"RabbitMQ to behave like: {', '.join(_VERSIONS)} (%(default)s)",
        shown="VERSION",
        read=values.one_of(*_VERSIONS, what="version of RabbitMQ that is known here"),
    )


def _add_resources(flags: Flags) -> None:
    flags.files(
        "config",
        "queues, topics, exchanges, ... that exist from the start: our own TOML, RabbitMQ's "
        "definitions.json, ElasticMQ's .conf, goaws's .yaml; may be given again",
    )
    what = "run the *.sh and *.py scripts in DIR before READY, as LocalStack runs its ready.d"
    flags.value("init", "", what, shown="DIR")
    what = "keep what the brokers hold in FILE when they stop, and go on from there when they start"
    flags.value("persist", "", what, shown="FILE")
    flags.value("seed", None, "seed of every id", shown="NUMBER", read=values.number)


def _add_life(flags: Flags) -> None:
    what = "end when nobody has used the brokers for so long: 10m, 90s, ..."
    flags.value("idle-exit", None, what, shown="TIME", read=values.duration)
    what = "end when this process is gone"
    flags.value("parent-pid", None, what, shown="PID", read=values.process)
    flags.value("ready-file", "", "write the READY line to FILE too", shown="FILE")


def _add_output(flags: Flags) -> None:
    flags.switch("json", "print JSON instead of text")
    read = values.one_of("text", "json", what="format of the log")
    what = "how stderr is logged to: text or json (%(default)s)"
    flags.value("log-format", "text", what, shown="FORMAT", read=read)
    read = values.one_of(*_LEVELS, what="level of the log")
    what = f"least level logged to stderr: {', '.join(_LEVELS)} (%(default)s)"
    flags.value("log-level", "info", what, shown="LEVEL", read=read)
