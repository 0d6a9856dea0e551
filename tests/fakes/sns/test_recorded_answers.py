"""Answers that real AWS gave to SNS requests: topics, subscriptions, publishing, platform, SMS.

Each expectation is a fact about AWS, recorded from real calls between 2024 and 2025; the requests
are built from the SNS API reference. Ids, signatures and timestamps are whatever the call made them.

Recorded and not comparable here, with the reason:

- listing all subscriptions of an account, checking numbers that are or are not opted out, the large
  complex payload: the recordings hold no answer;
- the `NextToken` beside a single subscription of a deleted endpoint: it came from the recording
  account's other subscriptions;
- the user in `SubscriptionPrincipal`: the fake has no users, so it is the account's root;
- `SubscriptionsConfirmed: 0` right after Subscribe: AWS counts late, the fake at once.
"""

from __future__ import annotations

import hashlib
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

UNKNOWN_TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:no-such-topic"
RETRIES = {
    "backoffFunction": "linear",
    "maxDelayTarget": 20,
    "minDelayTarget": 20,
    "numMaxDelayRetries": 0,
    "numMinDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numRetries": 3,
}
NO_RETRIES = RETRIES | {"maxDelayTarget": 1, "minDelayTarget": 1, "numRetries": 0}


def effective_topic_policy(content_type: str = "text/plain; charset=UTF-8") -> dict[str, Any]:
    return {
        "http": {
            "defaultHealthyRetryPolicy": RETRIES,
            "defaultRequestPolicy": {"headerContentType": content_type},
            "disableSubscriptionOverrides": False,
        }
    }


def default_policy(arn: str) -> dict[str, Any]:
    actions = (
        "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic "
        "Subscribe ListSubscriptionsByTopic Publish"
    )
    return {
        "Id": "__default_policy_ID",
        "Statement": [
            {
                "Action": [f"SNS:{action}" for action in actions.split()],
                "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Resource": arn,
                "Sid": "__default_statement_ID",
            }
        ],
        "Version": "2008-10-17",
    }


def topic_attributes(sns: Any, arn: str) -> dict[str, Any]:
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    for name in ("DeliveryPolicy", "EffectiveDeliveryPolicy", "Policy"):
        if name in attributes:
            attributes[name] = json.loads(attributes[name])
    return attributes


def subscription_attributes(sns: Any, arn: str) -> dict[str, Any]:
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    for name in ("DeliveryPolicy", "EffectiveDeliveryPolicy", "FilterPolicy", "RedrivePolicy"):
        if name in attributes:
            attributes[name] = json.loads(attributes[name])
    return attributes


def subscription(topic: str, arn: str, protocol: str, endpoint: str, **more: Any) -> dict[str, Any]:
    return {
        "ConfirmationWasAuthenticated": "true",
        "Endpoint": endpoint,
        "Owner": ACCOUNT,
        "PendingConfirmation": "false",
        "Protocol": protocol,
        "RawMessageDelivery": "false",
        "SubscriptionArn": arn,
        "SubscriptionPrincipal": f"arn:aws:iam::{ACCOUNT}:root",
        "TopicArn": topic,
        **more,
    }


# --- topics --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fifo"),
    [
        ("a" * 257, None),
        ("", None),
        ("name.fifo", None),
        ("name", "true"),
        *((f"invalid{character}", None) for character in "!@#$%^&*."),
    ],
)
def test_topic_names_are_checked(sns: Any, name: str, fifo: str | None) -> None:
    attributes = {"FifoTopic": fifo} if fifo else {}

    answer = refusal(sns.create_topic, Name=name, Attributes=attributes)

    assert answer == invalid("Invalid parameter: Topic Name")


def test_a_topic_name_has_up_to_256_characters(sns: Any) -> None:
    name = "a" * 256

    assert sns.create_topic(Name=name)["TopicArn"] == f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"


def test_creating_a_topic_again_changes_nothing(sns: Any) -> None:
    arn = sns.create_topic(Name="topic")["TopicArn"]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="AlreadySet")
    expected = {
        "DisplayName": "AlreadySet",
        "EffectiveDeliveryPolicy": effective_topic_policy(),
        "Owner": ACCOUNT,
        "Policy": default_policy(arn),
        "SubscriptionsConfirmed": "0",
        "SubscriptionsDeleted": "0",
        "SubscriptionsPending": "0",
        "TopicArn": arn,
    }
    assert topic_attributes(sns, arn) == expected

    assert sns.create_topic(Name="topic")["TopicArn"] == arn

    assert topic_attributes(sns, arn) == expected


def test_creating_a_topic_again_with_other_tags_is_refused(sns: Any) -> None:
    sns.create_topic(Name="topic", Tags=[{"Key": "a", "Value": "1"}])

    answer = refusal(
        sns.create_topic,
        Name="topic",
        Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
    )

    assert answer == invalid(
        "Invalid parameter: Tags Reason: Topic already exists with different tags"
    )


@pytest.mark.parametrize("content_based", ["true", "false"])
def test_attributes_of_a_fifo_topic(sns: Any, content_based: str) -> None:
    arn = sns.create_topic(
        Name="t.fifo",
        Attributes={"FifoTopic": "true", "ContentBasedDeduplication": content_based},
    )["TopicArn"]

    assert topic_attributes(sns, arn) == {
        "ContentBasedDeduplication": content_based,
        "DisplayName": "",
        "EffectiveDeliveryPolicy": effective_topic_policy(),
        "FifoTopic": "true",
        "Owner": ACCOUNT,
        "Policy": default_policy(arn),
        "SubscriptionsConfirmed": "0",
        "SubscriptionsDeleted": "0",
        "SubscriptionsPending": "0",
        "TopicArn": arn,
    }


def test_add_permission_adds_a_statement(sns: Any, topic: str) -> None:
    sns.add_permission(
        TopicArn=topic, Label="test", AWSAccountId=["222222222222"], ActionName=["Publish"]
    )

    policy = default_policy(topic)
    policy["Statement"].append(
        {
            "Action": "SNS:Publish",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            "Resource": topic,
            "Sid": "test",
        }
    )
    assert topic_attributes(sns, topic)["Policy"] == policy


# --- regions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("delete_topic", {}),
        ("get_topic_attributes", {}),
        ("list_subscriptions_by_topic", {}),
        ("publish", {"Message": "hello"}),
        ("set_topic_attributes", {"AttributeName": "DisplayName", "AttributeValue": "x"}),
        ("subscribe", {"Protocol": "sqs", "Endpoint": queue_arn("queue")}),
    ],
)
def test_a_topic_of_another_region_is_an_invalid_parameter(
    aws: InProcess, topic: str, operation: str, params: dict[str, str]
) -> None:
    elsewhere = aws.client("sns", region="us-east-1")

    answer = refusal(getattr(elsewhere, operation), TopicArn=topic, **params)

    assert answer == invalid("Invalid parameter: TopicArn")


def test_a_queue_of_another_region_is_delivered_to(aws: InProcess, sns: Any, topic: str) -> None:
    elsewhere = aws.client("sqs", region="us-east-1")
    url = make_queue(elsewhere)
    arn = sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue_arn("queue", region="us-east-1")
    )["SubscriptionArn"]

    published = sns.publish(
        TopicArn=topic,
        Message="This is a test message",
        MessageAttributes={"attr1": number("99.12")},
    )

    (envelope,) = envelopes(elsewhere, url)
    assert envelope["Message"] == "This is a test message"
    assert envelope["MessageAttributes"] == {"attr1": {"Type": "Number", "Value": "99.12"}}
    assert envelope["MessageId"] == published["MessageId"]
    assert envelope["UnsubscribeURL"].endswith(f"/?Action=Unsubscribe&SubscriptionArn={arn}")


# --- platform applications and endpoints ---------------------------------------------------------


def application(sns: Any) -> str:
    return sns.create_platform_application(
        Name="app",
        Platform="ADM",
        Attributes={"PlatformCredential": "secret", "PlatformPrincipal": "client"},
    )["PlatformApplicationArn"]


@pytest.mark.parametrize(
    ("given", "missing"),
    [("PlatformPrincipal", "PlatformCredential"), ("PlatformCredential", "PlatformPrincipal")],
)
def test_credential_and_principal_come_together(sns: Any, given: str, missing: str) -> None:
    answer = refusal(
        sns.create_platform_application, Name="app", Platform="ADM", Attributes={given: "x"}
    )

    assert answer == invalid(
        f"Invalid parameter: Attributes Reason: {given} attribute provided without {missing}"
    )


NULL_ATTRIBUTES = (
    "ValidationError",
    "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: "
    "Member must not be null",
    400,
)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("create_platform_application", {"Name": "app", "Platform": "ADM"}),
        (
            "set_platform_application_attributes",
            {"PlatformApplicationArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:app/ADM/none"},
        ),
        (
            "set_endpoint_attributes",
            {"EndpointArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:endpoint/ADM/none/id"},
        ),
    ],
)
def test_no_attributes_at_all_fail_validation(
    sns: Any, operation: str, params: dict[str, str]
) -> None:
    assert refusal(getattr(sns, operation), Attributes={}, **params) == NULL_ATTRIBUTES


def test_credentials_of_a_platform_application_are_not_shown(sns: Any) -> None:
    arn = application(sns)

    attributes = sns.get_platform_application_attributes(PlatformApplicationArn=arn)["Attributes"]

    assert attributes == {"Enabled": "true"}


@pytest.mark.parametrize(
    "attributes", [{"Dummy": "x"}, {"PlatformPrincipal": "x"}, {"PlatformCredential": "x"}, None]
)
def test_a_platform_application_that_does_not_exist(
    sns: Any, attributes: dict[str, str] | None
) -> None:
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:app/ADM/none"
    not_found = ("NotFound", "PlatformApplication does not exist", 404)

    if attributes is None:
        call, params = sns.get_platform_application_attributes, {}
    else:
        call, params = sns.set_platform_application_attributes, {"Attributes": attributes}

    assert refusal(call, PlatformApplicationArn=arn, **params) == not_found


def test_creating_an_endpoint_again(sns: Any) -> None:
    arn = application(sns)
    first = sns.create_platform_endpoint(PlatformApplicationArn=arn, Token="token_1")["EndpointArn"]
    assert first.startswith(f"arn:aws:sns:{REGION}:{ACCOUNT}:endpoint/ADM/app/")

    again = sns.create_platform_endpoint(PlatformApplicationArn=arn, Token="token_1")
    assert again["EndpointArn"] == first

    answer = refusal(
        sns.create_platform_endpoint,
        PlatformApplicationArn=arn,
        Token="token_1",
        CustomUserData="other",
    )
    assert answer == invalid(
        f"Invalid parameter: Token Reason: Endpoint {first} already exists with the same Token, "
        "but different attributes."
    )


def test_attributes_win_over_the_custom_user_data_parameter(sns: Any) -> None:
    arn = sns.create_platform_endpoint(
        PlatformApplicationArn=application(sns),
        Token="token_1",
        CustomUserData="foo",
        Attributes={"CustomUserData": "bar"},
    )["EndpointArn"]

    assert sns.get_endpoint_attributes(EndpointArn=arn)["Attributes"] == {
        "CustomUserData": "bar",
        "Enabled": "true",
        "Token": "token_1",
    }


def test_endpoint_attributes(sns: Any) -> None:
    arn = sns.create_platform_endpoint(PlatformApplicationArn=application(sns), Token="token_1")

    attributes = sns.get_endpoint_attributes(EndpointArn=arn["EndpointArn"])["Attributes"]

    assert attributes == {"Enabled": "true", "Token": "token_1"}


def test_an_endpoint_that_does_not_exist(sns: Any) -> None:
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:endpoint/ADM/app/none"

    answer = refusal(sns.get_endpoint_attributes, EndpointArn=arn)

    assert answer == ("NotFound", "Endpoint does not exist", 404)


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        (
            {"CustomUserData": "x" * 2049},
            "Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in "
            "UTF-8 encoding",
        ),
        ({"PlatformCredential": "x"}, "Invalid attribute name: PlatformCredential"),
        ({"PlatformPrincipal": "x"}, "Invalid attribute name: PlatformPrincipal"),
        ({"InvalidKey": "x"}, "Invalid attribute name: InvalidKey"),
    ],
)
def test_endpoint_attributes_are_checked(sns: Any, attributes: dict[str, str], reason: str) -> None:
    arn = sns.create_platform_endpoint(PlatformApplicationArn=application(sns), Token="t")

    answer = refusal(
        sns.set_endpoint_attributes, EndpointArn=arn["EndpointArn"], Attributes=attributes
    )

    assert answer == invalid(f"Invalid parameter: Attributes Reason: {reason}")


def test_deleting_an_endpoint_leaves_its_subscription(sns: Any, topic: str) -> None:
    endpoint = sns.create_platform_endpoint(PlatformApplicationArn=application(sns), Token="t")
    endpoint_arn = endpoint["EndpointArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="application", Endpoint=endpoint_arn)
    expected = [
        {
            "Endpoint": endpoint_arn,
            "Owner": ACCOUNT,
            "Protocol": "application",
            "SubscriptionArn": arn["SubscriptionArn"],
            "TopicArn": topic,
        }
    ]
    assert sns.list_subscriptions()["Subscriptions"] == expected

    sns.delete_endpoint(EndpointArn=endpoint_arn)

    assert sns.list_subscriptions()["Subscriptions"] == expected


# --- publishing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('{"default": "broken', "JSON message body failed to parse"),
        ('{"sqs": "no default"}', "No default entry in JSON message body"),
        ('{"default": {"not": "a string"}}', "No default entry in JSON message body"),
    ],
)
def test_a_json_message_structure_needs_a_default_string(
    sns: Any, topic: str, message: str, reason: str
) -> None:
    answer = refusal(sns.publish, TopicArn=topic, Message=message, MessageStructure="json")

    assert answer == invalid(f"Invalid parameter: Message Structure - {reason}")


def test_duplicate_keys_in_a_message_structure_pass(sns: Any, topic: str) -> None:
    message = '{"default": "one", "default": "two"}'

    assert sns.publish(TopicArn=topic, Message=message, MessageStructure="json")["MessageId"]


def test_sqs_gets_its_own_entry_of_a_message_structure(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)
    own = json.dumps({"default": "default field", "sqs": '{"field": "value"}'})
    fallback = json.dumps({"default": "default field"})

    sns.publish(TopicArn=topic, Message=own, MessageStructure="json")
    sns.publish(TopicArn=topic, Message=fallback, MessageStructure="json")

    messages = [envelope["Message"] for envelope in envelopes(sqs, url)]
    assert messages == ['{"field": "value"}', "default field"]


@pytest.mark.parametrize(("size", "attributes"), [(262_145, {}), (262_144, {"k": string("v")})])
def test_message_and_attributes_have_256_kib(
    sns: Any, topic: str, size: int, attributes: dict[str, Any]
) -> None:
    answer = refusal(sns.publish, TopicArn=topic, Message="a" * size, MessageAttributes=attributes)

    assert answer == invalid("Invalid parameter: Message too long")


def test_an_empty_subject_is_refused(sns: Any, topic: str) -> None:
    answer = refusal(sns.publish, TopicArn=topic, Subject="", Message="hello")
    assert answer == invalid("Invalid parameter: Subject")

    assert sns.publish(TopicArn=topic, Message="hello")["MessageId"]


@pytest.mark.parametrize(("arn", "elements"), [("", 1), ("randomstring", 1), ("random:string", 2)])
def test_topic_arns_have_six_elements(sns: Any, arn: str, elements: int) -> None:
    answer = refusal(sns.publish, TopicArn=arn, Message="hello")

    assert answer == invalid(
        f"Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not {elements}"
    )


def test_publishing_to_a_topic_that_does_not_exist(sns: Any) -> None:
    not_found = ("NotFound", "Topic does not exist", 404)
    entries = [{"Id": "1", "Message": "hello"}]

    assert refusal(sns.publish, TopicArn=UNKNOWN_TOPIC, Message="hello") == not_found
    assert (
        refusal(sns.publish_batch, TopicArn=UNKNOWN_TOPIC, PublishBatchRequestEntries=entries)
        == not_found
    )


# --- SMS -----------------------------------------------------------------------------------------


def test_sms_attributes_of_a_region_that_nobody_changed(sns: Any) -> None:
    assert sns.get_sms_attributes()["attributes"] == {"MonthlySpendLimit": "1"}


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"InvalidAttribute": "x"}, "InvalidAttribute is not a valid attribute"),
        ({"DefaultSMSType": "invalid"}, "DefaultSMSType is invalid"),
        ({"DefaultSendID": "123"}, "DefaultSendID is not a valid attribute"),
        ({"DefaultSendID": "a" * 12}, "DefaultSendID is not a valid attribute"),
    ],
)
def test_sms_attributes_are_checked(sns: Any, attributes: dict[str, str], message: str) -> None:
    assert refusal(sns.set_sms_attributes, attributes=attributes) == invalid(message)


def test_phone_numbers_opt_out_and_in(aws: InProcess, sns: Any) -> None:
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == []
    aws.cloud.sns.opt_out("+15551234567", account=ACCOUNT, region=REGION, now=aws.now)

    check = sns.check_if_phone_number_is_opted_out
    assert check(phoneNumber="+15551234567")["isOptedOut"] is True
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == ["+15551234567"]

    sns.opt_in_phone_number(phoneNumber="+15551234567")

    assert check(phoneNumber="+15551234567")["isOptedOut"] is False


def test_only_a_number_can_be_opted_in(sns: Any) -> None:
    answer = refusal(sns.opt_in_phone_number, phoneNumber="not-a-number")

    assert answer == invalid("Invalid parameter: PhoneNumber Reason: input incorrectly formatted")


def test_a_phone_number_is_subscribed_at_once(sns: Any, topic: str) -> None:
    arn = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+123123123")["SubscriptionArn"]

    expected = subscription(topic, arn, "sms", "+123123123")
    assert subscription_attributes(sns, arn) == expected


def test_separators_between_the_digits_of_a_phone_number_pass(sns: Any, topic: str) -> None:
    arn = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15/55-123.4567")

    assert arn["SubscriptionArn"].startswith(f"{topic}:")


@pytest.mark.parametrize(
    "number",
    ["invalid-number", "+15--551234567", "+15551234567.", "/+15551234567", "NAA+15551234567"],
)
def test_invalid_phone_numbers_can_not_be_subscribed(sns: Any, topic: str, number: str) -> None:
    answer = refusal(sns.subscribe, TopicArn=topic, Protocol="sms", Endpoint=number)

    assert answer == invalid(f"Invalid SMS endpoint: {number}")


# --- subscriptions -------------------------------------------------------------------------------


def test_subscription_attributes_are_checked(sns: Any, topic: str) -> None:
    arn = subscribe(sns, topic, RawMessageDelivery="true")
    expected = subscription(topic, arn, "sqs", queue_arn("queue"), RawMessageDelivery="true")
    assert subscription_attributes(sns, arn) == expected

    answer = refusal(
        sns.subscribe,
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue_arn("other"),
        Attributes={"RawMessageDelivery": "wrongvalue"},
    )

    assert answer == invalid(
        "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. "
        "Must be true or false."
    )


def test_a_subscription_that_does_not_exist(sns: Any, topic: str) -> None:
    not_found = ("NotFound", "Subscription does not exist", 404)
    arn = f"{topic}:0b0b7f3b-9c3b-4d3c-8f6e-000000000000"

    assert refusal(sns.get_subscription_attributes, SubscriptionArn=arn) == not_found
    assert (
        refusal(
            sns.set_subscription_attributes,
            SubscriptionArn=arn,
            AttributeName="RawMessageDelivery",
            AttributeValue="true",
        )
        == not_found
    )


def test_unsubscribing_takes_a_subscription_off_the_list(sns: Any, topic: str) -> None:
    arn = subscribe(sns, topic)
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed == [
        {
            "Endpoint": queue_arn("queue"),
            "Owner": ACCOUNT,
            "Protocol": "sqs",
            "SubscriptionArn": arn,
            "TopicArn": topic,
        }
    ]

    sns.unsubscribe(SubscriptionArn=arn)
    sns.unsubscribe(SubscriptionArn=arn)

    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


@pytest.mark.parametrize(
    ("token", "message"),
    [("5" * 288, "Invalid token"), ("randomtoken", "Invalid parameter: Token")],
)
def test_confirming_with_a_wrong_token(sns: Any, topic: str, token: str, message: str) -> None:
    answer = refusal(sns.confirm_subscription, TopicArn=topic, Token=token)

    assert answer == invalid(message)


def test_a_malformed_token_is_reported_before_a_missing_topic(sns: Any) -> None:
    answer = refusal(sns.confirm_subscription, TopicArn=UNKNOWN_TOPIC, Token="randomtoken")

    assert answer == invalid("Invalid parameter: Token")


def test_subscribing_again(sns: Any, topic: str) -> None:
    endpoint = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue_arn("queue")}
    arn = subscribe(sns, topic, RawMessageDelivery="true")

    for again in ({}, {"Attributes": {}}, {"Attributes": {"RawMessageDelivery": "true"}}):
        assert sns.subscribe(**endpoint, **again)["SubscriptionArn"] == arn

    answer = refusal(sns.subscribe, **endpoint, Attributes={"RawMessageDelivery": "false"})
    assert answer == invalid(
        "Invalid parameter: Attributes Reason: Subscription already exists with different "
        "attributes"
    )


def test_an_unknown_protocol(sns: Any, topic: str) -> None:
    answer = refusal(sns.subscribe, TopicArn=topic, Protocol="test-protocol", Endpoint="x")

    assert answer == invalid(
        "Invalid parameter: Amazon SNS does not support this protocol string: test-protocol"
    )


def test_a_queue_is_subscribed_by_its_arn(sns: Any, topic: str) -> None:
    answer = refusal(
        sns.subscribe, TopicArn=topic, Protocol="sqs", Endpoint="http://aws.test/111111111111/q"
    )

    assert answer == invalid("Invalid parameter: SQS endpoint ARN")


def test_unsubscribing_with_something_that_is_no_arn(sns: Any) -> None:
    answer = refusal(sns.unsubscribe, SubscriptionArn="randomstring")

    assert answer == invalid(
        "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"
    )


def test_an_email_address_is_pending_until_it_confirms(
    aws: InProcess, sns: Any, topic: str
) -> None:
    answer = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    assert answer["SubscriptionArn"] == "pending confirmation"

    (captured,) = aws.cloud.sns.inbox("email")
    token = json.loads(captured.body)["Token"]
    confirmed = sns.confirm_subscription(TopicArn=topic, Token=token)

    assert confirmed["SubscriptionArn"].startswith(f"{topic}:")


def test_the_arn_of_a_pending_subscription_is_returned_when_asked_for(sns: Any, topic: str) -> None:
    endpoint = {"TopicArn": topic, "Protocol": "http", "Endpoint": "http://localhost:1/"}
    assert sns.subscribe(**endpoint)["SubscriptionArn"] == "pending confirmation"

    answer = sns.subscribe(**endpoint, ReturnSubscriptionArn=True)

    assert answer["SubscriptionArn"].startswith(f"{topic}:")


def test_a_filter_policy_shows_with_its_scope(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    policy = {"attr1": [{"numeric": [">", 0, "<=", 100]}]}
    arn = subscribe(sns, topic, FilterPolicy=json.dumps(policy))
    assert subscription_attributes(sns, arn) == subscription(
        topic,
        arn,
        "sqs",
        queue_arn("queue"),
        FilterPolicy=policy,
        FilterPolicyScope="MessageAttributes",
    )

    sns.publish(
        TopicArn=topic,
        Message="This is a test message",
        MessageAttributes={"attr1": number("99.12")},
    )

    (envelope,) = envelopes(sqs, url)
    assert envelope["MessageAttributes"] == {"attr1": {"Type": "Number", "Value": "99.12"}}


# --- delivery to queues --------------------------------------------------------------------------


def test_raw_delivery_passes_attributes_and_can_be_switched(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    arn = subscribe(sns, topic, RawMessageDelivery="true")

    sns.publish(TopicArn=topic, Message="Test msg", MessageAttributes={"attr1": number("99.12")})
    (raw,) = receive(sqs, url)
    assert raw["Body"] == "Test msg"
    assert raw["MessageAttributes"] == {"attr1": {"DataType": "Number", "StringValue": "99.12"}}
    assert raw["MD5OfMessageAttributes"] == "d302007e9aa062660afc85fd0a482472"

    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="false"
    )
    expected = subscription(topic, arn, "sqs", queue_arn("queue"))
    assert subscription_attributes(sns, arn) == expected
    published = sns.publish(
        TopicArn=topic, Message="Test msg", MessageAttributes={"attr1": number("100.12")}
    )
    (message,) = receive(sqs, url)
    assert "MessageAttributes" not in message
    envelope = json.loads(message["Body"])
    assert sorted(envelope) == [
        "Message",
        "MessageAttributes",
        "MessageId",
        "Signature",
        "SignatureVersion",
        "SigningCertURL",
        "Timestamp",
        "TopicArn",
        "Type",
        "UnsubscribeURL",
    ]
    assert envelope["Message"] == "Test msg"
    assert envelope["MessageId"] == published["MessageId"]
    assert envelope["SignatureVersion"] == "1"
    assert envelope["TopicArn"] == topic
    assert envelope["Type"] == "Notification"


def test_a_batch_is_delivered_raw(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic, RawMessageDelivery="true")
    two = {"attr1": number("99.12"), "attr2": number("109.12")}
    entries = [
        {"Id": "1", "Message": "Test Message with two attributes", "MessageAttributes": two},
        {
            "Id": "2",
            "Message": "Test Message with one attribute",
            "MessageAttributes": {"attr1": number("19.12")},
        },
        {"Id": "3", "Message": "Test Message without attribute", "Subject": "Subject"},
        {"Id": "4", "Message": "Test Message without subject"},
        {
            "Id": "5",
            "Message": '{"default": "test default", "sqs": "test sqs"}',
            "MessageStructure": "json",
        },
    ]

    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)

    assert [entry["Id"] for entry in answer["Successful"]] == ["1", "2", "3", "4", "5"]
    assert answer["Failed"] == []
    delivered = [(m["Body"], m.get("MD5OfMessageAttributes")) for m in receive(sqs, url)]
    assert delivered == [
        ("Test Message with two attributes", "9b720b3af309c1c4b0d395c53b08c502"),
        ("Test Message with one attribute", "1f07082409022a373fa2a2601f82b3cb"),
        ("Test Message without attribute", None),
        ("Test Message without subject", None),
        ("test sqs", None),
    ]


def test_a_message_group_passes_to_a_standard_queue(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)

    sns.publish(TopicArn=topic, Message="hello", MessageGroupId="my-group-id-1")

    (message,) = receive(sqs, url)
    assert message["Attributes"]["MessageGroupId"] == "my-group-id-1"
    assert "MessageDeduplicationId" not in message["Attributes"]


def test_the_trace_header_passes(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)
    trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"

    def add_header(request: Any, **_: Any) -> None:
        request.headers["X-Amzn-Trace-Id"] = trace

    sns.meta.events.register("before-sign.sns.Publish", add_header)
    try:
        sns.publish(TopicArn=topic, Message="X-Ray propagation test msg")
    finally:
        sns.meta.events.unregister("before-sign.sns.Publish", add_header)

    (message,) = receive(sqs, url)
    assert message["Attributes"]["AWSTraceHeader"] == trace


def test_a_missing_queue_loses_messages_until_there_is_a_dead_letter_queue(
    sns: Any, sqs: Any, topic: str
) -> None:
    url = make_queue(sqs)
    arn = subscribe(sns, topic)
    sqs.delete_queue(QueueUrl=url)
    sns.publish(TopicArn=topic, Message="lost")
    dead = make_queue(sqs, "dead")
    policy = {"deadLetterTargetArn": queue_arn("dead")}
    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="RedrivePolicy", AttributeValue=json.dumps(policy)
    )
    expected = subscription(topic, arn, "sqs", queue_arn("queue"), RedrivePolicy=policy)
    assert subscription_attributes(sns, arn) == expected

    for message in ("test_0", "test_1"):
        sns.publish(TopicArn=topic, Message=message)

    assert [envelope["Message"] for envelope in envelopes(sqs, dead)] == ["test_0", "test_1"]
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == arn


# --- FIFO ----------------------------------------------------------------------------------------

FIFO_ENTRIES = [
    {
        "Message": "Test Message with two attributes",
        "Subject": "Subject",
        "MessageAttributes": {"attr1": number("99.12"), "attr2": number("109.12")},
    },
    {
        "Message": "Test Message with one attribute",
        "Subject": "Subject",
        "MessageAttributes": {"attr1": number("19.12")},
    },
    {"Message": "Test Message without attribute", "Subject": "Subject"},
]


def fifo_batch(*, content_based: bool) -> list[dict[str, Any]]:
    entries = []
    for position, entry in enumerate(FIFO_ENTRIES):
        own = (
            {}
            if content_based
            else {"MessageDeduplicationId": f"MessageDeduplicationId-{position}"}
        )
        group = {"Id": str(position + 1), "MessageGroupId": "complexMessageGroupId"}
        entries.append({**entry, **group, **own})
    return entries


@pytest.mark.parametrize("content_based", [False, True])
def test_a_batch_from_a_fifo_topic_to_a_fifo_queue(sns: Any, sqs: Any, content_based: bool) -> None:
    flag = "true" if content_based else "false"
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": flag}
    topic = sns.create_topic(Name="t.fifo", Attributes=attributes)["TopicArn"]
    url = make_queue(sqs, "q.fifo", ContentBasedDeduplication=flag)
    subscribe(sns, topic, "q.fifo", RawMessageDelivery="true")
    entries = fifo_batch(content_based=content_based)

    first = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)

    assert [entry["Id"] for entry in first["Successful"]] == ["1", "2", "3"]
    assert first["Failed"] == []
    messages = receive(sqs, url)
    identifiers = (
        [hashlib.sha256(entry["Message"].encode()).hexdigest() for entry in entries]
        if content_based
        else [entry["MessageDeduplicationId"] for entry in entries]
    )
    assert [m["Attributes"]["MessageDeduplicationId"] for m in messages] == identifiers
    assert {m["Attributes"]["MessageGroupId"] for m in messages} == {"complexMessageGroupId"}
    assert [(m["Body"], m.get("MD5OfMessageAttributes")) for m in messages] == [
        ("Test Message with two attributes", "9b720b3af309c1c4b0d395c53b08c502"),
        ("Test Message with one attribute", "1f07082409022a373fa2a2601f82b3cb"),
        ("Test Message without attribute", None),
    ]

    again = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)

    assert again["Successful"] == first["Successful"]
    assert receive(sqs, url) == []


def test_content_based_deduplication_hashes_the_message_as_aws_does(sns: Any, sqs: Any) -> None:
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    topic = sns.create_topic(Name="t.fifo", Attributes=attributes)["TopicArn"]
    url = make_queue(sqs, "q.fifo")
    subscribe(sns, topic, "q.fifo")
    message = {"TopicArn": topic, "Message": "Test", "MessageGroupId": "message-group-id-1"}

    first = sns.publish(**message)
    again = sns.publish(**message)

    (received,) = receive(sqs, url)
    identifier = "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"
    assert received["Attributes"]["MessageDeduplicationId"] == identifier
    envelope = json.loads(received["Body"])
    assert sorted(envelope) == [
        "Message",
        "MessageId",
        "SequenceNumber",
        "Timestamp",
        "TopicArn",
        "Type",
        "UnsubscribeURL",
    ]
    assert envelope["SequenceNumber"] == first["SequenceNumber"] == again["SequenceNumber"]
    assert envelope["MessageId"] == first["MessageId"] == again["MessageId"]


@pytest.mark.parametrize("raw", ["false", "true"])
def test_a_fifo_dead_letter_queue_keeps_group_and_deduplication_id(
    sns: Any, sqs: Any, fifo_topic: str, raw: str
) -> None:
    dead = make_queue(sqs, "dead.fifo")
    redrive = json.dumps({"deadLetterTargetArn": queue_arn("dead.fifo")})
    subscribe(sns, fifo_topic, "gone.fifo", RawMessageDelivery=raw, RedrivePolicy=redrive)

    published = sns.publish(
        TopicArn=fifo_topic,
        Message="test-message",
        MessageGroupId="message-group-id-1",
        MessageDeduplicationId="message-deduplication-id-1",
    )
    (message,) = receive(sqs, dead)
    assert message["Attributes"]["MessageGroupId"] == "message-group-id-1"
    assert message["Attributes"]["MessageDeduplicationId"] == "message-deduplication-id-1"
    if raw == "true":
        assert message["Body"] == "test-message"
    else:
        envelope = json.loads(message["Body"])
        assert envelope["SequenceNumber"] == published["SequenceNumber"]
        assert "Signature" not in envelope

    batch = fifo_batch(content_based=False)
    sns.publish_batch(TopicArn=fifo_topic, PublishBatchRequestEntries=batch)
    first, second, third = receive(sqs, dead)
    if raw == "true":
        assert first["MessageAttributes"] == FIFO_ENTRIES[0]["MessageAttributes"]
        assert third["Body"] == "Test Message without attribute"
    else:
        envelope = json.loads(second["Body"])
        assert envelope["Subject"] == "Subject"
        assert envelope["MessageAttributes"] == {"attr1": {"Type": "Number", "Value": "19.12"}}


def test_fifo_publishing_needs_group_and_deduplication(
    sns: Any, topic: str, fifo_topic: str
) -> None:
    assert refusal(sns.publish, TopicArn=fifo_topic, Message="x") == invalid(
        "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
    )
    assert refusal(sns.publish, TopicArn=fifo_topic, Message="x", MessageGroupId="g") == invalid(
        "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or "
        "MessageDeduplicationId provided explicitly"
    )
    assert refusal(sns.publish, TopicArn=topic, Message="x", MessageDeduplicationId="d") == invalid(
        "Invalid parameter: MessageDeduplicationId Reason: The request includes "
        "MessageDeduplicationId parameter that is not valid for this topic type"
    )


def test_which_queues_go_with_which_topics(sns: Any, topic: str, fifo_topic: str) -> None:
    arn = subscribe(sns, fifo_topic, "standard")
    expected = subscription(fifo_topic, arn, "sqs", queue_arn("standard"))
    assert subscription_attributes(sns, arn) == expected

    answer = refusal(
        sns.subscribe, TopicArn=topic, Protocol="sqs", Endpoint=queue_arn("queue.fifo")
    )
    assert answer == invalid(
        "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be "
        "subscribed to standard SNS topics"
    )

    fifo = subscribe(sns, fifo_topic, "queue.fifo")
    answer = refusal(
        sns.set_subscription_attributes,
        SubscriptionArn=fifo,
        AttributeName="RedrivePolicy",
        AttributeValue=json.dumps({"deadLetterTargetArn": queue_arn("standard")}),
    )
    assert answer == invalid(
        "Invalid parameter: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription "
        "to a FIFO Topic."
    )


# --- HTTP and functions --------------------------------------------------------------------------


def test_delivery_policies_of_an_http_subscription(sns: Any) -> None:
    request = {"headerContentType": "application/json"}
    topic = sns.create_topic(
        Name="t",
        Attributes={"DeliveryPolicy": json.dumps({"http": {"defaultRequestPolicy": request}})},
    )["TopicArn"]
    attributes = topic_attributes(sns, topic)
    assert attributes["DeliveryPolicy"] == {
        "http": {"defaultRequestPolicy": request, "disableSubscriptionOverrides": False}
    }
    assert attributes["EffectiveDeliveryPolicy"] == effective_topic_policy("application/json")
    own = {"healthyRetryPolicy": NO_RETRIES, "throttlePolicy": {"maxReceivesPerSecond": 1000}}
    endpoint = "http://localhost:1/sns-endpoint"

    arn = sns.subscribe(
        TopicArn=topic,
        Protocol="http",
        Endpoint=endpoint,
        Attributes={"DeliveryPolicy": json.dumps(own)},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]

    rest = {"guaranteed": False, "sicklyRetryPolicy": None}
    assert subscription_attributes(sns, arn) == subscription(
        topic,
        arn,
        "http",
        endpoint,
        ConfirmationWasAuthenticated="false",
        PendingConfirmation="true",
        DeliveryPolicy=own | rest | {"requestPolicy": None},
        EffectiveDeliveryPolicy=own | rest | {"requestPolicy": request},
    )


def test_the_content_type_of_a_raw_http_subscription(sns: Any, topic: str) -> None:
    endpoint = "http://localhost:1/sns-endpoint"
    own = {"requestPolicy": {"headerContentType": "text/csv"}}
    arn = sns.subscribe(
        TopicArn=topic,
        Protocol="http",
        Endpoint=endpoint,
        Attributes={"RawMessageDelivery": "true", "DeliveryPolicy": json.dumps(own)},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]

    rest = {"guaranteed": False, "sicklyRetryPolicy": None, "throttlePolicy": None}
    assert subscription_attributes(sns, arn) == subscription(
        topic,
        arn,
        "http",
        endpoint,
        ConfirmationWasAuthenticated="false",
        PendingConfirmation="true",
        RawMessageDelivery="true",
        DeliveryPolicy=own | rest | {"healthyRetryPolicy": None},
        EffectiveDeliveryPolicy=own | rest | {"healthyRetryPolicy": RETRIES},
    )


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_function_gets_its_own_event(aws: InProcess, sns: Any, topic: str, version: str) -> None:
    if version == "2":
        sns.set_topic_attributes(
            TopicArn=topic, AttributeName="SignatureVersion", AttributeValue="2"
        )
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    arn = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)["SubscriptionArn"]

    published = sns.publish(
        TopicArn=topic, Subject="[Subject] Test subject", Message="Hello world."
    )

    (captured,) = aws.cloud.sns.inbox("lambda", function)
    (record,) = json.loads(captured.body)["Records"]
    assert record["EventSubscriptionArn"] == arn
    notification = record["Sns"]
    assert sorted(notification) == [
        "Message",
        "MessageAttributes",
        "MessageId",
        "Signature",
        "SignatureVersion",
        "SigningCertUrl",
        "Subject",
        "Timestamp",
        "TopicArn",
        "Type",
        "UnsubscribeUrl",
    ]
    assert notification["MessageAttributes"] == {}
    assert notification["MessageId"] == published["MessageId"]
    assert notification["SignatureVersion"] == version
    assert notification["Subject"] == "[Subject] Test subject"
