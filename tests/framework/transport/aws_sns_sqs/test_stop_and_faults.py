"""Stopping at every point of a message's life, and trouble with SQS while it is consumed from."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.transport import aws_sns_sqs as transport
from tomodachi.transport.aws_sns_sqs import deletes
from tomodachi.transport.aws_sns_sqs.retries import RetryPolicy
from tomodachi_fakes.faults import FaultKind
from tomodachi_fakes.servers.fake_broker import FakeBroker


def body(message: str) -> str:
    return json.dumps({"Type": "Message", "Message": message})


class Consumer(tomodachi.Service):
    """Handles messages that take as long as they say."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.ended: list[str] = []
        self.stopped_with: int | None = None

    @tomodachi.aws_sns_sqs(queue_name="q", on_exception="retry", visibility_timeout=30)
    async def handler(self, message: str) -> None:
        self.began.append(message)
        await asyncio.sleep(float(message.partition(":")[2] or 0))  # noqa: TID251 - virtual
        self.ended.append(message)

    async def _stop_service(self) -> None:
        self.stopped_with = len(self.ended)


# --- stopping -----------------------------------------------------------------------------------


async def test_stopping_while_a_poll_waits_ends_at_once_and_eats_nothing(aws: Any) -> None:
    service = await aws.start(Consumer)
    await aws.settle()
    before = aws.loop.time()
    await aws.stop()
    assert aws.loop.time() == before
    await aws.send("q", body("later"))
    await aws.pass_time(25)
    assert service.began == []
    peek = aws.cloud.sqs.peek("arn:aws:sqs:eu-west-1:000000000000:q")
    assert len(peek.ready) == 1


async def test_stopping_awaits_running_handlers_and_deletes_what_they_handled(
    aws: Any, caplog: Any
) -> None:
    service = await aws.start(Consumer)
    await aws.send("q", body("a:10"))
    await aws.until(lambda: service.began)
    await aws.stop()
    assert service.ended == ["a:10"]
    assert service.stopped_with == 1
    assert aws.left("q") == 0
    assert "awaiting running tasks" in caplog.text


async def test_stopping_deletes_what_waits_for_others_to_be_deleted_with(aws: Any) -> None:
    await (await aws.client("sqs")).create_queue(QueueName="q")
    for text in ("short", "long:25"):
        await aws.send("q", body(text))
    service = await aws.start(Consumer)
    await aws.until(lambda: len(service.began) == 2 and service.ended)
    assert aws.left("q") == 2
    await aws.stop()
    assert aws.left("q") == 0


@pytest.mark.parametrize("turns", range(0, 40, 2))
async def test_a_message_that_arrives_while_the_service_stops_is_handled_or_visible(
    aws: Any, turns: int
) -> None:
    service = await aws.start(Consumer)
    await aws.settle()
    sending = asyncio.create_task(aws.send("q", body("x")))
    for _ in range(turns):
        await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop
    await aws.stop()
    await sending
    await aws.settle()
    peek = aws.cloud.sqs.peek("arn:aws:sqs:eu-west-1:000000000000:q")
    assert len(peek.ready) + len(service.ended) == 1
    assert len(peek.in_flight) == 0


async def test_stopping_while_a_receive_is_paused_after_an_error_ends_at_once(aws: Any) -> None:
    await aws.start(Consumer)
    aws.fail("sqs.ReceiveMessage", times=None, code="AccessDenied", status=403)
    await aws.pass_time(30)
    before = aws.loop.time()
    await aws.stop()
    assert aws.loop.time() == before


class Bare(tomodachi.Service):
    """Handles nothing."""


def open_clients(service: Any) -> list[str]:
    connector = service.context["_aws_sns_sqs_messaging"].clients._connector
    return [name for name in ("sns", "sqs", "sts") if connector.get_client(name) is not None]


async def test_the_user_s_stop_hook_may_still_publish(aws: Any) -> None:
    class Service(Consumer):
        async def _stop_service(self) -> None:
            await tomodachi.sns_publish(self, "bye", topic="t")

    await aws.start(Service)
    await aws.stop()
    assert aws.operations["sns.Publish"] == 1


async def test_clients_that_the_stop_hook_is_the_first_to_use_are_closed(aws: Any) -> None:
    class Service(tomodachi.Service):
        async def _stop_service(self) -> None:
            await tomodachi.sns_publish(self, "bye", topic="t", message_envelope=None)

    service = await aws.start(Service)
    await aws.stop()
    assert aws.operations["sns.Publish"] == 1
    assert open_clients(service) == []


@pytest.mark.parametrize("used_before", [True, False])
async def test_what_is_published_after_the_stop_goes_out_and_leaves_no_client_open(
    aws: Any, used_before: bool
) -> None:
    """Upstream makes clients again as well, and leaves them open."""
    await (await aws.client("sqs")).create_queue(QueueName="q")
    service = await aws.start(Consumer if used_before else Bare)
    await aws.stop()
    await tomodachi.sns_publish(service, "a", topic="late")
    assert open_clients(service) == []
    await tomodachi.sqs_send_message(service, "b", "q")
    assert open_clients(service) == []
    assert aws.operations["sns.Publish"] == aws.operations["sqs.SendMessage"] == 1


async def test_a_publish_that_the_stop_overtakes_ends_and_closes_behind_itself(aws: Any) -> None:
    service = await aws.start(Bare)
    aws.fail("sns.Publish", FaultKind.LATENCY, times=1, seconds=3)
    publishing = asyncio.ensure_future(tomodachi.sns_publish(service, "a", topic="t"))
    await aws.until(lambda: aws.operations["sns.Publish"])
    await aws.stop()
    assert not publishing.done()
    assert open_clients(service) == ["sns", "sts"]
    assert await publishing
    assert open_clients(service) == []


async def test_a_stop_whose_deletes_find_no_broker_ends_within_their_tries(aws: Any) -> None:
    service = await aws.start(Consumer)
    await aws.send("q", body("a:10"))
    await aws.until(lambda: service.began)
    await aws.go_away()
    before = aws.loop.time()
    await aws.stop()
    assert service.stopped_with == 1
    assert aws.loop.time() - before <= 10 + deletes.POLICY.attempts * deletes.POLICY.cap_s


async def test_a_stop_whose_deletes_are_never_answered_ends_within_their_tries(aws: Any) -> None:
    service = await aws.start(Consumer)
    aws.fail("sqs.DeleteMessage", FaultKind.LATENCY, times=None, seconds=10_000)
    await aws.send("q", body("a:10"))
    await aws.until(lambda: service.began)
    before = aws.loop.time()
    await aws.stop()
    policy = deletes.POLICY
    assert service.stopped_with == 1
    assert aws.loop.time() - before <= 10 + policy.attempts * (policy.timeout_s + policy.cap_s)


async def test_a_stop_with_a_publish_that_nobody_awaits_ends_within_its_tries(aws: Any) -> None:
    service = await aws.start(Consumer)
    await tomodachi.sns_publish(service, "x", topic="t")
    aws.fail("sns.Publish", FaultKind.LATENCY, times=None, seconds=10_000)
    task = await tomodachi.sns_publish(service, "y", topic="t", wait=False)
    before = aws.loop.time()
    await aws.stop()
    policy = RetryPolicy()
    assert aws.loop.time() - before <= policy.attempts * (policy.timeout_s + policy.cap_s)
    with pytest.raises(transport.AWSSNSSQSConnectionException):
        await task


async def test_stopping_before_anything_was_received_is_quick_without_a_broker(aws: Any) -> None:
    service = await aws.start(Consumer)
    await aws.go_away()
    await aws.stop()
    assert service.stopped_with == 0


async def test_a_service_whose_broker_is_not_there_does_not_start(aws: Any, caplog: Any) -> None:
    runner = aws.prepare(Consumer)
    await aws.go_away()
    with pytest.raises(transport.AWSSNSSQSConnectionException, match=r"connect \[sqs\] to AWS"):
        await runner.start()
    assert "Unable to connect [sqs] to AWS" in caplog.text
    assert runner.instance.stopped_with == 0


# --- the receive loop ---------------------------------------------------------------------------


async def test_row_7_a_broker_that_goes_away_and_comes_back_is_consumed_from_again(
    aws: Any, caplog: Any
) -> None:
    service = await aws.start(Consumer)
    await aws.settle()
    snapshot = aws.cloud.sqs.snapshot()
    port = await aws.go_away()
    await aws.pass_time(100)
    assert "- reconnecting" in caplog.text
    aws.broker = aws._broker(port)
    await aws.broker.start()
    aws.cloud.sqs.restore(snapshot)
    await aws.send("q", body("x"))
    await aws.until(lambda: service.ended)
    assert "Reconnected - receiving messages" in caplog.text


@pytest.mark.parametrize(
    ("code", "status"), [("RequestThrottled", 403), ("InternalFailure", 500), ("Busy", 503)]
)
async def test_throttling_and_server_errors_are_waited_out(
    aws: Any, caplog: Any, code: str, status: int
) -> None:
    service = await aws.start(Consumer)
    aws.fail("sqs.ReceiveMessage", times=5, code=code, status=status, message="not now")
    await aws.pass_time(21)
    await aws.send("q", body("x"))
    await aws.until(lambda: service.ended)
    assert "Unable to receive message from queue [sqs] on AWS (An error occurred" in caplog.text
    assert "calling the ReceiveMessage operation: not now)" in caplog.text


async def test_a_deleted_queue_is_made_again(aws: Any, caplog: Any) -> None:
    service = await aws.start(Consumer)
    client = await aws.client("sqs")
    url = (await client.get_queue_url(QueueName="q"))["QueueUrl"]
    await client.delete_queue(QueueUrl=url)
    await aws.pass_time(60)
    await aws.send("q", body("x"))
    await aws.until(lambda: service.ended)
    assert "Resuming message receiving after trying to recover from fatal error" in caplog.text
    await aws.settle()
    assert aws.left("q") == 0


async def test_a_queue_that_was_missing_for_a_moment_is_consumed_within_seconds(aws: Any) -> None:
    """Specification 6.4: it is set up again first, and waited for after that."""
    code = "AWS.SimpleQueueService.NonExistentQueue"
    aws.fail("sqs.ReceiveMessage", times=1, code=code, status=400)
    service = await aws.start(Consumer)
    await aws.send("q", body("x"))
    await aws.until(lambda: service.ended, within_s=11)


async def test_a_cut_off_answer_leaves_the_messages_for_later(aws: Any) -> None:
    service = await aws.start(Consumer)
    await aws.settle()
    aws.fail("sqs.ReceiveMessage", FaultKind.RESET, after_bytes=20)
    await aws.pass_time(21)
    await aws.send("q", body("x"))
    await aws.until(lambda: service.ended, within_s=100)
    await aws.settle()
    assert aws.left("q") == 0


# --- deletes ------------------------------------------------------------------------------------


async def test_row_17_messages_handled_together_are_deleted_in_one_call(aws: Any) -> None:
    client = await aws.client("sqs")
    await client.create_queue(QueueName="q")
    for number in range(25):
        await aws.send("q", body(str(number)))
    service = await aws.start(Consumer)
    await aws.until(lambda: aws.left("q") == 0)
    assert len(service.ended) == 25
    assert aws.operations["sqs.DeleteMessageBatch"] == 3
    assert aws.operations["sqs.DeleteMessage"] == 0


async def test_row_17_a_single_message_is_deleted_at_once(aws: Any) -> None:
    service = await aws.start(Consumer)
    await aws.send("q", body("x"))
    before = aws.loop.time()
    await aws.until(lambda: aws.left("q") == 0)
    assert aws.loop.time() == before
    assert service.ended
    assert aws.operations["sqs.DeleteMessage"] == 1


async def test_row_17_a_deletion_waits_a_tenth_of_a_second_for_others(aws: Any) -> None:
    await (await aws.client("sqs")).create_queue(QueueName="q")
    for text in ("short", "long:20"):
        await aws.send("q", body(text))
    service = await aws.start(Consumer)
    await aws.until(lambda: service.ended)
    assert aws.left("q") == 2
    await aws.pass_time(0.11)
    assert aws.left("q") == 1


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
@pytest.mark.parametrize("count", [1, 2])
async def test_a_lost_delete_is_repeated_and_its_message_handled_once(
    aws: Any, kind: FaultKind, count: int
) -> None:
    client = await aws.client("sqs")
    await client.create_queue(QueueName="q")
    for number in range(count):
        await aws.send("q", body(str(number)))
    aws.fail("sqs.DeleteMessage*", kind, times=2)
    service = await aws.start(Consumer)
    await aws.until(lambda: aws.left("q") == 0)
    await aws.pass_time(60)
    assert len(service.ended) == count
    assert set(aws.calls.outcomes) == {"deleted"}


async def test_a_delete_that_never_works_is_reported_as_kept_and_warned_of(
    aws: Any, caplog: Any
) -> None:
    await aws.start(Consumer)
    aws.fail("sqs.DeleteMessage", times=None, code="InternalFailure", status=500)
    await aws.send("q", body("x"))
    await aws.until(lambda: aws.calls.finished)
    assert aws.calls.outcomes == ["kept"]
    assert "Unable to delete message [sqs] on AWS" in caplog.text


async def test_an_enveloped_message_whose_delete_failed_is_not_handled_again(aws: Any) -> None:
    class Service(tomodachi.Service):
        message_envelope = JsonBase

        def __init__(self) -> None:
            self.seen: list[Any] = []

        @tomodachi.aws_sns_sqs(queue_name="q", visibility_timeout=20)
        async def handler(self, data: Any) -> None:
            self.seen.append(data)

    service = await aws.start(Service)
    aws.fail("sqs.DeleteMessage", times=1, code="AccessDenied", status=403)
    await tomodachi.sqs_send_message(service, 1, "q")
    await aws.until(lambda: aws.left("q") == 0)
    assert service.seen == [1]


# --- visibility heartbeat -----------------------------------------------------------------------


async def test_row_17_a_heartbeat_keeps_a_long_running_message_invisible(aws: Any) -> None:
    class Service(Consumer):
        @tomodachi.aws_sns_sqs(queue_name="beat", visibility_timeout=30, visibility_heartbeat=True)
        async def long(self, message: str) -> None:
            await self.handler(message)

    service = await aws.start(Service)
    await aws.send("beat", body("x:200"))
    await aws.until(lambda: service.ended)
    await aws.settle()
    assert service.began == ["x:200"]
    assert aws.left("beat") == 0
    assert 18 <= aws.operations["sqs.ChangeMessageVisibilityBatch"] <= 20


async def test_without_a_heartbeat_a_long_running_message_is_delivered_again(aws: Any) -> None:
    service = await aws.start(Consumer)
    await aws.send("q", body("x:50"))
    await aws.until(lambda: service.ended)
    assert len(service.began) == 2


async def test_a_failing_heartbeat_is_warned_of_and_goes_on(aws: Any, caplog: Any) -> None:
    class Service(Consumer):
        @tomodachi.aws_sns_sqs(queue_name="beat", visibility_timeout=30, visibility_heartbeat=True)
        async def long(self, message: str) -> None:
            await self.handler(message)

    service = await aws.start(Service)
    aws.fail(
        "sqs.ChangeMessageVisibilityBatch", times=1, code="AccessDenied", status=403, message="no"
    )
    await aws.send("beat", body("x:100"))
    await aws.until(lambda: service.ended)
    assert service.began == ["x:100"]
    assert "Unable to change message visibility [sqs] on AWS (An error occurred" in caplog.text


# --- no message is lost -------------------------------------------------------------------------


class Unreliable(tomodachi.Service):
    """Fails at random, and remembers what it handled."""

    message_envelope = JsonBase
    random = random.Random()

    def __init__(self) -> None:
        self.handled: list[int] = []

    @tomodachi.aws_sns_sqs("t", queue_name="q", on_exception="retry", visibility_timeout=20)
    async def handler(self, data: int) -> None:
        await asyncio.sleep(self.random.random() * 5)  # noqa: TID251 - virtual
        if self.random.random() < 0.3:
            raise ValueError(data)
        self.handled.append(data)


CHAOS = [
    ("sqs.ReceiveMessage", FaultKind.DROP_BEFORE),
    ("sqs.ReceiveMessage", FaultKind.DROP_AFTER),
    ("sqs.ReceiveMessage", FaultKind.ERROR),
    ("sqs.DeleteMessage*", FaultKind.DROP_BEFORE),
    ("sqs.DeleteMessage*", FaultKind.DROP_AFTER),
    ("sqs.DeleteMessage*", FaultKind.ERROR),
    ("sns.Publish", FaultKind.DROP_AFTER),
    ("sns.Publish", FaultKind.ERROR),
]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
async def test_whatever_fails_every_accepted_message_is_handled_and_none_is_left(
    aws: Any, seed: int
) -> None:
    """With `on_exception="retry"` and faults all over, and a restart in the middle."""
    chaos = random.Random(seed)
    Unreliable.random = random.Random(seed)
    service = await aws.start(Unreliable)
    for point, kind in CHAOS:
        times = chaos.randrange(4)
        if times:
            after = chaos.randrange(6)
            aws.fail(point, kind, times=times, after=after, code="ServiceUnavailable", status=503)
    accepted, unsure = set(), set()
    for number in range(20):
        try:
            await tomodachi.sns_publish(service, number, topic="t")
            accepted.add(number)
        except transport.AWSSNSSQSException:
            # Every try failed, and for one whose reply was lost the message is there all the same.
            unsure.add(number)
        await asyncio.sleep(chaos.random())  # noqa: TID251 - virtual
    await aws.stop()
    other = await aws.start(Unreliable)
    await aws.until(lambda: aws.left("q") == 0)
    await aws.stop()
    handled = {*service.handled, *other.handled}
    assert accepted <= handled <= accepted | unsure


@pytest.mark.slow
async def test_a_graceful_stop_leaves_no_message_handled_and_undeleted(aws: Any) -> None:
    for seed in range(10):
        chaos = Unreliable.random = random.Random(seed)
        service = await aws.start(Unreliable)
        for number in range(10):
            await tomodachi.sns_publish(service, number, topic="t")
        await asyncio.sleep(chaos.random() * 10)  # noqa: TID251 - virtual
        await aws.stop()
        assert aws.left("q") == 10 - len(set(service.handled))
        await (await aws.client("sqs")).purge_queue(
            QueueUrl=(await (await aws.client("sqs")).get_queue_url(QueueName="q"))["QueueUrl"]
        )
        await aws.pass_time(61)


def test_the_fake_used_here_is_the_product_s_own() -> None:
    assert FakeBroker.__module__.startswith("tomodachi_fakes")
    assert transport.AWSSNSSQSTransport.__module__.startswith("tomodachi.")
