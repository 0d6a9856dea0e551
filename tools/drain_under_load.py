"""Whether drain ever returns too early, with other processes that fight for the processor.

    python -m tools.drain_under_load [--drains 10000] [--hogs 4]

Each cycle publishes to a topic and drains; when it returns, the message has to have gone through SNS,
SQS, a handler, AMQP and a second handler. Ends with exit code 1 if one had not.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tomodachi
import tomodachi_testkit
from tomodachi.envelope import JsonBase
from tomodachi_testkit import Harness

A_HARNESS = 200


class Relay(tomodachi.Service):
    """From SNS over SQS to AMQP."""

    name = "relay"
    message_envelope = JsonBase

    def __init__(self) -> None:
        self.arrived = 0

    @tomodachi.aws_sns_sqs("in", queue_name="in")
    async def take(self, data: Any) -> None:
        """Passes on."""
        await tomodachi.amqp_publish(self, data, routing_key="out")

    @tomodachi.amqp("out", queue_name="out")
    async def give(self, data: Any) -> None:
        """Counts."""
        self.arrived += 1


@contextmanager
def hogs(count: int) -> Iterator[None]:
    """Inside, so many processes compute without end."""
    spin = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(spin) for _ in range(count)]  # noqa: S603 - our own interpreter
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def wrong_drains(cycles: int) -> int:
    """How many of so many drains returned before the message had arrived."""
    wrong = 0

    async def main(rounds: int) -> int:
        missed = 0
        async with Harness(wall_clock="none") as svc:
            relay = await svc.start(Relay)
            for number in range(1, rounds + 1):
                await svc.sns.publish("in", number)
                await svc.drain()
                if relay.service.arrived != number:
                    missed += 1
                    relay.service.arrived = number
        return missed

    while cycles > 0:
        wrong += tomodachi_testkit.run(main(min(cycles, A_HARNESS)))
        cycles -= A_HARNESS
    return wrong


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description="drains beside processes that compute")
    parser.add_argument("--drains", type=int, default=10_000)
    parser.add_argument("--hogs", type=int, default=4)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    with hogs(arguments.hogs):
        wrong = wrong_drains(arguments.drains)
    seconds = time.monotonic() - began
    sys.stdout.write(f"{wrong} of {arguments.drains} drains returned too early ({seconds:.0f} s)\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
