"""Celery workers on the fake and on a real RabbitMQ, and amqplib on Node on the fake; where they are installed."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

TASKS = """
from celery import Celery, chain, chord, group

app = Celery("tasks", broker={url!r}, backend={backend!r})
app.conf.update(
    task_default_queue={queue!r},
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=1,
    task_queue_max_priority=10,
    result_chord_retry_interval=0.1,
)


@app.task
def add(a, b):
    return a + b


@app.task
def total(numbers):
    return sum(numbers)


@app.task(bind=True, max_retries=3, acks_late=True)
def stubborn(self):
    if self.request.retries < 2:
        raise self.retry(countdown=0)
    return self.request.retries, self.request.delivery_info["redelivered"]


@app.task(bind=True, acks_late=True, reject_on_worker_lost=True)
def refused(self):
    from celery.exceptions import Reject

    if not self.request.delivery_info["redelivered"]:
        raise Reject("not yet", requeue=True)
    return "redelivered"


def said():
    yield add.delay(2, 3).get(timeout=30)
    yield list(stubborn.delay().get(timeout=30))
    yield refused.delay().get(timeout=30)
    yield add.apply_async((1, 1), countdown=0.2, priority=9).get(timeout=30)
    yield group(add.s(n, n) for n in range(3)).delay().get(timeout=30)
    yield chain(add.s(1, 2), add.s(10)).delay().get(timeout=30)
    if not {backend!r}.startswith("rpc"):
        yield chord((add.s(n, n) for n in range(4)), total.s()).delay().get(timeout=30)
        yield chain(group(add.s(n, 1) for n in range(2)), total.s(), add.s(100)).delay().get(timeout=30)


if __name__ == "__main__":
    print(*said(), sep="\\n")
"""
SAID = ["5", "[2, False]", "redelivered", "2", "[0, 2, 4]", "13"]
SAID_OF_CHORDS = ["12", "103"]

NODE = """
const amqp = require("amqplib");
(async () => {
  const connection = await amqp.connect(process.argv[2]);
  const channel = await connection.createConfirmChannel();
  await channel.assertExchange("node", "topic", { durable: true });
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, "node", "a.*");
  const got = new Promise((resolve) =>
    channel.consume(queue, (message) => { channel.ack(message); resolve(message); }));
  channel.publish("node", "a.b", Buffer.from("hello"), { headers: { n: 1.5 } });
  await channel.waitForConfirms();
  const message = await got;
  console.log(message.content.toString(), message.fields.routingKey, message.properties.headers.n);
  await connection.close();
})();
"""


@pytest.fixture
async def broker() -> AsyncIterator[FakeBroker]:
    fake = FakeBroker(BrokerSettings(aws_port=None, seed=1))
    await fake.start()
    try:
        yield fake
    finally:
        await fake.stop()


async def _output(*command: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    return output.decode().strip()


@pytest.mark.slow
@pytest.mark.source(
    "https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/rabbitmq.html"
)
@pytest.mark.parametrize("backend", ["rpc", "files"])
async def test_a_celery_worker_runs_tasks_retries_and_waits_for_their_time(
    amqp_url: str, backend: str, tmp_path: Path
) -> None:
    """Results by AMQP, and by files, which chords need; the same on the fake and on RabbitMQ."""
    pytest.importorskip("celery")
    results = tmp_path / "results"
    results.mkdir()
    tasks = TASKS.format(
        url=amqp_url.replace("amqp://", "pyamqp://"),
        backend="rpc://" if backend == "rpc" else f"file://{results}",
        queue=f"celery-{uuid.uuid4().hex}",
    )
    (tmp_path / "tasks.py").write_text(tasks)
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "celery", "-A", "tasks", "worker", "-P", "solo", "-l", "ERROR"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        said = await _output(sys.executable, "tasks.py", cwd=tmp_path)
        assert said.splitlines() == SAID + (SAID_OF_CHORDS if backend == "files" else [])
    finally:
        worker.terminate()
        await asyncio.wait_for(worker.wait(), 30)


def _node_with_amqplib() -> dict[str, str]:
    """The environment in which Node finds amqplib; skips where that is not installed.

    `SVC_TEST_NODE_MODULES` names the `node_modules` folder that has it: who sets it wants the test to run.
    """
    environment = dict(os.environ)
    modules = os.environ.get("SVC_TEST_NODE_MODULES")
    if modules is not None:
        environment["NODE_PATH"] = modules
    node = shutil.which("node")
    command = [node or "node", "-e", "require('amqplib')"]
    found = node and subprocess.run(command, env=environment, capture_output=True, check=False)
    if found and found.returncode == 0:
        return environment
    if modules is not None:
        pytest.fail(f"SVC_TEST_NODE_MODULES is {modules}, but Node finds no amqplib there")
    pytest.skip("amqplib for Node is not installed: set SVC_TEST_NODE_MODULES")


@pytest.mark.slow
@pytest.mark.source("https://amqp-node.github.io/amqplib/")
async def test_amqplib_on_node_publishes_and_consumes(broker: FakeBroker, tmp_path: Path) -> None:
    environment = _node_with_amqplib()
    (tmp_path / "client.js").write_text(NODE)
    said = await _output("node", "client.js", broker.amqp_url, cwd=tmp_path, env=environment)
    assert said == "hello a.b 1.5"
