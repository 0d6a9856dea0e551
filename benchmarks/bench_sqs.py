"""SQS over HTTP: server CPU a request for send, receive + delete, by one and by ten, at growing depths.

    python benchmarks/bench_sqs.py [--depths 0,1000,100000] [--rounds 15] [--without-moto]

A server runs for each depth, as a child process with its queue filled, and all are driven by the same
raw requests over one connection (a new one each time where the server does not keep it). They take
turns in many short rounds, and what is reported is the median of the rounds of the server's own CPU
time, which neither a slow client nor other work on the machine blurs. Whether cost grows with depth is
told by the median of each round's ratio to depth 0 in the same round, so that what slows the machine
down for a while slows both sides of the ratio. moto server is measured in the same run, at the depths
it can bear.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SERVER = """
import asyncio, sys
from tomodachi_fakes.clock import SystemClock
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.servers.aws_http import AwsHttpServer

async def main():
    cloud = Cloud(ids=SeededIds(1), events=EventLog(), faults=FaultPlan())
    server = AwsHttpServer(cloud, SystemClock(), "127.0.0.1", 0)
    await server.start()
    print(server.port, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
MOTO = """
import sys, threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
threading.Event().wait()
"""
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=00"
)
BODY = "x" * 100
KINDS = ("send", "receive_delete", "receive_ten", "delete_ten")
MOTO_DEPTHS = (0, 1_000)  # its cost grows with depth; more takes minutes to fill


class Client:
    """One keep-alive connection and just enough HTTP."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.keeps_alive = True
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def request(self, operation: str, params: dict[str, object]) -> bytes:
        body = json.dumps(params).encode()
        return (
            f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"X-Amz-Target: AmazonSQS.{operation}\r\n"
            f"Content-Type: application/x-amz-json-1.0\r\nAuthorization: {AUTHORIZATION}\r\n"
            f"X-Amz-Date: 20260101T000000Z\r\nUser-Agent: bench\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def call(self, operation: str, params: dict[str, object]) -> dict:
        return json.loads(self.raw(self.request(operation, params)) or b"{}")

    def raw(self, request: bytes) -> bytes:
        self._socket.sendall(request)
        return self.read()

    def read(self) -> bytes:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._fill()
        head = self._buffer[:end].lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        while len(self._buffer) < end + 4 + length:
            self._fill()
        body = self._buffer[end + 4 : end + 4 + length]
        self._buffer = self._buffer[end + 4 + length :]
        if b"connection: close" in head or head.startswith(b"http/1.0"):
            self.keeps_alive = False  # moto's server closes after every answer
            self._socket.close()
            self._connect()
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(body.decode())
        return body

    def _fill(self) -> None:
        data = self._socket.recv(262_144)
        if not data:
            raise RuntimeError("the server closed the connection")
        self._buffer += data


@contextmanager
def server(code: str):
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield int(process.stdout.readline()), psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def cpu_of(process: psutil.Process, *, threads: bool) -> float:
    """Seconds of CPU so far: to the nanosecond for a single thread on Linux, or else to 10 ms."""
    exact = Path(f"/proc/{process.pid}/schedstat")
    if not threads and exact.exists():
        return int(exact.read_text().split()[0]) / 1e9
    times = process.cpu_times()
    return times.user + times.system


@dataclass
class Lane:
    """A server with a queue of one depth, and what each round measured of it, in milliseconds."""

    name: str
    depth: int
    process: psutil.Process
    client: Client
    threads: bool
    bytes_a_message: int | None = None
    rounds: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.url = self.client.call("CreateQueue", {"QueueName": "bench"})["QueueUrl"]
        params = {"QueueUrl": self.url}
        self._send = self.client.request("SendMessage", {**params, "MessageBody": BODY})
        self._ten = self.client.request("ReceiveMessage", {**params, "MaxNumberOfMessages": 10})
        empty = self.process.memory_info().rss
        fill(self.client, self.url, self.depth)
        if self.depth:
            self.bytes_a_message = (self.process.memory_info().rss - empty) // self.depth

    def round(self, count: int) -> None:
        """Every kind of request once more; the queue is as deep afterwards as before."""
        received: list[list[dict]] = []
        self._measure("send", count, lambda: self.client.raw(self._send))
        self._measure("receive_delete", count, self._receive_and_delete)
        batches = max(1, count // 10)
        fill(self.client, self.url, batches * 10)
        self._measure(
            "receive_ten",
            batches,
            lambda: received.append(json.loads(self.client.raw(self._ten))["Messages"]),
        )
        self._measure("delete_ten", batches, lambda: self._delete(received.pop()))

    def _measure(self, kind: str, count: int, step) -> None:
        before, started = cpu_of(self.process, threads=self.threads), time.perf_counter()
        for _ in range(count):
            step()
        elapsed = time.perf_counter() - started
        used = cpu_of(self.process, threads=self.threads) - before
        self.rounds.setdefault(kind, []).append(used / count * 1000)
        self.rounds.setdefault(f"{kind} by the clock", []).append(elapsed / count * 1000)

    def _receive_and_delete(self) -> None:
        message = self.client.call("ReceiveMessage", {"QueueUrl": self.url})["Messages"][0]
        handle = message["ReceiptHandle"]
        self.client.call("DeleteMessage", {"QueueUrl": self.url, "ReceiptHandle": handle})

    def _delete(self, messages: list[dict]) -> None:
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(messages)
        ]
        self.client.call("DeleteMessageBatch", {"QueueUrl": self.url, "Entries": entries})

    def median(self, kind: str) -> float:
        return statistics.median(self.rounds[kind])

    def ratio_to(self, other: Lane, kind: str) -> tuple[float, float, float]:
        """Median and quartiles of this lane's cost over the other's, round by round."""
        pairs = zip(self.rounds[kind], other.rounds[kind], strict=True)
        low, middle, high = statistics.quantiles((mine / theirs for mine, theirs in pairs), n=4)
        return low, middle, high


def fill(client: Client, url: str, count: int) -> None:
    """Put `count` messages in, in batches that are sent ahead of their answers."""
    entries = [{"Id": str(n), "MessageBody": BODY} for n in range(10)]
    request = client.request("SendMessageBatch", {"QueueUrl": url, "Entries": entries})
    pending = 0
    for _ in range(count // 10):
        client._socket.sendall(request)
        pending += 1
        if pending == 16 or not client.keeps_alive:
            for _ in range(pending):
                client.read()
            pending = 0
    for _ in range(pending):
        client.read()


def run(
    name: str, code: str, depths: tuple[int, ...], rounds: int, count: int, *, threads: bool = False
) -> list[Lane]:
    """Measure one kind of server at every depth, turn by turn."""
    with ExitStack() as stack:
        lanes = []
        for depth in depths:
            port, process = stack.enter_context(server(code))
            lanes.append(Lane(name, depth, process, Client(port), threads))
        for lane in lanes:
            lane.round(count)  # warm
            lane.rounds.clear()
        for number in range(rounds):
            for lane in lanes if number % 2 else reversed(lanes):
                lane.round(count)
    for lane in lanes:
        shown = {f"{kind}_ms": round(lane.median(kind), 4) for kind in KINDS}
        row = {"server": name, "depth": lane.depth} | shown
        print(json.dumps(row | {"bytes_a_message": lane.bytes_a_message}), flush=True)
    return lanes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depths", default="0,1000,10000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--count", type=int, default=400, help="requests of a kind a round")
    parser.add_argument("--without-moto", action="store_true")
    given = parser.parse_args()
    depths = tuple(int(depth) for depth in given.depths.split(","))
    ours = run("tomodachi_fakes", SERVER, depths, given.rounds, given.count)
    for lane in ours[1:]:
        for kind in KINDS:
            low, middle, high = lane.ratio_to(ours[0], kind)
            print(
                f"depth {lane.depth}, {kind}: {middle:.2f} times depth {ours[0].depth} "
                f"(half of the rounds within {low:.2f} to {high:.2f})"
            )
    if given.without_moto:
        return
    bearable = tuple(depth for depth in depths if depth in MOTO_DEPTHS)
    theirs = run("moto server", MOTO, bearable, 3, max(20, given.count // 10), threads=True)
    mine = {lane.depth: lane for lane in ours}
    for lane in theirs:
        for kind, what in (("send", "CPU"), ("send by the clock", "time")):
            factor = lane.median(kind) / mine[lane.depth].median(kind)
            print(
                f"depth {lane.depth}: moto server's SendMessage takes {factor:.0f} times the {what}"
            )


if __name__ == "__main__":
    main()
