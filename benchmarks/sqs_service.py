"""The service that `bench_sqs_consume.py` runs, on this framework or on the peer.

What it does and how often comes by environment; it prints one JSON line and exits.
"""

import asyncio
import json
import os
import time

import tomodachi
from tomodachi.envelope import JsonBase

MODE = os.environ["BENCH_MODE"]
MESSAGES = int(os.environ["BENCH_MESSAGES"])
URL = os.environ["BENCH_URL"]
QUEUE = os.environ["BENCH_QUEUE"]
WARM_UP = min(200, MESSAGES // 5)
PUBLISHERS = 50
PAYLOAD = {"order": 7, "lines": ["a", "b", "c"], "note": "x" * 200}


class Bench(tomodachi.Service):
    name = "bench"
    uuid = "bench"
    message_envelope = JsonBase
    options = tomodachi.Options(
        aws_sns_sqs=tomodachi.Options.AWSSNSSQS(
            region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        ),
        aws_endpoint_urls=tomodachi.Options.AWSEndpointURLs(sns=URL, sqs=URL, sts=URL),
    )

    def start_clock(self):
        self.began = time.perf_counter(), time.process_time()

    def report(self, count):
        wall_s, cpu_s = time.perf_counter() - self.began[0], time.process_time() - self.began[1]
        print(json.dumps({"messages": count, "wall_s": wall_s, "cpu_s": cpu_s}), flush=True)
        tomodachi.exit(0)

    async def _started_service(self):
        if MODE == "publish":
            self.task = asyncio.create_task(self.publish())
        elif MODE == "publish_batch":
            self.task = asyncio.create_task(self.publish_batch())

    async def publish(self):
        async def some(count):
            for _ in range(count):
                await tomodachi.aws_sns_sqs_publish(self, PAYLOAD, topic="bench-topic")

        await some(WARM_UP)
        self.start_clock()
        each = MESSAGES // PUBLISHERS
        await asyncio.gather(*(some(each) for _ in range(PUBLISHERS)))
        self.report(each * PUBLISHERS)

    async def publish_batch(self):
        await tomodachi.aws_sns_sqs_publish_batch(self, [PAYLOAD] * WARM_UP, topic="bench-topic")
        self.start_clock()
        for _ in range(MESSAGES // 100):
            await tomodachi.aws_sns_sqs_publish_batch(self, [PAYLOAD] * 100, topic="bench-topic")
        self.report(MESSAGES // 100 * 100)


if MODE == "consume":

    class Consumer(Bench):
        handled = 0

        @tomodachi.aws_sns_sqs(queue_name=QUEUE)
        async def handle(self, data):
            self.handled += 1
            if self.handled == WARM_UP:
                self.start_clock()
            elif self.handled == MESSAGES:
                self.report(MESSAGES - WARM_UP)
