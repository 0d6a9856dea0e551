"""Messages that ask an endpoint to confirm: their tokens, and how they reach it.

A new endpoint has to bring its token back before anything is delivered; one that was unsubscribed is
told so, and may bring the token back to undo it. A token is good for two days; then the subscription
that nobody confirmed is deleted.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html;
SNS API reference, Subscribe ("valid for two days");
https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html ("after 48 hours"); recorded
answers of AWS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tomodachi_fakes.sns import arns, http_delivery
from tomodachi_fakes.sns.delivery_policy import (
    DEFAULT_CONTENT_TYPE,
    effective_topic_policy,
    retry_delays,
)
from tomodachi_fakes.sns.effects import ToSqs
from tomodachi_fakes.sns.errors import invalid_parameter
from tomodachi_fakes.sns.http_delivery import HttpDelivery
from tomodachi_fakes.sns.inbox import Captured
from tomodachi_fakes.sns.notification import confirmation

if TYPE_CHECKING:
    from tomodachi_fakes.aws.call import CallContext
    from tomodachi_fakes.sns.core import Core
    from tomodachi_fakes.sns.state import Subscription, Topic

SUBSCRIBE = "SubscriptionConfirmation"
UNSUBSCRIBE = "UnsubscribeConfirmation"
_TOKEN_LENGTH = 288
_TOKEN = re.compile(r"[0-9a-f]{128,}")
_TOKEN_LIFETIME_S = 2 * 86_400
_SUBJECTS = {
    SUBSCRIBE: "AWS Notification - Subscription Confirmation",
    UNSUBSCRIBE: "AWS Notification - Unsubscribe Confirmation",
}


def check_token(token: str) -> None:
    """Let a token pass that SNS could have given.

    Raises:
        InvalidParameter: it has another form.
    """
    if not _TOKEN.fullmatch(token):
        raise invalid_parameter("Token")


def is_expired(subscription: Subscription, *, now: float) -> bool:
    """True when the subscription's token is two days old."""
    return now - subscription.token_at >= _TOKEN_LIFETIME_S


def renew_token(core: Core, subscription: Subscription, context: CallContext) -> None:
    """Give a subscription a token that was never given before."""
    subscription.token = core.ids.token(_TOKEN_LENGTH, "0123456789abcdef")
    subscription.token_at = context.now
    subscription.base_url = context.base_url


def ask(core: Core, topic: Topic, subscription: Subscription, context: CallContext) -> None:
    """Ask the endpoint to confirm, with the token it has."""
    send(core, topic, subscription, SUBSCRIBE, now=context.now)


def await_confirmation(core: Core, subscription: Subscription, context: CallContext) -> None:
    """Let a new subscription deliver nothing before its endpoint's owner has confirmed it."""
    subscription.pending = True
    subscription.authenticated = False
    renew_token(core, subscription, context)
    core.state.pending[subscription.arn] = context.now + _TOKEN_LIFETIME_S


def delete_unconfirmed(core: Core, *, now: float) -> None:
    """Delete the subscriptions whose time to be confirmed is over."""
    pending = core.state.pending
    while pending:
        arn, ends_at = next(iter(pending.items()))
        if now < ends_at:
            return
        del pending[arn]
        core.state.topics[arns.topic_of_subscription(arn)].remove(arn)
        core.record("unconfirmed", arn, ends_at)


def send(core: Core, topic: Topic, subscription: Subscription, kind: str, *, now: float) -> None:
    """Send a message of this kind, with the subscription's token, to its endpoint."""
    message_id = core.ids.uuid()
    body = confirmation(
        subscription,
        kind=kind,
        message_id=message_id,
        now=now,
        signature_version=topic.attributes.get("SignatureVersion", "1"),
        signer=core.signer,
    )
    cause = core.record("confirming", subscription.arn, now, message_id=message_id, message=kind)
    if subscription.protocol == "sqs":
        core.effects.append(_to_sqs(core, subscription, message_id, body, cause))
    elif subscription.protocol in ("http", "https"):
        delivery = _to_http(core, topic, subscription, kind, message_id, body)
        delivery.cause = cause
        http_delivery.start(core, delivery, now=now)
    else:
        core.state.inbox.append(
            Captured(
                at=now,
                protocol=subscription.protocol,
                endpoint=subscription.endpoint,
                topic_arn=topic.arn,
                subscription_arn=subscription.arn,
                message_id=message_id,
                body=body,
                subject=_SUBJECTS[kind],
            )
        )


def _to_sqs(
    core: Core, subscription: Subscription, message_id: str, body: str, cause: int
) -> ToSqs:
    fifo = subscription.endpoint.endswith(".fifo")
    return ToSqs(
        delivery_id=core.new_delivery_id(),
        queue_arn=subscription.endpoint,
        topic_arn=subscription.topic_arn,
        subscription_arn=subscription.arn,
        message_id=message_id,
        body=body,
        message_group_id=message_id if fifo else None,
        message_deduplication_id=message_id if fifo else None,
        cause=cause,
    )


def _to_http(
    core: Core, topic: Topic, subscription: Subscription, kind: str, message_id: str, body: str
) -> HttpDelivery:
    policy = effective_topic_policy(topic.attributes.get("DeliveryPolicy"))
    return HttpDelivery(
        delivery_id=core.new_delivery_id(),
        subscription_arn=subscription.arn,
        url=subscription.endpoint,
        headers=http_delivery.request_headers(
            kind=kind,
            message_id=message_id,
            topic_arn=topic.arn,
            content_type=DEFAULT_CONTENT_TYPE,
            subscription_arn=subscription.arn if kind == UNSUBSCRIBE else None,
        ),
        body=body,
        delays=retry_delays(policy["http"]["defaultHealthyRetryPolicy"]),
        message_id=message_id,
        due_at=None,
    )
