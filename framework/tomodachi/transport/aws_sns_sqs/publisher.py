"""Publishes messages to topics, one at a time or ten in a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tomodachi.helpers import clock, entropy
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException, PublishBatchFailed
from tomodachi.transport.aws_sns_sqs.retries import given_up

if TYPE_CHECKING:
    from tomodachi.transport.aws_sns_sqs.attributes import WireAttribute
    from tomodachi.transport.aws_sns_sqs.clients import Clients

MOST_A_CALL = 10
MOST_OCTETS_A_CALL = 262_144
_WHAT = "Unable to publish message"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it is sent.

    Attributes:
        message: The text.
        message_attributes: In botocore's form.
        group_id: Of a FIFO topic, else None.
        deduplication_id: Of a FIFO topic; made up when it is None.
    """

    # Without an envelope it is whatever the caller gave, until `wire` has looked at it.
    message: Any
    message_attributes: Mapping[str, WireAttribute] = field(default_factory=dict)
    group_id: str | None = None
    deduplication_id: str | None = None

    def wire(self) -> dict[str, Any]:
        """Parameters of Publish, but for the topic.

        Raises:
            AWSSNSSQSException: the message is no text.
        """
        if not isinstance(self.message, str):
            msg = (
                f"A message must be a str, not {type(self.message).__name__}: use a message "
                "envelope, or encode the data yourself."
            )
            raise AWSSNSSQSException(msg)
        params: dict[str, Any] = {"Message": self.message}
        if self.message_attributes:
            params["MessageAttributes"] = self.message_attributes
        if self.group_id is not None:
            params["MessageGroupId"] = self.group_id
            # Made up before the first try, so that a repeated one is no second message.
            params["MessageDeduplicationId"] = self.deduplication_id or str(entropy.uuid4())
        return params


async def publish(clients: Clients, topic_arn: str, outgoing: Outgoing) -> str:
    """Publish one message.

    Returns:
        The SNS message id.

    Raises:
        AWSSNSSQSConnectionException: SNS could not be reached.
        AWSSNSSQSException: SNS refused, or went on failing.
    """
    params = outgoing.wire()
    try:
        answer = await clients.call_directly(
            "sns", "Publish", {"TopicArn": topic_arn, **params}, _WHAT, clients.publishing
        )
    except ClientError as error:
        raise given_up(error, _WHAT, "sns") from error
    return str(answer["MessageId"])


async def publish_batch(
    clients: Clients, topic_arn: str, outgoing: Sequence[Outgoing]
) -> list[str]:
    """Publish many messages in as few calls as SNS allows.

    Returns:
        The SNS message ids, in order.

    Raises:
        PublishBatchFailed: some were not published; the exception has the ids of the others.
    """
    ids: list[str | None] = [None] * len(outgoing)
    failures: dict[int, str] = {}
    params = [one.wire() for one in outgoing]
    for chunk in chunks([_octets(one) for one in params]):
        try:
            failures |= await _publish_chunk(clients, topic_arn, params, list(chunk), ids)
        except (ClientError, AWSSNSSQSException) as error:
            # Later chunks are not tried: they could not arrive before this one did.
            ended = (
                error if isinstance(error, AWSSNSSQSException) else given_up(error, _WHAT, "sns")
            )
            left = range(chunk.start, len(outgoing))
            failures |= {number: str(ended) for number in left if ids[number] is None}
            raise PublishBatchFailed(ids, failures) from error
    if failures:
        raise PublishBatchFailed(ids, failures)
    return [str(message_id) for message_id in ids]


def chunks(sizes: Sequence[int]) -> Iterator[range]:
    """Split a sequence of message sizes (octets) into runs that one PublishBatch call can take."""
    start = octets = 0
    for number, size in enumerate(sizes):
        full = number - start >= MOST_A_CALL or octets + size > MOST_OCTETS_A_CALL
        if full and number > start:
            yield range(start, number)
            start, octets = number, 0
        octets += size
    if start < len(sizes):
        yield range(start, len(sizes))


def _octets(params: Mapping[str, Any]) -> int:
    total = len(params["Message"].encode())
    for name, value in params.get("MessageAttributes", {}).items():
        content = value.get("BinaryValue", value.get("StringValue", ""))
        total += len(name) + len(value["DataType"]) + len(content)
    return total


async def _publish_chunk(
    clients: Clients,
    topic_arn: str,
    params: Sequence[Mapping[str, Any]],
    numbers: list[int],
    ids: list[str | None],
) -> dict[int, str]:
    """Publish the messages of `numbers`, writing their ids; returns what SNS refused for good."""
    refused: dict[int, str] = {}
    attempt = 0
    while numbers:
        attempt += 1
        entries = [{"Id": str(number), **params[number]} for number in numbers]
        batch = {"TopicArn": topic_arn, "PublishBatchRequestEntries": entries}
        answer = await clients.call_directly("sns", "PublishBatch", batch, _WHAT)
        for entry in answer.get("Successful", []):
            ids[int(entry["Id"])] = entry["MessageId"]
        failed = {int(entry["Id"]): entry for entry in answer.get("Failed", [])}
        is_last = attempt >= clients.policy.attempts
        refused |= {
            number: f"{entry.get('Code', '')}: {entry.get('Message', '')}"
            for number, entry in failed.items()
            if entry.get("SenderFault") or is_last
        }
        numbers = [number for number in failed if number not in refused]
        if numbers:
            await clock.sleep(clients.policy.wait_s(attempt))
    return refused
