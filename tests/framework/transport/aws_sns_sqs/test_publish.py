"""Publishing to topics and sending to queues."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, HTTPClientError

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.transport import aws_sns_sqs as transport
from tomodachi.transport.aws_sns_sqs import publisher
from tomodachi_fakes.faults import FaultKind

TOPIC_T = "arn:aws:sns:eu-west-1:000000000000:t"


class Bare(tomodachi.Service):
    """Publishes and has no handlers."""


class Sender(tomodachi.Service):
    message_envelope = JsonBase


async def bodies(aws: Any, queue: str) -> list[Any]:
    client = await aws.client("sqs")
    url = (await client.get_queue_url(QueueName=queue))["QueueUrl"]
    found: list[Any] = []
    while True:
        answer = await client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        )
        if not answer.get("Messages"):
            return found
        found += answer["Messages"]


async def subscribed(aws: Any, topic: str, *, fifo: bool = False) -> str:
    """A queue that gets everything published to a topic; gives its name."""
    queue = "sink.fifo" if fifo else "sink"
    sqs, sns = await aws.client("sqs"), await aws.client("sns")
    fifo_queue = {"FifoQueue": "true"} if fifo else {}
    fifo_topic = {"FifoTopic": "true"} if fifo else {}
    await sqs.create_queue(QueueName=queue, Attributes=fifo_queue)
    arn = (await sns.create_topic(Name=topic, Attributes=fifo_topic))["TopicArn"]
    queue_arn = f"arn:aws:sqs:eu-west-1:000000000000:{queue}"
    await sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn)
    return queue


async def refuse_addresses(aws: Any) -> None:
    """Have the topic refuse messages with mail addresses, one by one.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-operations.html
    """
    identifier = "arn:aws:dataprotection::aws:data-identifier/EmailAddress"
    statement = {
        "DataDirection": "Inbound",
        "Principal": ["*"],
        "DataIdentifier": [identifier],
        "Operation": {"Deny": {}},
    }
    policy = {"Name": "p", "Version": "2021-06-01", "Statement": [statement]}
    client = await aws.client("sns")
    await client.put_data_protection_policy(
        ResourceArn=TOPIC_T, DataProtectionPolicy=json.dumps(policy)
    )


# --- publish ------------------------------------------------------------------------------------


async def test_a_message_is_published_in_the_service_s_envelope(aws: Any) -> None:
    service = await aws.start(Sender, topic_prefix="dev-")
    queue = await subscribed(aws, "dev-t")
    message_id = await tomodachi.sns_publish(
        service, {"id": 7}, topic="t", message_attributes={"a": 1}
    )
    (message,) = await bodies(aws, queue)
    body = json.loads(message["Body"])
    assert body["MessageId"] == message_id
    assert json.loads(body["Message"])["data"] == {"id": 7}
    assert json.loads(body["Message"])["metadata"]["topic"] == "t"
    assert body["MessageAttributes"] == {"a": {"Type": "Number", "Value": "1"}}


async def test_without_an_envelope_a_text_is_published_as_it_is(aws: Any) -> None:
    service = await aws.start(Bare)
    queue = await subscribed(aws, "t")
    await tomodachi.aws_sns_sqs_publish(service, "text", topic="t")
    (message,) = await bodies(aws, queue)
    assert json.loads(message["Body"])["Message"] == "text"
    with pytest.raises(transport.AWSSNSSQSException, match="must be a str, not dict"):
        await tomodachi.aws_sns_sqs_publish(service, {"id": 7}, topic="t")


async def test_an_envelope_may_change_the_message_attributes(aws: Any) -> None:
    class Envelope:
        @classmethod
        async def build_message(
            cls, service: Any, topic: str, data: Any, *, message_attributes: Any, **kwargs: Any
        ) -> str:
            message_attributes["added"] = kwargs["extra"]
            return str(data)

    service = await aws.start(Bare)
    queue = await subscribed(aws, "t")
    given: dict[str, Any] = {}
    await tomodachi.sns_publish(
        service, "x", topic="t", message_envelope=Envelope, message_attributes=given, extra="e"
    )
    (message,) = await bodies(aws, queue)
    assert json.loads(message["Body"])["MessageAttributes"]["added"]["Value"] == "e"
    assert given == {}


async def test_a_topic_is_looked_up_once_and_created_when_it_is_not_there(aws: Any) -> None:
    service = await aws.start(Bare)
    await asyncio.gather(*(tomodachi.sns_publish(service, "x", topic="new") for _ in range(20)))
    assert aws.operations["sns.CreateTopic"] == 1
    assert aws.operations["sns.GetTopicAttributes"] == 1
    assert aws.operations["sts.GetCallerIdentity"] == 1
    assert aws.operations["sns.Publish"] == 20


async def test_prefix_and_fifo_are_part_of_what_a_topic_is_remembered_by(aws: Any) -> None:
    service = await aws.start(Bare, topic_prefix="a-")
    for arguments in ({}, {"topic_prefix": "b-"}, {"topic_prefix": None}, {"group_id": "g"}):
        await tomodachi.sns_publish(service, "x", topic="t", **arguments)
    for name in ("a-t", "b-t", "t", "a-t.fifo"):
        assert await aws.topic_attributes(name)


async def test_without_waiting_a_task_publishes(aws: Any) -> None:
    service = await aws.start(Bare)
    queue = await subscribed(aws, "t")
    task = await tomodachi.sns_publish(service, "x", topic="t", wait=False)
    assert isinstance(task, asyncio.Task)
    assert await task
    assert len(await bodies(aws, queue)) == 1


async def test_a_task_that_publishes_is_awaited_when_the_service_stops(aws: Any) -> None:
    service = await aws.start(Bare)
    queue = await subscribed(aws, "t")
    aws.fail("sns.Publish", FaultKind.LATENCY, seconds=5)
    task = await tomodachi.sns_publish(service, "x", topic="t", wait=False)
    await aws.stop()
    assert task.done()
    assert len(await bodies(aws, queue)) == 1


async def test_a_group_makes_a_fifo_topic_and_a_made_up_deduplication_id(aws: Any) -> None:
    service = await aws.start(Bare)
    queue = await subscribed(aws, "t.fifo", fifo=True)
    await tomodachi.sns_publish(service, "x", topic="t", group_id="g")
    await tomodachi.sns_publish(service, "y", topic="t", group_id="h", deduplication_id="d")
    attributes = [message["Attributes"] for message in await bodies(aws, queue)]
    assert {one["MessageGroupId"] for one in attributes} == {"g", "h"}
    ids = {one["MessageDeduplicationId"] for one in attributes}
    assert "d" in ids
    assert len(ids) == 2


async def test_topic_attributes_are_set_on_creation_and_later_only_if_asked_for(
    aws: Any, caplog: Any
) -> None:
    caplog.set_level("INFO")
    service = await aws.start(Bare)
    for number, overwrite in enumerate((False, False, True)):
        await tomodachi.sns_publish(
            service,
            "x",
            topic="t",
            topic_attributes={"DisplayName": f"n{number}"},
            overwrite_topic_attributes=overwrite,
        )
        transport.aws_sns_sqs_publish.__self__  # noqa: B018 - publish is a bound class method
    assert (await aws.topic_attributes("t"))["DisplayName"] == "n2"
    assert f"Updating 'DisplayName' attribute on SNS topic '{TOPIC_T}'" in caplog.text


async def test_publishing_to_an_existing_topic_leaves_its_attributes(aws: Any, caplog: Any) -> None:
    caplog.set_level("INFO")
    await (await aws.client("sns")).create_topic(Name="t", Attributes={"DisplayName": "theirs"})
    service = await aws.start(Bare, sns_kms_master_key_id="alias/aws/sns")
    await tomodachi.sns_publish(service, "x", topic="t", topic_attributes={"DisplayName": "ours"})
    attributes = await aws.topic_attributes("t")
    assert attributes["DisplayName"] == "theirs"
    assert not attributes.get("KmsMasterKeyId")
    assert f"Will not overwrite existing attributes on SNS topic '{TOPIC_T}'" in caplog.text


async def test_topic_attributes_have_to_be_a_mapping(aws: Any) -> None:
    service = await aws.start(Bare)
    with pytest.raises(transport.AWSSNSSQSException, match="should be specified as a dict mapping"):
        await tomodachi.sns_publish(service, "x", topic="t", topic_attributes="no")


async def test_a_service_that_has_not_started_may_publish(aws: Any) -> None:
    runner = aws.prepare(Bare)
    assert await tomodachi.sns_publish(runner.instance, "x", topic="t")
    await runner.instance._stop_service()  # closes what publishing opened


# --- publish batch ------------------------------------------------------------------------------


async def test_row_17_a_batch_is_published_ten_to_a_call(aws: Any) -> None:
    service = await aws.start(Sender)
    queue = await subscribed(aws, "t")
    ids = await tomodachi.aws_sns_sqs_publish_batch(
        service, list(range(23)), topic="t", message_attributes={"a": 1}
    )
    assert len(set(ids)) == 23
    assert aws.operations["sns.PublishBatch"] == 3
    messages = [json.loads(message["Body"]) for message in await bodies(aws, queue)]
    by_id = {message["MessageId"]: json.loads(message["Message"])["data"] for message in messages}
    assert [by_id[message_id] for message_id in ids] == list(range(23))


async def test_row_17_an_entry_may_have_attributes_and_a_group_of_its_own(aws: Any) -> None:
    service = await aws.start(Bare)
    queue = await subscribed(aws, "t.fifo", fifo=True)
    entries = [
        transport.PublishBatchEntry("a", {"own": 1}, "g1", "d1"),
        transport.PublishBatchEntry("b", group_id="g2"),
    ]
    await tomodachi.aws_sns_sqs_publish_batch(
        service, entries, topic="t", message_attributes={"all": 2}
    )
    first, second = await bodies(aws, queue)
    assert first["Attributes"]["MessageDeduplicationId"] == "d1"
    assert set(json.loads(first["Body"])["MessageAttributes"]) == {"all", "own"}
    assert second["Attributes"]["MessageGroupId"] == "g2"


async def test_row_17_messages_that_sns_refuses_are_named(aws: Any) -> None:
    service = await aws.start(Bare)
    await subscribed(aws, "t")
    await refuse_addresses(aws)
    with pytest.raises(transport.PublishBatchFailed, match="1 of 3 messages") as raised:
        await tomodachi.aws_sns_sqs_publish_batch(service, ["a", "b@example.com", "c"], topic="t")
    assert [message_id is not None for message_id in raised.value.message_ids] == [
        True,
        False,
        True,
    ]
    assert list(raised.value.failures) == [1]


async def test_row_17_a_batch_that_is_refused_as_a_whole_names_every_message(aws: Any) -> None:
    service = await aws.start(Bare)
    await subscribed(aws, "t")
    aws.fail("sns.PublishBatch", after=1, times=1, code="AuthorizationError", status=403)
    with pytest.raises(transport.PublishBatchFailed) as raised:
        await tomodachi.aws_sns_sqs_publish_batch(service, ["x"] * 25, topic="t")
    assert list(raised.value.failures) == list(range(10, 25))


async def test_an_empty_batch_publishes_nothing(aws: Any) -> None:
    service = await aws.start(Bare)
    assert await tomodachi.aws_sns_sqs_publish_batch(service, [], topic="t") == []


def test_a_call_takes_ten_messages_and_256_kib() -> None:
    """SNS API reference, PublishBatch."""
    assert [len(one) for one in publisher.chunks([1] * 23)] == [10, 10, 3]
    assert [len(one) for one in publisher.chunks([200_000, 62_144, 1])] == [2, 1]
    assert [len(one) for one in publisher.chunks([300_000, 300_000])] == [1, 1]
    assert list(publisher.chunks([])) == []


# --- trouble ------------------------------------------------------------------------------------


async def test_row_7_a_lost_connection_is_retried(aws: Any) -> None:
    service = await aws.start(Bare)
    queue = await subscribed(aws, "t")
    aws.fail("sns.Publish", FaultKind.DROP_BEFORE, times=2)
    assert await tomodachi.sns_publish(service, "x", topic="t")
    assert len(await bodies(aws, queue)) == 1


async def test_row_7_an_endpoint_that_is_gone_ends_in_a_connection_exception(aws: Any) -> None:
    service = await aws.start(Bare)
    await tomodachi.sns_publish(service, "x", topic="t")
    await (await aws.client("sqs")).create_queue(QueueName="q")
    await tomodachi.sqs_send_message(service, "x", "q")
    await aws.go_away()
    with pytest.raises(
        transport.AWSSNSSQSConnectionException, match=r"Unable to connect \[sns\] to AWS"
    ) as raised:
        await tomodachi.sns_publish(service, "x", topic="t")
    assert type(raised.value.__cause__).__module__.startswith("botocore")
    with pytest.raises(transport.AWSSNSSQSConnectionException, match=r"\[sqs\]"):
        await tomodachi.sqs_send_message(service, "x", "q")


async def test_row_7_a_lost_reply_of_a_fifo_message_publishes_it_once(aws: Any) -> None:
    service = await aws.start(Bare)
    queue = await subscribed(aws, "t.fifo", fifo=True)
    aws.fail("sns.Publish", FaultKind.DROP_AFTER, times=2)
    await tomodachi.sns_publish(service, "x", topic="t", group_id="g")
    assert aws.operations["sns.Publish"] == 3
    assert len(await bodies(aws, queue)) == 1


@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("InternalError", 500)])
async def test_throttling_and_server_errors_are_retried(aws: Any, code: str, status: int) -> None:
    service = await aws.start(Bare)
    await subscribed(aws, "t")
    aws.fail("sns.Publish", code=code, status=status, times=3)
    assert await tomodachi.sns_publish(service, "x", topic="t")


async def test_a_refusal_is_told_in_aws_s_words_after_three_calls_without_a_wait(aws: Any) -> None:
    """Specification 6.7: three tries on ClientError."""
    service = await aws.start(Bare)
    await subscribed(aws, "t")
    aws.fail("sns.Publish", times=None, code="AuthorizationError", status=403, message="not you")
    began = aws.loop.time()
    with pytest.raises(
        transport.AWSSNSSQSException, match=r"publish message \[sns\].*not you"
    ) as raised:
        await tomodachi.sns_publish(service, "x", topic="t")
    assert isinstance(raised.value.__cause__, ClientError)
    assert aws.operations["sns.Publish"] == 3
    assert aws.loop.time() == began


async def test_without_a_wait_a_body_is_made_by_the_task(aws: Any) -> None:
    """Seen with 0.29.0: whoever does not wait is not told by an exception of the call's own."""

    async def breaks(context: Any, **_: Any) -> str:
        msg = "no body"
        raise RuntimeError(msg)

    service = await aws.start(Bare)
    queue = await subscribed(aws, "t")
    sending = await tomodachi.sqs_send_message(
        service, "x", queue, wait=False, message_body_formatter=breaks
    )
    with pytest.raises(RuntimeError, match="no body"):
        await sending


async def test_a_message_that_is_refused_twice_is_published_and_sent_all_the_same(aws: Any) -> None:
    """Specification 6.7 and 6.8: three tries on ClientError."""
    service = await aws.start(Bare)
    queue = await subscribed(aws, "t")
    for point in ("sns.Publish", "sqs.SendMessage"):
        aws.fail(point, times=2, code="AccessDenied", status=403)
    await tomodachi.sns_publish(service, "x", topic="t")
    await tomodachi.sqs_send_message(service, "y", queue)
    assert len(await bodies(aws, queue)) == 2


async def test_an_answer_that_never_comes_times_out(aws: Any) -> None:
    service = await aws.start(Bare)
    await subscribed(aws, "t")
    aws.fail("sns.Publish", FaultKind.LATENCY, seconds=1000, times=None)
    with pytest.raises(transport.AWSSNSSQSConnectionException) as raised:
        await tomodachi.sns_publish(service, "x", topic="t")
    assert isinstance(raised.value.__cause__, HTTPClientError | TimeoutError)


# --- send ---------------------------------------------------------------------------------------


@pytest.fixture
async def queue(aws: Any) -> str:
    client = await aws.client("sqs")
    return str((await client.create_queue(QueueName="p-q"))["QueueUrl"])


async def test_a_message_is_sent_in_a_body_like_a_notification(aws: Any, queue: str) -> None:
    service = await aws.start(Sender, queue_name_prefix="p-")
    message_id = await tomodachi.sqs_send_message(
        service, {"id": 7}, "q", message_attributes={"n": 1, "b": b"\x01"}
    )
    (message,) = await bodies(aws, "p-q")
    body = json.loads(message["Body"])
    assert message["MessageId"] == message_id
    assert json.loads(body.pop("Message"))["data"] == {"id": 7}
    assert body.pop("Timestamp").endswith("Z")
    assert body == {
        "Type": "Message",
        "QueueUrl": queue,
        "Version": "0",
        "MessageAttributes": {
            "n": {"Type": "Number", "Value": "1"},
            "b": {"Type": "Binary", "Value": "AQ=="},
        },
    }
    assert message["MessageAttributes"]["n"]["StringValue"] == "1"


async def test_a_queue_is_named_by_name_arn_or_url(aws: Any, queue: str) -> None:
    service = await aws.start(Bare, queue_name_prefix="p-")
    arn = "arn:aws:sqs:eu-west-1:000000000000:p-q"
    for name in ("q", arn, queue):
        await tomodachi.sqs_send_message(service, "x", name)
    await tomodachi.sqs_send_message(service, "x", "p-q", queue_name_prefix="")
    await tomodachi.sqs_send_message(service, "x", arn, queue_name_prefix="p-")
    assert aws.left("p-q") == 5


async def test_a_prefix_that_the_queue_does_not_have_is_refused(aws: Any, queue: str) -> None:
    service = await aws.start(Bare)
    for name in ("arn:aws:sqs:eu-west-1:000000000000:p-q", queue):
        with pytest.raises(
            ValueError, match=r"Mismatched queue .* with queue_name_prefix \(other-\)"
        ):
            await tomodachi.sqs_send_message(service, "x", name, queue_name_prefix="other-")


async def test_a_group_and_a_fifo_queue_go_together(aws: Any, queue: str) -> None:
    service = await aws.start(Bare)
    with pytest.raises(ValueError, match="is no FIFO queue"):
        await tomodachi.sqs_send_message(service, "x", "p-q", group_id="g")
    with pytest.raises(ValueError, match="group_id is missing"):
        await tomodachi.sqs_send_message(service, "x", "q.fifo")


async def test_a_message_may_have_a_group_and_a_deduplication_id(aws: Any) -> None:
    client = await aws.client("sqs")
    await client.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})
    service = await aws.start(Bare)
    await tomodachi.sqs_send_message(service, "x", "q.fifo", group_id="g", deduplication_id="d")
    await tomodachi.sqs_send_message(service, "y", "q.fifo", group_id="g", deduplication_id="d")
    (message,) = await bodies(aws, "q.fifo")
    assert message["Attributes"]["MessageGroupId"] == "g"


async def test_a_message_may_be_delayed(aws: Any, queue: str) -> None:
    service = await aws.start(Bare)
    await tomodachi.sqs_send_message(service, "x", "p-q", delay_seconds=30)
    assert await bodies(aws, "p-q") == []
    await aws.pass_time(31)
    assert len(await bodies(aws, "p-q")) == 1


async def test_without_waiting_a_task_sends(aws: Any, queue: str) -> None:
    service = await aws.start(Bare)
    task = await tomodachi.sqs_send_message(service, "x", "p-q", wait=False)
    assert isinstance(task, asyncio.Task)
    assert await task


async def test_a_queue_that_does_not_exist_is_caught_in_three_ways(aws: Any) -> None:
    service = await aws.start(Bare)
    with pytest.raises(transport.QueueDoesNotExistError, match="nobody") as raised:
        await tomodachi.sqs_send_message(service, "x", "nobody")
    client = await transport.AWSSNSSQSTransport.create_client("sqs", service.context)
    for kind in (transport.AWSSNSSQSException, client.exceptions.QueueDoesNotExist, ClientError):
        assert isinstance(raised.value, kind)
    assert raised.value.response["Error"]["Code"]


async def test_without_a_formatter_the_data_is_the_body(aws: Any, queue: str) -> None:
    service = await aws.start(Sender)
    await tomodachi.sqs_send_message(service, "raw", "p-q", message_body_formatter=None)
    assert [message["Body"] for message in await bodies(aws, "p-q")] == ["raw"]
    with pytest.raises(transport.AWSSNSSQSException, match="must be a str, not dict"):
        await tomodachi.sqs_send_message(service, {}, "p-q", message_body_formatter=None)


async def test_a_formatter_is_a_callable_that_is_given_the_context(aws: Any, queue: str) -> None:
    seen: list[transport.MessageBodyFormatterContext] = []

    async def formatter(context: transport.MessageBodyFormatterContext, *, extra: str) -> str:
        seen.append(context)
        return f"{context.data}{extra}"

    service = await aws.start(Bare)
    await tomodachi.sqs_send_message(
        service, "x", "p-q", message_body_formatter=formatter, extra="y"
    )
    assert [message["Body"] for message in await bodies(aws, "p-q")] == ["xy"]
    (context,) = seen
    assert (context.queue_name, context.queue_url, context.service) == ("p-q", queue, service)
    await tomodachi.sqs_send_message(
        service, "x", "q", queue_name_prefix="p-", message_body_formatter=formatter, extra="y"
    )
    assert seen.pop().queue_name == "q"  # as the caller named it
    assert (context.formatter, context.kwargs) == (formatter, {"extra": "y"})
    with pytest.raises(AttributeError):
        context.data = "other"  # type: ignore[misc]  # frozen


async def test_a_formatter_may_be_a_class_whose_instances_are_called(aws: Any, queue: str) -> None:
    """Upstream makes an instance without arguments; the default is such a class to build on."""

    class Signed(transport.MessageBodyFormatter):
        async def __call__(
            self, context: transport.MessageBodyFormatterContext, **kwargs: Any
        ) -> str:
            assert context.formatter is self
            body = json.loads(await super().__call__(context, **kwargs))
            return json.dumps({**body, "signed": True})

    service = await aws.start(Bare)
    for formatter in (Signed, Signed(), transport.MessageBodyFormatter()):
        await tomodachi.sqs_send_message(service, "x", "p-q", message_body_formatter=formatter)
    sent = [json.loads(message["Body"]) for message in await bodies(aws, "p-q")]
    assert [body["Message"] for body in sent] == ["x", "x", "x"]
    assert [body.get("signed") for body in sent] == [True, True, None]


async def test_sending_survives_trouble_that_passes(aws: Any, queue: str) -> None:
    service = await aws.start(Bare)
    aws.fail("sqs.SendMessage", FaultKind.DROP_BEFORE, times=2)
    aws.fail("sqs.SendMessage", code="RequestThrottled", status=403, times=1)
    assert await tomodachi.sqs_send_message(service, "x", "p-q")
    assert aws.left("p-q") == 1


# --- the transport's class methods --------------------------------------------------------------


async def test_the_transport_s_class_methods_find_and_make_topics_and_queues(aws: Any) -> None:
    service = await aws.start(Bare, topic_prefix="t-", queue_name_prefix="q-")
    cls, context = transport.AWSSNSSQSTransport, service.context
    assert await cls.get_topic_arn("x", context) is None
    arn = await cls.create_topic("x", context)
    assert arn == "arn:aws:sns:eu-west-1:000000000000:t-x"
    assert await cls.get_topic_arn("x", context) == arn
    url, queue_arn = await cls.create_queue("q-y", context, fifo=False)
    assert await cls.get_queue_url("y", context) == url
    assert await cls.get_queue_url_from_arn(queue_arn, context) == url
    assert await cls.publish_message(arn, "m", {"a": 1}, context)
    assert await cls.send_raw_message(url, "m", {"a": 1}, context)
    (message,) = await bodies(aws, "q-y")
    await cls.delete_message(message["ReceiptHandle"], url, context)
    assert aws.left("q-y") == 0


async def test_a_queue_that_is_not_there_has_no_url(aws: Any) -> None:
    """Upstream's class methods answer None; sending to it is an error."""
    service = await aws.start(Bare)
    cls, context = transport.AWSSNSSQSTransport, service.context
    assert await cls.get_queue_url("nobody", context) is None
    arn = "arn:aws:sqs:eu-west-1:000000000000:nobody"
    assert await cls.get_queue_url(arn, context) is None
    assert await cls.get_queue_url_from_arn(arn, context) is None
    with pytest.raises(ValueError, match="Invalid SQS ARN"):
        await cls.get_queue_url_from_arn("arn:aws:sns:eu-west-1:000000000000:t", context)


async def test_a_deletion_that_sqs_refuses_is_logged(
    aws: Any, queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    service = await aws.start(Bare)
    delete = transport.AWSSNSSQSTransport.delete_message
    await delete("", queue, service.context)
    assert "from queue without receipt handle" in caplog.text
    await delete("nonsense", queue, service.context)
    assert "Unable to delete message [sqs] on AWS (" in caplog.text


@pytest.mark.parametrize(
    ("point", "call", "text"),
    [
        ("sns.Publish", "sns_publish", "Unable to publish message [sns] on AWS ("),
        ("sns.PublishBatch", "aws_sns_sqs_publish_batch", "2 of 2 messages"),
        ("sns.CreateTopic", "sns_publish", "Unable to create topic [sns] on AWS ("),
        ("sqs.SendMessage", "sqs_send_message", "Unable to send message [sqs] on AWS ("),
    ],
)
async def test_what_aws_refuses_is_logged_and_raised(
    aws: Any, queue: str, caplog: pytest.LogCaptureFixture, point: str, call: str, text: str
) -> None:
    """Upstream's text, under upstream's logger, with the topic or queue that it was for."""
    service = await aws.start(Bare)
    aws.fail(point, code="AccessDenied", status=403, times=None)
    data: Any = ["a", "b"] if "batch" in call else "a"
    with pytest.raises(transport.AWSSNSSQSException):
        await getattr(tomodachi, call)(service, data, "p-q")
    logged = [one for one in caplog.records if text in one.getMessage()]
    assert [(one.name, one.levelname) for one in logged] == [("tomodachi.awssnssqs", "WARNING")]
    said = logged[0].__dict__["logger.context"]
    assert said["queue_name" if "send" in call else "topic"] == "p-q"


def test_the_transport_s_class_methods_know_names() -> None:
    cls = transport.AWSSNSSQSTransport
    options = {"topic_prefix": "t-", "queue_name_prefix": "q-"}
    context: dict[str, Any] = {"options": tomodachi.Options(aws_sns_sqs=options)}
    assert cls.get_topic_name("a.b", context, fifo=True) == "t-a.b.fifo"
    assert cls.get_topic_name("a", context, topic_prefix=None) == "a"
    assert cls.get_topic_name_without_prefix("t-a", context) == "a"
    assert cls.get_topic_from_arn("arn:aws:sns:eu-west-1:1:t-a") == "t-a"
    assert cls.decode_topic(cls.encode_topic("a.b")) == "a.b"
    assert cls.prefix_queue_name("a", context) == "q-a"
    assert cls.prefix_queue_name("a") == "a"
    assert cls.prefix_queue_name("a", context, default_queue_name_prefix="p-") == "p-a"
    assert cls.get_queue_name_without_prefix("q-a", context) == "a"
    assert cls.get_queue_name_without_prefix("q-a") == "q-a"
    assert cls.get_queue_name_from_queue_url("http://x/1/a") == "a"
    cls.validate_topic_name("a.b")
    with pytest.raises(transport.InvalidName):
        cls.validate_queue_name("a.b")


def test_older_names_are_the_same_functions() -> None:
    publish = transport.AWSSNSSQSTransport.publish
    send = transport.AWSSNSSQSTransport.send_message
    assert tomodachi.sns_publish == tomodachi.awssnssqs_publish == publish
    assert tomodachi.sqs_send_message == tomodachi.awssnssqs_send_message == send
    assert tomodachi.aws_sns_sqs is not tomodachi.awssnssqs
