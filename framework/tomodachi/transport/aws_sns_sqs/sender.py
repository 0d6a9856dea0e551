"""Sends messages straight to queues, and finds out which queue a caller means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tomodachi.helpers import entropy
from tomodachi.transport.aws_sns_sqs import names
from tomodachi.transport.aws_sns_sqs.defaults import QUEUE_NAME_PREFIX
from tomodachi.transport.aws_sns_sqs.retries import given_up

if TYPE_CHECKING:
    from tomodachi.transport.aws_sns_sqs.attributes import WireAttribute
    from tomodachi.transport.aws_sns_sqs.clients import Clients
    from tomodachi.transport.aws_sns_sqs.queues import Queues

_WHAT = "Unable to send message"


def full_queue_name(queue_name: str, given_prefix: str | None, option_prefix: str | None) -> str:
    """The name of a queue that is given as a name, an ARN or a URL.

    Args:
        queue_name: A name is prefixed; an ARN or URL has its prefix already.
        given_prefix: What the caller gave, or `QUEUE_NAME_PREFIX`.
        option_prefix: What the service's options say.

    Raises:
        ValueError: the caller gave a prefix that the ARN's or URL's queue does not have.
    """
    explicit = given_prefix != QUEUE_NAME_PREFIX
    prefix = (given_prefix if explicit else option_prefix) or ""
    if names.is_queue_arn(queue_name) or names.is_queue_url(queue_name):
        name = queue_name_of(queue_name)
        if explicit and not name.startswith(prefix):
            msg = f"Mismatched queue ({queue_name}) with queue_name_prefix ({given_prefix})"
            raise ValueError(msg)
        return name
    return names.named_queue(queue_name, prefix)


def queue_name_of(arn_or_url: str) -> str:
    """The last part of an ARN or a URL."""
    return arn_or_url.rpartition(":" if names.is_queue_arn(arn_or_url) else "/")[2]


def check_group(queue_name: str, group_id: str | None) -> None:
    """A message for a FIFO queue has a group, and no other has.

    Raises:
        ValueError: it is the other way round.
    """
    if names.is_queue_arn(queue_name) or names.is_queue_url(queue_name):
        queue_name = queue_name_of(queue_name)
    is_fifo = queue_name.endswith(names.FIFO_SUFFIX)
    if group_id is not None and not is_fifo:
        msg = (
            f"group_id was given ({group_id!r}), but queue '{queue_name}' is no FIFO queue: its name "
            "does not end in .fifo. Leave group_id out, or send to a FIFO queue."
        )
        raise ValueError(msg)
    if is_fifo and not group_id:
        msg = f"group_id is missing: queue '{queue_name}' is a FIFO queue. Give group_id."
        raise ValueError(msg)


async def url_of(queues: Queues, queue_name: str, full_name: str) -> str:
    """The URL of a queue that is given as a name, an ARN or a URL; raises as `Queues.url` does."""
    if names.is_queue_url(queue_name):
        return queue_name
    if names.is_queue_arn(queue_name):
        return await queues.url_of_arn(queue_name)
    return await queues.url(full_name)


async def send(
    clients: Clients,
    queue_url: str,
    body: str,
    message_attributes: Mapping[str, WireAttribute],
    *,
    group_id: str | None = None,
    deduplication_id: str | None = None,
    delay_seconds: int | None = None,
) -> str:
    """Send one message.

    Returns:
        The SQS message id.

    Raises:
        AWSSNSSQSConnectionException: SQS could not be reached.
        AWSSNSSQSException: SQS refused, or went on failing.
    """
    params: dict[str, Any] = {"QueueUrl": queue_url, "MessageBody": body}
    if message_attributes:
        params["MessageAttributes"] = message_attributes
    if group_id is not None:
        params["MessageGroupId"] = group_id
        params["MessageDeduplicationId"] = deduplication_id or str(entropy.uuid4())
    if delay_seconds is not None:
        params["DelaySeconds"] = delay_seconds
    try:
        answer = await clients.call_directly(
            "sqs", "SendMessage", params, _WHAT, clients.publishing
        )
    except ClientError as error:
        raise given_up(error, _WHAT, "sqs") from error
    return str(answer["MessageId"])
