"""Filter policies as real AWS took and refused them, and the messages that passed them.

Each expectation is a fact about AWS, recorded from real calls in 2024 and 2025. The recordings hold
answers, not requests; where several policies would lead to the recorded answers, ours is the one that
the developer guide shows for the case.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import (
    envelopes,
    invalid,
    make_queue,
    number,
    queue_arn,
    receive,
    refusal,
    subscribe,
)


def set_attribute(sns: Any, arn: str, name: str, value: str) -> None:
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)


def shown(sns: Any, arn: str) -> tuple[Any, str | None]:
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    policy = attributes.get("FilterPolicy")
    return policy and json.loads(policy), attributes.get("FilterPolicyScope")


def passed(sns: Any, sqs: Any, topic: str, url: str, *bodies: Any) -> list[Any]:
    for body in bodies:
        text = body if isinstance(body, str) else json.dumps(body)
        sns.publish(TopicArn=topic, Message=text)
    return [json.loads(message["Body"]) for message in receive(sqs, url)]


@pytest.mark.parametrize(
    ("policy", "reason", "column"),
    [
        (
            '{"key":[["value"]]}',
            "Match value must be String, number, true, false, or null",
            10,
        ),
        ('{"key":[{"wrong-operator":true}]}', "Unrecognized match type wrong-operator", 31),
        (
            '{"key":[{"suffix":"value","prefix":"value2"}]}',
            "Only one key allowed in match expression",
            37,
        ),
        (
            '{"key":[{"anything-but":{"exists":false}}]}',
            "Unsupported anything-but pattern: exists",
            40,
        ),
        (
            '{"key":[{"anything-but":{"prefix":false}}]}',
            "prefix match pattern must be a string",
            40,
        ),
        (
            '{"key":[{"anything-but":{"suffix":"test"}}]}',
            "Unsupported anything-but pattern: suffix",
            36,
        ),
        (
            '{"key":[{"anything-but":{"wrong-operator":null}}]}',
            "Unsupported anything-but pattern: wrong-operator",
            47,
        ),
    ],
)
def test_a_refused_policy_names_the_reason_and_the_place(
    sns: Any, topic: str, policy: str, reason: str, column: int
) -> None:
    answer = refusal(
        sns.subscribe,
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue_arn("queue"),
        Attributes={"FilterPolicy": policy},
    )

    assert answer == invalid(
        f"Invalid parameter: Attributes Reason: FilterPolicy: {reason}\n"
        f' at [Source: (String)"{policy}"; line: 1, column: {column}]'
    )


def test_a_policy_that_is_not_json(sns: Any, topic: str) -> None:
    answer = refusal(
        sns.subscribe,
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue_arn("queue"),
        Attributes={"FilterPolicy": "invalid filter policy"},
    )

    assert answer == invalid(
        "Invalid parameter: Attributes Reason: FilterPolicy: failed to parse JSON. Unrecognized "
        "token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', "
        "'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION`"
        " disabled); line: 1, column: 8]"
    )


def alternatives(count: int) -> list[dict[str, list[str]]]:
    return [{f"key{position}": ["a", "b", "c"]} for position in range(count)]


@pytest.mark.parametrize(
    "policy",
    [
        {"$or": alternatives(26), "source": ["a", "b"]},
        {"outer": {"$or": alternatives(13), "source": ["a", "b"]}},
    ],
    ids=["flat", "nested"],
)
def test_alternatives_count_towards_the_complexity(
    sns: Any, topic: str, policy: dict[str, Any]
) -> None:
    answer = refusal(
        sns.subscribe,
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue_arn("queue"),
        Attributes={"FilterPolicyScope": "MessageBody", "FilterPolicy": json.dumps(policy)},
    )

    assert answer == invalid(
        "Invalid parameter: Attributes Reason: FilterPolicy: Filter policy is too complex"
    )


def test_the_scope_shows_only_beside_a_policy(sns: Any, topic: str) -> None:
    arn = subscribe(sns, topic)
    assert shown(sns, arn) == (None, None)

    set_attribute(sns, arn, "FilterPolicyScope", "MessageBody")
    assert shown(sns, arn) == (None, None)

    set_attribute(sns, arn, "FilterPolicy", '{"attr": ["match-this"]}')
    assert shown(sns, arn) == ({"attr": ["match-this"]}, "MessageBody")

    answer = refusal(
        sns.set_subscription_attributes,
        SubscriptionArn=arn,
        AttributeName="FilterPolicyScope",
        AttributeValue="RandomValue",
    )
    assert answer == invalid(
        "Invalid parameter: FilterPolicyScope: Invalid value [RandomValue]. Please use either "
        "MessageBody or MessageAttributes"
    )


def test_exists_looks_at_the_name_alone(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    arn = subscribe(sns, topic, FilterPolicy='{"store": [{"exists": true}]}')
    both = {"def": number("99"), "store": number("99")}
    other = {"def": number("99")}

    sns.publish(TopicArn=topic, Message="message-1", MessageAttributes=both)
    sns.publish(TopicArn=topic, Message="message-2", MessageAttributes=other)
    assert [item["Message"] for item in envelopes(sqs, url)] == ["message-1"]

    set_attribute(sns, arn, "FilterPolicy", '{"store": [{"exists": false}]}')
    assert shown(sns, arn) == ({"store": [{"exists": False}]}, "MessageAttributes")
    sns.publish(TopicArn=topic, Message="message-3", MessageAttributes=other)
    sns.publish(TopicArn=topic, Message="message-4", MessageAttributes=both)
    assert [item["Message"] for item in envelopes(sqs, url)] == ["message-3"]


def test_null_means_an_absent_attribute(sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    arn = subscribe(sns, topic, FilterPolicy='{"attr1": [{"numeric": [">", 0, "<=", 100]}]}')
    sns.publish(TopicArn=topic, Message="in", MessageAttributes={"attr1": number("99")})
    sns.publish(TopicArn=topic, Message="out", MessageAttributes={"attr1": number("111")})
    assert [item["Message"] for item in envelopes(sqs, url)] == ["in"]

    set_attribute(sns, arn, "FilterPolicy", '{"attr1": [null, {"anything-but": "whatever"}]}')
    sns.publish(TopicArn=topic, Message="This the test message for null")

    assert [item["Message"] for item in envelopes(sqs, url)] == ["This the test message for null"]


def body_filter(sns: Any, sqs: Any, topic: str, policy: Any, raw: str = "true") -> str:
    url = make_queue(sqs)
    subscribe(
        sns,
        topic,
        FilterPolicyScope="MessageBody",
        FilterPolicy=json.dumps(policy),
        RawMessageDelivery=raw,
    )
    return url


def test_cidr_matches_addresses_of_both_families(sns: Any, sqs: Any, topic: str) -> None:
    policy = {
        "detail": {
            "$or": [
                {"sourceIPAddress": [{"cidr": "10.0.0.0/24"}]},
                {"sourceIPAddressV6": [{"cidr": "2001:db8:1234:1a00::/64"}]},
            ]
        }
    }
    url = body_filter(sns, sqs, topic, policy)
    inside = {"id": "1", "detail": {"sourceIPAddress": "10.0.0.255"}}
    outside = {"id": "2", "detail": {"sourceIPAddress": "10.0.0.256"}}
    inside_v6 = {
        "id": "3",
        "detail": {"sourceIPAddressV6": "2001:0db8:1234:1a00:0000:0000:0000:0000"},
    }
    outside_v6 = {
        "id": "4",
        "detail": {"sourceIPAddressV6": "2001:0db8:123f:1a01:0000:0000:0000:0000"},
    }

    delivered = passed(sns, sqs, topic, url, inside, outside, inside_v6, outside_v6)

    assert delivered == [inside, inside_v6]


def test_elements_of_arrays_are_looked_into(sns: Any, sqs: Any, topic: str) -> None:
    policy = {
        "Records": {
            "s3": {"object": {"key": [{"prefix": "auto-"}]}},
            "eventName": [{"prefix": "ObjectCreated:"}],
        }
    }
    url = body_filter(sns, sqs, topic, policy)

    def record(event: str, key: Any) -> dict[str, Any]:
        return {"eventSource": "aws:s3", "eventName": event, "s3": {"object": key}}

    auto = {"key": "auto-insurance-2314.xml", "size": 17}
    home = {"key": "home-insurance-2314.xml", "size": 17}
    plain = {"Records": [record("ObjectCreated:Put", auto)]}
    deep = {
        "Records": [record("ObjectCreated:Put", [[auto]]), record("ObjectRemoved:Delete", home)]
    }
    refused = {"Records": [record("ObjectCreated:Put", home)]}
    split = {"Records": [record("ObjectCreated:Put", home), record("ObjectRemoved:Delete", auto)]}

    assert passed(sns, sqs, topic, url, plain, deep, refused, split) == [plain, deep]


@pytest.mark.parametrize(
    "policy", [{"object.nested": ["string.value"]}, {"object": {"nested": ["string.value"]}}]
)
def test_a_dot_in_a_name_is_a_level_of_nesting(sns: Any, sqs: Any, topic: str, policy: Any) -> None:
    url = body_filter(sns, sqs, topic, policy)
    nested = {"object": {"nested": "string.value"}}
    dotted = {"object.nested": "string.value"}
    other = {"object": {"nested.test": "string.value"}}

    assert passed(sns, sqs, topic, url, nested, dotted, other) == [nested, dotted]


def test_dots_and_levels_mix(sns: Any, sqs: Any, topic: str) -> None:
    url = body_filter(sns, sqs, topic, {"object.nested.test": ["string.value"]})
    bodies = [
        {"object": {"nested": {"test": "string.value"}}},
        {"object.nested.test": "string.value"},
        {"object.nested": {"test": "string.value"}},
        {"object": {"nested.test": "string.value"}},
    ]

    assert passed(sns, sqs, topic, url, *bodies) == bodies


def test_one_alternative_of_or_is_enough(sns: Any, sqs: Any, topic: str) -> None:
    policy = {
        "detail": {
            "scope": ["Service"],
            "$or": [{"source": ["aws.cloudwatch"]}, {"type": ["CloudWatch Alarm State Change"]}],
        },
        "$or": [
            {"metricName": ["CPUUtilization", "ReadLatency"]},
            {"namespace": ["AWS/EC2", "AWS/ES"]},
        ],
    }
    url = body_filter(sns, sqs, topic, policy)
    source = {"scope": "Service", "source": "aws.cloudwatch"}
    alarm = {"scope": "Service", "type": "CloudWatch Alarm State Change"}
    accepted = [
        {"metricName": "CPUUtilization", "detail": source},
        {"metricName": "CPUUtilization", "detail": alarm},
        {"metricName": "ReadLatency", "detail": source},
        {"namespace": "AWS/EC2", "detail": source},
        {"namespace": "AWS/ES", "detail": source},
    ]
    refused = [
        {"metricName": "CPUUtilization", "detail": {"scope": "Service"}},
        {"metricName": "Wrong", "detail": source},
        {"detail": source},
        {"namespace": "AWS/EC2", "detail": {"source": "aws.cloudwatch"}},
    ]

    assert passed(sns, sqs, topic, url, *refused, *accepted) == accepted
