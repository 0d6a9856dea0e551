"""The fakes of SQS side by side: start, memory, CPU and time of a send and of a receive + delete.

    python benchmarks/bench_peers.py [--ministack PYTHON] [--fauxqs FOLDER] [--depths 0,1000] [--rounds 5]

The servers take turns within one run, each with a queue of its own at each depth, driven by the same raw
requests. CPU is the server's own; time is by the clock, the client's share included. moto's cost grows with
what it holds, so the deeper queue takes it minutes to fill.
"""

from __future__ import annotations

import argparse
import statistics
import time

import psutil
from aws_servers import add_arguments, chosen
from bench_sqs import Client, Lane

KINDS = {"send": "send", "receive_delete": "receive + delete"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_arguments(parser)
    parser.add_argument("--depths", default="0,1000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=50, help="requests of a kind a round")
    args = parser.parse_args()
    servers = chosen(args)
    print("| server | start to listening | memory then |\n|---|---|---|")
    for name, start in servers.items():
        began = time.perf_counter()
        with start() as server:
            took = time.perf_counter() - began
            print(
                f"| {name} | {took:.2f} s | {memory_of(server.pid) / 2**20:.0f} MiB |", flush=True
            )
    print(
        "\n| server | depth | "
        + " | ".join(f"{what}, CPU | time" for what in KINDS.values())
        + " |"
    )
    print("|---" * (2 + 2 * len(KINDS)) + "|")
    for depth in map(int, args.depths.split(",")):
        for name, start in servers.items():
            with start() as server:
                lane = lane_of(name, server.endpoint, server.pid, depth)
                for _ in range(args.rounds + 1):
                    lane.round(args.count)
                cells = [
                    cell
                    for kind in KINDS
                    for cell in (figure(lane, kind), figure(lane, f"{kind} by the clock"))
                ]
            print(f"| {name} | {depth:,} | {' | '.join(cells)} |", flush=True)


def memory_of(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().rss)


def lane_of(name: str, endpoint: str, pid: int, depth: int) -> Lane:
    port = int(endpoint.rpartition(":")[2])
    return Lane(name, depth, psutil.Process(pid), Client(port), threads=name != "svc-fake-broker")


def figure(lane: Lane, kind: str) -> str:
    """The median of all rounds but the first, which warms the server."""
    return f"{statistics.median(lane.rounds[kind][1:]):.2f} ms"


if __name__ == "__main__":
    main()
