"""Operations on subscriptions: subscribe, confirm, unsubscribe, list, attributes.

Nothing is delivered to an endpoint that has to confirm until ConfirmSubscription brings its token
back. The messages with the tokens are made in `confirmations.py`.

Source: SNS API reference; https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html;
recorded answers of AWS.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tomodachi_fakes.sns import access, archive, arns, confirmations, subscription_attributes
from tomodachi_fakes.sns.confirmations import UNSUBSCRIBE
from tomodachi_fakes.sns.core import Core, Output, Params
from tomodachi_fakes.sns.errors import (
    AuthorizationError,
    InvalidParameter,
    NotFound,
    SubscriptionLimitExceeded,
    invalid_attributes,
    invalid_parameter,
)
from tomodachi_fakes.sns.paging import page
from tomodachi_fakes.sns.protocols import check_endpoint, needs_confirmation, without_password
from tomodachi_fakes.sns.state import Subscription, Topic
from tomodachi_fakes.sns.subscription_attributes import AttributeSetter
from tomodachi_fakes.sns.topic_attributes import check_large_topic

if TYPE_CHECKING:
    from tomodachi_fakes.aws.call import CallContext

_PENDING = "pending confirmation"
_PENDING_IN_LISTS = "PendingConfirmation"


def subscribe(core: Core, params: Params, context: CallContext) -> Output:
    """Subscribe an endpoint; one that is subscribed with the same attributes is returned."""
    topic = core.topic(params["TopicArn"], context)
    protocol = params["Protocol"]
    endpoint = params.get("Endpoint")
    asked = {"sns:Endpoint": endpoint or "", "sns:Protocol": protocol}
    access.check(core, topic, "Subscribe", context, asked)
    if endpoint is None:
        raise invalid_parameter("Endpoint")
    check_endpoint(core, topic, protocol, endpoint)
    attributes = params.get("Attributes") or {}
    _check_names(protocol, attributes)
    existing = topic.subscription_of(protocol, endpoint)
    if existing is None:
        subscription = _new(core, topic, protocol, endpoint, attributes, context)
    else:
        subscription = existing
        _check_same(core, topic, existing, attributes, context)
    if subscription.pending:
        confirmations.ask(core, topic, subscription, context)
    wanted = params.get("ReturnSubscriptionArn", False) or not subscription.pending
    return {"SubscriptionArn": subscription.arn if wanted else _PENDING}


def confirm_subscription(core: Core, params: Params, context: CallContext) -> Output:
    """Confirm a subscription with the token that its endpoint was sent.

    The token knows its topic; of the topic that is given, only the region has to be right.
    """
    token = params["Token"]
    confirmations.check_token(token)
    region = _region(params["TopicArn"], context)
    if arns.parse(params["TopicArn"], "TopicArn").region != region:
        raise invalid_parameter("Topic")
    subscription = _by_token(core, region, token)
    if subscription is None or confirmations.is_expired(subscription, now=context.now):
        if params["TopicArn"] not in core.state.topics:
            raise NotFound("Topic does not exist")
        raise InvalidParameter("Invalid token")
    if subscription.pending:
        subscription.pending = False
        core.state.pending.pop(subscription.arn, None)
        subscription.authenticated = bool(context.access_key_id)
        flag = params.get("AuthenticateOnUnsubscribe", "false").lower()
        subscription.authenticate_on_unsubscribe = flag == "true" and subscription.authenticated
        core.record("confirmed", subscription.arn, context.now)
    return {"SubscriptionArn": subscription.arn}


def unsubscribe(core: Core, params: Params, context: CallContext) -> Output:
    """Delete a subscription; one that does not exist is no error."""
    arn = params["SubscriptionArn"]
    region = _region(arn, context)
    arns.check_subscription(arn, region)
    subscription = core.find_subscription(arn)
    if subscription is None:
        return {}
    if subscription.pending:
        reason = "Cannot unsubscribe a subscription that is pending confirmation"
        raise invalid_parameter("SubscriptionArn", reason)
    topic = core.state.topics[subscription.topic_arn]
    if subscription.authenticate_on_unsubscribe:
        _check_signed_by_owner(topic, subscription, context)
    _remove(core, topic, subscription)
    core.record("unsubscribed", arn, context.now)
    if subscription.token:
        subscription.pending = True
        confirmations.renew_token(core, subscription, context)
        core.state.unsubscribed[subscription.token] = subscription
        confirmations.send(core, topic, subscription, UNSUBSCRIBE, now=context.now)
    return {}


def list_subscriptions(core: Core, params: Params, context: CallContext) -> Output:
    """The caller's subscriptions in its region, 100 at a time."""
    mine = [
        subscription
        for topic in core.state.topics.values()
        if topic.region == context.region
        for subscription in topic.subscriptions.values()
        if subscription.owner == context.account
    ]
    return _listed(mine, params)


def list_subscriptions_by_topic(core: Core, params: Params, context: CallContext) -> Output:
    """A topic's subscriptions, 100 at a time."""
    topic = core.topic(params["TopicArn"], context)
    access.check(core, topic, "ListSubscriptionsByTopic", context)
    return _listed(list(topic.subscriptions.values()), params)


def get_subscription_attributes(core: Core, params: Params, context: CallContext) -> Output:
    """A subscription's attributes."""
    subscription = core.subscription(params["SubscriptionArn"], context)
    topic = core.state.topics[subscription.topic_arn]
    return {"Attributes": subscription_attributes.rendered(topic, subscription)}


def set_subscription_attributes(core: Core, params: Params, context: CallContext) -> Output:
    """Set one attribute; a value that is left out takes it away, as does an empty one of most."""
    subscription = core.subscription(params["SubscriptionArn"], context)
    name = params["AttributeName"]
    if not subscription_attributes.is_attribute(name):
        raise invalid_parameter("AttributeName")
    value = params.get("AttributeValue")
    if name == "RedrivePolicy" and value == "":
        raise subscription_attributes.on_set("RedrivePolicy: failed to parse JSON.")
    topic = core.state.topics[subscription.topic_arn]
    setter = AttributeSetter(
        core, topic, subscription, subscription_attributes.on_set, now=context.now
    )
    setter.set(name, value or "")
    return {}


def _check_names(protocol: str, attributes: dict[str, str]) -> None:
    for name in attributes:
        if not subscription_attributes.is_attribute(name):
            msg = f"Unknown attribute {name}"
            raise invalid_attributes(msg)
    if protocol == "firehose" and "SubscriptionRoleArn" not in attributes:
        raise invalid_attributes("SubscriptionRoleArn: must be specified for this protocol")


def _new(
    core: Core,
    topic: Topic,
    protocol: str,
    endpoint: str,
    attributes: dict[str, str],
    context: CallContext,
) -> Subscription:
    _check_room(core, topic)
    check_large_topic(topic, protocol)
    subscription = _blank(core, topic, protocol, endpoint, context)
    setter = AttributeSetter(
        core, topic, subscription, subscription_attributes.on_subscribe, now=context.now
    )
    setter.set_all(attributes)
    if needs_confirmation(protocol, endpoint, context.account):
        confirmations.await_confirmation(core, subscription, context)
    topic.add(subscription)
    core.record(
        "subscribed",
        subscription.arn,
        context.now,
        protocol=protocol,
        endpoint=without_password(endpoint),
        pending=subscription.pending,
    )
    return subscription


def _blank(
    core: Core, topic: Topic, protocol: str, endpoint: str, context: CallContext
) -> Subscription:
    return Subscription(
        arn=f"{topic.arn}:{core.ids.uuid()}",
        topic_arn=topic.arn,
        protocol=protocol,
        endpoint=endpoint,
        owner=context.account,
        principal=context.principal,
        created_at=context.now,
        base_url=context.base_url,
    )


def _check_room(core: Core, topic: Topic) -> None:
    limits = core.limits
    limit = limits.subscriptions_per_fifo_topic if topic.fifo else limits.subscriptions_per_topic
    if len(topic.subscriptions) >= limit:
        msg = f"The topic has {limit} subscriptions, its maximum"
        raise SubscriptionLimitExceeded(msg)


def _check_same(
    core: Core,
    topic: Topic,
    existing: Subscription,
    attributes: dict[str, str],
    context: CallContext,
) -> None:
    """Let a repeated Subscribe pass that would change nothing; what it leaves out is not compared."""
    wanted = replace(existing, attributes=dict(existing.attributes))
    given = {name: value for name, value in attributes.items() if name != "ReplayPolicy"}
    setter = AttributeSetter(
        core, topic, wanted, subscription_attributes.on_subscribe, now=context.now
    )
    setter.set_all(given)
    shown = [subscription_attributes.rendered(topic, item) for item in (existing, wanted)]
    replay = existing.attributes.get("ReplayPolicy")
    if shown[0] != shown[1] or attributes.get("ReplayPolicy", replay) != replay:
        raise invalid_attributes("Subscription already exists with different attributes")


def _check_signed_by_owner(topic: Topic, subscription: Subscription, context: CallContext) -> None:
    if not context.access_key_id:
        raise AuthorizationError("Unsubscribe requests for this subscription must be signed")
    if context.account not in (topic.account, subscription.owner):
        raise AuthorizationError("Only the owners of the topic and of the subscription may do this")


def _region(arn: str, context: CallContext) -> str:
    """The region that was called; a visited link carries no signature and so means its own."""
    parts = arn.split(":")
    own = parts[3] if len(parts) > 3 else ""
    return context.region if context.access_key_id else own


def _by_token(core: Core, region: str, token: str) -> Subscription | None:
    """The subscription with this token; one that was unsubscribed is restored by it."""
    topics = core.state.topics
    for topic in topics.values():
        if topic.region != region:
            continue
        for subscription in topic.subscriptions.values():
            if subscription.token == token:
                return subscription
    restored = core.state.unsubscribed.pop(token, None)
    if restored is not None:
        topic = topics[restored.topic_arn]
        topic.add(restored)
        topic.deleted -= 1
    return restored


def _remove(core: Core, topic: Topic, subscription: Subscription) -> None:
    topic.remove(subscription.arn)
    topic.deleted += 1
    archive.begin(core, subscription, None)


def _listed(subscriptions: list[Subscription], params: Params) -> Output:
    entries, following = page(subscriptions, params.get("NextToken"))
    output: Output = {
        "Subscriptions": [
            {
                "SubscriptionArn": _PENDING_IN_LISTS if item.pending else item.arn,
                "Owner": item.owner,
                "Protocol": item.protocol,
                "Endpoint": item.endpoint,
                "TopicArn": item.topic_arn,
            }
            for item in entries
        ]
    }
    if following is not None:
        output["NextToken"] = following
    return output
