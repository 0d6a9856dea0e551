"""A broker that goes away, or falls silent, at each point of a message's life; row 7.

At the start and at the stop: `test_stop_and_faults.py`; all of it at random: `test_no_message_is_lost.py`.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.transport import aws_sns_sqs as transport
from tomodachi.transport.aws_sns_sqs.consumer import RECEIVE_TIMEOUT_S
from tomodachi_fakes.faults import FaultKind


class Consumer(tomodachi.Service):
    name = "consumer"
    message_envelope = JsonBase

    def __init__(self) -> None:
        self.began: list[int] = []
        self.ended: list[int] = []
        self.go_on = asyncio.Event()

    @tomodachi.aws_sns_sqs("t", queue_name="q", on_exception="retry", visibility_timeout=20)
    async def handler(self, data: int) -> None:
        self.began.append(data)
        await self.go_on.wait()
        self.ended.append(data)


async def come_back(aws: Any, port: int, snapshot: Any) -> None:
    aws.broker = aws._broker(port)
    await aws.broker.start()
    aws.broker.restore(snapshot)


async def test_row_7_a_message_whose_broker_is_gone_when_its_handler_ends_is_not_handled_twice(
    aws: Any,
) -> None:
    """Every try to delete it fails; it is delivered again, known by its id, and deleted then."""
    service = await aws.start(Consumer)
    await tomodachi.sns_publish(service, 1, topic="t")
    await aws.until(lambda: service.began)
    snapshot = aws.broker.snapshot()
    port = await aws.go_away()
    service.go_on.set()
    await aws.pass_time(30)
    assert aws.calls.outcomes == ["kept"]
    await come_back(aws, port, snapshot)
    await aws.until(lambda: aws.left("q") == 0)
    assert service.ended == [1]


async def test_row_7_a_message_whose_broker_is_gone_while_it_is_handled_is_deleted_when_it_is_back(
    aws: Any,
) -> None:
    service = await aws.start(Consumer)
    await tomodachi.sns_publish(service, 1, topic="t")
    await aws.until(lambda: service.began)
    snapshot = aws.broker.snapshot()
    port = await aws.go_away()
    await aws.pass_time(5)
    await come_back(aws, port, snapshot)
    service.go_on.set()
    await aws.until(lambda: aws.left("q") == 0)
    assert service.ended == [1]
    assert aws.calls.outcomes[0] == "deleted"


async def test_row_7_a_broker_that_goes_away_in_the_middle_of_a_delete_is_told_again(
    aws: Any,
) -> None:
    service = await aws.start(Consumer)
    service.go_on.set()
    aws.fail("sqs.DeleteMessage", FaultKind.LATENCY, times=1, seconds=5)
    await tomodachi.sns_publish(service, 1, topic="t")
    await aws.until(lambda: aws.operations["sqs.DeleteMessage"])
    snapshot = aws.broker.snapshot()
    port = await aws.go_away()
    await come_back(aws, port, snapshot)
    await aws.until(lambda: aws.left("q") == 0)
    assert service.ended == [1]


async def test_row_7_a_publish_whose_broker_comes_back_in_time_arrives(aws: Any) -> None:
    service = await aws.start(Consumer)
    service.go_on.set()
    await tomodachi.sns_publish(service, 1, topic="t")
    await aws.until(lambda: service.ended)
    snapshot = aws.broker.snapshot()
    port = await aws.go_away()
    publishing = asyncio.create_task(tomodachi.sns_publish(service, 2, topic="t"))
    await aws.settle()
    assert not publishing.done()
    await come_back(aws, port, snapshot)
    await aws.until(publishing.done)
    assert await publishing
    await aws.until(lambda: 2 in service.ended)


async def test_row_7_a_broker_that_goes_away_in_the_middle_of_a_publish_is_told_again(
    aws: Any,
) -> None:
    service = await aws.start(Consumer)
    service.go_on.set()
    await tomodachi.sns_publish(service, 1, topic="t")
    aws.fail("sns.Publish", FaultKind.LATENCY, times=1, seconds=5)
    publishing = asyncio.create_task(tomodachi.sns_publish(service, 2, topic="t"))
    await aws.pass_time(1)
    snapshot = aws.broker.snapshot()
    port = await aws.go_away()
    await come_back(aws, port, snapshot)
    await aws.until(publishing.done)
    assert await publishing
    await aws.until(lambda: 2 in service.ended)


async def test_row_7_a_publish_whose_broker_stays_away_ends_in_our_exception(aws: Any) -> None:
    service = await aws.start(Consumer)
    await tomodachi.sns_publish(service, 1, topic="t")
    await aws.go_away()
    publishing = asyncio.create_task(tomodachi.sns_publish(service, 2, topic="t"))
    await aws.until(publishing.done)
    with pytest.raises(transport.AWSSNSSQSConnectionException, match=r"connect \[sns\] to AWS"):
        await publishing


async def test_a_connection_that_is_half_open_while_it_is_polled_is_left(
    aws: Any, caplog: Any
) -> None:
    """The answer never comes, and nothing says that it will not."""
    service = await aws.start(Consumer)
    service.go_on.set()
    await aws.settle()
    aws.fail("sqs.ReceiveMessage", FaultKind.LATENCY, times=1, seconds=10_000)
    await aws.pass_time(21)
    await tomodachi.sns_publish(service, 1, topic="t")
    await aws.until(lambda: service.ended, within_s=2 * RECEIVE_TIMEOUT_S)
    assert "- reconnecting" in caplog.text


async def test_a_connection_that_is_half_open_while_it_is_published_on_is_left(aws: Any) -> None:
    service = await aws.start(Consumer)
    service.go_on.set()
    aws.fail("sns.Publish", FaultKind.LATENCY, times=1, seconds=10_000)
    publishing = asyncio.create_task(tomodachi.sns_publish(service, 1, topic="t"))
    await aws.until(publishing.done, within_s=60)
    assert await publishing


async def test_a_message_that_is_delivered_twice_at_once_is_handled_once(aws: Any) -> None:
    """SQS: a standard queue delivers at least once."""
    service = await aws.start(Consumer)
    aws.fail("q", FaultKind.DUPLICATE, times=1)
    await tomodachi.sns_publish(service, 1, topic="t")
    await aws.until(lambda: service.began)
    await aws.pass_time(1)
    service.go_on.set()
    await aws.until(lambda: aws.left("q") == 0)
    assert service.ended == [1]
    assert aws.faults.unused() == []


@pytest.mark.parametrize("operation", ["DeleteMessage", "DeleteMessageBatch"])
@pytest.mark.parametrize(("code", "status"), [("RequestThrottled", 403), ("InternalFailure", 500)])
async def test_a_refused_delete_is_made_again(
    aws: Any, operation: str, code: str, status: int
) -> None:
    service = await aws.start(Consumer)
    for number in range(2 if operation.endswith("Batch") else 1):
        await tomodachi.sns_publish(service, number, topic="t")
    await aws.until(lambda: len(service.began) == len(range(aws.left("q"))))
    aws.fail(f"sqs.{operation}", times=2, code=code, status=status)
    service.go_on.set()
    await aws.until(lambda: aws.left("q") == 0)
    assert set(aws.calls.outcomes) == {"deleted"}
    assert aws.faults.unused() == []
