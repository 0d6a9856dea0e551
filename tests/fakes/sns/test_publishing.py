from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import (
    ACCOUNT,
    REGION,
    envelopes,
    invalid,
    make_queue,
    number,
    queue_arn,
    receive,
    refusal,
    string,
    subscribe,
)
from tests.fakes.support_boto import InProcess

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"


def bodies(sqs: Any, url: str) -> list[str]:
    return [message["Body"] for message in receive(sqs, url)]


def fifo(sns: Any, sqs: Any, *queues: str, **attributes: str) -> tuple[str, list[str]]:
    topic = sns.create_topic(Name="t.fifo", Attributes={"FifoTopic": "true", **attributes})
    urls = [make_queue(sqs, queue) for queue in queues]
    for queue in queues:
        subscribe(sns, topic["TopicArn"], queue, RawMessageDelivery="true")
    return topic["TopicArn"], urls


# --- what may be published -----------------------------------------------------------------------


def test_a_target_is_needed(sns: Any) -> None:
    assert refusal(sns.publish, Message="x") == invalid(
        "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"
    )


@pytest.mark.parametrize(
    "targets",
    [
        {"TopicArn": TOPIC, "TargetArn": TOPIC},
        {"TopicArn": TOPIC, "PhoneNumber": "+15551234567"},
        {"TargetArn": TOPIC, "PhoneNumber": "+15551234567"},
    ],
)
def test_one_target_is_enough(sns: Any, targets: dict[str, str]) -> None:
    """API reference, Publish: "Either TopicArn or EndpointArn, but not both"; the text is ours."""
    answer = refusal(sns.publish, Message="x", **targets)

    assert answer == invalid(
        f"Invalid parameter: {' or '.join(targets)} Reason: only one of them can be specified"
    )


def test_a_topic_may_be_given_as_target_arn(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)

    sns.publish(TargetArn=topic, Message="hello")

    assert [item["Message"] for item in envelopes(sqs, url)] == ["hello"]


@pytest.mark.parametrize("subject", ["x" * 101, "two\nlines", "tab\there"])
def test_subjects_are_one_line_of_at_most_100_characters(
    sns: Any, topic: str, subject: str
) -> None:
    answer = refusal(sns.publish, TopicArn=topic, Message="x", Subject=subject)

    assert answer == invalid("Invalid parameter: Subject")


def test_an_empty_message_is_refused(sns: Any, topic: str) -> None:
    assert refusal(sns.publish, TopicArn=topic, Message="") == invalid(
        "Invalid parameter: Empty message"
    )


def test_half_a_surrogate_pair_in_a_structure_becomes_a_question_mark(
    sns: Any, sqs: Any, topic: str
) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)

    sns.publish(TopicArn=topic, Message='{"default": "a\\ud800b"}', MessageStructure="json")

    assert [item["Message"] for item in envelopes(sqs, url)] == ["a?b"]


def test_a_structure_that_is_nested_too_deeply_fails_to_parse(sns: Any, topic: str) -> None:
    deep = '{"default":' + "[" * 50_000

    answer = refusal(sns.publish, TopicArn=topic, Message=deep, MessageStructure="json")

    assert answer[1] == ("Invalid parameter: Message Structure - JSON message body failed to parse")


def test_the_structure_of_a_plain_message_is_string(sns: Any, sqs: Any, topic: str) -> None:
    """Developer guide, Amazon SNS message attributes: "String, not JSON"; many programs say so."""
    url = make_queue(sqs)
    subscribe(sns, topic)

    sns.publish(TopicArn=topic, Message='{"default": "x"}', MessageStructure="string")

    assert [item["Message"] for item in envelopes(sqs, url)] == ['{"default": "x"}']


def test_the_only_message_structure_is_json(sns: Any, topic: str) -> None:
    answer = refusal(sns.publish, TopicArn=topic, Message="x", MessageStructure="xml")

    assert answer == invalid("Invalid parameter: MessageStructure")


@pytest.mark.parametrize(
    ("name", "attribute", "message"),
    [
        (
            "a",
            {"DataType": ""},
            "The message attribute 'a' must contain non-empty message attribute type.",
        ),
        (
            "a",
            {"DataType": "Strings", "StringValue": "x"},
            "The message attribute 'a' has an invalid message attribute type, the set of supported "
            "type prefixes is Binary, Number, and String.",
        ),
        (
            "a",
            {"DataType": "String", "StringValue": ""},
            "The message attribute 'a' must contain non-empty message attribute value for message "
            "attribute type 'String'.",
        ),
        (
            "a",
            {"DataType": "Binary", "BinaryValue": b""},
            "The message attribute 'a' must contain non-empty message attribute value for message "
            "attribute type 'Binary'.",
        ),
        (
            "a",
            {"DataType": "Number"},
            "The message attribute 'a' must contain non-empty message attribute value for message "
            "attribute type 'Number'.",
        ),
        (
            "a",
            {"DataType": "Binary", "StringValue": "x"},
            "The message attribute 'a' with type 'Binary' must use field 'Binary'.",
        ),
        (
            "a",
            {"DataType": "Number.int", "BinaryValue": b"1"},
            "The message attribute 'a' with type 'Number.int' must use field 'String'.",
        ),
        ("a", number("12x"), "Could not cast message attribute 'a' value to number."),
        (
            "a b",
            string("x"),
            "Invalid non-alphanumeric character '#x20' was found in the message attribute name. "
            "Can only include alphanumeric characters, hyphens, underscores, or dots.",
        ),
        (
            ".a",
            string("x"),
            "Invalid message attribute name starting with character '.' was found.",
        ),
        ("a.", string("x"), "Invalid message attribute name ending with character '.' was found."),
        ("a..b", string("x"), "Message attribute name can not have successive '.' character."),
        ("a" * 257, string("x"), "Length of message attribute name must be less than 256 bytes."),
        (
            "AWS.a",
            string("x"),
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'.",
        ),
    ],
)
def test_message_attributes_are_checked(
    sns: Any, topic: str, name: str, attribute: dict[str, Any], message: str
) -> None:
    """Developer guide, message attributes.

    AWS's words as those have them who compared with it:
    https://github.com/localstack/localstack/pull/6938, https://github.com/localstack/localstack/pull/11857
    """
    answer = refusal(sns.publish, TopicArn=topic, Message="x", MessageAttributes={name: attribute})

    assert answer == ("ParameterValueInvalid", message, 400)


@pytest.mark.parametrize(
    "name", ["AWS.SNS.SMS.SMSType", "AWS.MM.SMS.OriginationNumber", "AWS.SNS.MOBILE.APNS.TTL"]
)
def test_reserved_attributes_say_how_to_send_texts_and_pushes(
    sns: Any, sqs: Any, topic: str, name: str
) -> None:
    """Developer guide, Publishing SMS messages to a mobile phone; Using the TTL message attribute."""
    url = make_queue(sqs)
    subscribe(sns, topic)

    sns.publish(TopicArn=topic, Message="x", MessageAttributes={name: string("1")})

    assert [item["Message"] for item in envelopes(sqs, url)] == ["x"]


def test_raw_messages_go_without_the_reserved_attributes(sns: Any, sqs: Any, topic: str) -> None:
    """SQS developer guide, message attributes: no name begins with "AWS."."""
    url = make_queue(sqs)
    subscribe(sns, topic, RawMessageDelivery="true")

    sns.publish(
        TopicArn=topic,
        Message="x",
        MessageAttributes={"a": string("b"), "AWS.SNS.SMS.SMSType": string("Transactional")},
    )

    (message,) = receive(sqs, url)
    assert message["MessageAttributes"] == {"a": string("b")}


def test_binary_and_custom_types_pass_to_the_queue(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic, RawMessageDelivery="true")
    attributes = {
        "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        "image": {"DataType": "Binary.png", "BinaryValue": b"png"},
        "float": {"DataType": "Number.float", "StringValue": "-1.5e3"},
        "list": {"DataType": "String.Array", "StringValue": '["a", 1]'},
    }

    sns.publish(TopicArn=topic, Message="x", MessageAttributes=attributes)

    (message,) = receive(sqs, url)
    assert message["MessageAttributes"] == attributes


def test_an_envelope_holds_binary_attributes_as_base64(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)

    sns.publish(
        TopicArn=topic,
        Message="x",
        MessageAttributes={"blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}},
    )

    (envelope,) = envelopes(sqs, url)
    assert envelope["MessageAttributes"] == {"blob": {"Type": "Binary", "Value": "AP8="}}


def test_a_topic_may_take_messages_of_a_mebibyte(sns: Any, sqs: Any) -> None:
    topic = sns.create_topic(Name="t", Attributes={"MaximumMessageSize": "1048576"})["TopicArn"]
    url = make_queue(sqs)
    subscribe(sns, topic, RawMessageDelivery="true")

    sns.publish(TopicArn=topic, Message="a" * 1_048_576)

    assert [len(body) for body in bodies(sqs, url)] == [1_048_576]
    assert refusal(sns.publish, TopicArn=topic, Message="a" * 1_048_577) == invalid(
        "Invalid parameter: Message too long"
    )


@pytest.mark.parametrize("parameter", ["MessageGroupId", "MessageDeduplicationId"])
@pytest.mark.parametrize("value", ["x" * 129, "with blank", "ünï"])
def test_group_and_deduplication_ids_are_checked(
    sns: Any, fifo_topic: str, parameter: str, value: str
) -> None:
    ids = {"MessageGroupId": "g", "MessageDeduplicationId": "d", parameter: value}

    answer = refusal(sns.publish, TopicArn=fifo_topic, Message="x", **ids)

    assert answer == invalid(
        f"Invalid parameter: {parameter} Reason: {parameter} can only include alphanumeric and "
        "punctuation characters. 1 to 128 in length."
    )


# --- batches -------------------------------------------------------------------------------------


def entries(*ids: str, **params: Any) -> list[dict[str, Any]]:
    return [{"Id": identifier, "Message": "x", **params} for identifier in ids]


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        ([], "EmptyBatchRequest"),
        (entries(*map(str, range(11))), "TooManyEntriesInBatchRequest"),
        (entries("a", "a"), "BatchEntryIdsNotDistinct"),
        (entries("a b"), "InvalidBatchEntryId"),
        (entries("a" * 81), "InvalidBatchEntryId"),
        (entries("a", "b", Message="x" * 131_073), "BatchRequestTooLong"),
    ],
)
def test_batches_are_checked_as_a_whole(
    sns: Any, topic: str, batch: list[dict[str, Any]], code: str
) -> None:
    assert refusal(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=batch)[0] == code


def test_entries_of_a_batch_fail_on_their_own(sns: Any, sqs: Any, topic: str) -> None:
    """SNS API reference, PublishBatch: the result of each message is reported individually."""
    url = make_queue(sqs)
    subscribe(sns, topic, RawMessageDelivery="true")
    batch = [
        {"Id": "good", "Message": "good"},
        {"Id": "dedup", "Message": "bad", "MessageDeduplicationId": "d"},
    ]

    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=batch)

    assert [entry["Id"] for entry in answer["Successful"]] == ["good"]
    (failed,) = answer["Failed"]
    assert failed == {
        "Id": "dedup",
        "Code": "InvalidParameter",
        "Message": "Invalid parameter: MessageDeduplicationId Reason: The request includes "
        "MessageDeduplicationId parameter that is not valid for this topic type",
        "SenderFault": True,
    }
    assert bodies(sqs, url) == ["good"]


@pytest.mark.parametrize(
    ("entry", "code", "message"),
    [
        (
            {"MessageAttributes": {"a": string("")}},
            "ParameterValueInvalid",
            "The message attribute 'a' must contain non-empty message attribute value for message "
            "attribute type 'String'.",
        ),
        (
            {"Message": "{}", "MessageStructure": "json"},
            "InvalidParameter",
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
        ({"Subject": ""}, "InvalidParameter", "Invalid parameter: Subject"),
        ({"Message": ""}, "InvalidParameter", "Invalid parameter: Empty message"),
    ],
)
def test_what_is_no_message_refuses_the_whole_batch(
    sns: Any, sqs: Any, topic: str, entry: dict[str, Any], code: str, message: str
) -> None:
    """Attributes and structures as AWS does it; the rest is taken to be alike.

    https://github.com/localstack/localstack/pull/8487, https://github.com/localstack/localstack/pull/11857
    """
    url = make_queue(sqs)
    subscribe(sns, topic, RawMessageDelivery="true")
    batch = [{"Id": "good", "Message": "good"}, {"Id": "bad", "Message": "bad"} | entry]

    answer = refusal(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=batch)

    assert answer == (code, message, 400)
    assert bodies(sqs, url) == []


def test_batch_deduplication_compares_with_messages_and_other_entries(sns: Any, sqs: Any) -> None:
    """A batch that repeats an id, inside itself or of an earlier Publish, delivers it once."""
    topic, (url,) = fifo(sns, sqs, "q.fifo")
    sns.publish(TopicArn=topic, Message="0", MessageGroupId="g", MessageDeduplicationId="zero")
    batch = [
        {"Id": "a", "Message": "again 0", "MessageGroupId": "g", "MessageDeduplicationId": "zero"},
        {"Id": "b", "Message": "1", "MessageGroupId": "g", "MessageDeduplicationId": "one"},
        {"Id": "c", "Message": "again 1", "MessageGroupId": "h", "MessageDeduplicationId": "one"},
    ]

    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=batch)

    first, second, third = answer["Successful"]
    assert second["MessageId"] == third["MessageId"] != first["MessageId"]
    assert second["SequenceNumber"] == third["SequenceNumber"]
    assert bodies(sqs, url) == ["0", "1"]


def test_a_fifo_batch_needs_a_group_in_every_entry(sns: Any, fifo_topic: str) -> None:
    batch = entries("a", "b", MessageGroupId="g", MessageDeduplicationId="d")
    del batch[1]["MessageGroupId"]

    answer = refusal(sns.publish_batch, TopicArn=fifo_topic, PublishBatchRequestEntries=batch)

    assert answer == invalid(
        "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
    )


# --- FIFO ----------------------------------------------------------------------------------------


def test_fifo_fan_out_reaches_every_queue_past_deduplication(sns: Any, sqs: Any) -> None:
    """A fake that deduplicates across queues delivers to the first subscription only."""
    topic, urls = fifo(sns, sqs, "a.fifo", "b.fifo", "c.fifo")

    for position in range(3):
        sns.publish(
            TopicArn=topic,
            Message=str(position),
            MessageGroupId="g",
            MessageDeduplicationId=str(position),
        )

    assert [bodies(sqs, url) for url in urls] == [["0", "1", "2"]] * 3


def test_an_id_is_remembered_for_five_minutes(aws: InProcess, sns: Any, sqs: Any) -> None:
    topic, (url,) = fifo(sns, sqs, "q.fifo")

    def publish(message: str) -> dict[str, Any]:
        return sns.publish(
            TopicArn=topic, Message=message, MessageGroupId="g", MessageDeduplicationId="d"
        )

    first = publish("first")
    aws.advance(299.9)
    assert publish("too early")["SequenceNumber"] == first["SequenceNumber"]
    aws.advance(0.1)
    assert publish("second")["SequenceNumber"] > first["SequenceNumber"]

    assert bodies(sqs, url) == ["first", "second"]


@pytest.mark.parametrize(("scope", "delivered"), [("Topic", ["g"]), ("MessageGroup", ["g", "h"])])
def test_deduplication_has_the_scope_of_the_topic(
    sns: Any, sqs: Any, scope: str, delivered: list[str]
) -> None:
    topic, _ = fifo(sns, sqs, FifoThroughputScope=scope)
    url = make_queue(sqs, "standard")
    subscribe(sns, topic, "standard", RawMessageDelivery="true")

    for group in ("g", "h", "g"):
        sns.publish(TopicArn=topic, Message=group, MessageGroupId=group, MessageDeduplicationId="d")

    assert sorted(bodies(sqs, url)) == delivered


def test_sequence_numbers_rise_and_have_twenty_digits(sns: Any, fifo_topic: str) -> None:
    numbers = [
        sns.publish(
            TopicArn=fifo_topic,
            Message="x",
            MessageGroupId="g",
            MessageDeduplicationId=str(position),
        )["SequenceNumber"]
        for position in range(5)
    ]

    assert numbers == sorted(set(numbers))
    assert {len(item) for item in numbers} == {20}


def test_attributes_do_not_count_for_content_based_deduplication(sns: Any, sqs: Any) -> None:
    topic, (url,) = fifo(sns, sqs, "q.fifo", ContentBasedDeduplication="true")

    for value in ("1", "2"):
        sns.publish(
            TopicArn=topic,
            Message="same",
            MessageGroupId="g",
            MessageAttributes={"a": number(value)},
        )

    assert bodies(sqs, url) == ["same"]


# --- other targets -------------------------------------------------------------------------------


def test_a_phone_number_gets_its_entry(aws: InProcess, sns: Any) -> None:
    message = json.dumps({"default": "long text", "sms": "short"})

    sns.publish(PhoneNumber="+15551234567", Message=message, MessageStructure="json")

    (captured,) = aws.cloud.sns.inbox("sms", "+15551234567")
    assert captured.body == "short"


def test_a_phone_number_is_checked(sns: Any) -> None:
    assert refusal(sns.publish, PhoneNumber="12", Message="x") == invalid(
        "Invalid parameter: PhoneNumber Reason: 12 is not valid to publish to"
    )


def test_events_tell_why_a_message_is_in_a_queue(
    aws: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    """Published, routed to one subscription, filtered from the other, sent to the queue."""
    make_queue(sqs)
    first = subscribe(sns, topic)
    second = subscribe(sns, topic, "other", FilterPolicy='{"a": ["x"]}')

    sns.publish(TopicArn=topic, Message="hello")

    *_, published, routed, filtered, sent = aws.events
    assert (published.kind, published.subject) == ("published", topic)
    assert (routed.kind, routed.subject, routed.cause) == ("routed", first, published.seq)
    assert (filtered.kind, filtered.subject, filtered.cause) == ("filtered", second, published.seq)
    assert (sent.service, sent.kind, sent.subject) == ("sqs", "sent", queue_arn("queue"))
    assert sent.cause == routed.seq


def test_a_topic_of_another_account_is_published_to_by_its_arn(
    aws: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)
    other = aws.client("sns", account="222222222222")

    other.publish(TopicArn=topic, Message="hello")

    assert [item["Message"] for item in envelopes(sqs, url)] == ["hello"]
    assert other.list_topics()["Topics"] == []
    assert topic == f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"
