"""What starting costs: importing the package, starting a service, a middleware around a handler.

    python benchmarks/bench_boot.py

Peers in the same run: importing asyncio in a fresh process; one asyncio task for each middleware, which
is how a context of its own for each is had otherwise.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import time
from statistics import median

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.helpers.middleware import MiddlewareChain

PROCESSES, SERVICES, CALLS = 15, 200, 20_000


def import_ms(module: str) -> float:
    """Median time of an import in a fresh process, without the interpreter's own start."""
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    times = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(PROCESSES)]
    return median(times) * 1000


class Service(tomodachi.Service):
    name = "boot"

    async def _start_service(self) -> None: ...

    @tomodachi.schedule(interval=3600)
    async def tick(self) -> None: ...


async def boot_us() -> tuple[float, float]:
    """Median time to start and to stop a service with a schedule."""
    starts, stops = [], []
    for _ in range(SERVICES):
        runner = ServiceRunner(Service)
        began = time.perf_counter()
        await runner.start()
        started = time.perf_counter()
        await runner.stop()
        starts.append(started - began)
        stops.append(time.perf_counter() - started)
    return median(starts) * 1e6, median(stops) * 1e6


async def handler(service: object, request: object, **_: object) -> int:
    return 1


async def middleware(func, service, request, context) -> int:
    return await func()


async def chain_us(levels: int) -> float:
    chain = MiddlewareChain(handler, [middleware] * levels)

    async def routine(**_: object) -> int:
        return 1

    return await each_us(lambda: chain.run(routine, ("service", "request"), {"request": "request"}))


async def tasks_us(levels: int) -> float:
    async def level(left: int) -> int:
        return 1 if left == 0 else await asyncio.create_task(level(left - 1))

    return await each_us(lambda: level(levels + 1))


async def each_us(call) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        await call()
    return (time.perf_counter() - began) / CALLS * 1e6


async def main() -> None:
    own, peer = import_ms("tomodachi"), import_ms("asyncio")
    print(f"import tomodachi: {own:.1f} ms; import asyncio: {peer:.1f} ms; ratio {own / peer:.2f}")
    start, stop = await boot_us()
    print(f"one service with a schedule: start {start:.0f} us, stop {stop:.0f} us")
    for levels in (1, 3):
        chain, tasks = await chain_us(levels), await tasks_us(levels)
        print(
            f"{levels} middleware(s): {chain:.1f} us a call; with tasks: {tasks:.1f} us; "
            f"ratio {chain / tasks:.2f}"
        )


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(main())
