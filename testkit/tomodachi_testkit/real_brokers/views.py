"""The views of real brokers: publish and send, and see what services of this process published.

Real brokers cannot be looked into without changing what is there, so everything else is refused, and
the plugin makes a skip of that.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from tomodachi_fakes.amqp.properties import decode_properties
from tomodachi_testkit.errors import NotOnRealBrokers
from tomodachi_testkit.messages import Message
from tomodachi_testkit.views import envelope as envelopes
from tomodachi_testkit.views.amqp import ConnectionView, FakeAMQP, milliseconds
from tomodachi_testkit.views.aws_api import queue_prefixes, topic_prefixes
from tomodachi_testkit.views.decode import attribute_values, payload_of, wire_attributes
from tomodachi_testkit.views.names import find, without_prefix
from tomodachi_testkit.views.sns import FakeSNS
from tomodachi_testkit.views.sqs import FakeSQS

if TYPE_CHECKING:
    from tomodachi.helpers.observer import PublishedMessage
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.real_brokers.aws import RealAws
    from tomodachi_testkit.real_brokers.rabbitmq import RabbitMQ
    from tomodachi_testkit.running import Running


class RealAMQP(FakeAMQP):
    """RabbitMQ as far as it can be seen from outside."""

    def __init__(self, harness: Harness, rabbitmq: RabbitMQ) -> None:
        super().__init__(harness)
        self._rabbitmq = rabbitmq

    @property
    def connections(self) -> NoReturn:
        """Refused: the connections of a real broker are everybody's."""
        raise NotOnRealBrokers("amqp.connections")

    def queue(self, name: str, vhost: str = "/") -> NoReturn:
        """Refused: the messages of a real queue cannot be looked at."""
        what = f"amqp.queue({name!r})"
        raise NotOnRealBrokers(what)

    async def publish(
        self,
        exchange: str,
        routing_key: str,
        data: Any,
        *,
        expiration: timedelta | int | str | None = None,
        envelope: Any = envelopes.SERVICES,
        vhost: str = "/",
        **properties: Any,
    ) -> Message:
        """Publish a message; see `FakeAMQP.publish`."""
        del vhost
        body = await self._body(routing_key, data, envelope)
        properties.setdefault("delivery_mode", 2)
        if expiration is not None:
            properties["expiration"] = str(milliseconds(expiration))
        await self._rabbitmq.publish(exchange, routing_key, body, properties)
        return self._keep(exchange, routing_key, body, properties)

    def note(self, message: PublishedMessage) -> None:
        """A service published."""
        properties = dict(decode_properties(_HEADER + message.header)) if message.header else {}
        self._keep(message.destination, message.routing_key, _octets(message.body), properties)

    def _keep(self, exchange: str, key: str, body: bytes, properties: dict[str, Any]) -> Message:
        found = payload_of(body)
        rest = {name: value for name, value in properties.items() if name != "headers"}
        message = Message(
            data=found.data,
            topic=without_prefix(key, self._prefixes("routing_key_prefix")),
            exchange=exchange,
            body=body,
            attributes=dict(properties.get("headers") or {}),
            properties=rest,
            correlation_id=rest.get("correlation_id") or found.message_uuid,
            at=datetime.now(UTC),
        )
        self._published.append(message)
        return message

    async def drop_connections(self, service: Running[Any] | None = None) -> NoReturn:
        """Refused: a real broker's connections are not ours to cut."""
        raise NotOnRealBrokers("amqp.drop_connections")

    async def block(self, seconds: float) -> NoReturn:
        """Refused: a real broker has no memory alarm to sound."""
        raise NotOnRealBrokers("faults.block_connection")

    def open_connections(self) -> list[ConnectionView]:
        """None that could be told apart from other people's."""
        return []

    def work(self, names: tuple[str, ...] = ()) -> list[str]:
        """Nothing that could be told without asking the broker; `drain` asks."""
        return []


# Class, weight and body size, which the runtime's own form of properties leaves out.
_HEADER = b"\x00\x3c\x00\x00" + bytes(8)


class RealSNS(FakeSNS):
    """SNS at a real endpoint."""

    def __init__(self, harness: Harness, aws: RealAws) -> None:
        super().__init__(harness)
        self._aws = aws

    @property
    def topics(self) -> NoReturn:
        """Refused: see `RealAws.topics`, which has to wait."""
        raise NotOnRealBrokers("sns.topics")

    def topic_attributes(self, topic: str) -> NoReturn:
        """Refused: ask with a client of `svc.aws("sns")`."""
        what = f"sns.topic_attributes({topic!r})"
        raise NotOnRealBrokers(what)

    async def publish(
        self,
        topic: str,
        data: Any,
        *,
        attributes: dict[str, Any] | None = None,
        group: str | None = None,
        dedup: str | None = None,
        subject: str | None = None,
        envelope: Any = envelopes.SERVICES,
    ) -> Message:
        """Publish to a topic; see `FakeSNS.publish`."""
        named = [(arn.rpartition(":")[2], arn) for arn in await self._aws.topics()]
        prefixes = [self._aws.prefix, *topic_prefixes(self._harness)]
        arn = find("topic", topic, prefixes, named)
        body = await envelopes.build(self._harness, topic, data, envelope)
        wire = wire_attributes(attributes)
        params = {
            "TopicArn": arn,
            "Message": body,
            "Subject": subject,
            "MessageAttributes": wire,
            "MessageGroupId": group,
            "MessageDeduplicationId": dedup or (self._harness.ids.uuid() if group else None),
        }
        given = {name: value for name, value in params.items() if value not in (None, {})}
        answer = await (await self._aws.client("sns")).publish(**given)
        return self._keep(arn, body, wire, answer["MessageId"], group)

    def note(self, message: PublishedMessage) -> None:
        """A service published."""
        body, attributes = str(message.body), dict(message.attributes)
        self._keep(message.destination, body, attributes, message.message_id, message.group)

    def _keep(
        self, arn: str, body: str, attributes: dict[str, Any], message_id: str, group: str | None
    ) -> Message:
        found = payload_of(body)
        name = arn.rpartition(":")[2]
        prefixes = [self._aws.prefix, *topic_prefixes(self._harness)]
        message = Message(
            data=found.data,
            topic=without_prefix(name, prefixes),
            body=body,
            attributes=attribute_values(attributes),
            message_id=message_id,
            correlation_id=found.message_uuid,
            group=group,
            at=datetime.now(UTC),
        )
        self._published.append(message)
        return message


class RealSQS(FakeSQS):
    """SQS at a real endpoint."""

    def __init__(self, harness: Harness, aws: RealAws) -> None:
        super().__init__(harness)
        self._aws = aws

    def __getitem__(self, name: str) -> NoReturn:
        """Refused: the messages of a real queue cannot be looked at."""
        what = f"sqs[{name!r}]"
        raise NotOnRealBrokers(what)

    async def send(
        self,
        queue: str,
        body: Any,
        *,
        group: str | None = None,
        dedup: str | None = None,
        delay: int | None = None,
        attributes: dict[str, Any] | None = None,
        envelope: Any = envelopes.SERVICES,
    ) -> Message:
        """Send a message straight to a queue; see `FakeSQS.send`."""
        named = [(url.rpartition("/")[2], url) for url in await self._aws.queues()]
        prefixes = [self._aws.prefix, *queue_prefixes(self._harness)]
        url = find("queue", queue, prefixes, named)
        text = body if isinstance(body, str) else json.dumps(body)
        if envelope is not None:
            payload = await envelopes.build(self._harness, queue, body, envelope)
            text = json.dumps({"Type": "Message", "Message": payload})
        params = {
            "QueueUrl": url,
            "MessageBody": text,
            "MessageAttributes": wire_attributes(attributes),
            "DelaySeconds": delay,
            "MessageGroupId": group,
            "MessageDeduplicationId": dedup or (self._harness.ids.uuid() if group else None),
        }
        given = {name: value for name, value in params.items() if value not in (None, {})}
        answer = await (await self._aws.client("sqs")).send_message(**given)
        return Message(
            data=payload_of(text).data,
            queue=queue,
            body=text,
            attributes=dict(attributes or {}),
            message_id=answer["MessageId"],
            group=group,
            at=datetime.now(UTC),
        )


def _octets(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body
