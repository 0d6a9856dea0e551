"""A request for every error of SQS's model, with the code that AWS's documentation gives.

Read by the test of the errors and by the page of what is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.fakes.support_boto import InProcess

from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.sqs.limits import SqsOptions

PREFIX = "AWS.SimpleQueueService."
# Throttling and account-wide refusals have no cause inside a fake; a fault plan brings them about.
PLANNED = {
    "InvalidSecurity": "InvalidSecurity",
    "KmsOptInRequired": "KMS.OptInRequired",
    "KmsThrottled": "KMS.ThrottlingException",
    "RequestThrottled": "RequestThrottled",
}
# A deprecated shape that AWS says was folded into ReceiptHandleIsInvalid.
NEVER = {"InvalidIdFormat"}


class Situation:
    """A queue `q` (and whatever a test makes beside it) and a client in either protocol."""

    def __init__(self, aws: InProcess, protocol: str) -> None:
        self.aws = aws
        options = SqsOptions(recreate_wait=True, max_in_flight=1)
        self.aws.cloud = Cloud(
            ids=aws.cloud.dispatcher._ids, events=aws.events, faults=aws.faults, sqs_options=options
        )
        self.sqs = aws.client("sqs", protocol)
        self.url = self.sqs.create_queue(QueueName="q")["QueueUrl"]

    def call(self, operation: str, **params: Any) -> Any:
        params.setdefault("QueueUrl", self.url)
        return getattr(self.sqs, operation)(**params)

    def with_key(self, change: Callable[[Any, str], object], **given: Any) -> None:
        kms = self.aws.client("kms")
        key = kms.create_key(**given)["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/k", TargetKeyId=key)
        self.call("set_queue_attributes", Attributes={"KmsMasterKeyId": "alias/k"})
        change(kms, key)
        self.call("send_message", MessageBody="a")

    def received(self) -> str:
        self.call("send_message", MessageBody="a")
        handle: str = self.call("receive_message", VisibilityTimeout=1)["Messages"][0][
            "ReceiptHandle"
        ]
        return handle


def deny(s: Situation) -> Callable[[Any, str], None]:
    def change(_: Any, key: str) -> None:
        s.aws.cloud.kms.registry.deny(key, account="111111111111", region="eu-west-1")

    return change


def recreate(s: Situation) -> None:
    s.call("delete_queue")
    s.sqs.create_queue(QueueName="q")


def change_when_visible(s: Situation) -> None:
    handle = s.received()
    s.aws.advance(1)
    s.call("change_message_visibility", ReceiptHandle=handle, VisibilityTimeout=1)


def over_limit(s: Situation) -> None:
    s.received()
    s.call("receive_message")


def purge_twice(s: Situation) -> None:
    s.call("purge_queue")
    s.call("purge_queue")


def cancel_finished(s: Situation) -> None:
    arn = "arn:aws:sqs:eu-west-1:111111111111:q"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    s.sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": policy})
    handle = s.sqs.start_message_move_task(SourceArn=arn)["TaskHandle"]
    s.sqs.cancel_message_move_task(TaskHandle=handle)


def entries(*ids: str, body: str = "a") -> list[dict[str, str]]:
    return [{"Id": entry_id, "MessageBody": body} for entry_id in ids]


def batch(*ids: str, body: str = "a") -> Callable[[Situation], object]:
    return lambda s: s.call("send_message_batch", Entries=entries(*ids, body=body))


REQUESTS: dict[str, tuple[str, Callable[[Situation], object]]] = {
    "BatchEntryIdsNotDistinct": (PREFIX + "BatchEntryIdsNotDistinct", batch("a", "a")),
    "BatchRequestTooLong": (PREFIX + "BatchRequestTooLong", batch("a", "b", body="x" * 600_000)),
    "EmptyBatchRequest": (PREFIX + "EmptyBatchRequest", batch()),
    "InvalidAddress": ("InvalidAddress", lambda s: s.call("purge_queue", QueueUrl="http://x/y")),
    "InvalidAttributeName": (
        "InvalidAttributeName",
        lambda s: s.call("get_queue_attributes", AttributeNames=["x"]),
    ),
    "InvalidAttributeValue": (
        "InvalidAttributeValue",
        lambda s: s.call("set_queue_attributes", Attributes={"DelaySeconds": "x"}),
    ),
    "InvalidBatchEntryId": (PREFIX + "InvalidBatchEntryId", batch("a b")),
    "InvalidMessageContents": (
        "InvalidMessageContents",
        lambda s: s.call("send_message", MessageBody="\x00"),
    ),
    "KmsAccessDenied": ("KMS.AccessDeniedException", lambda s: s.with_key(deny(s))),
    "KmsDisabled": (
        "KMS.DisabledException",
        lambda s: s.with_key(lambda kms, key: kms.disable_key(KeyId=key)),
    ),
    "KmsInvalidKeyUsage": (
        "KMS.InvalidKeyUsageException",
        lambda s: s.with_key(lambda kms, key: None, KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048"),
    ),
    "KmsInvalidState": (
        "KMS.InvalidStateException",
        lambda s: s.with_key(lambda kms, key: kms.schedule_key_deletion(KeyId=key)),
    ),
    "KmsNotFound": (
        "KMS.NotFoundException",
        lambda s: s.with_key(lambda kms, key: kms.delete_alias(AliasName="alias/k")),
    ),
    "MessageNotInflight": (PREFIX + "MessageNotInflight", change_when_visible),
    "OverLimit": ("OverLimit", over_limit),
    "PurgeQueueInProgress": (PREFIX + "PurgeQueueInProgress", purge_twice),
    "QueueDeletedRecently": (PREFIX + "QueueDeletedRecently", recreate),
    "QueueDoesNotExist": (
        PREFIX + "NonExistentQueue",
        lambda s: s.call("purge_queue", QueueUrl="none"),
    ),
    "QueueNameExists": (
        "QueueAlreadyExists",
        lambda s: s.sqs.create_queue(QueueName="q", Attributes={"DelaySeconds": "1"}),
    ),
    "ReceiptHandleIsInvalid": (
        "ReceiptHandleIsInvalid",
        lambda s: s.call("delete_message", ReceiptHandle="x"),
    ),
    "ResourceNotFoundException": (
        "ResourceNotFoundException",
        lambda s: s.sqs.list_message_move_tasks(SourceArn="arn:aws:sqs:eu-west-1:1:x"),
    ),
    "TooManyEntriesInBatchRequest": (
        PREFIX + "TooManyEntriesInBatchRequest",
        batch(*"abcdefghijk"),
    ),
    "UnsupportedOperation": (PREFIX + "UnsupportedOperation", cancel_finished),
}
