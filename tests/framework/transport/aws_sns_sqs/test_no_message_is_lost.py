"""Seeded runs in which everything goes wrong that can with SNS and SQS: no accepted message is lost.

Calls are refused, throttled, delayed beyond every limit, cut off and left without an answer, messages
are delivered twice, the broker goes away, and the service is restarted; see `support_loss.py`.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.framework.transport.support_loss import (
    QUEUE,
    Story,
    nothing_is_handled_and_left,
    nothing_is_lost,
    seeds,
)

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.transport.aws_sns_sqs import (
    AWSSNSSQSException,
    AWSSNSSQSInternalServiceError,
)
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_fakes.servers.fake_broker import BrokerSettings
from tomodachi_testkit.loop import VirtualLoop
from tomodachi_testkit.runner import run

QUEUE_ARN = f"arn:aws:sqs:eu-west-1:000000000000:{QUEUE}"
VISIBILITY_S = 20
POINTS = (
    "sqs.ReceiveMessage",
    "sqs.DeleteMessage",
    "sqs.DeleteMessageBatch",
    "sqs.SendMessage",
    "sns.Publish",
    "sqs.*",
    "*",
)


class AwsStory(Story):
    """A run on SNS and SQS."""

    kind_of_broker = BrokerSettings(amqp_port=None)
    faults = 6
    calm_s = 600
    refuses = AWSSNSSQSException
    fails = (RuntimeError, AWSSNSSQSInternalServiceError)

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        super().__init__(seed, loop)
        self.returning: asyncio.Task[None] | None = None

    @property
    def cloud(self) -> Cloud:
        assert self.broker.cloud is not None
        return self.broker.cloud

    def service_class(self) -> type[tomodachi.Service]:
        story = self

        class Works(tomodachi.Service):
            name = "works"
            message_envelope = JsonBase

            @tomodachi.aws_sns_sqs(
                "work",
                queue_name=QUEUE,
                on_exception="retry",
                visibility_timeout=VISIBILITY_S,
                max_number_of_consumed_messages=story.random.choice((1, 3, 10)),
                visibility_heartbeat=story.random.random() < 0.5,
            )
            async def work(self, data: int) -> None:
                await story.handle(data)

        return Works

    def options(self) -> tomodachi.Options:
        url = self.broker.aws_url
        return tomodachi.Options(
            aws_sns_sqs={
                "region_name": "eu-west-1",
                "aws_access_key_id": "test",
                "aws_secret_access_key": "test",
            },
            aws_endpoint_urls={"sns": url, "sqs": url, "sts": url},
        )

    async def send(self, service: tomodachi.Service, number: int) -> None:
        if number % 2:
            await tomodachi.sns_publish(service, number, "work")
        else:
            await tomodachi.sqs_send_message(service, number, QUEUE)

    def left(self) -> tuple[list[int], list[int]]:
        peek = self.cloud.sqs.peek(QUEUE_ARN)
        assert not peek.delayed
        ready, in_flight = (
            [number_of(message.body) for message in messages]
            for messages in (peek.ready, peek.in_flight)
        )
        return ready, in_flight

    # --- what goes wrong ------------------------------------------------------------------------

    async def fault(self) -> None:
        what = (self.plan_fault,) * 6 + (self.duplicate, self.go_away, self.restart)
        await self.random.choice(what)()

    async def plan_fault(self) -> None:
        kind = self.random.choice(
            (
                FaultKind.ERROR,
                FaultKind.DROP_BEFORE,
                FaultKind.DROP_AFTER,
                FaultKind.RESET,
                FaultKind.LATENCY,
            )
        )
        code, status = self.random.choice(
            (("RequestThrottled", 403), ("InternalFailure", 500), ("ServiceUnavailable", 503))
        )
        self.plan.add(
            Fault(
                self.random.choice(POINTS),
                kind,
                times=self.random.randint(1, 6),
                code=code,
                status=status,
                # The longer ones are answered when nobody waits any more: as good as half open.
                seconds=self.random.choice((1, 15, 50, 500)),
                after_bytes=self.random.randrange(200),
            )
        )

    async def duplicate(self) -> None:
        self.plan.add(Fault(QUEUE, FaultKind.DUPLICATE, times=self.random.randint(1, 3)))

    async def go_away(self) -> None:
        if self.returning is None or self.returning.done():
            away_s = self.random.uniform(1, 40)
            snapshot = self.broker.snapshot()
            settings = replace(self.settings, aws_port=urlsplit(self.broker.aws_url).port)
            await self.as_broker(self.broker.stop())
            self.returning = self.as_broker(self.come_back(settings, snapshot, away_s))

    async def come_back(self, settings: BrokerSettings, snapshot: Any, after_s: float) -> None:
        await asyncio.sleep(after_s)  # noqa: TID251 - virtual
        self.broker = self.new_broker(settings)
        await self.broker.start()
        self.broker.restore(snapshot)


def number_of(body: str) -> int:
    return int(json.loads(json.loads(body)["Message"])["data"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(20))
def test_no_accepted_message_is_lost(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    run(nothing_is_lost(AwsStory, seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(20))
def test_a_graceful_stop_leaves_no_message_both_handled_and_undeleted(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    run(nothing_is_handled_and_left(AwsStory, seed))
