"""Seeded runs in which everything goes wrong that can with RabbitMQ: no accepted message is lost.

Connections are cut, frozen and closed, channels fail, publishes are blocked, and the service is
restarted; see `support_loss.py`.
"""

from __future__ import annotations

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
from tomodachi.transport.amqp import AmqpException, AmqpInternalServiceError
from tomodachi_fakes.servers.fake_broker import BrokerSettings
from tomodachi_testkit.runner import run


class AmqpStory(Story):
    """A run on RabbitMQ."""

    kind_of_broker = BrokerSettings(aws_port=None)
    faults = 5
    calm_s = 400
    refuses = AmqpException
    fails = (RuntimeError, AmqpInternalServiceError)

    @property
    def core(self) -> Any:
        return self.broker.amqp

    def service_class(self) -> type[tomodachi.Service]:
        story = self

        class Works(tomodachi.Service):
            name = "works"
            message_envelope = JsonBase

            @tomodachi.amqp("work.*", queue_name=QUEUE, on_exception="retry")
            async def work(self, data: int) -> None:
                await story.handle(data)

        return Works

    def options(self) -> tomodachi.Options:
        port = urlsplit(self.broker.amqp_url).port
        qos = {"queue_prefetch_count": 3}
        return tomodachi.Options(amqp={"port": port, "heartbeat": 10, "qos": qos})

    async def send(self, service: tomodachi.Service, number: int) -> None:
        await tomodachi.amqp_publish(service, number, f"work.{number}")

    def left(self) -> tuple[list[int], list[int]]:
        queue = self.core.find_queue(QUEUE)
        ready, unacked = (
            [int(entry.message.routing_key.removeprefix("work.")) for entry in entries]
            for entries in (queue.ready, queue.unacked.values())
        )
        return ready, unacked

    # --- what goes wrong ------------------------------------------------------------------------

    async def fault(self) -> None:
        what = (self.freeze, self.close, self.fail_channel, self.block, self.restart)
        await self.random.choice((self.cut, self.cut, *what))()
        self.broker.flush_amqp()

    def connections(self) -> list[dict[str, Any]]:
        return [facts for facts in self.core.describe_connections() if facts["channels"]]

    async def cut(self) -> None:
        how = self.random.choice(("clean", "reset"))
        for facts in self.connections():
            self.core.drop_connection(facts["id"], now=self.clock.unix(), how=how)

    async def freeze(self) -> None:
        for facts in self.connections():
            self.core.drop_connection(facts["id"], now=self.clock.unix(), how="half-open")

    async def close(self) -> None:
        self.core.close_all_connections("broker shutdown", now=self.clock.unix())

    async def fail_channel(self) -> None:
        for facts in self.connections():
            number = self.random.choice(facts["channels"])["number"]
            text = "PRECONDITION_FAILED - the test wants it"
            self.core.fail_channel(facts["id"], number, 406, text, now=self.clock.unix())

    async def block(self) -> None:
        seconds = self.random.uniform(1, 40)
        self.core.block_connections(now=self.clock.unix(), seconds=seconds)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(60))
def test_no_accepted_message_is_lost(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    run(nothing_is_lost(AmqpStory, seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(60))
def test_a_graceful_stop_leaves_no_message_both_handled_and_unacked(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    assert run(nothing_is_handled_and_left(AmqpStory, seed)) == []
