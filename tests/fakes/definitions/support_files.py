"""A file's text taken in by brokers without sockets but for AWS's own port."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tomodachi_fakes.clock import ManualClock
from tomodachi_fakes.definitions.applying import apply
from tomodachi_fakes.definitions.files import read_file
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker


class Taken:
    """Brokers, and what a file left to say."""

    def __init__(self, broker: FakeBroker) -> None:
        self.broker = broker
        self.notes: list[str] = []

    def take(self, file: Path) -> None:
        self.notes += apply(read_file(file), self.broker)

    def aws(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        account, region = params.pop("account", None), params.pop("region", None)
        context = self.broker.context(account, region)
        answer = self.broker.call_aws(service, operation, params, context)
        assert isinstance(answer, dict)
        return answer

    def queue(self, name: str, **where: str) -> dict[str, str]:
        url = self.aws("sqs", "GetQueueUrl", QueueName=name, **where)["QueueUrl"]
        names = ["All"]
        found: dict[str, str] = self.aws(
            "sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=names, **where
        )["Attributes"]
        return found

    def dead_letter_queue(self, name: str, **where: str) -> tuple[str, int]:
        policy = json.loads(self.queue(name, **where)["RedrivePolicy"])
        return policy["deadLetterTargetArn"], policy["maxReceiveCount"]


@asynccontextmanager
async def brokers(**settings: Any) -> AsyncIterator[Taken]:
    given = BrokerSettings(**{"amqp_port": 0, "seed": 1} | settings)
    broker = FakeBroker(given, clock=ManualClock(1_767_225_600.0))
    await broker.start()
    try:
        yield Taken(broker)
    finally:
        await broker.stop()
