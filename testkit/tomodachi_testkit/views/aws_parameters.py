"""What AWS is sent for what a test says: parameters of Publish, SendMessage and of what makes things.

The same on the fakes and at a real endpoint; who is asked is for the views to decide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tomodachi_testkit.views.decode import wire_attributes

BY_CONTENT = "ContentBasedDeduplication"
_FIFO = ".fifo"


def message_params(
    attributes: Mapping[str, Any] | None,
    group: str | None,
    dedup: str | None,
    **further: Any,
) -> dict[str, Any]:
    """Parameters of Publish or SendMessage; what is None or empty is left out."""
    params = {
        "MessageAttributes": wire_attributes(attributes),
        "MessageGroupId": group,
        "MessageDeduplicationId": dedup,
        **further,
    }
    return {name: value for name, value in params.items() if value not in (None, {})}


def queue_attributes(
    name: str, attributes: Mapping[str, Any] | None, dlq_arn: str | None, max_receives: int
) -> dict[str, str]:
    """Attributes of CreateQueue; a name that ends with ".fifo" is a FIFO queue's."""
    made: dict[str, Any] = {"FifoQueue": True} if name.endswith(_FIFO) else {}
    if dlq_arn is not None:
        made["RedrivePolicy"] = {"deadLetterTargetArn": dlq_arn, "maxReceiveCount": max_receives}
    return _texts(made | dict(attributes or {}))


def topic_attributes(name: str, attributes: Mapping[str, Any] | None) -> dict[str, str]:
    """Attributes of CreateTopic; a name that ends with ".fifo" is a FIFO topic's."""
    made: dict[str, Any] = {"FifoTopic": True} if name.endswith(_FIFO) else {}
    return _texts(made | dict(attributes or {}))


def subscription_attributes(
    filter_policy: Mapping[str, Any] | None, *, raw: bool
) -> dict[str, str]:
    """Attributes of Subscribe."""
    attributes: dict[str, Any] = {"RawMessageDelivery": True} if raw else {}
    if filter_policy is not None:
        attributes["FilterPolicy"] = dict(filter_policy)
    return _texts(attributes)


def policy_for_topics(queue_arn: str, policy: str) -> dict[str, str]:
    """The queue's attributes that let SNS send to it, whatever its policy lets others do.

    Source: SNS developer guide, "Fanout to Amazon SQS queues", step 2.
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
    }
    before = json.loads(policy) if policy else {"Version": "2012-10-17", "Statement": []}
    kept = before["Statement"] if isinstance(before["Statement"], list) else [before["Statement"]]
    if statement not in kept:
        kept = [*kept, statement]
    return _texts({"Policy": {**before, "Statement": kept}})


def _texts(attributes: Mapping[str, Any]) -> dict[str, str]:
    # Attributes are text on the wire: JSON of everything that is not text already.
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in attributes.items()
    }
