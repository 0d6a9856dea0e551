"""Subscribes queues to topics, with a filter policy where the handler has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tomodachi.transport.aws_sns_sqs.retries import error_text, given_up

if TYPE_CHECKING:
    from tomodachi.transport.aws_sns_sqs.clients import Clients

_SUBSCRIBE = "Unable to subscribe to topic"


async def subscribe(
    clients: Clients, topic_arn: str, queue_arn: str, filter_policy: str | None
) -> str:
    """Subscribe a queue to a topic; a subscription that is there is kept and gets the filter policy.

    Args:
        clients: Of the service.
        topic_arn: The topic.
        queue_arn: The queue.
        filter_policy: JSON; "{}" takes a filter policy away, None leaves it as it is.

    Returns:
        The ARN of the subscription.

    Raises:
        AWSSNSSQSException: SNS refused, or could not be reached.
    """
    attributes = {} if filter_policy is None else {"FilterPolicy": filter_policy}
    try:
        return await _subscribe(clients, topic_arn, queue_arn, attributes)
    except ClientError as error:
        if not attributes or "already exists with different" not in error_text(error):
            raise given_up(error, _SUBSCRIBE, "sns") from error
    try:
        arn = await _subscribe(clients, topic_arn, queue_arn, {})
        await _set(clients, arn, attributes)
    except ClientError as error:
        raise given_up(error, _SUBSCRIBE, "sns") from error
    return arn


async def _subscribe(
    clients: Clients, topic_arn: str, queue_arn: str, attributes: dict[str, str]
) -> str:
    answer = await clients.sns(
        lambda sns: sns.subscribe(
            TopicArn=topic_arn,
            Protocol="sqs",
            Endpoint=queue_arn,
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        ),
        _SUBSCRIBE,
    )
    return answer["SubscriptionArn"]


async def _set(clients: Clients, subscription_arn: str, attributes: dict[str, str]) -> None:
    for name, value in attributes.items():
        await clients.sns(
            lambda sns, name=name, value=value: sns.set_subscription_attributes(  # type: ignore[misc]  # bound now, the loop moves on
                SubscriptionArn=subscription_arn, AttributeName=name, AttributeValue=value
            ),
            _SUBSCRIBE,
        )
