"""AMQP: process start to open-ok, idle memory and memory of a queued message; the fake and RabbitMQ.

`svc-fake-broker --no-aws` is started as users start it. With `--rabbitmq` a RabbitMQ of our own is
installed and started on free ports by `.ci/rabbitmq`, measured in the same run, and stopped. CPU is the
server's own from its start to open-ok: on a busy machine the robust figure.

    python benchmarks/bench_amqp_start.py [--rabbitmq] [--messages 100000]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_amqp import QUEUE, Load, cpu_of

ROOT = Path(__file__).parent.parent
ROUNDS = 5


def resident_kb(pid: int) -> int:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line[:6] == "VmRSS:")


def memory(url: str, pid: int, messages: int) -> tuple[float, float]:
    """Resident MB when idle, and octets for each of so many ready messages of 100 octets."""
    idle = resident_kb(pid)
    load = Load(url)
    load.fresh_queue(messages)
    held = resident_kb(pid)
    load.call("queue.delete", 0, QUEUE, False, False, False)
    load.wait(1)
    load.close()
    return idle / 1024, (held - idle) * 1024 / messages


def fake(messages: int) -> tuple[float, float, float, float]:
    """Seconds from process start to open-ok, seconds of CPU, and memory."""
    began = time.perf_counter()
    program = [sys.executable, "-m", "tomodachi_fakes", "--no-aws", "--amqp-port", "0"]
    program += ["--management-port", "0"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split("amqp=")[1].split()[0]
            Load(url).close()
            took = time.perf_counter() - began
            cpu = cpu_of(process.pid)()
            return took, cpu, *(memory(url, process.pid, messages) if messages else (0.0, 0.0))
        finally:
            process.terminate()


def rabbitmq(messages: int) -> tuple[float, float, float, float]:
    """The same of a RabbitMQ; what `.ci/rabbitmq` itself takes counts with it (some tenths of a second)."""
    with tempfile.TemporaryDirectory(prefix="bench-rabbitmq-") as folder:
        script, node = str(ROOT / ".ci" / "rabbitmq"), str(Path(folder) / "node")
        began = time.perf_counter()
        started = subprocess.run(
            [script, "start", node], check=True, stdout=subprocess.PIPE, text=True, timeout=120
        )
        try:
            url = started.stdout.split()[-1]
            Load(url).close()
            took = time.perf_counter() - began
            pid = int((Path(node) / "pid").read_text())
            return took, cpu_of(pid)(), *memory(url, pid, messages)
        finally:
            subprocess.run([script, "stop", node], check=True, timeout=60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rabbitmq", action="store_true")
    parser.add_argument("--messages", type=int, default=100_000)
    options = parser.parse_args()
    starts = [fake(0)[:2] for _ in range(ROUNDS)]
    *start, idle, each = fake(options.messages)
    ours = [statistics.median(values) for values in zip(*starts, start, strict=True)]
    print(f"{'':12}{'start to open-ok':>18}{'CPU':>11}{'idle':>10}{'a queued message':>18}")
    print(line_of("fake", *ours, idle, each))
    if options.rabbitmq:
        theirs = rabbitmq(options.messages)
        print(line_of("RabbitMQ", *theirs))
        print(f"start: 1/{theirs[0] / ours[0]:.0f} of RabbitMQ's, CPU 1/{theirs[1] / ours[1]:.0f}")


def line_of(name: str, took: float, cpu: float, idle: float, each: float) -> str:
    """One line of the table."""
    return f"{name:12}{took:>16.3f} s{cpu:>9.2f} s{idle:>7.0f} MB{each:>11.0f} octets"


if __name__ == "__main__":
    main()
