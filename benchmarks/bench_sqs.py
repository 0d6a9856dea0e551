"""SQS over HTTP: server CPU a request for send, receive + delete, by one and by ten, at growing depths.

    python benchmarks/bench_sqs.py [--depths 0,1000,100000] [--without-moto]

Both servers run as child processes and are driven by the same raw requests over one
connection (a new one each time where the server does not keep it); what is reported is the server's own
CPU time (user + system), which a slow client does not blur. moto is measured in the same run, at the depths it can bear.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

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


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def measure(process: psutil.Process, count: int, step) -> tuple[float, float]:
    """Server CPU and elapsed time of one `step`, in milliseconds."""
    before, started = cpu(process), time.perf_counter()
    for _ in range(count):
        step()
    elapsed = time.perf_counter() - started
    return (cpu(process) - before) / count * 1000, elapsed / count * 1000


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


def run(name: str, code: str, depths: tuple[int, ...], count: int) -> list[dict]:
    rows = []
    with server(code) as (port, process):
        client = Client(port)
        url = client.call("CreateQueue", {"QueueName": "bench"})["QueueUrl"]
        send = client.request("SendMessage", {"QueueUrl": url, "MessageBody": BODY})
        empty = process.memory_info().rss
        depth = 0
        for wanted in depths:
            fill(client, url, wanted - depth)
            depth = max(depth, wanted)
            resident = process.memory_info().rss
            for _ in range(min(200, count)):  # warm
                client.raw(send)
                receive_and_delete(client, url)
            send_cpu, send_elapsed = measure(process, count, lambda: client.raw(send))
            take_cpu, take_elapsed = measure(
                process, count, lambda: receive_and_delete(client, url)
            )
            ten_cpu, batch_cpu = measure_batches(process, client, url, max(10, count // 10))
            rows.append(
                {
                    "server": name,
                    "depth": wanted,
                    "send_cpu_ms": round(send_cpu, 4),
                    "send_ms": round(send_elapsed, 4),
                    "receive_delete_cpu_ms": round(take_cpu, 4),
                    "receive_delete_ms": round(take_elapsed, 4),
                    "receive_ten_cpu_ms": round(ten_cpu, 4),
                    "delete_batch_cpu_ms": round(batch_cpu, 4),
                    "bytes_a_message": round((resident - empty) / wanted) if wanted else None,
                }
            )
            print(json.dumps(rows[-1]), flush=True)
    return rows


def measure_batches(
    process: psutil.Process, client: Client, url: str, count: int
) -> tuple[float, float]:
    """Server CPU of a receive of ten, and of a batch that deletes ten, in milliseconds."""
    fill(client, url, count * 10)
    received: list[list[dict]] = []
    ten = client.request("ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 10})
    ten_cpu, _ = measure(
        process, count, lambda: received.append(json.loads(client.raw(ten))["Messages"])
    )

    def delete() -> None:
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(received.pop())
        ]
        client.call("DeleteMessageBatch", {"QueueUrl": url, "Entries": entries})

    batch_cpu, _ = measure(process, count, delete)
    return ten_cpu, batch_cpu


def receive_and_delete(client: Client, url: str) -> None:
    message = client.call("ReceiveMessage", {"QueueUrl": url})["Messages"][0]
    client.call("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depths", default="0,1000,10000,100000,1000000")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--without-moto", action="store_true")
    given = parser.parse_args()
    depths = tuple(int(depth) for depth in given.depths.split(","))
    ours = run("tomodachi_fakes", SERVER, depths, given.count)
    if given.without_moto:
        return
    moto_depths = tuple(depth for depth in depths if depth in MOTO_DEPTHS)
    peers = run("moto server", MOTO, moto_depths, max(50, given.count // 40))
    by_depth = {row["depth"]: row for row in ours}
    for theirs in peers:
        mine = by_depth[theirs["depth"]]
        cpu_factor = theirs["send_cpu_ms"] / mine["send_cpu_ms"]
        rate_factor = theirs["send_ms"] / mine["send_ms"]
        print(
            f"depth {theirs['depth']}: moto server's SendMessage takes {cpu_factor:.0f} times the "
            f"CPU and {rate_factor:.0f} times as long"
        )


if __name__ == "__main__":
    main()
