"""AMQP: the fake and a real RabbitMQ under the same raw-socket load generator, in the same run.

The generator is this process; it sends octets prepared beforehand and counts frames, so that it is not
what is measured. The fake runs in a process of its own. Give the URL of a RabbitMQ as an argument or in
SVC_TEST_RABBITMQ to have it measured beside the fake; without one, the fake is measured alone. With its
process id its CPU is told too: on a busy machine CPU is the robust figure, and RabbitMQ takes every core.

    python benchmarks/bench_amqp.py [amqp://guest:guest@127.0.0.1:5672/] [--pid PID] [--messages 50000]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import socket
import statistics
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tomodachi_fakes.amqp.codec import encode_method, method_frame
from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_fakes.amqp.frames import frame
from tomodachi_fakes.amqp.properties import encode_header
from tomodachi_fakes.amqp.spec import PROTOCOL_HEADER

BODY = b"x" * 100
QUEUE = "bench-amqp"
_HEAD = struct.Struct(">BHI")
ACK = b"\x00\x3c\x00\x50"
DELIVER = b"\x00\x3c\x00\x3c"


class Load:
    """One raw AMQP connection that counts instead of parsing."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 5672))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self.acked = 0
        user, password = unquote(parts.username or "guest"), unquote(parts.password or "guest")
        plain = f"\0{user}\0{password}".encode()
        self.socket.sendall(PROTOCOL_HEADER)
        self.call("connection.start-ok", typed_table({}), "PLAIN", plain, "en_US", channel=0)
        self.wait(2)
        self.call("connection.tune-ok", 2047, 131_072, 0, channel=0)
        self.call("connection.open", unquote(parts.path[1:]) or "/", "", False, channel=0)
        self.wait(1)
        self.call("channel.open", "")
        self.wait(1)

    def call(self, name: str, *values: Any, channel: int = 1) -> None:
        self.socket.sendall(method_frame(channel, name, *values))

    def wait(self, frames: int) -> list[tuple[int, bytes]]:
        """Read until so many frames came; their (type, payload)."""
        found: list[tuple[int, bytes]] = []
        while len(found) < frames:
            data = self.rest + self.socket.recv(1 << 18)
            at = 0
            while len(data) - at >= 7:
                kind, _, size = _HEAD.unpack_from(data, at)
                if len(data) - at < size + 8:
                    break
                found.append((kind, data[at + 7 : at + 7 + size]))
                at += size + 8
            self.rest = data[at:]
        return found

    def wait_acks(self, upto: int) -> None:
        """Read until the confirm of publish number `upto` came."""
        while self.acked < upto:
            for _, payload in self.wait(1):
                if payload[:4] == ACK:
                    self.acked = max(self.acked, int.from_bytes(payload[4:12]))

    def fresh_queue(self, messages: int = 0) -> None:
        self.call("queue.delete", 0, QUEUE, False, False, False)
        self.wait(1)
        self.call("queue.declare", 0, QUEUE, False, False, False, False, False, {})
        self.wait(1)
        if messages:
            self.publish(messages)
            self.settled(messages)

    def publish(self, messages: int) -> None:
        batch = one_publish() * 100
        for _ in range(messages // 100):
            self.socket.sendall(batch)

    def settled(self, messages: int) -> None:
        """Wait until the queue holds so many messages."""
        while True:
            self.call("queue.declare", 0, QUEUE, True, False, False, False, False, {})
            payload = self.wait(1)[-1][1]
            if int.from_bytes(payload[-8:-4]) >= messages:
                return

    def close(self) -> None:
        self.socket.close()


def one_publish() -> bytes:
    method = encode_method("basic.publish", 0, "", QUEUE, False, False)
    return frame(1, 1, method) + frame(2, 1, encode_header(len(BODY), {})) + frame(3, 1, BODY)


def publish(url: str, messages: int) -> float:
    """Messages a second into a queue, until they are all there."""
    load = Load(url)
    load.fresh_queue()
    started = time.perf_counter()
    load.publish(messages)
    load.settled(messages)
    took = time.perf_counter() - started
    load.close()
    return messages / took


def confirmed(url: str, messages: int) -> float:
    """Messages a second with publisher confirms, 100 on their way at a time."""
    load = Load(url)
    load.fresh_queue()
    load.call("confirm.select", False)
    load.wait(1)
    batch = one_publish() * 50
    started = time.perf_counter()
    load.socket.sendall(batch)
    for sent in range(100, messages + 1, 50):
        load.socket.sendall(batch)
        load.wait_acks(sent - 50)
    load.wait_acks(messages)
    took = time.perf_counter() - started
    load.close()
    return messages / took


def _consume(url: str, messages: int, *, no_ack: bool) -> float:
    load = Load(url)
    load.fresh_queue(messages)
    if not no_ack:
        load.call("basic.qos", 0, 100, False)
        load.wait(1)
    started = time.perf_counter()
    load.call("basic.consume", 0, QUEUE, "c", False, no_ack, False, False, {})
    seen = acked = 0
    while seen < messages:
        seen += sum(payload[:4] == DELIVER for _, payload in load.wait(1))
        if not no_ack and (seen - acked >= 50 or seen == messages):
            load.call("basic.ack", seen, True)
            acked = seen
    took = time.perf_counter() - started
    load.close()
    return messages / took


def consume_auto_ack(url: str, messages: int) -> float:
    """Messages a second out of a full queue, no acknowledgements."""
    return _consume(url, messages, no_ack=True)


def consume_ack(url: str, messages: int) -> float:
    """Messages a second out of a full queue, prefetch 100, acknowledged every 50."""
    return _consume(url, messages, no_ack=False)


def publish_and_deliver(url: str, messages: int) -> float:
    """Messages a second from one connection to a consumer on another, no acknowledgements."""
    sender, receiver = Load(url), Load(url)
    sender.fresh_queue()
    receiver.call("basic.consume", 0, QUEUE, "c", False, True, False, False, {})
    receiver.wait(1)
    batch, seen = one_publish() * 100, 0
    started = time.perf_counter()
    for sent in range(100, messages + 1, 100):
        sender.socket.sendall(batch)
        while seen < sent - 1000:
            seen += sum(payload[:4] == DELIVER for _, payload in receiver.wait(1))
    while seen < messages:
        seen += sum(payload[:4] == DELIVER for _, payload in receiver.wait(1))
    took = time.perf_counter() - started
    sender.close()
    receiver.close()
    return messages / took


def ping_pong(url: str, messages: int) -> float:
    """Microseconds from a publish to its delivery on another connection, median."""
    sender, receiver = Load(url), Load(url)
    sender.fresh_queue()
    receiver.call("basic.consume", 0, QUEUE, "c", False, True, False, False, {})
    receiver.wait(1)
    octets, times = one_publish(), []
    for _ in range(min(messages, 2000)):
        started = time.perf_counter()
        sender.socket.sendall(octets)
        receiver.wait(3)
        times.append((time.perf_counter() - started) * 1e6)
    sender.close()
    receiver.close()
    return statistics.median(times)


def _serve(pipe: Connection) -> None:
    from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

    async def main() -> None:
        broker = FakeBroker(BrokerSettings(aws_port=None))
        await broker.start()
        pipe.send(broker.amqp_url)
        while True:
            await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
            pipe.send(time.process_time())

    asyncio.run(main())


class Fake:
    """The fake in a process of its own."""

    def __init__(self) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        self.url: str = self.pipe.recv()

    def cpu(self) -> float:
        self.pipe.send("cpu")
        seconds: float = self.pipe.recv()
        return seconds


@contextmanager
def fake() -> Iterator[Fake]:
    served = Fake()
    try:
        yield served
    finally:
        served.process.terminate()
        served.process.join()


MEASURED: dict[str, tuple[Callable[[str, int], float], str]] = {
    "publish": (publish, "msg/s"),
    "publish, confirmed, window 100": (confirmed, "msg/s"),
    "consume, auto-ack": (consume_auto_ack, "msg/s"),
    "consume, ack, prefetch 100": (consume_ack, "msg/s"),
    "publish to delivery": (publish_and_deliver, "msg/s"),
    "ping-pong p50": (ping_pong, "µs"),
}


Timed = tuple[float, float]


def timed(
    measure: Callable[[str, int], float], url: str, messages: int, cpu: Callable[[], float]
) -> Timed:
    """What is measured, and the seconds of CPU that the server took for it."""
    before = cpu()
    figure = measure(url, messages)
    return figure, cpu() - before


def cpu_of(pid: int | None) -> Callable[[], float]:
    """Reads the CPU seconds of a process; NaN without one."""

    def read() -> float:
        if pid is None:
            return float("nan")
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    return read


def line_of(name: str, unit: str, count: int, ours: list[Timed], theirs: list[Timed]) -> str:
    """One line of the table, with medians."""
    line = f"{name:31}"
    for side in (ours, theirs):
        if side:
            figure, cpu = (statistics.median(values) for values in zip(*side, strict=True))
            line += f"{figure:>10,.0f}{cpu / count * 1e6:>8.1f} µs/msg"
    if theirs:
        fake, real = (statistics.median(figure for figure, _ in side) for side in (ours, theirs))
        line += f"{fake / real if unit == 'msg/s' else real / fake:>7.1f}x"
    return f"{line}  {unit}"


def depth(url: str, served: Fake, deepest: int) -> None:
    """CPU of publish + get at growing depth: it must stay flat."""
    load = Load(url)
    load.fresh_queue()
    held = 0
    for target in (0, deepest // 100, deepest // 10, deepest):
        load.publish(target - held)
        load.settled(target)
        held = target
        before = served.cpu()
        for _ in range(20):
            load.socket.sendall(
                (one_publish() + method_frame(1, "basic.get", 0, QUEUE, True)) * 100
            )
            frames = 0
            while frames < 300:
                frames += len(load.wait(1))
        print(
            f"  {target:>9,} ready: {(served.cpu() - before) / 2000 * 1e6:6.1f} µs CPU a publish + get"
        )
    load.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default=os.environ.get("SVC_TEST_RABBITMQ"))
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--depth", type=int, default=1_000_000)
    parser.add_argument("--pid", type=int, help="process id of the RabbitMQ")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many is told")
    options = parser.parse_args()
    with fake() as served:
        print(f"{'':31}{'fake':>10}{'CPU':>14}{'RabbitMQ':>14}{'CPU':>14}{'ratio':>8}")
        for name, (measure, unit) in MEASURED.items():
            count = options.messages if unit == "msg/s" else min(options.messages, 2000)
            ours, theirs = [], []
            for _ in range(options.rounds):
                ours.append(timed(measure, served.url, options.messages, served.cpu))
                if options.url:
                    theirs.append(
                        timed(measure, options.url, options.messages, cpu_of(options.pid))
                    )
            print(line_of(name, unit, count, ours, theirs))
        if options.depth:
            depth(served.url, served, options.depth)
    if options.url:
        load = Load(options.url)
        load.call("queue.delete", 0, QUEUE, False, False, False)
        load.wait(1)
        load.close()


if __name__ == "__main__":
    main()
