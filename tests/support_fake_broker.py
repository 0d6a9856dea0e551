"""Starts `svc-fake-broker` as a process and reads its READY line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

COMMAND = [sys.executable, "-m", "tomodachi_fakes"]


@dataclass
class Program:
    """A running `svc-fake-broker`.

    Attributes:
        aws: Endpoint URL of SNS + SQS; "" without AWS.
        amqp: AMQP URL; "" without AMQP.
        management: URL of the operator's port; "" without it.
        metrics: URL of the metrics for Prometheus; "" without them.
    """

    process: subprocess.Popen[str]
    aws: str
    amqp: str
    management: str
    metrics: str

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(10)


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False, **options
    )  # type: ignore[call-overload,no-any-return]


@contextmanager
def started(*arguments: str) -> Iterator[Program]:
    """The program on free ports, until the block ends."""
    ports = ["--aws-port", "0", "--amqp-port", "0", "--management-port", "0", "--metrics-port", "0"]
    process = subprocess.Popen(
        [*COMMAND, "start", "--json", *ports, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        ready = json.loads(line)
        urls = (ready.get(name, "") for name in ("aws", "amqp", "management", "metrics"))
        yield Program(process, *urls)
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()
        process.stderr.close()
