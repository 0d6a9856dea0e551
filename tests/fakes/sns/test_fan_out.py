from __future__ import annotations

import json
from typing import Any

from tests.fakes.sns.support_sns import (
    ACCOUNT,
    REGION,
    envelopes,
    make_queue,
    number,
    queue_arn,
    receive,
    subscribe,
)
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.faults import Fault, FaultKind

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
STREAM = f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/s"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


def test_every_queue_has_its_message_when_publish_returns(
    aws: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    for position in range(20):
        make_queue(sqs, f"queue-{position}")
        subscribe(sns, topic, f"queue-{position}")

    sns.publish(TopicArn=topic, Message="hello")

    for position in range(20):
        (message,) = aws.cloud.sqs.peek(queue_arn(f"queue-{position}")).ready
        assert json.loads(message.body)["Message"] == "hello"


def test_each_subscription_has_its_own_unsubscribe_url_and_the_same_signature(
    sns: Any, sqs: Any, topic: str
) -> None:
    arns, received = [], []
    for name in ("a", "b"):
        url = make_queue(sqs, name)
        arns.append(subscribe(sns, topic, name))
        received.append(url)

    sns.publish(TopicArn=topic, Message="hello")

    first, second = (envelopes(sqs, url)[0] for url in received)
    assert [
        item.pop("UnsubscribeURL").partition("SubscriptionArn=")[2] for item in (first, second)
    ] == arns
    assert first == second


def test_raw_delivery_is_not_without_attributes(sns: Any, sqs: Any, topic: str) -> None:
    """A fake that drops them on the raw path breaks every consumer that routes by them."""
    url = make_queue(sqs)
    subscribe(sns, topic, RawMessageDelivery="true")
    attributes = {f"a{position}": number(str(position)) for position in range(10)}

    sns.publish(TopicArn=topic, Message="hello", MessageAttributes=attributes)

    (message,) = receive(sqs, url)
    assert message["MessageAttributes"] == attributes
    assert "MD5OfMessageAttributes" in message


def test_raw_delivery_of_more_than_ten_attributes_fails(
    aws: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    """Developer guide, raw message delivery: SQS takes ten, the message is discarded."""
    url = make_queue(sqs)
    arn = subscribe(sns, topic, RawMessageDelivery="true")
    attributes = {f"a{position}": number("1") for position in range(11)}

    sns.publish(TopicArn=topic, Message="hello", MessageAttributes=attributes)

    assert receive(sqs, url) == []
    *_, last = aws.events
    assert (last.kind, last.subject) == ("discarded", arn)


def test_a_function_that_fails_leads_to_the_dead_letter_queue(
    aws: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    """Recorded answer of AWS: the queue gets the envelope that a queue would have got."""
    dead = make_queue(sqs, "dead")
    arn = sns.subscribe(
        TopicArn=topic,
        Protocol="lambda",
        Endpoint=FUNCTION,
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": queue_arn("dead")})},
    )["SubscriptionArn"]
    aws.faults.add(Fault("sns.deliver.lambda", FaultKind.ERROR, status=404))

    sns.publish(TopicArn=topic, Message="test", MessageAttributes={"attr1": number("1")})

    assert aws.cloud.sns.inbox("lambda") == []
    (envelope,) = envelopes(sqs, dead)
    assert envelope["Message"] == "test"
    assert envelope["MessageAttributes"] == {"attr1": {"Type": "Number", "Value": "1"}}
    assert envelope["UnsubscribeURL"].endswith(arn)
    assert "SigningCertURL" in envelope


def test_a_missing_dead_letter_queue_loses_the_message(
    aws: InProcess, sns: Any, topic: str
) -> None:
    redrive = json.dumps({"deadLetterTargetArn": queue_arn("dead")})
    arn = subscribe(sns, topic, "gone", RedrivePolicy=redrive)

    sns.publish(TopicArn=topic, Message="hello")

    kinds = [event.kind for event in aws.events if event.subject == arn]
    assert kinds == ["subscribed", "routed", "dead-lettered", "discarded"]


def test_a_queue_fault_leads_to_the_dead_letter_queue(
    aws: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    url, dead = make_queue(sqs), make_queue(sqs, "dead")
    subscribe(sns, topic, RedrivePolicy=json.dumps({"deadLetterTargetArn": queue_arn("dead")}))
    aws.faults.add(Fault("sns.deliver.sqs", FaultKind.ERROR, status=403))

    sns.publish(TopicArn=topic, Message="first")
    sns.publish(TopicArn=topic, Message="second")

    assert [item["Message"] for item in envelopes(sqs, dead)] == ["first"]
    assert [item["Message"] for item in envelopes(sqs, url)] == ["second"]


def test_other_protocols_end_in_the_inbox(aws: InProcess, sns: Any, topic: str) -> None:
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15551234567")
    sns.subscribe(
        TopicArn=topic,
        Protocol="firehose",
        Endpoint=STREAM,
        Attributes={"SubscriptionRoleArn": ROLE, "RawMessageDelivery": "true"},
    )
    for protocol in ("email", "email-json"):
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint="a@example.com")
        (request,) = aws.cloud.sns.inbox(protocol)
        sns.confirm_subscription(TopicArn=topic, Token=json.loads(request.body)["Token"])
    aws.cloud.sns.clear_inbox()
    message = json.dumps({"default": "text", "email": "mail", "sms": "short", "firehose": "row"})

    sns.publish(TopicArn=topic, Message=message, MessageStructure="json", Subject="Subject")

    inbox = {item.protocol: item for item in aws.cloud.sns.inbox()}
    assert inbox["sms"].body == "short"
    assert inbox["firehose"].body == "row"
    assert (inbox["email"].subject, inbox["email"].body) == ("Subject", "mail")
    assert json.loads(inbox["email-json"].body)["Message"] == "text"


def test_an_envelope_is_written_as_sns_writes_it(sns: Any, sqs: Any, topic: str) -> None:
    """Developer guide, message formats: two blanks, blanks around the colon, attributes a line each."""
    url = make_queue(sqs)
    arn = subscribe(sns, topic)
    published = sns.publish(
        TopicArn=topic, Message='"ä"', Subject="S", MessageAttributes={"a": number("1")}
    )

    (message,) = receive(sqs, url)
    envelope = json.loads(message["Body"])
    assert message["Body"] == (
        "{\n"
        '  "Type" : "Notification",\n'
        f'  "MessageId" : "{published["MessageId"]}",\n'
        f'  "TopicArn" : "{topic}",\n'
        '  "Subject" : "S",\n'
        '  "Message" : "\\"ä\\"",\n'
        '  "Timestamp" : "2026-01-01T00:00:00.000Z",\n'
        '  "SignatureVersion" : "1",\n'
        f'  "Signature" : "{envelope["Signature"]}",\n'
        f'  "SigningCertURL" : "{envelope["SigningCertURL"]}",\n'
        '  "UnsubscribeURL" : '
        f'"http://aws.test/?Action=Unsubscribe&SubscriptionArn={arn}",\n'
        '  "MessageAttributes" : {\n'
        '    "a" : {"Type":"Number","Value":"1"}\n'
        "  }\n"
        "}"
    )
