"""A celery worker that runs a task, and amqplib on Node, against the fake broker; where they are installed."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

TASKS = """
from celery import Celery

app = Celery("tasks", broker={url!r}, backend="rpc://")
app.conf.update(task_default_queue="celery-contract", worker_hijack_root_logger=False)


@app.task
def add(a, b):
    return a + b


if __name__ == "__main__":
    print(add.delay(2, 3).get(timeout=30))
"""

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
async def test_a_celery_worker_runs_a_task(broker: FakeBroker, tmp_path: Path) -> None:
    pytest.importorskip("celery")
    url = broker.amqp_url
    (tmp_path / "tasks.py").write_text(TASKS.format(url=url.replace("amqp://", "pyamqp://")))
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "celery", "-A", "tasks", "worker", "-P", "solo", "-l", "ERROR"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert await _output(sys.executable, "tasks.py", cwd=tmp_path) == "5"
    finally:
        worker.terminate()
        await asyncio.wait_for(worker.wait(), 30)


def _has_amqplib() -> bool:
    node = shutil.which("node")
    if node is None:
        return False
    return (
        subprocess.run(
            [node, "-e", "require('amqplib')"], capture_output=True, check=False
        ).returncode
        == 0
    )


@pytest.mark.slow
@pytest.mark.source("https://amqp-node.github.io/amqplib/")
async def test_amqplib_on_node_publishes_and_consumes(broker: FakeBroker, tmp_path: Path) -> None:
    if not _has_amqplib():
        pytest.skip("amqplib for Node is not installed (npm install amqplib, NODE_PATH)")
    (tmp_path / "client.js").write_text(NODE)
    said = await _output("node", "client.js", broker.amqp_url, cwd=tmp_path, env=dict(os.environ))
    assert said == "hello a.b 1.5"
