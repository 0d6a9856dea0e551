"""The testkit's targets: broker start and stop, service boot, tests a second, virtual days, hangs.

    python benchmarks/bench_testkit.py [--rounds 50]

Peer in the same run: moto's threaded server, for start and stop of a broker. Times are wall time of
one process on one core; the median and the 95th percentile of the rounds are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import tomodachi
import tomodachi_testkit
from tomodachi.envelope import JsonBase
from tomodachi_testkit import Harness


class Whole(tomodachi.Service):
    name = "whole"
    message_envelope = JsonBase

    @tomodachi.http("GET", r"/health")
    async def health(self, request: Any) -> str:
        return "ok"

    @tomodachi.aws_sns_sqs("events", queue_name="events")
    async def on_event(self, data: Any) -> None:
        await tomodachi.amqp_publish(self, data, routing_key="event")

    @tomodachi.amqp("event", queue_name="event")
    async def on_amqp(self, data: Any) -> None:
        pass


class Minutely(tomodachi.Service):
    name = "minutely"

    def __init__(self) -> None:
        self.fires = 0

    @tomodachi.schedule(interval="every minute")
    async def tick(self) -> None:
        self.fires += 1


def report(name: str, values: list[float], unit: str = "ms") -> None:
    values = sorted(values)
    p95 = values[min(len(values) - 1, int(len(values) * 0.95))]
    print(f"{name:<58} p50 {statistics.median(values):9.2f} {unit}  p95 {p95:9.2f} {unit}")


def timed(body: Callable[[], Any]) -> float:
    began = time.perf_counter()
    body()
    return (time.perf_counter() - began) * 1000


async def timed_async(awaitable: Awaitable[Any]) -> float:
    began = time.perf_counter()
    await awaitable
    return (time.perf_counter() - began) * 1000


def harness_round() -> None:
    async def main() -> None:
        async with Harness():
            pass

    tomodachi_testkit.run(main())


def broker_start_and_stop(rounds: int) -> None:
    from tomodachi_fakes.servers.fake_broker import FakeBroker

    async def one() -> None:
        broker = FakeBroker()
        await broker.start()
        await broker.stop()

    async def many() -> list[float]:
        return [await timed_async(one()) for _ in range(rounds)]

    report("both brokers start + stop", asyncio.run(many())[1:])
    report("harness enter + exit, loop included", [timed(harness_round) for _ in range(rounds)][1:])


def moto_start_and_stop(rounds: int) -> None:
    began = time.perf_counter()
    from moto.server import ThreadedMotoServer

    print(f"{'moto server: import, once':<58}     {(time.perf_counter() - began) * 1000:9.2f} ms")

    def one() -> None:
        server = ThreadedMotoServer(port=0, verbose=False)
        server.start()
        server.stop()

    report("moto server start + stop", [timed(one) for _ in range(rounds)][1:])


def boot(rounds: int) -> None:
    boots, firsts, stops = [], [], []

    async def main() -> None:
        async with Harness() as svc:
            began = time.perf_counter()
            running = await svc.start(Whole)
            boots.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            await svc.sns.publish("events", {"n": 1})
            await svc.drain()
            firsts.append((time.perf_counter() - began) * 1000)
            stops.append(await timed_async(running.stop()))

    for _ in range(rounds):
        tomodachi_testkit.run(main())
    report("boot of a SNS+SQS+AMQP+HTTP service", boots[1:])
    report("first message through SNS, SQS and AMQP handled", firsts[1:])
    report("stop", stops[1:])
    whole = [timed(lambda: tomodachi_testkit.run(main())) for _ in range(rounds)][1:]
    print(
        f"{'integration tests a second on one core':<58}     {1000 / statistics.median(whole):9.1f}"
    )


def restored(rounds: int) -> None:
    """One harness with a running service, put back to where it was for each test."""
    times = []

    async def main() -> None:
        async with Harness() as svc:
            await svc.start(Whole)
            empty = svc.snapshot()
            for number in range(rounds):
                began = time.perf_counter()
                svc.restore(empty)
                await svc.sns.publish("events", {"n": number})
                await svc.drain()
                svc.amqp.published.one(topic="event", data={"n": number})
                times.append((time.perf_counter() - began) * 1000)

    tomodachi_testkit.run(main())
    name = "tests a second on one harness, restored for each"
    print(f"{name:<58}     {1000 / statistics.median(times):9.1f}")


def called(rounds: int) -> None:
    async def main() -> list[float]:
        async with Harness() as svc:
            running = await svc.start(Whole)
            return [
                await timed_async(running.call("on_amqp", data={"n": number}))
                for number in range(rounds)
            ]

    report("one handler through Running.call", tomodachi_testkit.run(main())[1:])


def virtual_days() -> None:
    async def day() -> int:
        async with Harness() as svc:
            running = await svc.start(Minutely)
            began = time.process_time()
            await svc.clock.advance(timedelta(days=1))
            print(
                f"{'24 h of a minute schedule, CPU':<58}     "
                f"{(time.process_time() - began) * 1000:9.2f} ms ({running.service.fires} fires)"
            )
            return running.service.fires

    async def retention() -> None:
        async with Harness(allow={"inflight", "dlq"}) as svc:
            params = {"QueueName": "kept", "Attributes": {"MessageRetentionPeriod": "1209600"}}
            svc.call_aws("sqs", "CreateQueue", params)
            await svc.sqs.send("kept", "hello", envelope=None)
            began = time.process_time()
            await svc.clock.advance(timedelta(days=14))
            print(
                f"{'14 days of retention, CPU':<58}     "
                f"{(time.process_time() - began) * 1000:9.2f} ms "
                f"({len(svc.sqs['kept'].messages)} left)"
            )

    tomodachi_testkit.run(day())
    tomodachi_testkit.run(retention())


def same_log(rounds: int) -> None:
    def one() -> str:
        lines: list[str] = []

        async def main() -> None:
            async with Harness(seed=11) as svc:
                await svc.start(Whole)
                for number in range(3):
                    await svc.sns.publish("events", {"n": number})
                await svc.drain()
                lines.append(svc.log.render(width=1000))

        tomodachi_testkit.run(main())
        return hashlib.sha256(lines[0].encode()).hexdigest()

    logs = [one() for _ in range(rounds)]
    equal = sum(log == logs[0] for log in logs)
    print(f"{'same seed, same event log':<58}     {equal} of {rounds} byte-identical")


def hang(rounds: int) -> None:
    async def main() -> None:
        async with Harness():
            await asyncio.Event().wait()

    def one() -> None:
        try:
            tomodachi_testkit.run(main())
        except tomodachi_testkit.TestkitError:
            return
        raise SystemExit("a hang was not found")

    report("hang -> failure", [timed(one) for _ in range(min(rounds, 20))][1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--logs", type=int, default=100)
    arguments = parser.parse_args()
    import logging

    logging.disable(logging.CRITICAL)
    broker_start_and_stop(arguments.rounds)
    moto_start_and_stop(arguments.rounds)
    boot(arguments.rounds)
    restored(arguments.rounds)
    called(arguments.rounds)
    virtual_days()
    same_log(arguments.logs)
    hang(arguments.rounds)


if __name__ == "__main__":
    main()
