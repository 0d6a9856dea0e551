"""Our own file of initial resources, in TOML.

Keys are AWS's attribute names and RabbitMQ's fields in lower case with underscores
(`visibility_timeout` is VisibilityTimeout). The format is described in docs/svc-fake-broker.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from typing import Any

from tomodachi_fakes.definitions.declared import (
    Declared,
    KeyDeclaration,
    QueueDeclaration,
    SubscriptionDeclaration,
    TopicDeclaration,
)
from tomodachi_fakes.definitions.own_file_amqp import read_amqp
from tomodachi_fakes.definitions.place import Place, Table, wire_text
from tomodachi_fakes.sqs.attributes import SETTABLE

_TOPIC = (
    "ArchivePolicy", "ContentBasedDeduplication", "DeliveryPolicy", "DisplayName", "FifoThroughputScope",
    "KmsMasterKeyId", "Policy", "SignatureVersion", "TracingConfig",
)  # fmt: skip
_SUBSCRIPTION = (
    "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy",
    "ReplayPolicy", "SubscriptionRoleArn",
)  # fmt: skip


def read(place: Place, octets: bytes) -> Declared:
    """What a file asks for.

    Raises:
        DefinitionsError: it is no TOML, or says something that nobody knows.
    """
    try:
        content = tomllib.loads(octets.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place.refuse(f"this is no TOML: {error}", error)
    top = Table(place, content)
    sqs, sns, kms = top.table("sqs"), top.table("sns"), top.table("kms")
    declared = Declared(
        account=top.text("account"),
        region=top.text("region"),
        keys=[_key(row) for row in kms.tables("keys")],
        queues=[_queue(row) for row in sqs.tables("queues")],
        topics=[_topic(row) for row in sns.tables("topics")],
        subscriptions=[_subscription(row) for row in sns.tables("subscriptions")],
        rabbitmq=read_amqp(top.table("amqp")),
    )
    _check_names([(one.alias, one.place) for one in declared.keys])
    _check_names([(one.name, one.place) for one in declared.queues])
    _check_names([(one.name, one.place) for one in declared.topics])
    for table in (sqs, sns, kms, top):
        table.end()
    return declared


def _check_names(named: list[tuple[str, Place]]) -> None:
    # The second of a name would be passed over, because what is there stays.
    first: dict[str, Place] = {}
    for name, place in named:
        if name in first:
            place.refuse(f"{name!r} is the name of {first[name].key}, too; leave one of them out")
        first[name] = place


def _key(row: Table) -> KeyDeclaration:
    key = KeyDeclaration(row.place, row.name("alias"), row.text("description"), row.texts("tags"))
    row.end()
    return key


def _queue(row: Table) -> QueueDeclaration:
    queue = QueueDeclaration(
        row.place,
        row.name("name"),
        attributes=_attributes(row, SETTABLE - {"FifoQueue"}),
        tags=row.texts("tags"),
        dead_letter_queue=row.text("dead_letter_queue"),
        max_receive_count=row.integer("max_receive_count"),
    )
    row.end()
    if bool(queue.dead_letter_queue) != bool(queue.max_receive_count):
        row.place.refuse(
            "dead_letter_queue and max_receive_count belong together; give both, or neither"
        )
    return queue


def _topic(row: Table) -> TopicDeclaration:
    topic = TopicDeclaration(
        row.place, row.name("name"), attributes=_attributes(row, _TOPIC), tags=row.texts("tags")
    )
    row.end()
    return topic


def _subscription(row: Table) -> SubscriptionDeclaration:
    queue, endpoint = row.text("queue"), row.text("endpoint")
    protocol = row.text("protocol", "sqs" if queue else "")
    if not protocol or bool(queue) == bool(endpoint):
        row.place.refuse(
            "say where to: either queue, or protocol (http, https, email, sms, ...) and endpoint"
        )
    subscription = SubscriptionDeclaration(
        row.place,
        row.name("topic"),
        protocol,
        queue or endpoint,
        attributes=_attributes(row, _SUBSCRIPTION),
        dead_letter_queue=row.text("dead_letter_queue"),
    )
    row.end()
    return subscription


def _attributes(row: Table, names: Iterable[str]) -> dict[str, str]:
    ours = {_lower(name): name for name in names}
    found: dict[str, Any] = row.chosen(ours)
    return {name: wire_text(value, row.place.at(_lower(name))) for name, value in found.items()}


def _lower(name: str) -> str:
    """`VisibilityTimeout` as `visibility_timeout`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
