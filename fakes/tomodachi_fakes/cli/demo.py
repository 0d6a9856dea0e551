"""`svc-fake-broker --demo`: both brokers on free ports, an example service on them, and a timeline.

The service runs in a process of its own, as it would in development: the brokers know nothing of the
runtime, and the runtime sees two endpoints.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

if TYPE_CHECKING:
    from tomodachi_fakes.cli.arguments import Arguments
    from tomodachi_fakes.events import Event

DEMO_MODULE = "tomodachi_testkit.demo"
_LIMIT_S = 30.0


def demo(arguments: Arguments) -> int:
    """Run the demonstration; 0 when every step of it happened."""
    settings = dataclasses.replace(
        arguments.settings(), aws_port=0, amqp_port=0, management_port=None, metrics_port=None
    )
    return asyncio.run(_demo(settings, as_json=arguments.json))


async def _demo(settings: BrokerSettings, *, as_json: bool) -> int:
    broker = FakeBroker(settings)
    await broker.start()
    if not as_json:
        _say(f"SNS + SQS at {broker.aws_url}, RabbitMQ at {broker.amqp_url}")
    try:
        code = await _run_service(broker, sys.stderr if as_json else sys.stdout)
    finally:
        await broker.stop()
    if as_json:
        events = [dataclasses.asdict(event) for event in broker.events]
        _say(json.dumps({"exit_code": code, "events": events}, default=str))
        return code
    _say("\nwhat happened:")
    for line in timeline(list(broker.events)):
        _say(f"  {line}")
    _say("\nThe demo is over." if code == 0 else f"\nThe demo failed (exit code {code}).")
    return code


async def _run_service(broker: FakeBroker, output: TextIO) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", DEMO_MODULE, env={**os.environ, **broker.env()}, stdout=output
    )
    try:
        return await asyncio.wait_for(process.wait(), _LIMIT_S)
    except TimeoutError:
        sys.stderr.write(f"the service did not finish within {_LIMIT_S:g} s\n")
        return 1
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


def timeline(events: list[Event]) -> list[str]:
    """One line an event, indented under the event that caused it."""
    depths: dict[int, int] = {}
    lines = []
    for event in events:
        depth = 0 if event.cause is None else depths.get(event.cause, -1) + 1
        depths[event.seq] = depth
        moment = datetime.fromtimestamp(event.at, UTC).strftime("%H:%M:%S.%f")[:-3]
        name = event.subject.rsplit(":", 1)[-1]
        facts = " ".join(f"{key}={value}" for key, value in event.detail.items())
        lines.append(
            f"{moment}  {'  ' * depth}{event.service} {event.kind} {name} {facts}".rstrip()
        )
    return lines


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
