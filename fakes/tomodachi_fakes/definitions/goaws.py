"""goaws's YAML: the queues, topics and subscriptions of one of its environments.

Its environments are the file's first keys; "Local" is the one that goaws starts with, and it is the one
read here, or else the only one there is. What is said about goaws itself (ports, logs) is passed over.

Source: https://github.com/Admiral-Piett/goaws, app/conf/goaws.yaml
"""

from __future__ import annotations

import json
from typing import Any

from tomodachi_fakes.aws.arn import parse_arn
from tomodachi_fakes.definitions.declared import (
    Declared,
    QueueDeclaration,
    SubscriptionDeclaration,
    TopicDeclaration,
)
from tomodachi_fakes.definitions.place import Place, Table, wire_text

_DEFAULT = "Local"
_ATTRIBUTES = (
    "VisibilityTimeout", "ReceiveMessageWaitTimeSeconds", "MaximumMessageSize", "DelaySeconds",
    "MessageRetentionPeriod", "ContentBasedDeduplication",
)  # fmt: skip


def read(place: Place, octets: bytes) -> Declared:
    """What a file asks for.

    Raises:
        DefinitionsError: it is no YAML, PyYAML is not installed, or something is not as it has to be.
    """
    environment = _environment(place, _parse(place, octets))
    declared = Declared(
        account=str(environment.anything("AccountId") or ""),
        region=environment.text("Region"),
    )
    defaults = environment.table("QueueAttributeDefaults")
    by_default = _attributes(defaults)
    for row in environment.tables("Queues"):
        declared.queues.append(_queue(row, by_default))
    for row in environment.tables("Topics"):
        _topic(row, by_default, declared)
    return declared


def _parse(place: Place, octets: bytes) -> Table:
    try:
        import yaml
    except ImportError as error:
        place.refuse(
            "reading goaws's format needs PyYAML: pip install 'tomodachi-testkit[import]'", error
        )
    try:
        return Table(place, yaml.safe_load(octets))
    except yaml.YAMLError as error:
        place.refuse(f"this is no YAML: {error}", error)


def _environment(place: Place, top: Table) -> Table:
    names = top.names()
    name = _DEFAULT if _DEFAULT in names or len(names) != 1 else names[0]
    if name not in names:
        place.refuse(
            f"none of its environments ({', '.join(names) or 'none'}) is called {_DEFAULT}; "
            f"name the one to read {_DEFAULT}"
        )
    return top.table(name)


def _attributes(row: Table) -> dict[str, str]:
    found: dict[str, Any] = row.chosen({name: name for name in _ATTRIBUTES})
    return {name: wire_text(value, row.place.at(name)) for name, value in found.items()}


def _queue(row: Table, defaults: dict[str, str]) -> QueueDeclaration:
    name, attributes = row.name("Name"), {**defaults, **_attributes(row)}
    target, count = _redrive(row)
    row.end()
    return QueueDeclaration(row.place, name, attributes, {}, target, count)


def _redrive(row: Table) -> tuple[str, int]:
    """The dead-letter queue: goaws finds it by its name, whichever account and region the ARN has."""
    policy = row.text("RedrivePolicy")
    if not policy:
        return "", 0
    place = row.place.at("RedrivePolicy")
    try:
        found = json.loads(policy)
        arn, count = parse_arn(found["deadLetterTargetArn"]), int(found["maxReceiveCount"])
    except (ValueError, KeyError, TypeError) as error:
        place.refuse(f"{policy!r} is no redrive policy in JSON", error)
    if arn is None:
        place.refuse(f"{found['deadLetterTargetArn']!r} is no ARN of a queue")
    return arn.resource, count


def _topic(row: Table, defaults: dict[str, str], declared: Declared) -> None:
    name = row.name("Name")
    declared.topics.append(TopicDeclaration(row.place, name))
    for one in row.tables("Subscriptions"):
        subscription = _subscription(one, name)
        declared.subscriptions.append(subscription)
        known = {queue.name for queue in declared.queues}
        # goaws makes the queues that only a subscription names.
        if subscription.protocol == "sqs" and subscription.endpoint not in known:
            declared.queues.append(QueueDeclaration(one.place, subscription.endpoint, defaults))
    row.end()


def _subscription(row: Table, topic: str) -> SubscriptionDeclaration:
    queue, endpoint = row.text("QueueName"), row.text("EndPoint")
    protocol = row.text("Protocol", "sqs" if queue else "").lower()
    if not protocol or bool(queue) == bool(endpoint):
        row.place.refuse("say where to: either QueueName, or Protocol and EndPoint")
    attributes = {"RawMessageDelivery": wire_text(row.flag("Raw", default=False), row.place)}
    if policy := row.text("FilterPolicy"):
        attributes["FilterPolicy"] = policy
    row.text("TopicArn")  # of the topic above it
    row.end()
    return SubscriptionDeclaration(row.place, topic, protocol, queue or endpoint, attributes)
