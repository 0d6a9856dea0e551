"""Memory of a service over a million messages: it is to stay flat.

    python benchmarks/bench_memory.py sqs [--messages 1000000]
    python benchmarks/bench_memory.py amqp [--messages 1000000] [--url amqp://guest:guest@127.0.0.1/]

Messages circulate: handlers publish the next ones, so that consuming, deleting or acknowledging, and
publishing are all in it, and queues stay short. The broker is a process of its own; AMQP takes a
RabbitMQ by `--url`, else our own. Printed are the resident set, the memory blocks that Python has handed
out and not got back, and the rate at every tenth of the way; flat means that the second half adds less
than 5 %. Blocks tell a leak, which they count exactly, from a heap with holes in it, which only the
resident set shows. The first minute counts for nothing: de-duplication remembers a minute's messages,
100,000 at most.
"""

import argparse
import asyncio
import gc
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

BROKER = """
import asyncio
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

async def main():
    broker = FakeBroker(BrokerSettings())
    await broker.start()
    print(broker.aws_url, broker.amqp_url, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
IN_CIRCULATION = 100
BATCH = 10
STEPS = 10
ALLOWED = 0.05
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_mib():
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 2**20


class Course:
    """How far the messages are, and what the memory was at each tenth."""

    def __init__(self, messages):
        self.messages = messages
        self.handled = 0
        self.done = asyncio.Event()
        self.sizes = []
        self.since = time.perf_counter(), time.process_time()

    def step(self):
        self.handled += 1
        if self.handled % (self.messages // STEPS) == 0:
            self.report()
        if self.handled == self.messages:
            self.done.set()
        return self.handled < self.messages

    def report(self):
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        self.sizes.append(resident_mib())
        each = self.messages // STEPS
        print(
            f"{self.handled:>9} messages {self.sizes[-1]:8.1f} MiB"
            f" {sys.getallocatedblocks():>9} blocks {each / (wall - self.since[0]):7.0f}/s {(cpu - self.since[1]) / each * 1e3:.3f} ms CPU",
            flush=True,
        )
        self.since = time.perf_counter(), time.process_time()


def sqs_service(url, course):
    import tomodachi
    from tomodachi.envelope import JsonBase

    class Circulates(tomodachi.Service):
        name = "memory"
        uuid = "memory"
        message_envelope = JsonBase
        options = tomodachi.Options(
            aws_sns_sqs={
                "region_name": "us-east-1",
                "aws_access_key_id": "test",
                "aws_secret_access_key": "test",
            },
            aws_endpoint_urls={"sns": url, "sqs": url, "sts": url},
        )

        @tomodachi.aws_sns_sqs("memory", queue_name="memory")
        async def handle(self, data):
            if course.step() and data % BATCH == 0:
                await self.publish(BATCH)

        async def publish(self, count):
            await tomodachi.aws_sns_sqs_publish_batch(self, list(range(count)), "memory")

    return Circulates()


def amqp_service(url, course):
    import tomodachi
    from tomodachi.envelope import JsonBase

    broker = urlsplit(url)
    tag = f"bench-memory-{int(time.time())}"

    class Circulates(tomodachi.Service):
        name = "memory"
        uuid = "memory"
        message_envelope = JsonBase
        options = tomodachi.Options(
            amqp={
                "host": broker.hostname,
                "port": broker.port or 5672,
                "login": unquote(broker.username or "guest"),
                "password": unquote(broker.password or "guest"),
                "virtualhost": unquote(broker.path[1:]) or "/",
                "queue_ttl": 60,
            }
        )
        numbers = itertools.count()

        @tomodachi.amqp(tag, queue_name=tag)
        async def handle(self, data):
            if course.step():
                await self.publish(1)

        async def publish(self, count):
            for number in itertools.islice(self.numbers, count):
                await tomodachi.amqp_publish(self, number, tag)

    return Circulates()


async def work(messages, transport, aws_url, amqp_url):
    from tomodachi.container import ServiceRunner

    course = Course(messages)
    is_sqs = transport == "sqs"
    service = sqs_service(aws_url, course) if is_sqs else amqp_service(amqp_url, course)
    runner = ServiceRunner(service)
    await runner.start()
    await service.publish(IN_CIRCULATION)
    await course.done.wait()
    await runner.stop()
    return course.sizes


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("transport", choices=("sqs", "amqp"))
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--url", help="of a RabbitMQ")
    arguments = parser.parse_args()
    broker = subprocess.Popen([sys.executable, "-c", BROKER], stdout=subprocess.PIPE, text=True)
    try:
        aws_url, amqp_url = broker.stdout.readline().split()
        sizes = asyncio.run(
            work(arguments.messages, arguments.transport, aws_url, arguments.url or amqp_url)
        )
    finally:
        broker.kill()
        broker.wait()
    half, end = sizes[STEPS // 2 - 1], sizes[-1]
    grown = end / half - 1
    print(json.dumps({"half_mib": half, "end_mib": end, "grown": round(grown, 4)}))
    print("flat" if grown < ALLOWED else f"NOT FLAT: more than {ALLOWED:.0%} in the second half")
    return grown >= ALLOWED


if __name__ == "__main__":
    sys.exit(main())
