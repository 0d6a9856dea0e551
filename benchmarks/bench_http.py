"""Hello world over HTTP with keep-alive and 64 connections, beside a bare aiohttp application.

    python benchmarks/bench_http.py [interpreter with the framework to compare with] [--seconds 3]

Needs `wrk` (https://github.com/wg/wrk). Each program runs in a process of its own; rounds take turns,
so that a busy machine hurts all of them alike. For each program the best round counts. Printed are
requests a second, CPU microseconds of the server for each request, and both as ratios to bare aiohttp.
Log lines are JSON and go to the null device.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS, ROUNDS = 64, 3
# A path relative to the working directory is the only one that every release understands.
FOLDER, SERVICE = Path(__file__).parent, "http_service.py"


def serve_bare(port: int) -> None:
    from aiohttp import web

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello world")

    application = web.Application()
    application.router.add_get("/hello", hello)
    web.run_app(application, host="127.0.0.1", port=port, access_log=None, print=None)


@dataclass
class Program:
    name: str
    command: list[str]
    access_log: bool = False
    port: int = 0
    pid: int = 0
    rates: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)


def programs(other: str | None) -> list[Program]:
    run = ["-m", "tomodachi", "run", SERVICE, "--production", "--logger", "json"]
    found = [Program("bare aiohttp", [sys.executable, Path(__file__).name, "--serve-bare"])]
    for log in (False, True):
        suffix = ", access log" if log else ""
        found.append(Program(f"tomodachi{suffix}", [sys.executable, *run], log))
        if other is not None:
            found.append(Program(f"compared{suffix}", [other, *run], log))
    return found


@contextmanager
def running(program: Program) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        program.port = listener.getsockname()[1]
    env = os.environ | {
        "BENCH_PORT": str(program.port),
        "BENCH_ACCESS_LOG": str(int(program.access_log)),
    }
    process = subprocess.Popen(
        program.command, env=env, cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    program.pid = process.pid
    try:
        wait_for(program)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(program: Program) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", program.port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{program.name} does not listen: {program.command}")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(program: Program, seconds: int) -> None:
    before = cpu_seconds(program.pid)
    wrk = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    wrk += [f"http://127.0.0.1:{program.port}/hello"]
    text = subprocess.run(wrk, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text:
        sys.exit(f"{program.name}: {text}")
    requests = int(re.search(r"(\d+) requests in", text)[1])
    program.rates.append(float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]))
    program.cpu_us.append((cpu_seconds(program.pid) - before) / requests * 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("other", nargs="?", help="interpreter with the framework to compare with")
    parser.add_argument("--seconds", type=int, default=3, help="length of a round")
    parser.add_argument("--serve-bare", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve_bare:
        serve_bare(int(os.environ["BENCH_PORT"]))
        return
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed (Debian: apt install wrk)")
    found = programs(arguments.other)
    with ExitStack() as stack:
        for program in found:
            stack.enter_context(running(program))
        for _ in range(ROUNDS):
            for program in found:
                measure(program, arguments.seconds)
    bare_rate, bare_cpu = max(found[0].rates), min(found[0].cpu_us)
    print(f"{'':24}{'req/s':>9}{'ratio':>7}{'CPU us':>9}{'ratio':>7}")
    for program in found:
        rate, cpu = max(program.rates), min(program.cpu_us)
        print(f"{program.name:24}{rate:9.0f}{rate / bare_rate:7.2f}{cpu:9.0f}{bare_cpu / cpu:7.2f}")


if __name__ == "__main__":
    main()
