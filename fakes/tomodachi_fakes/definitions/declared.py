"""What a file of definitions asks for, whichever format it is in.

SNS, SQS and KMS have declarations of their own; RabbitMQ's are rows of its definitions document, which
every other format is turned into.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tomodachi_fakes.definitions.place import Place


@dataclass(frozen=True, slots=True)
class KeyDeclaration:
    """A KMS key with its alias ("alias/orders")."""

    place: Place
    alias: str
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueueDeclaration:
    """An SQS queue.

    Attributes:
        attributes: By AWS's names, as texts.
        dead_letter_queue: Name of the queue that takes what was received `max_receive_count` times.
    """

    place: Place
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    dead_letter_queue: str = ""
    max_receive_count: int = 0


@dataclass(frozen=True, slots=True)
class TopicDeclaration:
    """An SNS topic; `attributes` by AWS's names, as texts."""

    place: Place
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubscriptionDeclaration:
    """A subscription to a topic.

    Attributes:
        topic: The topic's name.
        endpoint: Of the protocol's kind; for "sqs" the queue's name or ARN.
        attributes: By AWS's names, as texts.
        dead_letter_queue: Name of the queue that takes what could not be delivered.
    """

    place: Place
    topic: str
    protocol: str
    endpoint: str
    attributes: dict[str, str] = field(default_factory=dict)
    dead_letter_queue: str = ""


@dataclass(slots=True)
class Declared:
    """Everything that one file asks for.

    Attributes:
        account: AWS account that the file is about; "" leaves it to the brokers.
        region: Its region; "" likewise.
        rabbitmq: Rows of RabbitMQ's definitions, by their part ("queues", "users", ...).
        notes: What the file asks for and nobody here does, each a sentence for the log.
    """

    account: str = ""
    region: str = ""
    keys: list[KeyDeclaration] = field(default_factory=list)
    queues: list[QueueDeclaration] = field(default_factory=list)
    topics: list[TopicDeclaration] = field(default_factory=list)
    subscriptions: list[SubscriptionDeclaration] = field(default_factory=list)
    rabbitmq: dict[str, list[tuple[Place, Any]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How much it asks for, in things to make."""
        aws = len(self.keys) + len(self.queues) + len(self.topics) + len(self.subscriptions)
        return aws + sum(len(rows) for rows in self.rabbitmq.values())

    @property
    def has_aws(self) -> bool:
        """Whether it asks for anything of SNS, SQS or KMS."""
        return bool(self.keys or self.queues or self.topics or self.subscriptions)
