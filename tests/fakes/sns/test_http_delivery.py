"""Deliveries to HTTP endpoints, without a network: the core's posts, and what answers lead to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import envelopes, make_queue, queue_arn, refusal
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.aws.http import HttpRequest
from tomodachi_fakes.sns.effects import ToHttp
from tomodachi_fakes.sns.http_delivery import HttpOutcome

ENDPOINT = "http://localhost:8080/hook"
OK = HttpOutcome(status=200)
UNAVAILABLE = HttpOutcome(status=503)


def post(aws: InProcess) -> ToHttp:
    (only,) = aws.cloud.take_http()
    return only


def answer(aws: InProcess, request: ToHttp, outcome: HttpOutcome) -> None:
    aws.cloud.http_answered(request.delivery_id, outcome, now=aws.now)


def visit(aws: InProcess, url: str) -> int:
    """What a browser does with a link in a message: an unsigned GET."""
    path, _, query = url.removeprefix("http://aws.test").partition("?")
    request = HttpRequest("GET", path, query, {"host": "aws.test"}, b"")
    return aws.handle(request).status


def confirmed(aws: InProcess, sns: Any, topic: str, **attributes: str) -> str:
    arn = sns.subscribe(
        TopicArn=topic,
        Protocol="http",
        Endpoint=ENDPOINT,
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    request = post(aws)
    answer(aws, request, OK)
    assert visit(aws, json.loads(request.body)["SubscribeURL"]) == 200
    return arn


def message_of(request: ToHttp) -> str:
    message: str = json.loads(request.body)["Message"]
    return message


def events(aws: InProcess, arn: str) -> list[str]:
    return [event.kind for event in aws.events if event.subject == arn]


def test_the_confirmation_message(aws: InProcess, sns: Any, topic: str) -> None:
    """Recorded request of AWS: its headers, and text/plain whatever the delivery policy says."""
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=ENDPOINT)

    request = post(aws)

    body = json.loads(request.body)
    assert request.url == ENDPOINT
    assert request.headers == {
        "x-amz-sns-message-type": "SubscriptionConfirmation",
        "x-amz-sns-message-id": body["MessageId"],
        "x-amz-sns-topic-arn": topic,
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
        "Accept-Encoding": "gzip,deflate",
    }
    assert sorted(body) == [
        "Message",
        "MessageId",
        "Signature",
        "SignatureVersion",
        "SigningCertURL",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ]
    assert body["Message"] == (
        f"You have chosen to subscribe to the topic {topic}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message."
    )
    assert body["SubscribeURL"] == (
        f"http://aws.test/?Action=ConfirmSubscription&TopicArn={topic}&Token={body['Token']}"
    )


def test_nothing_is_delivered_before_the_confirmation(aws: InProcess, sns: Any, topic: str) -> None:
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=ENDPOINT)
    confirmation = post(aws)

    sns.publish(TopicArn=topic, Message="too early")
    assert aws.cloud.take_http() == []
    assert visit(aws, json.loads(confirmation.body)["SubscribeURL"]) == 200

    sns.publish(TopicArn=topic, Message="in time")
    assert json.loads(post(aws).body)["Message"] == "in time"


def test_a_confirmation_by_link_is_not_authenticated(aws: InProcess, sns: Any, topic: str) -> None:
    arn = confirmed(aws, sns, topic)

    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]

    assert attributes["PendingConfirmation"] == "false"
    assert attributes["ConfirmationWasAuthenticated"] == "false"


def test_a_subscription_is_to_be_confirmed_within_two_days(
    aws: InProcess, sns: Any, topic: str
) -> None:
    """API reference, Subscribe; developer guide, deleting a subscription: gone after 48 hours."""
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=ENDPOINT)
    request = post(aws)
    answer(aws, request, OK)

    aws.advance(2 * 86_400 - 1)
    assert len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 1
    aws.advance(1)

    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    assert visit(aws, json.loads(request.body)["SubscribeURL"]) == 400
    assert [event.kind for event in aws.events][-1] == "unconfirmed"


def test_a_notification(aws: InProcess, sns: Any, topic: str) -> None:
    """Recorded request of AWS: headers and content type by the delivery policy."""
    policy = json.dumps({"requestPolicy": {"headerContentType": "application/json"}})
    arn = confirmed(aws, sns, topic, DeliveryPolicy=policy)

    published = sns.publish(TopicArn=topic, Message="test_external_http_endpoint")

    request = post(aws)
    assert request.headers == {
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": published["MessageId"],
        "x-amz-sns-topic-arn": topic,
        "x-amz-sns-subscription-arn": arn,
        "Content-Type": "application/json",
        "User-Agent": "Amazon Simple Notification Service Agent",
        "Accept-Encoding": "gzip,deflate",
    }
    assert json.loads(request.body)["Message"] == "test_external_http_endpoint"


def test_a_raw_notification(aws: InProcess, sns: Any, topic: str) -> None:
    policy = json.dumps({"requestPolicy": {"headerContentType": "text/csv"}})
    confirmed(aws, sns, topic, DeliveryPolicy=policy, RawMessageDelivery="true")

    sns.publish(TopicArn=topic, Message="a,b,c")

    request = post(aws)
    assert request.body == b"a,b,c"
    assert request.headers["x-amz-sns-rawdelivery"] == "true"
    assert request.headers["Content-Type"] == "text/csv"


def test_three_retries_twenty_seconds_apart_by_default(
    aws: InProcess, sns: Any, topic: str
) -> None:
    """Developer guide, message delivery retries: the default policy of HTTP endpoints."""
    arn = confirmed(aws, sns, topic)
    sns.publish(TopicArn=topic, Message="hello")

    for attempt in (1, 2, 3):
        request = post(aws)
        assert request.attempt == attempt
        answer(aws, request, UNAVAILABLE)
        aws.advance(19.9)
        assert aws.cloud.take_http() == []
        aws.advance(0.1)
    last = post(aws)
    assert last.attempt == 4
    answer(aws, last, UNAVAILABLE)

    assert aws.cloud.next_deadline() is None
    assert aws.cloud.sns.pending_deliveries() == 0
    assert events(aws, arn)[-5:] == ["failed", "failed", "failed", "failed", "discarded"]


def test_a_retry_that_succeeds_ends_the_delivery(aws: InProcess, sns: Any, topic: str) -> None:
    arn = confirmed(aws, sns, topic)
    sns.publish(TopicArn=topic, Message="hello")

    answer(aws, post(aws), HttpOutcome(error="connection refused"))
    aws.advance(20)
    answer(aws, post(aws), HttpOutcome(status=204))

    assert aws.cloud.next_deadline() is None
    assert events(aws, arn)[-3:] == ["routed", "failed", "sent"]


@pytest.mark.parametrize(
    ("outcome", "retried"),
    [
        (HttpOutcome(status=500), True),
        (HttpOutcome(status=429), True),
        (HttpOutcome(error="refused"), True),
        (HttpOutcome(status=400), False),
        (HttpOutcome(status=301), False),
        (HttpOutcome(error="forbidden address", retry=False), False),
    ],
)
def test_which_failures_are_tried_again(
    aws: InProcess, sns: Any, topic: str, outcome: HttpOutcome, retried: bool
) -> None:
    """Developer guide, message delivery retries: server-side errors are, client-side ones are not."""
    confirmed(aws, sns, topic)
    sns.publish(TopicArn=topic, Message="hello")

    answer(aws, post(aws), outcome)

    assert (aws.cloud.next_deadline() is not None) is retried


def test_retries_without_delay_come_at_once(aws: InProcess, sns: Any, topic: str) -> None:
    retries = {
        "numRetries": 2,
        "numNoDelayRetries": 2,
        "minDelayTarget": 1,
        "maxDelayTarget": 1,
    }
    confirmed(aws, sns, topic, DeliveryPolicy=json.dumps({"healthyRetryPolicy": retries}))
    sns.publish(TopicArn=topic, Message="hello")

    for attempt in (1, 2, 3):
        request = post(aws)
        assert request.attempt == attempt
        answer(aws, request, UNAVAILABLE)

    assert aws.cloud.take_http() == []


def test_an_undeliverable_message_goes_to_the_dead_letter_queue(
    aws: InProcess, sns: Any, sqs: Any, topic: str
) -> None:
    dead = make_queue(sqs, "dead")
    redrive = json.dumps({"deadLetterTargetArn": queue_arn("dead")})
    confirmed(aws, sns, topic, RedrivePolicy=redrive)
    sns.publish(TopicArn=topic, Message="hello")

    answer(aws, post(aws), HttpOutcome(status=404))

    (envelope,) = envelopes(sqs, dead)
    assert envelope["Message"] == "hello"
    assert "Signature" in envelope


def test_unsubscribing_sends_a_message_that_can_restore_the_subscription(
    aws: InProcess, sns: Any, topic: str
) -> None:
    """Developer guide, HTTP/HTTPS unsubscribe confirmation JSON format; its example has the headers."""
    arn = confirmed(aws, sns, topic)

    sns.unsubscribe(SubscriptionArn=arn)

    request = post(aws)
    body = json.loads(request.body)
    assert body["Type"] == "UnsubscribeConfirmation"
    assert request.headers["x-amz-sns-message-type"] == "UnsubscribeConfirmation"
    assert request.headers["x-amz-sns-subscription-arn"] == arn
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    assert visit(aws, body["SubscribeURL"]) == 200
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == arn
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsDeleted"] == "0"


def test_the_unsubscribe_link_works_unless_authentication_was_asked_for(
    aws: InProcess, sns: Any, topic: str
) -> None:
    """SNS API reference, ConfirmSubscription: then the owners alone, with signatures."""
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=ENDPOINT)
    token = json.loads(post(aws).body)["Token"]
    sns.confirm_subscription(TopicArn=topic, Token=token, AuthenticateOnUnsubscribe="true")
    sns.publish(TopicArn=topic, Message="hello")
    link = json.loads(post(aws).body)["UnsubscribeURL"]

    assert visit(aws, link) == 403

    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    theirs = aws.client("sns", account="333333333333")
    refused = refusal(theirs.unsubscribe, SubscriptionArn=listed["SubscriptionArn"])
    assert refused[0] == "AuthorizationError"
    sns.unsubscribe(SubscriptionArn=listed["SubscriptionArn"])
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_the_unsubscribe_link_of_another_region_works(aws: InProcess) -> None:
    """A visited link carries no signature, and so no region of its own."""
    sns = aws.client("sns", region="ap-southeast-2")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    confirmed(aws, sns, topic)
    sns.publish(TopicArn=topic, Message="hello")

    assert visit(aws, json.loads(post(aws).body)["UnsubscribeURL"]) == 200

    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


@pytest.mark.parametrize("subscribed", [True, False])
def test_deleting_the_topic_ends_its_deliveries(
    aws: InProcess, sns: Any, topic: str, subscribed: bool
) -> None:
    """Also those for a subscription that was ended before; the machine of SNS found these going on."""
    arn = confirmed(aws, sns, topic)
    sns.publish(TopicArn=topic, Message="hello")
    request = post(aws)
    if not subscribed:
        sns.unsubscribe(SubscriptionArn=arn)
        answer(aws, post(aws), OK)

    sns.delete_topic(TopicArn=topic)
    answer(aws, request, UNAVAILABLE)

    assert aws.cloud.next_deadline() is None


def test_a_snapshot_keeps_deliveries_that_wait(aws: InProcess, sns: Any, topic: str) -> None:
    confirmed(aws, sns, topic)
    sns.publish(TopicArn=topic, Message="hello")
    first = post(aws)
    snapshot = aws.cloud.snapshot()
    answer(aws, first, OK)
    assert aws.cloud.sns.pending_deliveries() == 0

    aws.cloud.restore(snapshot)
    aws.advance(0)

    assert post(aws).body == first.body


THROTTLED = json.dumps({"throttlePolicy": {"maxReceivesPerSecond": 2}})


def test_a_throttle_policy_spreads_the_posts(aws: InProcess, sns: Any, topic: str) -> None:
    """Developer guide, delivery policies: at most `maxReceivesPerSecond` a second and subscription."""
    confirmed(aws, sns, topic, DeliveryPolicy=THROTTLED)
    start = aws.now

    for number in range(5):
        sns.publish(TopicArn=topic, Message=str(number))
    posted = [(aws.now - start, message_of(request)) for request in aws.cloud.take_http()]
    while (deadline := aws.cloud.next_deadline()) is not None:
        aws.advance(deadline - aws.now)
        posted += [(aws.now - start, message_of(request)) for request in aws.cloud.take_http()]

    assert posted == [(0.0, "0"), (0.5, "1"), (1.0, "2"), (1.5, "3"), (2.0, "4")]


def test_a_retry_counts_for_the_throttle_policy(aws: InProcess, sns: Any, topic: str) -> None:
    policy = {
        "healthyRetryPolicy": {
            "numRetries": 1,
            "numNoDelayRetries": 1,
            "minDelayTarget": 1,
            "maxDelayTarget": 1,
        },
        "throttlePolicy": {"maxReceivesPerSecond": 2},
    }
    confirmed(aws, sns, topic, DeliveryPolicy=json.dumps(policy))
    sns.publish(TopicArn=topic, Message="first")

    answer(aws, post(aws), UNAVAILABLE)
    assert aws.cloud.take_http() == []
    aws.advance(0.5)
    assert post(aws).attempt == 2


def test_a_topics_throttle_policy_is_for_each_of_its_subscriptions(
    aws: InProcess, sns: Any, topic: str
) -> None:
    policy = json.dumps({"http": {"defaultThrottlePolicy": {"maxReceivesPerSecond": 1}}})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DeliveryPolicy", AttributeValue=policy)
    for path in ("one", "two"):
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"{ENDPOINT}/{path}")
        token = json.loads(post(aws).body)["Token"]
        sns.confirm_subscription(TopicArn=topic, Token=token)

    for message in ("first", "second"):
        sns.publish(TopicArn=topic, Message=message)

    assert [message_of(request) for request in aws.cloud.take_http()] == ["first", "first"]
    aws.advance(1)
    assert [message_of(request) for request in aws.cloud.take_http()] == ["second", "second"]
