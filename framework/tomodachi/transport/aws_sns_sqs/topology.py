"""Sets up what a handler needs on AWS: queue, dead-letter queue, topics, policy, subscriptions.

Safe to run again, at every start and after somebody deleted a queue: what is there and as wanted is
left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tomodachi.transport.aws_sns_sqs import names, policies
from tomodachi.transport.aws_sns_sqs.policies import WantedQueue
from tomodachi.transport.aws_sns_sqs.subscriptions import subscribe
from tomodachi.transport.aws_sns_sqs.topics import WantedTopic

if TYPE_CHECKING:
    from tomodachi.options import Options
    from tomodachi.transport.aws_sns_sqs.clients import Clients
    from tomodachi.transport.aws_sns_sqs.handler_settings import HandlerSettings
    from tomodachi.transport.aws_sns_sqs.queues import Queue, Queues
    from tomodachi.transport.aws_sns_sqs.topics import Topics


@dataclass(slots=True)
class Subscribed:
    """What was set up for one handler.

    Attributes:
        queue: The queue to consume from, with its attributes after the set-up.
        topic_arns: The topics it is subscribed to; more may come for a wildcard topic.
    """

    queue: Queue
    topic_arns: list[str] = field(default_factory=list)


class Topology:
    """Sets up the handlers of one service."""

    def __init__(self, clients: Clients, topics: Topics, queues: Queues, options: Options) -> None:
        self._clients = clients
        self._topics = topics
        self._queues = queues
        self._options = options
        # Several handlers may share a queue: its policy has to let all of their topics in.
        self._sources: dict[str, list[str]] = {}

    async def set_up(self, handler: HandlerSettings) -> Subscribed:
        """Everything a handler needs.

        Raises:
            AWSSNSSQSException: AWS refused, or could not be reached.
            ValueError: an option has a value it cannot have.
        """
        own = self._options.aws_sns_sqs
        queue = await self._queue(handler)
        redrive = await self._redrive(handler)
        topic_arns = await self._topic_arns(handler)
        await self._queues.configure(
            queue,
            WantedQueue(
                policy=self._policy(queue, topic_arns),
                redrive=redrive,
                visibility_timeout_s=handler.visibility_timeout_s,
                kms_key=policies.kms_key("sqs_kms_master_key_id", own.sqs_kms_master_key_id),
                kms_reuse_period_s=policies.kms_reuse_period(own.sqs_kms_data_key_reuse_period),
            ),
        )
        for arn in topic_arns:
            await subscribe(self._clients, arn, queue.arn, handler.filter_policy)
        return Subscribed(queue, topic_arns)

    async def set_up_again(self, handler: HandlerSettings) -> Subscribed:
        """The same, after somebody deleted what was there."""
        self._queues.forget()
        self._topics.forget()
        return await self.set_up(handler)

    async def subscribe_new_topics(self, handler: HandlerSettings, to: Subscribed) -> list[str]:
        """Subscribe a wildcard topic's queue to topics that have been made since.

        Returns:
            The ARNs of those topics.

        Raises:
            AWSSNSSQSException: AWS refused, or could not be reached.
        """
        matching = names.matching_topics(handler.topic_name, await self._topics.all_arns())
        new = [arn for arn in matching if arn not in to.topic_arns]
        if not new:
            return []
        # The policy first, so that nothing published in between is refused by the queue.
        to.queue = await self._queues.read(to.queue.name, to.queue.url)
        await self._queues.configure(to.queue, WantedQueue(policy=self._policy(to.queue, new)))
        for arn in new:
            await subscribe(self._clients, arn, to.queue.arn, handler.filter_policy)
            to.topic_arns.append(arn)
        return new

    async def _queue(self, handler: HandlerSettings) -> Queue:
        if names.is_queue_arn(handler.queue_name):
            found = await self._queues.existing(handler.queue_name)
            return await self._queues.read(found.name, found.url)
        queue = await self._queues.ensure(handler.queue_name, fifo=handler.fifo)
        self._topics.learn_account(queue.arn)
        return queue

    async def _redrive(self, handler: HandlerSettings) -> dict[str, Any] | None:
        wanted = handler.dead_letter
        if wanted is None:
            return None
        if wanted.queue_name is None:
            return {}
        queue = await self._queues.ensure_dead_letter(
            wanted.queue_name, self._options.aws_sns_sqs.queue_name_prefix, fifo=handler.fifo
        )
        return {"deadLetterTargetArn": queue.arn, "maxReceiveCount": wanted.max_receive_count}

    async def _topic_arns(self, handler: HandlerSettings) -> list[str]:
        if not handler.topic:
            return []
        if handler.is_wildcard:
            return names.matching_topics(handler.topic_name, await self._topics.all_arns())
        key = policies.kms_key(
            "sns_kms_master_key_id", self._options.aws_sns_sqs.sns_kms_master_key_id
        )
        attributes = {} if key is None else {"KmsMasterKeyId": key}
        wanted = WantedTopic(handler.topic_name, attributes, overwrite=True)
        return [await self._topics.ensure(wanted)]

    def _policy(self, queue: Queue, topic_arns: Sequence[str]) -> dict[str, Any] | None:
        sources = self._sources.setdefault(queue.arn, [])
        sources += [arn for arn in topic_arns if arn not in sources]
        if not sources:
            return None
        own = self._options.aws_sns_sqs
        return policies.queue_policy(
            queue.arn, sources, single=own.queue_policy, wildcard=own.wildcard_queue_policy
        )
