"""CPU a message of SQS consume, SNS publish and SNS publish batch, beside upstream in the same run.

    python benchmarks/bench_sqs_consume.py --peer /path/to/peer-venv/bin/python

The peer is an interpreter that has `tomodachi==0.29.0` installed. Both run the same service file
against one in-memory broker in a process of its own; rounds alternate, and the best of each counts.
Without `--peer` only this framework's figures are printed.
"""

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

from aiobotocore.session import AioSession

from tomodachi.envelope import JsonBase

HERE = Path(__file__).parent
SERVICE = "sqs_service.py"
BROKER = """
import asyncio
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

async def main():
    broker = FakeBroker(BrokerSettings(amqp_port=None))
    await broker.start()
    print(broker.aws_url, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
# A queue of its own for each run: a queue cannot be purged twice within a minute.
RUNS = itertools.count(1)
PAYLOAD = {"order": 7, "lines": ["a", "b", "c"], "note": "x" * 200}
# What this framework is to stay under, as a share of the peer's CPU a message.
TARGETS = {"consume": 1 / 5, "publish": 2 / 3, "publish_batch": 1 / 5}


class Sender:
    name = "bench"
    uuid = "bench"


async def fill(url, queue, messages):
    session = AioSession()
    async with session.create_client(
        "sqs",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    ) as client:
        queue_url = (await client.create_queue(QueueName=queue))["QueueUrl"]
        for start in range(0, messages, 10):
            entries = [
                {"Id": str(number), "MessageBody": await body()}
                for number in range(start, start + 10)
            ]
            await client.send_message_batch(QueueUrl=queue_url, Entries=entries)


async def body():
    message = await JsonBase.build_message(Sender(), "bench", PAYLOAD)
    return json.dumps({"Type": "Message", "Version": "0", "Message": message})


def run_service(python, mode, url, queue, messages):
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "BENCH_MODE": mode,
        "BENCH_MESSAGES": str(messages),
        "BENCH_URL": url,
        "BENCH_QUEUE": queue,
    }
    command = [python, "-m", "tomodachi", "run", SERVICE, "--production", "--log-level", "error"]
    done = subprocess.run(
        command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"messages"')]
    if not lines:
        msg = f"{' '.join(command)} printed no figures:\n{done.stdout}\n{done.stderr}"
        raise SystemExit(msg)
    result = json.loads(lines[0])
    cpu_ms = result["cpu_s"] / result["messages"] * 1e3
    return cpu_ms, result["messages"] / result["wall_s"]


def measure(python, mode, url, messages):
    queue = f"bench-{next(RUNS)}"
    if mode == "consume":
        asyncio.run(fill(url, queue, messages))
    return run_service(python, mode, url, queue, messages)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="interpreter with tomodachi==0.29.0")
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mode", choices=("consume", "publish", "publish_batch"))
    arguments = parser.parse_args()
    broker = subprocess.Popen([sys.executable, "-c", BROKER], stdout=subprocess.PIPE, text=True)
    try:
        url = broker.stdout.readline().strip()
        for mode in [arguments.mode] if arguments.mode else ["consume", "publish", "publish_batch"]:
            compare(mode, url, arguments)
    finally:
        broker.kill()
        broker.wait()


def compare(mode, url, arguments):
    ours, theirs = [], []
    # The peer has no publish batch: its single publish is what a batch replaces.
    peer_mode = "publish" if mode == "publish_batch" else mode
    for _ in range(arguments.rounds):
        ours.append(measure(sys.executable, mode, url, arguments.messages))
        if arguments.peer:
            theirs.append(measure(arguments.peer, peer_mode, url, min(arguments.messages, 2000)))
    cpu_ms, rate = min(ours)
    print(f"{mode:14} this {cpu_ms:6.3f} ms CPU/message {rate:8.0f} messages/s", end="")
    if theirs:
        peer_ms, peer_rate = min(theirs)
        print(
            f"   peer {peer_ms:6.3f} ms {peer_rate:6.0f}/s"
            f"   ratio {cpu_ms / peer_ms:.3f} (target {TARGETS[mode]:.3f})",
            end="",
        )
    print(flush=True)


if __name__ == "__main__":
    main()
