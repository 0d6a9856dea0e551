"""SNS in-process: CPU a Publish by depth of the queue behind the topic, and memory a message.

    python benchmarks/bench_sns_depth.py [--depths 0,10000,100000] [--count 2000] [--rounds 5]

The core without a wire: what HTTP adds is in `bench_sns.py`. A topic that fans out to one queue is
published to in turns with one whose queue is empty, so that each figure comes with a ratio of the same
moments; flat means that the ratio stays within 10 %. Then, in a process each, the memory that a 100-byte
message takes which waits in a queue: sent to SQS, published raw, published in an envelope, and kept in a
FIFO topic's archive.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds

ACCOUNT, REGION = "000000000000", "us-east-1"
BODY = "x" * 100
PAGE = os.sysconf("SC_PAGE_SIZE")
MESSAGES = 50_000
KINDS = ("sent to SQS", "published raw", "published in an envelope", "archived by a FIFO topic")


class Clouds:
    """A cloud, and calls of it by name; its event log is short, so that it does not count."""

    def __init__(self) -> None:
        self._cloud = Cloud(ids=SeededIds(1), events=EventLog(1000), faults=FaultPlan())

    def call(self, service: str, operation: str, **params: Any) -> Any:
        """One operation."""
        context = CallContext(ACCOUNT, REGION, time.time(), "request", "http://127.0.0.1", "key")
        return self._cloud.call(service, operation, params, context)

    def queue(self, name: str, **attributes: str) -> str:
        """A queue's ARN."""
        self.call("sqs", "CreateQueue", QueueName=name, Attributes=attributes)
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def topic(self, name: str, *queues: str, raw: bool = False, **attributes: str) -> str:
        """A topic with subscriptions of queues."""
        topic = self.call("sns", "CreateTopic", Name=name, Attributes=attributes)["TopicArn"]
        delivery = {"RawMessageDelivery": "true" if raw else "false"}
        for queue in queues:
            self.call(
                "sns",
                "Subscribe",
                TopicArn=topic,
                Protocol="sqs",
                Endpoint=queue,
                Attributes=delivery,
            )
        return str(topic)

    def publisher(self, topic: str) -> Callable[[], None]:
        """Publishes one message a call."""

        def publish() -> None:
            self.call("sns", "Publish", TopicArn=topic, Message=BODY)

        return publish


def cpu_us(action: Callable[[], None], count: int) -> float:
    """CPU microseconds a call."""
    began = time.process_time()
    for _ in range(count):
        action()
    return (time.process_time() - began) / count * 1e6


def by_depth(depths: tuple[int, ...], count: int, rounds: int) -> None:
    """Print what a Publish costs with so many messages in the queue."""
    for depth in depths:
        clouds = Clouds()
        deep = clouds.publisher(clouds.topic("deep", clouds.queue("deep")))
        for _ in range(depth):
            deep()
        pairs = []
        for number in range(rounds):
            name = f"empty{number}"
            empty = clouds.publisher(clouds.topic(name, clouds.queue(name)))
            empty()
            pairs.append((cpu_us(deep, count), cpu_us(empty, count)))
        ratio = statistics.median(of_deep / of_empty for of_deep, of_empty in pairs)
        cost = round(statistics.median(of_deep for of_deep, _ in pairs), 1)
        row = {"depth": depth, "publish_cpu_us": cost, "of_an_empty_queue": round(ratio, 3)}
        print(json.dumps(row), flush=True)


def resident_bytes() -> int:
    """The resident set of this process."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def memory(kind: str) -> int:
    """Bytes that one waiting message adds."""
    clouds = Clouds()
    action: Callable[[], None]
    if kind == "sent to SQS":
        clouds.queue("q")
        url = f"http://127.0.0.1/{ACCOUNT}/q"

        def action() -> None:
            clouds.call("sqs", "SendMessage", QueueUrl=url, MessageBody=BODY)

    elif kind == "archived by a FIFO topic":
        attributes = {"FifoTopic": "true", "ArchivePolicy": '{"MessageRetentionPeriod":"7"}'}
        topic = clouds.topic("t.fifo", **attributes)
        numbers = iter(range(MESSAGES))

        def action() -> None:
            ids = {"MessageGroupId": "g", "MessageDeduplicationId": str(next(numbers))}
            clouds.call("sns", "Publish", TopicArn=topic, Message=BODY, **ids)

    else:
        raw = kind == "published raw"
        action = clouds.publisher(clouds.topic("t", clouds.queue("q"), raw=raw))
    before = resident_bytes()
    for _ in range(MESSAGES):
        action()
    return (resident_bytes() - before) // MESSAGES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depths", default="0,10000,100000")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", choices=KINDS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.memory:
        print(json.dumps({"memory": given.memory, "bytes_a_message": memory(given.memory)}))
        return
    by_depth(tuple(int(depth) for depth in given.depths.split(",")), given.count, given.rounds)
    for kind in KINDS:
        subprocess.run([sys.executable, __file__, "--memory", kind], check=True)


if __name__ == "__main__":
    main()
