"""`svc-fake-broker doctor`: what could keep the brokers, or clients of them, from working here."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from tomodachi_fakes.cli.flags import AMQP_PORT, AWS_PORT, MANAGEMENT_PORT, METRICS_PORT
from tomodachi_fakes.cli.printing import bad, good, say, say_json
from tomodachi_fakes.cli.remote import NotRunning, Remote, default_url

_PORTS = {
    "aws": AWS_PORT,
    "amqp": AMQP_PORT,
    "management": MANAGEMENT_PORT,
    "metrics": METRICS_PORT,
}
# What the brokers start without where another program has the port.
_OPTIONAL = ("management", "metrics")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `level` is "ok", "note" or "problem"."""

    level: str
    what: str
    advice: str = ""


def doctor(arguments: argparse.Namespace) -> int:
    """Look at everything; 1 when there is a problem."""
    findings = list(examine())
    if arguments.json:
        say_json([asdict(one) for one in findings])
    else:
        marks = {"ok": good("ok     "), "note": "note   ", "problem": bad("problem")}
        for one in findings:
            say(f"{marks[one.level]}  {one.what}{f': {one.advice}' if one.advice else ''}")
    return 1 if any(one.level == "problem" for one in findings) else 0


def examine() -> Iterator[Finding]:
    """Everything that is worth a look."""
    yield Finding("ok", f"Python {sys.version.split()[0]} at {sys.executable}")
    yield from _models()
    yield from _optional()
    yield from _ports()
    yield from _environment()


def _models() -> Iterator[Finding]:
    spec = find_spec("botocore")
    if spec is None or spec.origin is None:
        yield Finding("problem", "botocore is missing", "reinstall tomodachi-testkit")
        return
    data = Path(spec.origin).parent / "data"
    missing = [name for name in ("sqs", "sns", "sts", "kms") if not (data / name).is_dir()]
    if missing:
        advice = "reinstall botocore; some images strip its data"
        yield Finding("problem", f"no service model of {', '.join(missing)} in {data}", advice)
    else:
        yield Finding("ok", "the service models of SQS, SNS, STS and KMS are there")


def _optional() -> Iterator[Finding]:
    for module, extra, what in (
        ("moto", "moto", "--aws-extra needs moto"),
        ("pyhocon", "import", "--config with ElasticMQ's files needs pyhocon"),
        ("yaml", "import", "--config with goaws's files needs PyYAML"),
    ):
        if find_spec(module) is None:
            advice = f"pip install 'tomodachi-testkit[{extra}]'"
            yield Finding("note", f"{what}, which is not installed", advice)


def _ports() -> Iterator[Finding]:
    ours = _running()
    for name, port in _PORTS.items():
        if _is_free(port):
            yield Finding("ok", f"port {port} ({name}) is free")
        elif ours:
            yield Finding("ok", f"port {port} ({name}) is taken; a broker runs at {default_url()}")
        elif name in _OPTIONAL:
            advice = f"the brokers start without, unless you pass --{name}-port 0"
            yield Finding("note", f"port {port} ({name}) is taken", advice)
        else:
            advice = f"stop what listens there, or pass --{name}-port 0"
            yield Finding("problem", f"port {port} ({name}) is taken", advice)


def _running() -> bool:
    try:
        status, _ = Remote(default_url()).send("GET", "/_broker/status")
    except NotRunning:
        return False
    return status == 200


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _environment() -> Iterator[Finding]:
    proxies = [n for n in ("HTTP_PROXY", "http_proxy", "ALL_PROXY") if os.environ.get(n)]
    past = os.environ.get("NO_PROXY", os.environ.get("no_proxy", ""))
    if proxies and "127.0.0.1" not in past and "localhost" not in past:
        advice = "set NO_PROXY=127.0.0.1,localhost, or clients ask the proxy for the brokers"
        yield Finding("problem", f"{proxies[0]} is set", advice)
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        yield Finding("ok", f"AWS_ENDPOINT_URL is {endpoint}")
    else:
        advice = 'run: eval "$(svc-fake-broker env)"'
        yield Finding("note", "AWS_ENDPOINT_URL is not set in this shell", advice)
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        advice = "unset it, or SDKs pass AWS_ENDPOINT_URL over"
        yield Finding("problem", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is set", advice)
