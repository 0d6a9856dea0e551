"""Where a running service takes messages in, read from the brokers.

A topic with a subscription; an SQS queue that is consumed and subscribed to nothing; an AMQP binding of
a queue that is consumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.messages import Message


@dataclass(frozen=True, slots=True)
class Inlet:
    """One way in.

    Attributes:
        kind: "sns", "sqs" or "amqp".
        name: Topic, queue, or routing key.
        exchange: For "amqp".
    """

    kind: Literal["sns", "sqs", "amqp"]
    name: str
    exchange: str = ""

    @property
    def fifo(self) -> bool:
        """Whether messages need a group."""
        return self.name.endswith(".fifo")

    async def send(
        self,
        svc: Harness,
        data: Any,
        *,
        attributes: Mapping[str, Any] | None,
        group: str | None,
        dedup: str | None,
    ) -> Message:
        """Send a message in."""
        given = None if attributes is None else dict(attributes)
        if self.kind == "amqp":
            return await svc.amqp.publish(self.exchange, self.name, data)
        send = svc.sns.publish if self.kind == "sns" else svc.sqs.send
        return await send(self.name, data, attributes=given, group=group, dedup=dedup)


def find_inlets(svc: Harness) -> list[Inlet]:
    """Every way in, in a fixed order."""
    return [*_aws(svc), *_amqp(svc)]


def _aws(svc: Harness) -> list[Inlet]:
    cloud = svc.broker.cloud
    if cloud is None:
        return []
    topics = [topic for topic in cloud.sns.topics() if topic.subscriptions]
    fed = {sub.endpoint for topic in topics for sub in topic.subscriptions.values()}
    found = [Inlet("sns", topic.arn.rsplit(":", 1)[-1]) for topic in topics]
    queues = [q for q in cloud.sqs.queues() if q.waiters and q.arn not in fed]
    return found + [Inlet("sqs", queue.id.name) for queue in queues]


def _amqp(svc: Harness) -> list[Inlet]:
    broker = svc.broker.amqp
    if broker is None:
        return []
    vhost = broker.vhost()
    return [
        Inlet("amqp", binding.key.replace("*", "x").replace("#", "x"), exchange.name)
        for exchange in vhost.exchanges.values()
        for binding in exchange.bindings
        if binding.destination.kind == "queue"
        and len(vhost.queues[binding.destination.name].consumers)
    ]
