from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sns.support_sns import ACCOUNT, REGION, invalid, refusal, subscribe
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.sns.limits import Limits

UNKNOWN = f"arn:aws:sns:{REGION}:{ACCOUNT}:none"


def attributes(sns: Any, topic: str) -> dict[str, str]:
    return sns.get_topic_attributes(TopicArn=topic)["Attributes"]


def set_attribute(sns: Any, topic: str, name: str, value: str) -> None:
    sns.set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)


def tags(sns: Any, topic: str) -> dict[str, str]:
    listed = sns.list_tags_for_resource(ResourceArn=topic)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Unknown", "x", "AttributeName"),
        ("FifoTopic", "true", "AttributeName"),
        ("Owner", "x", "AttributeName"),
        ("SignatureVersion", "3", "SignatureVersion: Invalid value [3]. Must be 1 or 2."),
        (
            "TracingConfig",
            "On",
            "TracingConfig: Invalid value [On]. Must be PassThrough or Active.",
        ),
        (
            "MaximumMessageSize",
            "1023",
            "MaximumMessageSize: Invalid value [1023]. Must be between 1024 and 1048576.",
        ),
        (
            "SQSSuccessFeedbackSampleRate",
            "101",
            "SQSSuccessFeedbackSampleRate: Invalid value [101]. Must be between 0 and 100.",
        ),
        (
            "ContentBasedDeduplication",
            "true",
            "ContentBasedDeduplication: can only be set for FIFO topics",
        ),
        ("DisplayName", "x" * 101, "DisplayName"),
        ("DeliveryPolicy", "{", "DeliveryPolicy: failed to parse JSON."),
        ("Policy", "{", "Policy Error: null"),
        # "SNS requires a policy for a topic", says AWS's own handler of AWS::SNS::TopicPolicy in
        # https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-sns
        ("Policy", "", "Policy Error: null"),
        (
            "Policy",
            '{"Statement": [{"Action": "s3:GetObject"}]}',
            "Policy statement action out of service scope!",
        ),
        # https://github.com/cloud-custodian/cloud-custodian/issues/1779 quotes AWS
        ("Policy", '{"Statement": []}', "Policy Error: null"),
        # https://github.com/serverless/serverless/issues/5519 quotes AWS
        (
            "Policy",
            '{"Statement": [{"Effect": "Allow", "Action": [{"sns": "Publish"}], "Resource": "r"}]}',
            "Policy Error: null",
        ),
        (
            "Policy",
            '{"Statement": {"Effect": "Allow", "Action": "sns:Publish", "Resource": "r"}}',
            "Policy Error: null",
        ),
        (
            "Policy",
            '{"Statement": [{"Action": ["sns:Publish", "sns:CreateTopic"]}]}',
            # https://github.com/hashicorp/terraform/issues/12740 quotes AWS
            "Policy statement action out of service scope!",
        ),
    ],
)
def test_attributes_are_checked(sns: Any, topic: str, name: str, value: str, message: str) -> None:
    answer = refusal(
        sns.set_topic_attributes, TopicArn=topic, AttributeName=name, AttributeValue=value
    )

    assert answer == invalid(f"Invalid parameter: {message}")


def test_create_topic_names_an_attribute_that_does_not_exist(sns: Any) -> None:
    """Source: https://github.com/hashicorp/terraform-provider-aws/pull/22282 quotes AWS."""
    answer = refusal(sns.create_topic, Name="t", Attributes={"Unknown": "x"})

    assert answer == invalid("Invalid parameter: Attributes Reason: Unknown attribute Unknown")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DisplayName", "Name"),
        ("DeliveryPolicy", '{"http": {"defaultThrottlePolicy": {"maxReceivesPerSecond": 5}}}'),
        ("KmsMasterKeyId", "alias/aws/sns"),
        ("MaximumMessageSize", "1024"),
        ("SignatureVersion", "2"),
        ("TracingConfig", "Active"),
    ],
)
@pytest.mark.parametrize("nothing", [{}, {"AttributeValue": ""}], ids=["absent", "empty"])
def test_an_attribute_without_a_value_is_taken_away(
    sns: Any, topic: str, name: str, value: str, nothing: dict[str, str]
) -> None:
    """So does AWS's own handler of AWS::SNS::Topic, for a property that is not there any more.

    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-sns
    """
    before = attributes(sns, topic)
    set_attribute(sns, topic, name, value)
    assert attributes(sns, topic) != before

    sns.set_topic_attributes(TopicArn=topic, AttributeName=name, **nothing)

    assert attributes(sns, topic) == before


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({}, {}, True),
        ({"DisplayName": "a"}, {}, True),
        ({"DisplayName": "a"}, {"DisplayName": "a"}, True),
        ({"DisplayName": "a"}, {"DisplayName": "b"}, False),
        ({}, {"DisplayName": "b"}, False),
        ({"KmsMasterKeyId": "k"}, {"KmsMasterKeyId": ""}, False),
        ({"KmsMasterKeyId": "k"}, {}, True),
        ({}, {"KmsMasterKeyId": ""}, True),
    ],
)
def test_create_topic_again_compares_the_attributes_that_are_given(
    sns: Any, first: dict[str, str], second: dict[str, str], same: bool
) -> None:
    arn = sns.create_topic(Name="t", Attributes=first)["TopicArn"]

    if same:
        assert sns.create_topic(Name="t", Attributes=second)["TopicArn"] == arn
    else:
        assert refusal(sns.create_topic, Name="t", Attributes=second) == invalid(
            "Invalid parameter: Attributes Reason: Topic already exists with different attributes"
        )


@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [
        ("t", "SignatureVersion", "1"),
        ("t", "TracingConfig", "PassThrough"),
        ("t", "MaximumMessageSize", "262144"),
        ("t", "DisplayName", ""),
        ("t.fifo", "FifoThroughputScope", "Topic"),
        ("t.fifo", "ContentBasedDeduplication", "false"),
    ],
)
def test_creating_a_topic_again_with_what_holds_anyway(
    sns: Any, name: str, attribute: str, value: str
) -> None:
    """SNS API reference, CreateTopic and GetTopicAttributes: the defaults of attributes."""
    kind = {"FifoTopic": "true"} if name.endswith(".fifo") else {}
    arn = sns.create_topic(Name=name, Attributes=kind)["TopicArn"]

    again = sns.create_topic(Name=name, Attributes=kind | {attribute: value})

    assert again["TopicArn"] == arn


def test_a_display_name_has_at_most_100_characters(sns: Any) -> None:
    """Quoted from AWS: github.com/aws-solutions/cognito-user-profiles-export-reference-architecture, 7."""
    answer = refusal(sns.create_topic, Name="t", Attributes={"DisplayName": "x" * 101})

    assert answer == invalid("Invalid parameter: Attributes Reason: DisplayName")


def test_deleting_a_topic_takes_its_subscriptions_with_it(sns: Any, topic: str) -> None:
    subscribe(sns, topic)

    sns.delete_topic(TopicArn=topic)
    sns.delete_topic(TopicArn=topic)

    assert sns.list_subscriptions()["Subscriptions"] == []
    assert refusal(sns.get_topic_attributes, TopicArn=topic)[0] == "NotFound"


def test_counts_of_subscriptions(sns: Any, topic: str) -> None:
    subscribe(sns, topic, "a")
    gone = subscribe(sns, topic, "b")
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    sns.unsubscribe(SubscriptionArn=gone)

    shown = attributes(sns, topic)

    counts = {name[13:]: shown[name] for name in shown if name.startswith("Subscriptions")}
    assert counts == {"Confirmed": "1", "Pending": "1", "Deleted": "1"}


def test_topics_are_listed_by_hundreds_for_their_account_and_region(aws: InProcess) -> None:
    sns = aws.client("sns")
    arns = [sns.create_topic(Name=f"t{position}")["TopicArn"] for position in range(250)]
    aws.client("sns", account="222222222222").create_topic(Name="other")
    aws.client("sns", region="us-east-1").create_topic(Name="elsewhere")

    pages = [sns.list_topics()]
    while "NextToken" in pages[-1]:
        pages.append(sns.list_topics(NextToken=pages[-1]["NextToken"]))

    assert [len(page["Topics"]) for page in pages] == [100, 100, 50]
    assert [item["TopicArn"] for page in pages for item in page["Topics"]] == arns


def test_an_empty_token_starts_a_listing(sns: Any, topic: str) -> None:
    """Programs that loop over pages begin with one."""
    assert sns.list_topics(NextToken="")["Topics"] == [{"TopicArn": topic}]


@pytest.mark.parametrize("token", ["x", "!", "c25zOi0x", "b3RoZXI6NQ=="])
def test_a_token_that_no_listing_gave(sns: Any, token: str) -> None:
    assert refusal(sns.list_topics, NextToken=token) == invalid("Invalid parameter: NextToken")


def test_tags(sns: Any) -> None:
    topic = sns.create_topic(Name="t", Tags=[{"Key": "a", "Value": "1"}])["TopicArn"]

    sns.tag_resource(
        ResourceArn=topic, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
    )
    assert tags(sns, topic) == {"a": "2", "b": ""}

    sns.untag_resource(ResourceArn=topic, TagKeys=["a", "none"])
    assert tags(sns, topic) == {"b": ""}


def test_creating_a_topic_again_with_fewer_tags_changes_nothing(sns: Any) -> None:
    """Nothing that is asked for is missing; how AWS answers is known from practice, not documented."""
    given = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    topic = sns.create_topic(Name="t", Tags=given)["TopicArn"]

    for fewer in (given, given[:1], []):
        assert sns.create_topic(Name="t", Tags=fewer)["TopicArn"] == topic

    assert tags(sns, topic) == {"a": "1", "b": "2"}


def test_tags_are_checked(sns: Any, topic: str) -> None:
    many = [{"Key": str(position), "Value": "x"} for position in range(51)]
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]

    assert refusal(sns.tag_resource, ResourceArn=topic, Tags=many)[0] == "TagLimitExceeded"
    assert refusal(sns.tag_resource, ResourceArn=topic, Tags=twice) == invalid(
        "Invalid parameter: Duplicated keys are not allowed."
    )
    assert refusal(
        sns.tag_resource, ResourceArn=topic, Tags=[{"Key": "aws:x", "Value": "1"}]
    ) == invalid("Invalid parameter: Tags Reason: aws: prefixed tag key names are not allowed")
    assert tags(sns, topic) == {}


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("tag_resource", {"Tags": [{"Key": "a", "Value": "1"}]}),
        ("untag_resource", {"TagKeys": ["a"]}),
        ("list_tags_for_resource", {}),
    ],
)
def test_tags_of_a_topic_that_does_not_exist(
    sns: Any, operation: str, params: dict[str, Any]
) -> None:
    answer = refusal(getattr(sns, operation), ResourceArn=UNKNOWN, **params)

    assert answer == ("ResourceNotFound", "Resource does not exist", 404)


def test_permissions_are_added_and_removed_by_label(sns: Any, topic: str) -> None:
    before = attributes(sns, topic)["Policy"]
    grant = {
        "TopicArn": topic,
        "Label": "label",
        "AWSAccountId": ["222222222222", "333333333333"],
        "ActionName": ["Publish", "Subscribe"],
    }

    sns.add_permission(**grant)

    statement = json.loads(attributes(sns, topic)["Policy"])["Statement"][-1]
    assert statement["Principal"]["AWS"] == [
        "arn:aws:iam::222222222222:root",
        "arn:aws:iam::333333333333:root",
    ]
    assert statement["Action"] == ["SNS:Publish", "SNS:Subscribe"]
    assert refusal(sns.add_permission, **grant) == invalid(
        "Invalid parameter: Statement already exists"
    )
    sns.remove_permission(TopicArn=topic, Label="label")
    sns.remove_permission(TopicArn=topic, Label="label")
    assert json.loads(attributes(sns, topic)["Policy"]) == json.loads(before)


@pytest.mark.parametrize("action", ["SendMessage", "SetSubscriptionAttributes"])
def test_permissions_are_for_actions_on_topics(sns: Any, topic: str, action: str) -> None:
    """Source: https://github.com/aws/aws-cli/issues/3143 quotes AWS; `Receive` passes there."""
    answer = refusal(
        sns.add_permission,
        TopicArn=topic,
        Label="l",
        AWSAccountId=["222222222222"],
        ActionName=["Publish", action],
    )

    assert answer == invalid("Invalid parameter: Policy statement action out of service scope!")


@pytest.mark.parametrize("accounts", [[], ["123"], ["222222222222", "*"]])
def test_permissions_are_for_accounts(sns: Any, topic: str, accounts: list[str]) -> None:
    """API reference, AddPermission: the ids of AWS accounts."""
    answer = refusal(
        sns.add_permission,
        TopicArn=topic,
        Label="l",
        AWSAccountId=accounts,
        ActionName=["Publish"],
    )

    assert answer == invalid("Invalid parameter: AWSAccountId")


def test_data_protection_policies(sns: Any, topic: str, fifo_topic: str) -> None:
    policy = json.dumps({"Name": "p", "Version": "2021-06-01", "Statement": []})
    assert sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"] == ""

    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=policy)

    assert sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"] == policy
    assert refusal(
        sns.put_data_protection_policy, ResourceArn=fifo_topic, DataProtectionPolicy=policy
    ) == invalid(
        "Invalid parameter: DataProtectionPolicy Reason: Data protection policies are not "
        "supported for FIFO topics"
    )


def test_creating_a_topic_again_compares_its_data_protection_policy(sns: Any) -> None:
    """SNS API reference, CreateTopic: that topic's ARN is returned; a bad policy is still bad."""
    policy = json.dumps({"Name": "p", "Version": "2021-06-01", "Statement": []})
    arn = sns.create_topic(Name="t", DataProtectionPolicy=policy)["TopicArn"]

    assert sns.create_topic(Name="t", DataProtectionPolicy=policy)["TopicArn"] == arn
    other = policy.replace('"p"', '"other"')
    assert refusal(sns.create_topic, Name="t", DataProtectionPolicy=other) == invalid(
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes"
    )
    assert refusal(sns.create_topic, Name="t", DataProtectionPolicy="x") == invalid(
        "Invalid parameter: DataProtectionPolicy Reason: The policy is not valid JSON"
    )


def test_a_permission_has_a_label(sns: Any, topic: str) -> None:
    """SNS API reference, AddPermission: "a unique identifier"; the words are ours."""
    answer = refusal(
        sns.add_permission,
        TopicArn=topic,
        Label="",
        AWSAccountId=["222222222222"],
        ActionName=["Publish"],
    )

    assert answer == invalid("Invalid parameter: Label")


def test_large_topics_have_few_subscriptions_of_some_protocols(sns: Any, topic: str) -> None:
    """API reference, MaximumMessageSize: at most 100, of SQS, Firehose and Lambda."""
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15551234567")

    answer = refusal(
        sns.set_topic_attributes,
        TopicArn=topic,
        AttributeName="MaximumMessageSize",
        AttributeValue="262145",
    )
    assert answer[0] == "InvalidParameter"
    set_attribute(sns, topic, "MaximumMessageSize", "262144")

    large = sns.create_topic(Name="large", Attributes={"MaximumMessageSize": "1048576"})
    for position in range(100):
        subscribe(sns, large["TopicArn"], f"queue{position}")
    sms = {"Protocol": "sms", "Endpoint": "+15551234567"}
    assert refusal(sns.subscribe, TopicArn=large["TopicArn"], **sms)[0] == "InvalidParameter"
    queue = {"Protocol": "sqs", "Endpoint": f"arn:aws:sqs:{REGION}:{ACCOUNT}:more"}
    assert refusal(sns.subscribe, TopicArn=large["TopicArn"], **queue)[0] == "InvalidParameter"


def test_quotas_of_topics_and_tags(aws: InProcess, sns: Any) -> None:
    aws.cloud.sns.set_limits(Limits(topics=2, fifo_topics=1, tags_per_topic=1))
    for name in ("a", "b"):
        sns.create_topic(Name=name)
    fifo = {"FifoTopic": "true"}
    sns.create_topic(Name="a.fifo", Attributes=fifo)

    assert refusal(sns.create_topic, Name="c")[0] == "TopicLimitExceeded"
    assert refusal(sns.create_topic, Name="b.fifo", Attributes=fifo)[0] == "TopicLimitExceeded"
    assert sns.create_topic(Name="a")
    sns.delete_topic(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:a")
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]
    assert refusal(sns.create_topic, Name="c", Tags=tags)[0] == "TagLimitExceeded"
    assert sns.create_topic(Name="c")


@pytest.mark.parametrize("protocol", ["Application", "Firehose", "HTTP", "Lambda", "SQS"])
def test_delivery_status_is_logged_by_a_role(sns: Any, topic: str, protocol: str) -> None:
    """SNS API reference, SetTopicAttributes: `...FeedbackRoleArn` is the ARN of a role."""
    attribute = {"TopicArn": topic, "AttributeName": f"{protocol}FailureFeedbackRoleArn"}

    answer = refusal(sns.set_topic_attributes, AttributeValue="worker", **attribute)

    assert answer[0] == "InvalidParameter"
    role = "arn:aws:iam::111111111111:role/logs"
    sns.set_topic_attributes(AttributeValue=role, **attribute)
    sns.set_topic_attributes(AttributeValue="", **attribute)
