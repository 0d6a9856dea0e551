"""Answers that real AWS gave, with the requests that lead to them: errors, attributes, FIFO rules.

Each expectation is a fact about AWS, recorded from real calls in 2024 and 2025; the requests are
built from the SQS API reference. Ids, handles and timestamps are whatever the call made them.

Recorded and not comparable: the approximate number of messages not visible and the delete with an
expired handle in FIFO queues, as the recordings hold no answer; what AWS then does is in
`test_fifo.py` and `test_receive_operations.py`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.fakes.support_boto import ACCOUNT, InProcess

FIFO = {"FifoQueue": "true"}
CONTENT_BASED = {**FIFO, "ContentBasedDeduplication": "true"}
HIGH_THROUGHPUT = {
    "DeduplicationScope": "messageGroup",
    "FifoThroughputLimit": "perMessageGroupId",
}


def create(sqs: Any, name: str, **attributes: str) -> str:
    return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def refusal(call: Any, **params: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response


def assert_error(
    sqs: Any, response: dict[str, Any], code: str, shape: str, message: str, status: int = 400
) -> None:
    """The same error in either protocol: JSON adds the shape's name, XML an empty Detail."""
    assert response["Error"]["Code"] == code
    assert response["Error"]["Message"] == message
    assert response["Error"]["Type"] == "Sender"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    if sqs.meta.service_model.protocol == "json":
        assert response["Error"]["QueryErrorCode"] == shape
    else:
        assert response["Error"]["Detail"] is None


def bodies(sqs: Any, url: str, **params: Any) -> list[str]:
    return [m["Body"] for m in sqs.receive_message(QueueUrl=url, **params).get("Messages", [])]


def test_create_queue_names_the_attribute_that_differs(sqs: Any) -> None:
    create(sqs, "q", DelaySeconds="1")

    response = refusal(sqs.create_queue, QueueName="q", Attributes={"DelaySeconds": "2"})

    text = "A queue already exists with the same name and a different value for attribute {}"
    assert_error(
        sqs, response, "QueueAlreadyExists", "QueueNameExists", text.format("DelaySeconds")
    )
    create(sqs, "q.fifo", **CONTENT_BASED)
    response = refusal(
        sqs.create_queue,
        QueueName="q.fifo",
        Attributes={**FIFO, "ContentBasedDeduplication": "false"},
    )
    assert_error(
        sqs,
        response,
        "QueueAlreadyExists",
        "QueueNameExists",
        text.format("ContentBasedDeduplication"),
    )


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("FifoQueue", "false", "Unknown Attribute FifoQueue."),
        ("ContentBasedDeduplication", "true", "Unknown Attribute ContentBasedDeduplication."),
        (
            "DeduplicationScope",
            "queue",
            "You can specify the DeduplicationScope only when FifoQueue is set to true.",
        ),
        (
            "FifoThroughputLimit",
            "perQueue",
            "You can specify the FifoThroughputLimit only when FifoQueue is set to true.",
        ),
    ],
)
def test_standard_queue_refuses_fifo_attributes(
    sqs: Any, attribute: str, value: str, message: str
) -> None:
    response = refusal(sqs.create_queue, QueueName="q", Attributes={attribute: value})

    assert_error(sqs, response, "InvalidAttributeName", "InvalidAttributeName", message)


def test_queue_type_cannot_be_changed(sqs: Any) -> None:
    fifo, standard = create(sqs, "q.fifo", **FIFO), create(sqs, "q")
    unknown = "Unknown Attribute FifoQueue."
    modifying = (
        "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
    )
    for url, value, code, message in (
        (fifo, "true", "InvalidAttributeName", unknown),
        (fifo, "false", "InvalidAttributeValue", modifying),
        (standard, "true", "InvalidAttributeName", unknown),
        (standard, "false", "InvalidAttributeName", unknown),
    ):
        response = refusal(sqs.set_queue_attributes, QueueUrl=url, Attributes={"FifoQueue": value})
        assert_error(sqs, response, code, code, message)


def all_attributes(sqs: Any, url: str) -> dict[str, str]:
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert found.pop("QueueArn").startswith(f"arn:aws:sqs:eu-west-1:{ACCOUNT}:")
    assert found.pop("CreatedTimestamp") == found.pop("LastModifiedTimestamp") == "1767225600"
    return found


STANDARD_DEFAULTS = {
    "ApproximateNumberOfMessages": "0",
    "ApproximateNumberOfMessagesDelayed": "0",
    "ApproximateNumberOfMessagesNotVisible": "0",
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}


def test_attributes_of_a_new_queue_and_after_they_are_set_and_emptied(sqs: Any) -> None:
    url = create(sqs, "q")
    assert all_attributes(sqs, url) == STANDARD_DEFAULTS
    kms = {"KmsMasterKeyId": "testKeyId", "KmsDataKeyReusePeriodSeconds": "6000"}

    sqs.set_queue_attributes(QueueUrl=url, Attributes=kms)
    assert all_attributes(sqs, url) == {**STANDARD_DEFAULTS, **kms, "SqsManagedSseEnabled": "false"}

    emptied = dict.fromkeys((*kms, "DelaySeconds", "MessageRetentionPeriod", "Policy"), "")
    sqs.set_queue_attributes(QueueUrl=url, Attributes=emptied)
    assert all_attributes(sqs, url) == {**STANDARD_DEFAULTS, "SqsManagedSseEnabled": "false"}


def test_fifo_attributes_before_and_after_a_change(sqs: Any) -> None:
    url = create(sqs, "q.fifo", **CONTENT_BASED)
    defaults = {
        **STANDARD_DEFAULTS,
        "ContentBasedDeduplication": "true",
        "DeduplicationScope": "queue",
        "FifoQueue": "true",
        "FifoThroughputLimit": "perQueue",
    }
    assert all_attributes(sqs, url) == defaults

    changes = {"ContentBasedDeduplication": "false", **HIGH_THROUGHPUT}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=changes)

    assert all_attributes(sqs, url) == {**defaults, **changes}


def test_one_kind_of_encryption_at_a_time(sqs: Any) -> None:
    url = create(sqs, "q", KmsMasterKeyId="testKeyId")

    response = refusal(
        sqs.set_queue_attributes, QueueUrl=url, Attributes={"SqsManagedSseEnabled": "true"}
    )

    assert response["Error"]["Code"] == "InvalidAttributeName"
    assert response["Error"]["Message"] == (
        "You can use one type of server-side encryption (SSE) at one time. "
        "You can either enable KMS SSE or SQS SSE."
    )


def test_high_throughput_after_creation_keeps_what_was_deduplicated(sqs: Any) -> None:
    """Ids accepted with scope `queue` still count in every group after the scope has changed."""
    url = create(sqs, "q.fifo", **FIFO)

    def send(body: str, group: str, dedup: str) -> None:
        sqs.send_message(
            QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=dedup
        )

    send("Test1", "1", "dedup-1")
    assert bodies(sqs, url) == ["Test1"]
    send("Test2", "2", "dedup-1")
    assert bodies(sqs, url) == []
    sqs.set_queue_attributes(QueueUrl=url, Attributes=HIGH_THROUGHPUT)
    send("Test3", "1", "dedup-1")
    send("Test3", "2", "dedup-1")
    assert bodies(sqs, url) == []
    send("Test4", "2", "dedup-2")
    assert bodies(sqs, url) == ["Test4"]
    send("Test5", "2", "dedup-2")
    assert bodies(sqs, url) == []


@pytest.mark.parametrize("content_based", [True, False])
def test_deduplication_survives_delete(sqs: Any, content_based: bool) -> None:
    url = create(sqs, "q.fifo", **(CONTENT_BASED if content_based else FIFO))
    message: dict[str, Any] = {"QueueUrl": url, "MessageBody": '{"foo": "bar"}'}
    message["MessageGroupId"] = "g"
    if not content_based:
        message["MessageDeduplicationId"] = "d"
    sqs.send_message(**message)
    (received,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert received["MD5OfBody"] == "94232c5b8fc9272f6f73a1e36eb68fcf"
    sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])

    sqs.send_message(**message)

    assert bodies(sqs, url) == []


def test_deduplication_is_per_queue_and_not_per_group_by_default(sqs: Any) -> None:
    url = create(sqs, "q.fifo", **CONTENT_BASED)
    for group in ("1", "2"):
        sqs.send_message(QueueUrl=url, MessageBody="Test", MessageGroupId=group)

    assert bodies(sqs, url) == ["Test"]
    assert bodies(sqs, url) == []


def test_deduplication_scope_group_without_throughput_setting(sqs: Any) -> None:
    url = create(sqs, "q.fifo", **CONTENT_BASED, DeduplicationScope="messageGroup")
    for group in ("1", "2"):
        sqs.send_message(QueueUrl=url, MessageBody="Test", MessageGroupId=group)

    assert bodies(sqs, url) == ["Test"]
    assert bodies(sqs, url) == ["Test"]


def test_fifo_delete_after_visibility_timeout_fails(sqs: Any, aws: InProcess) -> None:
    url = create(sqs, "q.fifo", **CONTENT_BASED, VisibilityTimeout="1")
    sqs.send_message(QueueUrl=url, MessageBody="foobar", MessageGroupId="1")
    handle = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    aws.advance(2)

    response = refusal(sqs.delete_message, QueueUrl=url, ReceiptHandle=handle)

    assert_error(
        sqs,
        response,
        "InvalidParameterValue",
        "InvalidParameterValueException",
        f"Value {handle} for parameter ReceiptHandle is invalid. "
        "Reason: The receipt handle has expired.",
    )


def test_fifo_delete_works_while_the_extended_timeout_lasts(sqs: Any, aws: InProcess) -> None:
    url = create(sqs, "q.fifo", **CONTENT_BASED, VisibilityTimeout="1")
    sqs.send_message(QueueUrl=url, MessageBody="foobar", MessageGroupId="1")
    handle = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=6)
    aws.advance(2)

    sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)

    aws.advance(10)
    assert bodies(sqs, url) == []


def test_emptied_message_group_is_added_back(sqs: Any) -> None:
    url = create(sqs, "q.fifo", **CONTENT_BASED)
    sqs.send_message(QueueUrl=url, MessageBody="Message 1", MessageGroupId="g")
    (first,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert bodies(sqs, url) == []

    sqs.send_message(QueueUrl=url, MessageBody="Message 2", MessageGroupId="g")

    assert bodies(sqs, url) == ["Message 2"]


def test_fifo_message_attributes(sqs: Any) -> None:
    url = create(sqs, "q.fifo", **FIFO, VisibilityTimeout="0")
    sent = sqs.send_message(
        QueueUrl=url,
        MessageBody="message-body-1",
        MessageGroupId="group-1",
        MessageDeduplicationId="dedup-1",
    )
    assert sent["MD5OfMessageBody"] == "19c9e282d65f9733bc6b35d50062c7ee"
    for count in ("1", "2"):
        (message,) = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
        attributes = message["Attributes"]
        assert attributes.pop("SenderId")
        assert attributes == {
            "ApproximateFirstReceiveTimestamp": "1767225600000",
            "ApproximateReceiveCount": count,
            "MessageDeduplicationId": "dedup-1",
            "MessageGroupId": "group-1",
            "SentTimestamp": "1767225600000",
            "SequenceNumber": sent["SequenceNumber"],
        }
        assert message["MessageId"] == sent["MessageId"]


def test_fifo_queue_refuses_a_delay_of_its_own_for_a_message(sqs: Any, aws: InProcess) -> None:
    url = create(sqs, "q.fifo", **CONTENT_BASED, DelaySeconds="2")
    message = {"QueueUrl": url, "MessageBody": "message-1", "MessageGroupId": "1"}

    response = refusal(sqs.send_message, **message, DelaySeconds=2)
    assert_error(
        sqs,
        response,
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that "
        "is not valid for this queue type.",
    )
    sqs.send_message(**message, DelaySeconds=0)
    assert bodies(sqs, url) == []
    aws.advance(2)
    assert bodies(sqs, url) == ["message-1"]


def entries(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"Id": entry_id, "MessageBody": body} for entry_id, body in pairs]


def test_invalid_batch_id(sqs: Any) -> None:
    url = create(sqs, "q")

    response = refusal(sqs.send_message_batch, QueueUrl=url, Entries=entries(("a.b", "x")))

    assert_error(
        sqs,
        response,
        "AWS.SimpleQueueService.InvalidBatchEntryId",
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
        "It can be at most 80 letters long.",
    )


def test_fifo_send_needs_group_and_deduplication_id(sqs: Any) -> None:
    url = create(sqs, "q.fifo", **FIFO)

    response = refusal(sqs.send_message, QueueUrl=url, MessageBody="x")
    assert_error(
        sqs,
        response,
        "MissingParameter",
        "MissingRequiredParameterException",
        "The request must contain the parameter MessageGroupId.",
    )
    response = refusal(sqs.send_message, QueueUrl=url, MessageBody="x", MessageGroupId="g")
    assert_error(
        sqs,
        response,
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
        "provided explicitly",
    )


@pytest.mark.parametrize("params", [{}, {"WaitTimeSeconds": 0}, {"WaitTimeSeconds": 1}])
def test_receive_from_an_empty_queue_has_no_messages_member(
    sqs: Any, params: dict[str, int]
) -> None:
    url = create(sqs, "q")

    response = sqs.receive_message(QueueUrl=url, **params)

    assert set(response) == {"ResponseMetadata"}


def test_receive_returns_the_attributes_that_were_asked_for(sqs: Any) -> None:
    url = create(sqs, "q", VisibilityTimeout="0")
    attributes = {"Foo": {"DataType": "String", "StringValue": "Bar"}}
    sqs.send_message(QueueUrl=url, MessageBody="msg", MessageAttributes=attributes)

    def receive(**params: Any) -> dict[str, Any]:
        (message,) = sqs.receive_message(QueueUrl=url, **params)["Messages"]
        assert message["MD5OfBody"] == "6e2baaf3b97dbeef01c0043275f9a0e7"
        return message

    first = receive(AttributeNames=["All"])
    assert set(first["Attributes"]) == {
        "ApproximateFirstReceiveTimestamp",
        "ApproximateReceiveCount",
        "SenderId",
        "SentTimestamp",
    }
    assert "MessageAttributes" not in first
    second = receive(AttributeNames=["All"], MessageAttributeNames=["All"])
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"
    assert second["MessageAttributes"] == attributes
    assert second["MD5OfMessageAttributes"] == "ae7155c6026991b6d54b11589678bf9c"
    assert set(receive(AttributeNames=["SenderId"])["Attributes"]) == {"SenderId"}
    assert set(receive(MessageSystemAttributeNames=["SenderId"])["Attributes"]) == {"SenderId"}


def test_batch_entry_that_is_too_large_fails_alone(sqs: Any) -> None:
    url = create(sqs, "q", MaximumMessageSize="1024")

    response = sqs.send_message_batch(
        QueueUrl=url, Entries=entries(("big", "a" * 1025), ("small", "a" * 1024))
    )

    assert response["Failed"] == [
        {
            "Id": "big",
            "SenderFault": True,
            "Code": "InvalidParameterValue",
            "Message": "One or more parameters cannot be validated. Reason: Message must be "
            "shorter than 1024 bytes.",
        }
    ]
    (successful,) = response["Successful"]
    assert successful["Id"] == "small"
    assert successful["MD5OfMessageBody"] == "c9a34cfc85d982698c6ac89f76071abd"


def test_send_batch_within_a_raised_maximum_size(sqs: Any) -> None:
    url = create(sqs, "q", MaximumMessageSize="1024")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MaximumMessageSize": "1048576"})

    response = sqs.send_message_batch(QueueUrl=url, Entries=entries(("1", "a" * 2048), ("2", "a")))

    digests = [entry["MD5OfMessageBody"] for entry in response["Successful"]]
    assert digests[1] == "0cc175b9c0f1b6a831c399e269772661"
    assert "Failed" not in response


@pytest.mark.parametrize("group", ["", "group 123", "a" * 129])
def test_standard_queue_checks_message_group_ids(sqs: Any, group: str) -> None:
    url = create(sqs, "q")

    response = refusal(sqs.send_message, QueueUrl=url, MessageBody="x", MessageGroupId=group)

    assert_error(
        sqs,
        response,
        "InvalidParameterValue",
        "InvalidParameterValueException",
        f"Value {group} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only "
        "include alphanumeric and punctuation characters. 1 to 128 in length.",
    )


def test_message_attribute_needs_a_value(sqs: Any) -> None:
    url = create(sqs, "q")
    attributes = {"ErrorDetails": {"DataType": "String", "StringValue": ""}}

    response = refusal(
        sqs.send_message, QueueUrl=url, MessageBody="x", MessageAttributes=attributes
    )

    assert_error(
        sqs,
        response,
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
    )


def test_message_that_is_too_large(sqs: Any) -> None:
    url = create(sqs, "q")

    response = refusal(sqs.send_message, QueueUrl=url, MessageBody="a" * 1_048_577)

    assert_error(
        sqs,
        response,
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
    )


def test_receive_takes_one_to_ten_messages(sqs: Any) -> None:
    url = create(sqs, "q")

    response = refusal(sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)

    assert_error(
        sqs,
        response,
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, "
        "if provided.",
    )


def test_empty_redrive_policy_removes_it(sqs: Any) -> None:
    dead = create(sqs, "dead")
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    policy = json.dumps({"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": "42"})
    url = create(sqs, "q", RedrivePolicy=policy)

    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})

    response = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
    assert "Attributes" not in response


def policy_of(sqs: Any, url: str) -> Any:
    response = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    if "Attributes" not in response:
        return None
    return json.loads(response["Attributes"]["Policy"])


def test_permission_life_cycle(sqs: Any) -> None:
    url = create(sqs, "q")
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
    owner, other = f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::668614515564:root"

    def add(label: str, *accounts: str) -> None:
        sqs.add_permission(
            QueueUrl=url, Label=label, AWSAccountIds=list(accounts), Actions=["ReceiveMessage"]
        )

    def statement(label: str, principal: Any) -> dict[str, Any]:
        return {
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": "SQS:ReceiveMessage",
            "Resource": arn,
        }

    add("both", "668614515564", ACCOUNT)
    assert policy_of(sqs, url) == {
        "Version": "2008-10-17",
        "Id": f"{arn}/SQSDefaultPolicy",
        "Statement": [statement("both", [other, owner])],
    }
    sqs.remove_permission(QueueUrl=url, Label="both")
    assert policy_of(sqs, url) is None
    add("one", ACCOUNT)
    add("two", ACCOUNT)
    assert policy_of(sqs, url)["Statement"] == [statement("one", owner), statement("two", owner)]
    sqs.remove_permission(QueueUrl=url, Label="one")
    assert policy_of(sqs, url)["Statement"] == [statement("two", owner)]

    code, shape = "InvalidParameterValue", "InvalidParameterValueException"
    response = refusal(
        sqs.add_permission,
        QueueUrl=url,
        Label="two",
        AWSAccountIds=["668614515564"],
        Actions=["ReceiveMessage"],
    )
    text = "Value two for parameter Label is invalid. Reason: Already exists."
    assert_error(sqs, response, code, shape, text)
    response = refusal(sqs.remove_permission, QueueUrl=url, Label="gone")
    text = "Value gone for parameter Label is invalid. Reason: can't find label."
    assert_error(sqs, response, code, shape, text)


def test_second_purge_within_a_minute_fails(sqs: Any, aws: InProcess) -> None:
    url = create(sqs, "q")
    sqs.purge_queue(QueueUrl=url)
    aws.advance(59.9)

    response = refusal(sqs.purge_queue, QueueUrl=url)

    assert_error(
        sqs,
        response,
        "AWS.SimpleQueueService.PurgeQueueInProgress",
        "PurgeQueueInProgress",
        "Only one PurgeQueue operation on q is allowed every 60 seconds.",
        status=403,
    )
    aws.advance(0.1)
    sqs.purge_queue(QueueUrl=url)


def test_tags(sqs: Any) -> None:
    url = create(sqs, "q")
    tags = {"tag1": "value1", "tag2": "value2", "tag3": ""}
    sqs.tag_queue(QueueUrl=url, Tags=tags)
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == tags
    sqs.untag_queue(QueueUrl=url, TagKeys=["tag1", "tag3"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"tag2": "value2"}
    sqs.untag_queue(QueueUrl=url, TagKeys=["tag2"])
    assert "Tags" not in sqs.list_queue_tags(QueueUrl=url)


# --- message move tasks ---------------------------------------------------------------------------


def dead_letter_pair(sqs: Any, count: int) -> tuple[str, str, str, str]:
    """A queue and its dead-letter queue with `count` messages: URL and ARN of each."""
    dead = create(sqs, "dead")
    dead_arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:dead"
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    url = create(sqs, "q", RedrivePolicy=policy, VisibilityTimeout="0")
    for number in range(count):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    for _ in range(2 * count):
        sqs.receive_message(QueueUrl=url)
    assert bodies(sqs, url) == []
    return url, f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q", dead, dead_arn


def test_move_task_moves_back_to_the_source(sqs: Any) -> None:
    url, _, _, dead_arn = dead_letter_pair(sqs, 2)

    assert sqs.start_message_move_task(SourceArn=dead_arn)["TaskHandle"]

    (result,) = sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"]
    assert result == {
        "ApproximateNumberOfMessagesMoved": 2,
        "ApproximateNumberOfMessagesToMove": 2,
        "SourceArn": dead_arn,
        "StartedTimestamp": 1_767_225_600_000,
        "Status": "COMPLETED",
    }
    assert sorted(bodies(sqs, url, MaxNumberOfMessages=10)) == ["0", "1"]


def test_move_task_fails_when_its_destination_disappears(sqs: Any, aws: InProcess) -> None:
    _, _, _, dead_arn = dead_letter_pair(sqs, 10)
    destination = create(sqs, "other")
    other_arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:other"
    sqs.start_message_move_task(
        SourceArn=dead_arn, DestinationArn=other_arn, MaxNumberOfMessagesPerSecond=1
    )
    aws.advance(2.5)
    sqs.delete_queue(QueueUrl=destination)
    aws.advance(10)

    (result,) = sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"]

    assert result == {
        "ApproximateNumberOfMessagesMoved": 3,
        "ApproximateNumberOfMessagesToMove": 10,
        "DestinationArn": other_arn,
        "FailureReason": "AWS.SimpleQueueService.NonExistentQueue",
        "MaxNumberOfMessagesPerSecond": 1,
        "SourceArn": dead_arn,
        "StartedTimestamp": 1_767_225_600_000,
        "Status": "FAILED",
    }


def test_move_task_errors(sqs: Any) -> None:
    _, _, _, dead_arn = dead_letter_pair(sqs, 2)
    nowhere = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:nowhere"
    missing = "The resource that you specified for the {} parameter doesn't exist."
    not_found = "ResourceNotFoundException"
    invalid = ("InvalidParameterValue", "InvalidParameterValueException")

    response = refusal(sqs.start_message_move_task, SourceArn=dead_arn, DestinationArn=nowhere)
    assert_error(sqs, response, not_found, not_found, missing.format("DestinationArn"), 404)

    create(sqs, "plain")
    response = refusal(
        sqs.start_message_move_task, SourceArn=f"arn:aws:sqs:eu-west-1:{ACCOUNT}:plain"
    )
    assert_error(sqs, response, *invalid, "Source queue must be configured as a Dead Letter Queue.")
    handle = sqs.start_message_move_task(SourceArn=dead_arn, MaxNumberOfMessagesPerSecond=1)
    response = refusal(sqs.start_message_move_task, SourceArn=dead_arn)
    assert_error(
        sqs,
        response,
        *invalid,
        "There is already a task running. Only one active task is allowed for a source queue arn "
        "at a given time.",
    )
    sqs.delete_queue(QueueUrl=f"http://aws.test/{ACCOUNT}/dead")
    response = refusal(sqs.cancel_message_move_task, TaskHandle=handle["TaskHandle"])
    assert_error(sqs, response, not_found, not_found, missing.format("SourceArn"), 404)
