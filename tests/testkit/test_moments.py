"""A moment that does not end is told of, instead of waiting for its end: testkit.md, `drain(limit=)`."""

from __future__ import annotations

from typing import Any

import pytest

import tomodachi
from tomodachi.transport.amqp import AmqpInternalServiceError
from tomodachi_testkit.errors import DrainIncomplete


class Echo(tomodachi.Service):
    name = "echo"

    @tomodachi.aws_sns_sqs("echo", queue_name="echo")
    async def again(self, message: str) -> None:
        await tomodachi.aws_sns_sqs_publish(self, message, topic="echo")


class GivesBack(tomodachi.Service):
    name = "gives-back"

    @tomodachi.amqp("job", exchange_name="jobs", queue_name="jobs")
    async def work(self, message: str) -> None:
        raise AmqpInternalServiceError(message)


async def test_a_drain_gives_up_on_handlers_that_set_one_another_off(svc: Any) -> None:
    echo = await svc.start(Echo)
    await svc.sns.publish("echo", "x")
    text = r"51 handler calls in one moment, 51 of them of again\(\), and no end; left: .*in echo"
    with pytest.raises(DrainIncomplete, match=text):
        await svc.drain(limit=50)
    await echo.stop()


async def test_a_settle_gives_up_on_a_message_that_comes_back_at_once(svc: Any) -> None:
    """RabbitMQ hands a requeued message out again at once, so no time passes in between."""
    svc.allow |= {"errors"}
    service = await svc.start(GivesBack)
    with svc.moments.limited(20):
        await svc.amqp.publish("jobs", "job", "x")
        with pytest.raises(DrainIncomplete, match=r"handler calls in one moment.*of work\(\)"):
            await svc.settle()
    await service.stop()


class Sink(tomodachi.Service):
    name = "sink"

    @tomodachi.aws_sns_sqs("drop", queue_name="sink")
    async def drop(self, message: str) -> None:
        pass


async def test_calls_count_anew_for_every_wait(svc: Any) -> None:
    await svc.start(Sink)
    with svc.moments.limited(3):
        for _ in range(3):
            for n in range(3):
                await svc.sns.publish("drop", str(n), envelope=None)
            await svc.settle()
    assert len(svc.sqs["sink"].received()) == 9
