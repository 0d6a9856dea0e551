"""Run by another Python, whose botocore still has AWS's own model of SQS's query protocol.

Prints what that client makes of every answer, as JSON: `python support_boto3_query.py ENDPOINT`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import boto3
from botocore.exceptions import ClientError


def conversation(sqs: Any) -> dict[str, Any]:
    """Every operation once, and some errors, by name."""
    said: dict[str, Any] = {"protocol": sqs.meta.service_model.protocol}

    def ask(name: str, **params: Any) -> Any:
        try:
            answer = getattr(sqs, name)(**params)
        except ClientError as error:
            answer = error.response
        answer.pop("ResponseMetadata")
        said.setdefault(name, []).append(answer)
        return answer

    dead = ask("create_queue", QueueName="query-dead")["QueueUrl"]
    arn = ask("get_queue_attributes", QueueUrl=dead, AttributeNames=["QueueArn"])
    arn = arn["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    attributes = {"RedrivePolicy": policy, "VisibilityTimeout": "0"}
    url = ask("create_queue", QueueName="query", Attributes=attributes, tags={"a": "1", "b": ""})
    url = url["QueueUrl"]
    ask("get_queue_url", QueueName="query")
    ask("list_queues", QueueNamePrefix="query")
    ask("list_dead_letter_source_queues", QueueUrl=dead)
    ask("tag_queue", QueueUrl=url, Tags={"c": "<&>"})
    ask("untag_queue", QueueUrl=url, TagKeys=["a"])
    ask("list_queue_tags", QueueUrl=url)
    given = {"AWSAccountIds": ["222222222222"], "Actions": ["SendMessage", "ReceiveMessage"]}
    ask("add_permission", QueueUrl=url, Label="l", **given)
    ask("remove_permission", QueueUrl=url, Label="l")
    ask("set_queue_attributes", QueueUrl=url, Attributes={"DelaySeconds": "0"})
    ask(
        "send_message",
        QueueUrl=url,
        MessageBody="é <&>\r\n☃",
        MessageAttributes={
            "text": {"DataType": "String.x", "StringValue": "v"},
            "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        },
        MessageSystemAttributes={
            "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3f"}
        },
    )
    entries = [{"Id": "good", "MessageBody": "m"}, {"Id": "bad", "MessageBody": "\0"}]
    ask("send_message_batch", QueueUrl=url, Entries=entries)
    received = ask(
        "receive_message",
        QueueUrl=url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=30,
        AttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    first, second = (message["ReceiptHandle"] for message in received["Messages"])
    ask("change_message_visibility", QueueUrl=url, ReceiptHandle=first, VisibilityTimeout=0)
    timed = {"Id": "1", "ReceiptHandle": second, "VisibilityTimeout": 60}
    ask("change_message_visibility_batch", QueueUrl=url, Entries=[timed])
    ask("delete_message", QueueUrl=url, ReceiptHandle=second)
    ask("delete_message_batch", QueueUrl=url, Entries=[{"Id": "1", "ReceiptHandle": "x"}])
    ask("receive_message", QueueUrl=url)
    task = ask("start_message_move_task", SourceArn=arn)["TaskHandle"]
    ask("list_message_move_tasks", SourceArn=arn)
    ask("cancel_message_move_task", TaskHandle=task)
    ask("purge_queue", QueueUrl=url)
    ask("purge_queue", QueueUrl=url)
    ask("delete_queue", QueueUrl=url)
    ask("delete_queue", QueueUrl=dead)
    ask("send_message", QueueUrl=url, MessageBody="late")
    return said


if __name__ == "__main__":
    client = boto3.client(
        "sqs",
        endpoint_url=sys.argv[1],
        region_name="eu-central-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="secret",
    )
    json.dump(conversation(client), sys.stdout, default=lambda blob: blob.hex())
