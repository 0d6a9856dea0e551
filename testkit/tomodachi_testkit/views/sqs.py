"""SQS as a test sees it: queues to look into without receiving, and ways to send and to make them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.sqs.message import StoredMessage, Visibility
from tomodachi_testkit.messages import Message, MessageList
from tomodachi_testkit.promises import promised
from tomodachi_testkit.tracebacks import hides
from tomodachi_testkit.views import envelope as envelopes
from tomodachi_testkit.views.aws_api import (
    call,
    name_of,
    queue_prefixes,
    region_of_services,
    topic_prefixes,
)
from tomodachi_testkit.views.aws_parameters import (
    BY_CONTENT,
    message_params,
    policy_for_topics,
    queue_attributes,
)
from tomodachi_testkit.views.decode import attribute_values, payload_of
from tomodachi_testkit.views.names import find, full_names, without_prefix

if TYPE_CHECKING:
    from tomodachi_fakes.events import Event as BrokerEvent
    from tomodachi_fakes.sqs.queue import Queue as CoreQueue
    from tomodachi_testkit.harness import Harness

__tracebackhide__ = hides


@dataclass(frozen=True, slots=True)
class Address:
    """Where a queue is asked.

    Attributes:
        url: Its URL.
        region: Its region.
    """

    url: str
    region: str


class FakeSQS:
    """The queues of every account and region; `svc.sqs["name"]` with or without a service's prefix."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._received: dict[str, list[Message]] = {}
        self._polled: set[str] = set()

    def __getitem__(self, name: str) -> Queue:
        """The queue of that name, with or without a service's prefix.

        Raises:
            NoSuchName: there is none.
        """
        return Queue(self, find("queue", name, self._prefixes(), self._named()))

    def __iter__(self) -> Iterator[Queue]:
        """Every queue."""
        return (Queue(self, queue) for queue in self._queues())

    def __contains__(self, name: str) -> bool:
        """Whether there is a queue of that name."""
        names = {full for full, _ in self._named()}
        return not names.isdisjoint(full_names(name, self._prefixes()))

    @promised
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
        """Send a message straight to a queue, wrapped as `sqs_send_message` wraps it.

        Args:
            queue: The queue, with or without a service's prefix.
            body: The data; put into the envelope.
            group: Message group id (FIFO).
            dedup: Deduplication id (FIFO); drawn from the seed if needed and not given.
            delay: Seconds until it is visible.
            attributes: Message attributes, as Python values.
            envelope: An envelope class, or None to send `body` as it is: text verbatim, anything
                else as JSON.

        Raises:
            NoSuchName: there is no such queue.
            AwsError: SQS refuses the message.
        """
        at = await self._address(queue)
        if group and dedup is None and (await self._attributes(queue)).get(BY_CONTENT) != "true":
            dedup = self._harness.ids.uuid()
        text = body if isinstance(body, str) else json.dumps(body)
        if envelope is not None:
            payload = await envelopes.build(self._harness, queue, body, envelope)
            text = json.dumps({"Type": "Message", "Message": payload})
        params = message_params(attributes, group, dedup, MessageBody=text, DelaySeconds=delay)
        output = await self._ask("SendMessage", at.region, QueueUrl=at.url, **params)
        return self._sent_by_test(queue, output["MessageId"], params)

    @promised
    async def create_queue(
        self,
        name: str,
        *,
        attributes: Mapping[str, Any] | None = None,
        dlq: str | None = None,
        max_receives: int = 3,
        region: str | None = None,
    ) -> str:
        """Make a queue that no service makes, or find it.

        Args:
            name: Its full name; with ".fifo" behind it, it is a FIFO queue.
            attributes: As CreateQueue takes them, as Python values or texts.
            dlq: A queue that there is, for the messages that were received too often.
            max_receives: How often is not too often.
            region: Where; None means the services' own. A real endpoint has one of its own.

        Returns:
            Its name; on real brokers the test's own prefix stands before it.

        Raises:
            NoSuchName: there is no such dead-letter queue.
            AwsError: SQS refuses.
        """
        full = self._own_prefix + name
        dlq_arn = None if dlq is None else (await self._attributes(dlq))["QueueArn"]
        made = queue_attributes(name, attributes, dlq_arn, max_receives)
        await self._ask(
            "CreateQueue",
            region or region_of_services(self._harness),
            QueueName=full,
            Attributes=made,
        )
        return full

    async def subscribable(self, queue: str) -> str:
        """The ARN of a queue, which from here on takes what topics send to it."""
        at, attributes = await self._address(queue), await self._attributes(queue)
        arn = attributes["QueueArn"]
        policy = policy_for_topics(arn, attributes.get("Policy", ""))
        await self._ask("SetQueueAttributes", at.region, QueueUrl=at.url, Attributes=policy)
        return arn

    async def _address(self, queue: str) -> Address:
        return find("queue", queue, self._prefixes(), await self._addresses())

    # --- what differs at a real endpoint --------------------------------------------------------

    _own_prefix = ""
    """What is put before the names of what a test makes itself."""

    async def _ask(self, operation: str, region: str, **params: Any) -> dict[str, Any]:
        return call(self._harness, "sqs", operation, params, region=region)

    async def _attributes(self, queue: str) -> dict[str, str]:
        return self[queue].attributes

    async def _addresses(self) -> list[tuple[str, Address]]:
        """Every queue by its name."""
        base = self._harness.aws_url
        return [
            (queue.id.name, Address(f"{base}/{queue.id.account}/{queue.id.name}", queue.id.region))
            for queue in self._queues()
        ]

    def _sent_by_test(self, queue: str, message_id: str, params: dict[str, Any]) -> Message:
        del params  # it is looked up as SQS stored it
        return next(m for m in self[queue].messages if m.message_id == message_id)

    # --- for the harness ------------------------------------------------------------------------

    def watch(self, event: BrokerEvent, payload: object) -> None:
        """Keep what consumers received, as it was then."""
        if event.kind == "received" and isinstance(payload, StoredMessage):
            message = self.message(payload, name_of(event.subject))
            self._received.setdefault(event.subject, []).append(message)

    def seen(self) -> dict[str, Any]:
        """What was received, for a snapshot."""
        return {arn: list(messages) for arn, messages in self._received.items()}

    def see_again(self, seen: dict[str, Any]) -> None:
        """Go back to what `seen` gave."""
        self._received = {arn: list(messages) for arn, messages in seen.items()}

    def received(self, arn: str) -> MessageList:
        """What consumers received of a queue, oldest first."""
        return MessageList(self._received.get(arn, ()), "received messages")

    def forget_consumers(self) -> None:
        """A service stopped: who consumes what has to be seen anew."""
        self._polled.clear()

    def work(self, names: tuple[str, ...] = ()) -> list[str]:
        """What is left to handle, described: in flight, delayed, or ready where somebody consumes."""
        watched = [self[name].core for name in names if name in self] if names else self._queues()
        self._polled |= {queue.arn for queue in self._queues() if queue.waiters}
        return [line for queue in watched for line in self._work_in(queue)]

    def _work_in(self, queue: CoreQueue) -> Iterator[str]:
        store = queue.store
        counts = [("in flight", store.in_flight), ("delayed", store.delayed)]
        if queue.arn in self._polled and self._harness.services_run:
            counts.append(("ready", store.available))
        for state, count in counts:
            if count:
                yield f"{count} {state} in {queue.id.name}"

    def held(self) -> list[str]:
        """Messages in flight, described."""
        return [
            f"message {message.message_id} of {queue.id.name}"
            for queue in self._queues()
            for message in queue.peek(Visibility.IN_FLIGHT)
        ]

    def dead_letters(self) -> list[str]:
        """Messages that were dead-lettered and are still there, described."""
        return [
            f"message {message.message_id} in {queue.id.name}"
            for queue in self._queues()
            for message in queue.store.messages.values()
            if message.dead_letter_source
        ]

    def message(self, stored: StoredMessage, name: str) -> Message:
        """A stored message as a test sees it."""
        found = payload_of(stored.body)
        topic = without_prefix(name_of(found.topic_arn), topic_prefixes(self._harness))
        return Message(
            data=found.data,
            topic=topic,
            queue=without_prefix(name, self._prefixes()),
            body=stored.body,
            attributes=attribute_values(stored.attributes or found.attributes),
            properties=attribute_values(stored.system_attributes),
            message_id=stored.message_id,
            correlation_id=found.message_uuid,
            group=stored.group_id,
            receive_count=stored.receive_count,
            at=datetime.fromtimestamp(stored.sent_at, UTC),
        )

    def redrive(self, queue: CoreQueue) -> None:
        """Start moving the messages of a dead-letter queue back to where they came from."""
        params = {"SourceArn": queue.arn}
        call(self._harness, "sqs", "StartMessageMoveTask", params, region=queue.id.region)

    def at(self, arn: str) -> CoreQueue | None:
        """The queue with this ARN."""
        return next((queue for queue in self._queues() if queue.arn == arn), None)

    def _queues(self) -> list[CoreQueue]:
        broker = self._harness.started_broker
        return [] if broker is None or broker.cloud is None else list(broker.cloud.sqs.queues())

    def _named(self) -> list[tuple[str, CoreQueue]]:
        return [(queue.id.name, queue) for queue in self._queues()]

    def _prefixes(self) -> list[str]:
        return queue_prefixes(self._harness)


class Queue:
    """One queue, to look at.

    Attributes:
        core: The broker's own queue.
    """

    def __init__(self, sqs: FakeSQS, core: CoreQueue) -> None:
        self._sqs = sqs
        self.core = core

    def __repr__(self) -> str:
        store = self.core.store
        counts = f"{store.available} ready, {store.in_flight} in flight, {store.delayed} delayed"
        return f"<Queue {self.name}: {counts}>"

    @property
    def name(self) -> str:
        """The full name."""
        return self.core.id.name

    @property
    def arn(self) -> str:
        """The ARN."""
        return self.core.arn

    @property
    def region(self) -> str:
        """The region."""
        return self.core.id.region

    @property
    def attributes(self) -> dict[str, str]:
        """Every attribute, as GetQueueAttributes shows them."""
        return self.core.shown_attributes()

    @property
    def messages(self) -> MessageList:
        """Every message, whatever its state, oldest first."""
        return self._list(self.core.store.messages.values(), "messages")

    @property
    def ready(self) -> MessageList:
        """Messages that could be received now."""
        return self._list(self.core.peek(Visibility.AVAILABLE), "ready messages")

    @property
    def inflight(self) -> MessageList:
        """Messages that were received and neither deleted nor given back."""
        return self._list(self.core.peek(Visibility.IN_FLIGHT), "messages in flight")

    @property
    def delayed(self) -> MessageList:
        """Messages whose delay has not passed."""
        return self._list(self.core.peek(Visibility.DELAYED), "delayed messages")

    @property
    def dlq(self) -> Queue | None:
        """The dead-letter queue; None where the queue has no redrive policy."""
        policy = self.core.redrive
        target = None if policy is None else self._sqs.at(policy.target_arn)
        return None if target is None else Queue(self._sqs, target)

    def received(self) -> MessageList:
        """What consumers received, oldest first, once for each receive."""
        return self._sqs.received(self.arn)

    @promised
    async def redrive(self) -> int:
        """Move the messages of the dead-letter queue back; returns how many there were.

        Raises:
            AssertionError: the queue has no dead-letter queue.
        """
        dlq = self.dlq
        if dlq is None:
            msg = f"{self.name} has no dead-letter queue, so there is nothing to move back."
            raise AssertionError(msg)
        count = len(dlq.messages)
        self._sqs.redrive(dlq.core)
        return count

    def _list(self, stored: Any, what: str) -> MessageList:
        found = [self._sqs.message(message, self.name) for message in stored]
        return MessageList(found, f"{what} of {self.name}")
