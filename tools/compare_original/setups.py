"""Handlers set up against SNS + SQS: how queues, topics and subscriptions look when all is done.

Some of it is there before, and some operations may be denied. The driver makes what is there and looks
at what has become of it (`aws.py`); here the handlers are set up.
"""

from __future__ import annotations

import asyncio
import os
import random
from typing import Any

from tools.compare_original.answers import raised
from tools.compare_original.insides import insides

import tomodachi
from tomodachi.transport.aws_sns_sqs import AWSSNSSQSTransport

URL_VARIABLE = "COMPARE_ORIGINAL_AWS_URL"
REGION, ACCOUNT = "eu-west-1", "000000000000"
_DENIABLE = (
    *("sqs.SetQueueAttributes", "sqs.GetQueueUrl", "sqs.CreateQueue", "sqs.GetQueueAttributes"),
    *("sns.SetTopicAttributes", "sns.CreateTopic", "sns.GetTopicAttributes", "sns.Subscribe"),
    *("sns.SetSubscriptionAttributes", "sns.ListTopics", "sts.GetCallerIdentity"),
)
_FILTERS: tuple[Any, ...] = (None, {}, {"a": ["b"]}, '{"c": ["d"]}', {"a": [{"prefix": "x"}]})
_OWN_POLICY, _WILDCARD_POLICY = "arn:aws:sns:*:*:mine*", "arn:aws:sns:*:*:wild*"


def generate(dice: random.Random) -> dict[str, Any]:
    """One to three handlers, options, what is there before, and at times a denied operation."""
    suffix = ".fifo" if dice.random() < 0.15 else ""
    queue = dice.choice((None, f"q{suffix}", f"q{suffix}"))
    topic = dice.choice((None, "t", "t", "t", "t", "a*", "a#"))
    handlers = [_handler(dice, topic, queue, suffix)]
    for number in range(1, dice.choice((1, 1, 2, 3))):
        other = None if queue is None else dice.choice((queue, f"q{number}{suffix}"))
        handlers.append(_handler(dice, dice.choice((topic, "t", "u")), other, suffix))
    return {
        "handlers": handlers,
        "options": _options(dice),
        "before": _before(dice, topic, queue, suffix),
        "denied": dice.choice(_DENIABLE) if dice.random() < 0.25 else None,
        "denied_once": dice.random() < 0.5,
    }


def _handler(
    dice: random.Random, topic: str | None, queue: str | None, suffix: str
) -> dict[str, Any]:
    made: dict[str, Any] = {"topic": topic, "queue_name": queue, "fifo": bool(suffix)}
    made["competing"] = dice.choice((None, True, None if queue else False))
    if dice.random() < 0.6:
        made["filter_policy"] = dice.choice(_FILTERS)
    if dice.random() < 0.5:
        made["visibility_timeout"] = dice.choice((None, 0, 30, 77))
    if dice.random() < 0.3:
        made["dead_letter_queue_name"] = f"dead{suffix}"
        made["max_receive_count"] = dice.choice((3, 7))
    elif dice.random() < 0.2:
        made["dead_letter_queue_name"] = None
    return made


def _options(dice: random.Random) -> dict[str, Any]:
    possible = {
        "sns_kms_master_key_id": ("", False, "alias/aws/sns"),
        "sqs_kms_master_key_id": ("", False, "alias/aws/sqs"),
        "sqs_kms_data_key_reuse_period": (0, 600, 120),
        "queue_policy": (_OWN_POLICY,),
        "wildcard_queue_policy": (_WILDCARD_POLICY,),
    }
    return {name: dice.choice(values) for name, values in possible.items() if dice.random() < 0.4}


def _before(
    dice: random.Random, topic: str | None, queue: str | None, suffix: str
) -> list[list[Any]]:
    """Operations as `[service.operation, parameters]`, in order."""
    calls: list[list[Any]] = []
    fifo = {"FifoQueue": "true"} if suffix else {}
    fifo_topic = {"FifoTopic": "true"} if suffix else {}
    if queue and dice.random() < 0.6:
        calls.append(["sqs.CreateQueue", {"QueueName": f"old{suffix}", "Attributes": fifo}])
        attributes = fifo | _queue_attributes(dice, queue, suffix)
        calls.append(["sqs.CreateQueue", {"QueueName": queue, "Attributes": attributes}])
    if dice.random() < 0.5:
        key = {"KmsMasterKeyId": dice.choice(("alias/aws/sns", "alias/other"))}
        attributes = fifo_topic | (key if dice.random() < 0.5 else {})
        calls.append(["sns.CreateTopic", {"Name": f"t{suffix}", "Attributes": attributes}])
        if queue and len(calls) > 1 and dice.random() < 0.5:
            calls.append(["sns.Subscribe", _subscription(dice, queue, suffix)])
    if topic and topic.startswith("a"):
        names = dice.choice(((), ("ab",), ("ab", "ac___2e_d"), ("ab", "ac", "xx")))
        calls += [
            ["sns.CreateTopic", {"Name": f"{name}{suffix}", "Attributes": fifo_topic}]
            for name in names
        ]
    return calls


def _queue_attributes(dice: random.Random, queue: str, suffix: str) -> dict[str, Any]:
    """Attributes of SQS; what is JSON there is not yet so here, that its parts may be left out."""
    made: dict[str, Any] = {}
    if dice.random() < 0.5:
        made["VisibilityTimeout"] = dice.choice(("30", "55"))
    if dice.random() < 0.4:
        made["KmsMasterKeyId"] = dice.choice(("alias/aws/sqs", "alias/other"))
        made["KmsDataKeyReusePeriodSeconds"] = dice.choice(("300", "600"))
    if dice.random() < 0.5:
        source = dice.choice((_arn("sns", f"t{suffix}"), _OWN_POLICY, "another"))
        statement = {
            "Sid": "own",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "SQS:SendMessage",
            "Resource": _arn("sqs", queue),
            "Condition": {"ArnEquals": {"aws:SourceArn": source}},
        }
        statements = [statement] * dice.choice((1, 1, 2))
        made["Policy"] = {"Version": "2012-10-17", "Id": "other", "Statement": statements}
    if dice.random() < 0.4:
        target = _arn("sqs", f"old{suffix}")
        count = dice.choice((3, "3"))
        made["RedrivePolicy"] = {"deadLetterTargetArn": target, "maxReceiveCount": count}
    return made


def _subscription(dice: random.Random, queue: str, suffix: str) -> dict[str, Any]:
    policy = dice.choice((None, {"a": ["b"]}, {"z": [1]}))
    return {
        "TopicArn": _arn("sns", f"t{suffix}"),
        "Protocol": "sqs",
        "Endpoint": _arn("sqs", queue),
        "Attributes": {"FilterPolicy": policy} if policy else {},
    }


def _arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


async def answer(case: dict[str, Any]) -> Any:
    """Whether the set-up went through; what it left on AWS the driver adds."""
    url = os.environ[URL_VARIABLE]
    own = {"region_name": REGION, "aws_access_key_id": "k", "aws_secret_access_key": "s"}

    class Service(tomodachi.Service):
        name = "own"
        uuid = "own-uuid"
        options = tomodachi.Options(
            aws_sns_sqs=own | case.get("options", {}),
            aws_endpoint_urls={"sns": url, "sqs": url, "sts": url},
        )

    # Any: the service is a class of the framework that is there.
    service: Any = Service()
    before = asyncio.all_tasks()
    service.context = {"options": service.options, "uuid": "own-uuid"}
    try:
        return {"refused": await _set_up(service, case["handlers"])}
    finally:
        await insides().forget(service.context, asyncio.all_tasks() - before)


async def _set_up(service: Any, handlers: list[dict[str, Any]]) -> Any:
    starts = []
    try:
        for number, given in enumerate(handlers):
            starts.append(await _subscribe(service, f"handler_{number}", given))
        await starts[0]()
    except Exception as error:  # noqa: BLE001 - what is raised is what is compared
        return raised(error)
    return None


async def _subscribe(service: Any, name: str, given: dict[str, Any]) -> Any:
    async def handler(self: Any, message: Any) -> None:
        """Never called: nothing is published."""

    handler.__name__ = name
    keywords = dict(given)
    topic, competing = keywords.pop("topic", None), keywords.pop("competing", None)
    queue_name = keywords.pop("queue_name", None)
    return await AWSSNSSQSTransport.subscribe_handler(
        service, service.context, handler, topic, None, competing, queue_name, **keywords
    )
