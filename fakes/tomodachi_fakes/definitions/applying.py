"""Make what files of definitions ask for; what is there already stays as it is.

Dead-letter queues and keys are made before those that name them, whatever their order in a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.aws.arn import parse_arn, partition_of
from tomodachi_fakes.definitions.applying_rabbitmq import apply_rabbitmq
from tomodachi_fakes.definitions.place import Place, wire_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tomodachi_fakes.cloud import Cloud
    from tomodachi_fakes.definitions.declared import (
        Declared,
        KeyDeclaration,
        QueueDeclaration,
        SubscriptionDeclaration,
        TopicDeclaration,
    )
    from tomodachi_fakes.servers.fake_broker import FakeBroker

_FIFO = ".fifo"
_REDRIVE = "RedrivePolicy"


def apply(
    declared: Declared, broker: FakeBroker, on_step: Callable[[], None] = lambda: None
) -> list[str]:
    """Make everything that a file asks for; what could not be, as sentences for the log.

    Args:
        declared: What a file asks for.
        broker: Where to.
        on_step: Called after each of the things that there are to make.

    Raises:
        DefinitionsError: AWS or RabbitMQ would refuse something; what came before it is there.
    """
    notes = list(declared.notes)
    if declared.has_aws:
        if broker.cloud is None:
            notes.append("SNS, SQS and KMS of the files are left out: started without AWS")
        else:
            _Aws(declared, broker, broker.cloud).apply(on_step)
    if declared.rabbitmq:
        if broker.amqp is None:
            notes.append("RabbitMQ's definitions are left out: started without AMQP")
        else:
            apply_rabbitmq(declared.rabbitmq, broker, broker.amqp, on_step)
    return notes


class _Aws:
    """One file's keys, queues, topics and subscriptions in one account and region."""

    def __init__(self, declared: Declared, broker: FakeBroker, cloud: Cloud) -> None:
        self._declared = declared
        self._broker = broker
        self._cloud = cloud
        self._account = declared.account or broker.settings.account
        self._region = declared.region or broker.settings.region

    def apply(self, on_step: Callable[[], None]) -> None:
        for key in self._declared.keys:
            self._make_key(key)
            on_step()
        made: list[QueueDeclaration] = []
        for queue in self._declared.queues:
            if self._make_queue(queue):
                made.append(queue)
            on_step()
        for queue in made:
            self._redrive(queue)
        for topic in self._declared.topics:
            self._make_topic(topic)
            on_step()
        for subscription in self._declared.subscriptions:
            self._subscribe(subscription)
            on_step()

    def _make_key(self, key: KeyDeclaration) -> None:
        if ((self._account, self._region), key.alias) in self._cloud.kms.registry.aliases:
            return
        tags = [{"TagKey": name, "TagValue": value} for name, value in key.tags.items()]
        given = {"Description": key.description, "Tags": tags}
        made = self._call(key.place, "kms", "CreateKey", given)
        given = {"AliasName": key.alias, "TargetKeyId": made["KeyMetadata"]["KeyId"]}
        self._call(key.place, "kms", "CreateAlias", given)

    def _make_queue(self, queue: QueueDeclaration) -> bool:
        if self._cloud.sqs.find(self._arn("sqs", queue.name)) is not None:
            return False
        attributes = {n: value for n, value in queue.attributes.items() if n != _REDRIVE}
        if queue.name.endswith(_FIFO):
            attributes["FifoQueue"] = "true"
        given = {"QueueName": queue.name, "Attributes": attributes, "tags": queue.tags}
        self._call(queue.place, "sqs", "CreateQueue", given)
        return True

    def _redrive(self, queue: QueueDeclaration) -> None:
        policy = queue.attributes.get(_REDRIVE, "")
        if queue.dead_letter_queue:
            policy = self._redrive_policy(queue.dead_letter_queue, queue.max_receive_count)
        if policy:
            given = {"QueueUrl": self._url(queue.name), "Attributes": {_REDRIVE: policy}}
            self._call(queue.place, "sqs", "SetQueueAttributes", given)

    def _redrive_policy(self, queue: str, max_receive_count: int = 0) -> str:
        policy: dict[str, Any] = {"deadLetterTargetArn": self._queue_arn(queue)}
        if max_receive_count:
            policy["maxReceiveCount"] = max_receive_count
        return wire_text(policy, Place(""))

    def _make_topic(self, topic: TopicDeclaration) -> None:
        if self._cloud.sns.topic(self._arn("sns", topic.name)) is not None:
            return
        attributes = dict(topic.attributes)
        if topic.name.endswith(_FIFO):
            attributes["FifoTopic"] = "true"
        tags = [{"Key": name, "Value": value} for name, value in topic.tags.items()]
        given = {"Name": topic.name, "Attributes": attributes, "Tags": tags}
        self._call(topic.place, "sns", "CreateTopic", given)

    def _subscribe(self, one: SubscriptionDeclaration) -> None:
        arn = self._arn("sns", one.topic)
        topic = self._cloud.sns.topic(arn)
        if topic is None:
            names = [declared.name for declared in self._declared.topics]
            one.place.refuse(
                f"there is no topic {one.topic!r}; of this file are {', '.join(names) or 'none'}"
            )
        endpoint = self._queue_arn(one.endpoint) if one.protocol == "sqs" else one.endpoint
        if one.protocol == "sqs" and self._cloud.sqs.find(endpoint) is None:
            one.place.refuse(f"there is no queue {one.endpoint!r}; declare it in this file")
        for known in topic.subscriptions.values():
            if (known.protocol, known.endpoint) == (one.protocol, endpoint):
                return
        attributes = dict(one.attributes)
        if one.dead_letter_queue:
            attributes[_REDRIVE] = self._redrive_policy(one.dead_letter_queue)
        given = {
            "TopicArn": arn,
            "Protocol": one.protocol,
            "Endpoint": endpoint,
            "Attributes": attributes,
        }
        self._call(one.place, "sns", "Subscribe", given)

    def _call(
        self, place: Place, service: str, operation: str, given: dict[str, Any]
    ) -> dict[str, Any]:
        from tomodachi_fakes.aws.errors import AwsError

        context = self._broker.context(self._account, self._region)
        try:
            answer = self._broker.call_aws(service, operation, given, context)
        except AwsError as error:
            place.refuse(
                f"{operation} is refused, as AWS would refuse it: {error.code}: {error.message}",
                error,
            )
        assert isinstance(answer, dict)  # none of these operations waits
        return answer

    def _arn(self, service: str, name: str) -> str:
        partition = partition_of(self._region)
        return f"arn:{partition}:{service}:{self._region}:{self._account}:{name}"

    def _queue_arn(self, name: str) -> str:
        return name if parse_arn(name) else self._arn("sqs", name)

    def _url(self, name: str) -> str:
        return f"{self._broker.aws_url}/{self._account}/{name}"
