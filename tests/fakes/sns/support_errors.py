"""A request for every error of SNS's model, by its code on the wire.

Read by the test of the errors and by the page of what is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.fakes.sns.support_sns import ACCOUNT, REGION, subscribe
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.sns.limits import Limits

# Nothing that a request says leads to these: they are for states of AWS itself. A fault plan brings
# them about, with this status.
PLANNED = {
    "ConcurrentAccess": 400,
    "InternalError": 500,
    "InvalidSecurity": 403,
    "KMSOptInRequired": 403,
    "KMSThrottling": 400,
    "StaleTag": 400,
    "TagPolicy": 400,
    "Throttled": 429,
}
NUMBER = "+15551230099"
LIMITS = Limits(
    topics=2,
    filter_policies_per_topic=1,
    subscriptions_per_topic=2,
    replays_per_topic=1,
    tags_per_topic=1,
    sandbox_numbers=0,
)


class Situation:
    """A topic `t`, quotas that are soon reached, and a client."""

    def __init__(self, aws: InProcess) -> None:
        self.aws = aws
        self.aws.cloud = Cloud(
            ids=SeededIds(7), events=aws.events, faults=aws.faults, enforce_policies=True
        )
        self.aws.cloud.sns.set_limits(LIMITS)
        self.sns = aws.client("sns")
        self.topic: str = self.sns.create_topic(Name="t")["TopicArn"]

    def with_key(self, change: Callable[[Any, str], object]) -> None:
        kms = self.aws.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/k", TargetKeyId=key)
        self.sns.set_topic_attributes(
            TopicArn=self.topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/k"
        )
        change(kms, key)
        self.sns.publish(TopicArn=self.topic, Message="a")

    def publish_batch(self, *ids: str, message: str = "a") -> None:
        entries = [{"Id": entry_id, "Message": message} for entry_id in ids]
        self.sns.publish_batch(TopicArn=self.topic, PublishBatchRequestEntries=entries)

    def device(self) -> tuple[str, str]:
        application = self.sns.create_platform_application(
            Name="a", Platform="GCM", Attributes={"PlatformCredential": "c"}
        )["PlatformApplicationArn"]
        endpoint = self.sns.create_platform_endpoint(PlatformApplicationArn=application, Token="t")
        return application, endpoint["EndpointArn"]

    def replaying(self, *queues: str) -> str:
        attributes = {"FifoTopic": "true", "ArchivePolicy": '{"MessageRetentionPeriod": "2"}'}
        topic: str = self.sns.create_topic(Name="t.fifo", Attributes=attributes)["TopicArn"]
        policy = json.dumps({"PointType": "Timestamp", "StartingPoint": "2026-01-01T00:00:00.000Z"})
        for queue in queues:
            subscribe(self.sns, topic, queue, ReplayPolicy=policy)
        return topic


def deny(s: Situation) -> None:
    s.with_key(lambda _, key: s.aws.cloud.kms.registry.deny(key, account=ACCOUNT, region=REGION))


def disabled_endpoint(s: Situation) -> None:
    _, endpoint = s.device()
    s.sns.set_endpoint_attributes(EndpointArn=endpoint, Attributes={"Enabled": "false"})
    s.sns.publish(TargetArn=endpoint, Message="a")


def disabled_application(s: Situation) -> None:
    application, endpoint = s.device()
    s.sns.set_platform_application_attributes(
        PlatformApplicationArn=application, Attributes={"Enabled": "false"}
    )
    s.sns.publish(TargetArn=endpoint, Message="a")


def two_filter_policies(s: Situation) -> None:
    for queue in ("a", "b"):
        subscribe(s.sns, s.topic, queue, FilterPolicy='{"a": ["b"]}')


def three_subscriptions(s: Situation) -> None:
    for queue in ("a", "b", "c"):
        subscribe(s.sns, s.topic, queue)


def three_topics(s: Situation) -> None:
    for name in ("u", "v"):
        s.sns.create_topic(Name=name)


def archive_off_while_replaying(s: Situation) -> None:
    topic = s.replaying("a.fifo")
    s.sns.set_topic_attributes(TopicArn=topic, AttributeName="ArchivePolicy", AttributeValue="{}")


def opted_out(s: Situation) -> None:
    s.aws.cloud.sns.opt_out(NUMBER, account=ACCOUNT, region=REGION, now=s.aws.now)
    s.sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)


def wrong_password(s: Situation) -> None:
    s.aws.cloud.sns.set_limits(Limits())
    s.sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    s.sns.verify_sms_sandbox_phone_number(PhoneNumber=NUMBER, OneTimePassword="00000")


def publish_as_another(s: Situation) -> None:
    s.aws.client("sns", account="222222222222").publish(TopicArn=s.topic, Message="a")


def publish_untyped(s: Situation) -> None:
    attributes = {"a": {"DataType": "none", "StringValue": "b"}}
    s.sns.publish(TopicArn=s.topic, Message="a", MessageAttributes=attributes)


def tag_twice(s: Situation) -> None:
    tags = [{"Key": key, "Value": "v"} for key in "ab"]
    s.sns.tag_resource(ResourceArn=s.topic, Tags=tags)


REQUESTS: dict[str, Callable[[Situation], object]] = {
    "AuthorizationError": publish_as_another,
    "BatchEntryIdsNotDistinct": lambda s: s.publish_batch("a", "a"),
    "BatchRequestTooLong": lambda s: s.publish_batch("a", "b", message="x" * 140_000),
    "EmptyBatchRequest": lambda s: s.publish_batch(),
    "EndpointDisabled": disabled_endpoint,
    "FilterPolicyLimitExceeded": two_filter_policies,
    "InvalidBatchEntryId": lambda s: s.publish_batch("a b"),
    "InvalidParameter": lambda s: s.sns.create_topic(Name="a b"),
    "InvalidState": archive_off_while_replaying,
    "KMSAccessDenied": deny,
    "KMSDisabled": lambda s: s.with_key(lambda kms, key: kms.disable_key(KeyId=key)),
    "KMSInvalidState": lambda s: s.with_key(lambda kms, key: kms.schedule_key_deletion(KeyId=key)),
    "KMSNotFound": lambda s: s.with_key(lambda kms, _: kms.delete_alias(AliasName="alias/k")),
    "NotFound": lambda s: s.sns.publish(TopicArn=f"{s.topic}-none", Message="a"),
    "OptedOut": opted_out,
    "ParameterValueInvalid": publish_untyped,
    "PlatformApplicationDisabled": disabled_application,
    "ReplayLimitExceeded": lambda s: s.replaying("a.fifo", "b.fifo"),
    "ResourceNotFound": lambda s: s.sns.list_tags_for_resource(ResourceArn=f"{s.topic}-none"),
    "SubscriptionLimitExceeded": three_subscriptions,
    "TagLimitExceeded": tag_twice,
    "TooManyEntriesInBatchRequest": lambda s: s.publish_batch(*"abcdefghijk"),
    "TopicLimitExceeded": three_topics,
    "UserError": lambda s: s.sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER),
    "ValidationException": lambda s: s.sns.list_origination_numbers(MaxResults=31),
    "VerificationException": wrong_password,
}
