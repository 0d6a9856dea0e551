"""Starting the brokers: process start to the first answer, and memory while nothing happens.

    python benchmarks/bench_broker_start.py [--rounds 10] [--without-moto]

`svc-fake-broker` is started as users start it; the clock runs from the start of the process until a
raw client has an answer from SQS (CreateQueue) and an AMQP `connection.open-ok`. moto server is the
peer for SQS, in the same run, one process after the other in turn. CPU is the child's own.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import psutil

OURS = [sys.executable, "-m", "tomodachi_fakes", "start", "--json", "--aws-port", "0"]
OURS += ["--amqp-port", "0", "--management-port", "0"]
MOTO = """
import threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
threading.Event().wait()
"""
# Installed packages have their bytecode beside them; this checkout's has to be kept to compare.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
BODY = json.dumps({"QueueName": "first"}).encode()
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=00"
)
START_OK = (
    b"\x00\x0a\x00\x0b" + b"\x00\x00\x00\x00" + b"\x05PLAIN" + b"\x00\x00\x00\x0c\x00guest\x00guest"
)
TUNE_OK = b"\x00\x0a\x00\x1f" + b"\x07\xff" + b"\x00\x02\x00\x00" + b"\x00\x00"
OPEN = b"\x00\x0a\x00\x28" + b"\x01/" + b"\x00" + b"\x00"
OPEN_OK = b"\x00\x0a\x00\x29"


def first_sqs_answer(port: int) -> None:
    """CreateQueue, answered with 200."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(
            (
                f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                "X-Amz-Target: AmazonSQS.CreateQueue\r\n"
                f"Content-Type: application/x-amz-json-1.0\r\nAuthorization: {AUTHORIZATION}\r\n"
                f"X-Amz-Date: 20260101T000000Z\r\nContent-Length: {len(BODY)}\r\n\r\n"
            ).encode()
            + BODY
        )
        answer = connection.recv(65_536)
    if b" 200 " not in answer.split(b"\r\n", 1)[0]:
        raise RuntimeError(answer.decode())


def amqp_open_ok(port: int) -> None:
    """A connection as far as `connection.open-ok`."""

    def frame(payload: bytes) -> bytes:
        return b"\x01\x00\x00" + len(payload).to_bytes(4, "big") + payload + b"\xce"

    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        stream = connection.makefile("rb")

        def method() -> bytes:
            head = stream.read(7)
            return stream.read(int.from_bytes(head[3:], "big") + 1)[:4]

        locale = b"\x05en_US"
        connection.sendall(b"AMQP\x00\x00\x09\x01")
        method()
        connection.sendall(frame(START_OK + locale))
        method()
        connection.sendall(frame(TUNE_OK) + frame(OPEN))
        if method() != OPEN_OK:
            raise RuntimeError("the broker did not open the connection")


def ours(line: str) -> None:
    """Both first answers."""
    ready = json.loads(line)
    first_sqs_answer(int(ready["aws"].rsplit(":", 1)[1]))
    amqp_open_ok(int(ready["amqp"].rstrip("/").rsplit(":", 1)[1]))


def moto(line: str) -> None:
    """The first answer of SQS."""
    first_sqs_answer(int(line))


def round_of(command: list[str], ask: Callable[[str], None]) -> tuple[float, float, float, float]:
    """Seconds to the first answers, the child's CPU for it, its memory at READY and after, in MiB."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT
    )
    try:
        line = process.stdout.readline()
        watched = psutil.Process(process.pid)
        idle = watched.memory_info().rss
        ask(line)
        took = time.perf_counter() - began
        times = watched.cpu_times()
        used = watched.memory_info().rss
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    return took, times.user + times.system, idle / 2**20, used / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--without-moto", action="store_true")
    given = parser.parse_args()
    peers = {"svc-fake-broker": (OURS, ours), "moto server": ([sys.executable, "-c", MOTO], moto)}
    if given.without_moto:
        del peers["moto server"]
    rounds: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in peers}
    for command, ask in peers.values():
        round_of(command, ask)  # writes the bytecode, and is not counted
    for _ in range(given.rounds):
        for name, (command, ask) in peers.items():
            rounds[name].append(round_of(command, ask))
    for name, figures in rounds.items():
        took, cpu, idle, used = zip(*figures, strict=True)
        print(
            json.dumps(
                {
                    "server": name,
                    "first_answers_s": round(statistics.median(took), 3),
                    "p95_s": round(sorted(took)[int(len(took) * 0.95)], 3),
                    "cpu_s": round(statistics.median(cpu), 3),
                    "idle_mib": round(statistics.median(idle), 1),
                    "after_first_answers_mib": round(statistics.median(used), 1),
                }
            )
        )


if __name__ == "__main__":
    main()
