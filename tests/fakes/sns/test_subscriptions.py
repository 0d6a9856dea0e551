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
    queue_arn,
    receive,
    refusal,
    subscribe,
)
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.sns.limits import Limits

OTHER = "222222222222"
NESTED = '{"a": {"b": ["c"]}}'


def attributes(sns: Any, arn: str) -> dict[str, str]:
    return sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]


def set_attribute(sns: Any, arn: str, name: str, value: str) -> None:
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)


@pytest.mark.parametrize(
    ("protocol", "endpoint", "message"),
    [
        ("http", "https://localhost/", "Endpoint must match the specified protocol"),
        ("https", "http://localhost/", "Endpoint must match the specified protocol"),
        ("http", "http:///path", "Endpoint"),
        ("http", "http://localhost:99999/", "Endpoint"),
        ("email", "no address", "Email address"),
        ("email-json", "a@b", "Email address"),
        ("lambda", queue_arn("q"), "Lambda endpoint ARN"),
        ("firehose", "stream", "Firehose endpoint ARN"),
        ("application", "device", "Application endpoint arn invalid Reason: device"),
    ],
)
def test_endpoints_fit_their_protocol(
    sns: Any, topic: str, protocol: str, endpoint: str, message: str
) -> None:
    answer = refusal(
        sns.subscribe,
        TopicArn=topic,
        Protocol=protocol,
        Endpoint=endpoint,
        Attributes={"SubscriptionRoleArn": "r"} if protocol == "firehose" else {},
    )

    assert answer == invalid(f"Invalid parameter: {message}")


def test_an_endpoint_is_needed(sns: Any, topic: str) -> None:
    assert refusal(sns.subscribe, TopicArn=topic, Protocol="sqs") == invalid(
        "Invalid parameter: Endpoint"
    )


def test_a_device_that_does_not_exist_can_not_be_subscribed(sns: Any, topic: str) -> None:
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:endpoint/GCM/app/none"

    answer = refusal(sns.subscribe, TopicArn=topic, Protocol="application", Endpoint=arn)

    assert answer == invalid(
        f"Invalid parameter: Endpoint Reason: Endpoint does not exist for endpoint arn {arn}"
    )


def test_a_delivery_stream_needs_a_role(sns: Any, topic: str) -> None:
    endpoint = f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/s"

    answer = refusal(sns.subscribe, TopicArn=topic, Protocol="firehose", Endpoint=endpoint)

    assert answer == invalid(
        "Invalid parameter: Attributes Reason: SubscriptionRoleArn: must be specified for this "
        "protocol"
    )


@pytest.mark.parametrize("protocol", ["sms", "lambda"])
def test_fifo_topics_have_queues_only(sns: Any, fifo_topic: str, protocol: str) -> None:
    """Source: https://github.com/hashicorp/terraform/issues/28632 quotes AWS."""
    answer = refusal(sns.subscribe, TopicArn=fifo_topic, Protocol=protocol, Endpoint="+15551234567")

    assert answer == invalid(f"Invalid parameter: Invalid protocol type: {protocol}")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Unknown", "x", "AttributeName"),
        (
            "RawMessageDelivery",
            "yes",
            "RawMessageDelivery: Invalid value [yes]. Must be true or false.",
        ),
        ("RedrivePolicy", "{", "RedrivePolicy: failed to parse JSON."),
        ("RedrivePolicy", "[]", "RedrivePolicy: failed to parse JSON."),
        ("RedrivePolicy", "", "RedrivePolicy: failed to parse JSON."),
        (
            "RedrivePolicy",
            json.dumps({"deadLetterTargetArn": queue_arn("q"), "maxReceiveCount": 5}),
            # https://github.com/cloudposse/terraform-aws-sns-topic/issues/48 quotes AWS
            "RedrivePolicy: invalid JSON. Attribute maxReceiveCount is unknown.",
        ),
        (
            "RedrivePolicy",
            '{"deadLetterTargetArn": "x"}',
            "RedrivePolicy: deadLetterTargetArn is an invalid arn",
        ),
        (
            "RedrivePolicy",
            json.dumps({"deadLetterTargetArn": queue_arn("q", region="us-east-1")}),
            "RedrivePolicy: deadLetterTargetArn must be in the topic's region",
        ),
        (
            "RedrivePolicy",
            json.dumps({"deadLetterTargetArn": queue_arn("q", OTHER)}),
            # Developer guide, dead-letter queues: same account and region
            "RedrivePolicy: deadLetterTargetArn must be of the same account",
        ),
        (
            "ReplayPolicy",
            "{}",
            "ReplayPolicy: can only be set for subscriptions to FIFO topics",
        ),
        ("DeliveryPolicy", "[]", "DeliveryPolicy: must be a JSON object"),
        ("SubscriptionRoleArn", "x", "SubscriptionRoleArn: must be the ARN of a role"),
    ],
)
def test_attributes_are_checked(sns: Any, topic: str, name: str, value: str, message: str) -> None:
    arn = subscribe(sns, topic)

    answer = refusal(
        sns.set_subscription_attributes,
        SubscriptionArn=arn,
        AttributeName=name,
        AttributeValue=value,
    )

    assert answer == invalid(f"Invalid parameter: {message}")


def test_raw_delivery_is_for_queues_streams_and_http(sns: Any, topic: str) -> None:
    sms = {"TopicArn": topic, "Protocol": "sms", "Endpoint": "+15551234567"}

    answer = refusal(sns.subscribe, **sms, Attributes={"RawMessageDelivery": "true"})

    assert answer == invalid(
        "Invalid parameter: Attributes Reason: Delivery protocol [sms] does not support raw "
        "message delivery."
    )


def test_a_refused_subscription_leaves_nothing(sns: Any, topic: str) -> None:
    refusal(
        sns.subscribe,
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue_arn("queue"),
        Attributes={"RawMessageDelivery": "true", "FilterPolicy": "{"},
    )

    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


@pytest.mark.parametrize("value", ["{}", ""])
def test_an_empty_filter_policy_lets_everything_through(
    sns: Any, sqs: Any, topic: str, value: str
) -> None:
    url = make_queue(sqs)
    arn = subscribe(sns, topic, FilterPolicy='{"a": ["x"]}')
    sns.publish(TopicArn=topic, Message="filtered")

    set_attribute(sns, arn, "FilterPolicy", value)
    sns.publish(TopicArn=topic, Message="passes")

    assert "FilterPolicy" not in attributes(sns, arn)
    assert [item["Message"] for item in envelopes(sqs, url)] == ["passes"]


def test_changing_the_scope_changes_what_a_policy_looks_at(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    arn = subscribe(sns, topic, FilterPolicy='{"a": ["x"]}', RawMessageDelivery="true")
    sns.publish(TopicArn=topic, Message='{"a": "x"}')

    set_attribute(sns, arn, "FilterPolicyScope", "MessageBody")
    sns.publish(TopicArn=topic, Message='{"a": "x", "second": 1}')

    assert [item["Body"] for item in receive(sqs, url)] == ['{"a": "x", "second": 1}']


def test_a_nested_policy_can_not_change_to_attribute_scope(sns: Any, topic: str) -> None:
    arn = subscribe(sns, topic, FilterPolicyScope="MessageBody", FilterPolicy='{"a": {"b": ["x"]}}')

    answer = refusal(
        sns.set_subscription_attributes,
        SubscriptionArn=arn,
        AttributeName="FilterPolicyScope",
        AttributeValue="MessageAttributes",
    )

    assert answer[0] == "InvalidParameter"
    assert attributes(sns, arn)["FilterPolicyScope"] == "MessageBody"


def test_a_queue_of_another_account_confirms_by_a_message(
    aws: InProcess, sns: Any, topic: str
) -> None:
    """Developer guide, cross-account: the queue gets the token when the topic's owner subscribes it."""
    theirs = aws.client("sqs", account=OTHER)
    url = make_queue(theirs)
    endpoint = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue_arn("queue", OTHER)}

    assert sns.subscribe(**endpoint)["SubscriptionArn"] == "pending confirmation"
    sns.publish(TopicArn=topic, Message="too early")

    (request,) = envelopes(theirs, url)
    assert request["Type"] == "SubscriptionConfirmation"
    sns.confirm_subscription(TopicArn=topic, Token=request["Token"])
    sns.publish(TopicArn=topic, Message="in time")
    assert [item["Message"] for item in envelopes(theirs, url)] == ["in time"]


def test_a_queues_owner_needs_no_confirmation(aws: InProcess, topic: str) -> None:
    theirs = aws.client("sns", account=OTHER)
    endpoint = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue_arn("queue", OTHER)}

    arn = theirs.subscribe(**endpoint)["SubscriptionArn"]

    assert attributes(theirs, arn)["Owner"] == OTHER
    assert [item["SubscriptionArn"] for item in theirs.list_subscriptions()["Subscriptions"]] == [
        arn
    ]


def test_confirming_twice_gives_the_same_arn(aws: InProcess, sns: Any, topic: str) -> None:
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    token = json.loads(aws.cloud.sns.inbox("email")[0].body)["Token"]

    first = sns.confirm_subscription(TopicArn=topic, Token=token)
    again = sns.confirm_subscription(TopicArn=topic, Token=token)

    assert first["SubscriptionArn"] == again["SubscriptionArn"]
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [item["SubscriptionArn"] for item in listed] == [first["SubscriptionArn"]]


def test_a_token_confirms_whatever_topic_of_the_region_is_given(
    aws: InProcess, sns: Any, topic: str
) -> None:
    """AWS finds the topic by the token, but wants the region to be that of the call.

    The words for another region: https://github.com/aws/aws-sdk-ruby/issues/523
    """
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    token = json.loads(aws.cloud.sns.inbox("email")[0].body)["Token"]
    elsewhere = topic.replace(REGION, "us-west-1")

    answer = refusal(sns.confirm_subscription, TopicArn=elsewhere, Token=token)
    assert answer == invalid("Invalid parameter: Topic")

    confirmed = sns.confirm_subscription(TopicArn=f"{topic}-none", Token=token)
    assert confirmed["SubscriptionArn"].startswith(f"{topic}:")


def test_a_token_that_nobody_has_and_a_topic_that_does_not_exist(sns: Any, topic: str) -> None:
    """SNS API reference, ConfirmSubscription: NotFound."""
    answer = refusal(sns.confirm_subscription, TopicArn=f"{topic}-none", Token="5" * 288)

    assert answer == ("NotFound", "Topic does not exist", 404)


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        ("text", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"),
        ("arn:aws:sns:x:1", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 5"),
        (f"arn:aws:sns:{REGION}:{ACCOUNT}:topic", "SubscriptionId"),
        (f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue", "SubscriptionArn"),
    ],
)
@pytest.mark.parametrize("operation", ["unsubscribe", "get_subscription_attributes"])
def test_the_arn_of_a_subscription_is_checked(
    sns: Any, operation: str, arn: str, reason: str
) -> None:
    """The number of elements is recorded; `SubscriptionId` is known from practice alone."""
    answer = refusal(getattr(sns, operation), SubscriptionArn=arn)

    assert answer == invalid(f"Invalid parameter: {reason}")


def test_a_pending_subscription_is_listed_without_its_arn(sns: Any, topic: str) -> None:
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")

    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]

    assert listed["SubscriptionArn"] == "PendingConfirmation"


def test_subscribing_a_pending_endpoint_again_sends_its_token_again(
    aws: InProcess, sns: Any, topic: str
) -> None:
    for _ in range(2):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")

    first, second = (json.loads(item.body) for item in aws.cloud.sns.inbox("email"))
    assert first["Token"] == second["Token"]
    assert len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 1


def test_subscriptions_are_listed_by_hundreds(sns: Any, topic: str) -> None:
    arns = [subscribe(sns, topic, f"queue{position}") for position in range(101)]

    first = sns.list_subscriptions_by_topic(TopicArn=topic)
    second = sns.list_subscriptions_by_topic(TopicArn=topic, NextToken=first["NextToken"])

    listed = [item["SubscriptionArn"] for item in first["Subscriptions"] + second["Subscriptions"]]
    assert len(first["Subscriptions"]) == 100
    assert listed == arns
    assert "NextToken" not in second


@pytest.mark.parametrize("again", [{"FilterPolicyScope": "MessageBody"}, {"FilterPolicy": NESTED}])
def test_a_policy_is_compared_in_its_scope(sns: Any, topic: str, again: dict[str, str]) -> None:
    """Only what is given is compared, with all that exists around it."""
    arn = subscribe(sns, topic, FilterPolicyScope="MessageBody", FilterPolicy=NESTED)

    assert subscribe(sns, topic, **again) == arn
    answer = refusal(
        sns.subscribe,
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue_arn("queue"),
        Attributes={"FilterPolicy": '{"a": ["b"]}'},
    )
    assert answer == invalid(
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
    )


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"FilterPolicy": '{"a": ["b"]}'},
        {"FilterPolicy": '{"a": ["b"]}', "FilterPolicyScope": "MessageAttributes"},
        {"RawMessageDelivery": "false"},
    ],
)
def test_asking_for_what_is_so_gives_the_subscription(
    aws: InProcess, sns: Any, topic: str, attributes: dict[str, str]
) -> None:
    """Developer guide: `MessageAttributes` and no raw delivery are the defaults.

    A filter policy that the quota had room for is no further one.
    """
    aws.cloud.sns.set_limits(Limits(filter_policies_per_topic=1))
    arn = subscribe(sns, topic, FilterPolicy='{"a": ["b"]}')

    assert subscribe(sns, topic, **attributes) == arn


def test_quotas_of_subscriptions_and_filter_policies(aws: InProcess, sns: Any) -> None:
    aws.cloud.sns.set_limits(
        Limits(
            subscriptions_per_topic=3,
            subscriptions_per_fifo_topic=1,
            filter_policies_per_topic=1,
            filter_policies=2,
        )
    )
    topics = [sns.create_topic(Name=name)["TopicArn"] for name in "abc"]
    policy = '{"a": ["x"]}'
    first = subscribe(sns, topics[0], "q1", FilterPolicy=policy)
    second = subscribe(sns, topics[0], "q2")
    subscribe(sns, topics[1], "q1", FilterPolicy=policy)
    third = subscribe(sns, topics[2], "q1")

    def filter_policy(arn: str) -> Any:
        return refusal(
            sns.set_subscription_attributes,
            SubscriptionArn=arn,
            AttributeName="FilterPolicy",
            AttributeValue=policy,
        )

    exceeded = ("FilterPolicyLimitExceeded", "Filter policy limit exceeded", 403)
    assert filter_policy(second) == exceeded
    assert filter_policy(third) == exceeded
    set_attribute(sns, first, "FilterPolicy", '{"b": ["y"]}')
    subscribe(sns, topics[0], "q3")
    queue = {"Protocol": "sqs", "Endpoint": queue_arn("q4")}
    assert refusal(sns.subscribe, TopicArn=topics[0], **queue)[0] == "SubscriptionLimitExceeded"


def test_an_email_address_hears_of_its_end(aws: InProcess, sns: Any, topic: str) -> None:
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    token = json.loads(aws.cloud.sns.inbox("email")[0].body)["Token"]
    arn = sns.confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"]

    sns.unsubscribe(SubscriptionArn=arn)

    first, last = aws.cloud.sns.inbox("email")
    assert first.subject == "AWS Notification - Subscription Confirmation"
    assert last.subject == "AWS Notification - Unsubscribe Confirmation"


def test_a_redrive_policy_is_taken_away_by_leaving_out_the_value(sns: Any, topic: str) -> None:
    """An empty value is refused (`topic_subscription.go` of the Terraform provider says so)."""
    policy = json.dumps({"deadLetterTargetArn": queue_arn("dead")})
    arn = subscribe(sns, topic, RedrivePolicy=policy)
    assert attributes(sns, arn)["RedrivePolicy"] == policy

    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="RedrivePolicy")

    assert "RedrivePolicy" not in attributes(sns, arn)


def test_a_pending_subscription_can_not_be_unsubscribed(sns: Any, topic: str) -> None:
    """Source: https://github.com/go-to-k/cdkd/pull/1305; developer guide, deleting a subscription."""
    arn = sns.subscribe(
        TopicArn=topic, Protocol="email", Endpoint="a@example.com", ReturnSubscriptionArn=True
    )["SubscriptionArn"]

    answer = refusal(sns.unsubscribe, SubscriptionArn=arn)

    assert answer == invalid(
        "Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is "
        "pending confirmation"
    )
    assert attributes(sns, arn)["PendingConfirmation"] == "true"


@pytest.mark.parametrize(
    ("endpoint", "shown"),
    [
        ("http://user:s3cret@localhost/a?b=c:d@e", "http://user:****@localhost/a?b=c:d@e"),
        ("HTTPS://user:p@ss:word@localhost/", "HTTPS://user:****@localhost/"),
        ("http://user@localhost/", "http://user@localhost/"),
        ("http://localhost:80/a@b", "http://localhost:80/a@b"),
    ],
)
def test_events_do_not_show_the_password_of_an_endpoint(
    aws: InProcess, sns: Any, topic: str, endpoint: str, shown: str
) -> None:
    """Events are shown by the dashboard, in timelines of failed tests, and to whoever follows them."""
    protocol = endpoint.partition(":")[0].lower()
    sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    (event,) = [event for event in aws.cloud.events if event.kind == "subscribed"]

    assert event.detail["endpoint"] == shown
    assert [one["Endpoint"] for one in sns.list_subscriptions()["Subscriptions"]] == [endpoint]
