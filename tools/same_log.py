"""Whether the same seed gives the same event log, to the byte, in as many runs as you like.

    python -m tools.same_log [--runs 1000] [--fuzz]

The scenario uses all that could be random: SNS, SQS and AMQP with retries, a schedule, dead letters,
planned chaos. Each run has a harness, brokers, clients and a loop of its own. Ends with exit code 1 and
the first line that differs if a run differs.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from datetime import timedelta
from typing import Any

import tomodachi
import tomodachi_testkit
from tomodachi.envelope import JsonBase
from tomodachi.helpers import clock
from tomodachi_testkit import Harness

LEAKS = frozenset({"dlq", "inflight", "errors", "tasks", "connections"})


class Mill(tomodachi.Service):
    """Every transport that has ids, and a handler that fails every third time."""

    name = "mill"
    message_envelope = JsonBase

    def __init__(self) -> None:
        self.calls = 0

    @tomodachi.aws_sns_sqs(
        "grain",
        queue_name="grain",
        visibility_timeout=30,
        dead_letter_queue_name="bad-grain",
        max_receive_count=2,
        on_exception="retry",
    )
    async def grind(self, data: Any) -> None:
        """Fails every third time; else publishes twice at once."""
        self.calls += 1
        if self.calls % 3 == 0:
            msg = "stone in the grain"
            raise ValueError(msg)
        await asyncio.gather(
            tomodachi.amqp_publish(self, data, routing_key="flour"),
            tomodachi.aws_sns_sqs_publish(self, data, topic="chaff"),
        )

    @tomodachi.aws_sns_sqs("chaff", queue_name="chaff")
    async def sweep(self, data: Any) -> None:
        """Takes a while."""
        await clock.sleep(0.5)

    @tomodachi.amqp("flour", queue_name="flour")
    async def pack(self, data: Any) -> None:
        """Takes a while."""
        await clock.sleep(0.25)

    @tomodachi.schedule(interval=20)
    async def oil(self) -> None:
        """Publishes."""
        await tomodachi.amqp_publish(self, {"oil": 1}, routing_key="flour")


def one_log(seed: int, fuzz: int | None = None) -> str:
    """The event log of one run."""

    async def main() -> str:
        async with Harness(seed=seed, fuzz=fuzz, allow=LEAKS) as svc:
            await svc.start(Mill)
            svc.faults.chaos("replies")
            for number in range(6):
                await svc.sns.publish("grain", {"n": number})
            await svc.clock.advance(timedelta(minutes=2))
            await svc.drain(raise_errors=False)
        return "\n".join(svc.log.lines())

    return tomodachi_testkit.run(main())


def first_difference(one: str, other: str) -> str:
    """The first line in which two logs differ."""
    for left, right in zip(one.splitlines(), other.splitlines(), strict=False):
        if left != right:
            return f"- {left}\n+ {right}"
    return "one is the beginning of the other"


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description="same seed, same event log")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--fuzz", action="store_true", help="tasks in another order than asyncio's")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    order = arguments.seed if arguments.fuzz else None
    first = one_log(arguments.seed, order)
    for run in range(2, arguments.runs + 1):
        log = one_log(arguments.seed, order)
        if log != first:
            sys.stdout.write(f"run {run} differs from the first:\n{first_difference(first, log)}\n")
            return 1
    events = first.count("\n") + 1
    sys.stdout.write(f"{arguments.runs} of {arguments.runs} runs equal, {events} events each\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
