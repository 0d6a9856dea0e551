"""Would this message pass? Filter policies and bindings tried out, by the cores that decide in earnest.

Nothing is published, and nothing is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.errors import AmqpError
from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_fakes.amqp.model.exchanges import ROUTERS, Exchange, binding_of
from tomodachi_fakes.amqp.model.headers_match import check_match_argument
from tomodachi_fakes.control.messages import wire_attributes
from tomodachi_fakes.control.parameters import ControlError, Parameter
from tomodachi_fakes.control.queues import ACCOUNT, REGION, VHOST, find_exchange, find_topic
from tomodachi_fakes.sns.filter_policy import AllOf, FilterPolicy, FilterPolicyScope
from tomodachi_fakes.sns.filter_policy_parser import InvalidFilterPolicy, parse_filter_policy
from tomodachi_fakes.sns.message import Message

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import FakeBroker

View = dict[str, Any]
_SCOPES = tuple(scope.value for scope in FilterPolicyScope)
_KINDS = tuple(ROUTERS)
_ATTRIBUTES = Parameter("attributes", "object", "message attributes, or AMQP headers, by name")
_BODY = Parameter("body", "string", "the message", default="")
_ROUTING_KEY = Parameter("routing_key", "string", "routing key of the message", default="")

FILTER_POLICY = (
    Parameter("policy", "string", "the filter policy, as JSON text", required=True),
    Parameter("scope", "string", "what it looks at", default=_SCOPES[0], choices=_SCOPES),
    _ATTRIBUTES,
    _BODY,
)
BINDING = (
    Parameter("type", "string", "type of the exchange", default="topic", choices=_KINDS),
    Parameter("binding_key", "string", "key of the binding", default=""),
    Parameter("arguments", "object", "arguments of the binding, for a headers exchange"),
    _ROUTING_KEY,
    _ATTRIBUTES,
)
AUDIENCE = (
    Parameter("topic", "string", "name or ARN of an SNS topic"),
    Parameter("exchange", "string", "name of an exchange"),
    _ROUTING_KEY,
    _ATTRIBUTES,
    _BODY,
    VHOST,
    ACCOUNT,
    REGION,
)


def try_filter_policy(broker: FakeBroker, given: View) -> View:
    """Whether a message passes a filter policy, and which of its names it satisfies.

    Raises:
        ControlError: 400, SNS would refuse the policy.
    """
    scope = FilterPolicyScope(given["scope"])
    try:
        policy = parse_filter_policy(given["policy"], scope)
    except InvalidFilterPolicy as error:
        raise ControlError(400, f"SNS refuses this policy: {error}") from error
    message = _sns_message(given)

    def passes(part: AllOf) -> bool:
        return FilterPolicy(part, scope).accepts(message, "sqs")

    parts = [(name, AllOf(((name, wanted),))) for name, wanted in policy.root.fields]
    parts += [("$or", AllOf((), (options,))) for options in policy.root.alternatives]
    return {
        "matches": policy.accepts(message, "sqs"),
        "parts": [{"name": name, "matches": passes(part)} for name, part in parts],
    }


def _sns_message(given: View) -> Message:
    attributes = wire_attributes(given["attributes"] or {})
    return Message("", "", given["body"], 0.0, attributes=attributes)


def try_binding(broker: FakeBroker, given: View) -> View:
    """Whether a binding of an exchange takes a message.

    Raises:
        ControlError: 400, RabbitMQ would refuse the binding.
    """
    exchange = Exchange("", given["type"])
    arguments = typed_table(given["arguments"] or {})
    try:
        check_match_argument(arguments)
    except AmqpError as error:
        raise ControlError(400, f"RabbitMQ refuses this binding: {error}") from error
    exchange.bind(binding_of("queue", "", given["binding_key"], arguments))
    return {"matches": bool(_matched(exchange, given))}


def _matched(exchange: Exchange, given: View) -> list[str]:
    headers = typed_table(given["attributes"] or {})
    found = exchange.router.match(given["routing_key"], headers)
    return [f"{one.kind} {one.name}" for one in found]


def audience(broker: FakeBroker, given: View) -> list[View]:
    """Every subscription of a topic, or binding of an exchange, and whether it would get the message."""
    if (given["topic"] is None) == (given["exchange"] is None):
        raise ControlError(400, "give a topic (SNS) or an exchange (AMQP)")
    if given["topic"] is not None:
        return _subscribers(broker, given)
    return _bound(broker, given)


def _subscribers(broker: FakeBroker, given: View) -> list[View]:
    message = _sns_message(given)
    return [
        {
            "destination": f"{one.protocol} {one.endpoint}",
            "by": one.attributes.get("FilterPolicy", ""),
            "matches": not one.pending
            and (one.filter_policy is None or one.filter_policy.accepts(message, one.protocol)),
        }
        for one in find_topic(broker, given["topic"], given).subscriptions.values()
    ]


def _bound(broker: FakeBroker, given: View) -> list[View]:
    _, exchange = find_exchange(broker, given)
    # The router chooses among all bindings at once: a consistent hash exchange takes only one of them.
    matched = _matched(exchange, given)
    rows = []
    for binding in exchange.bindings:
        destination = f"{binding.destination.kind} {binding.destination.name}"
        alone = Exchange("", exchange.kind, arguments=exchange.arguments)
        alone.bind(binding)
        rows.append(
            {
                "destination": destination,
                "by": binding.key,
                "matches": destination in matched and bool(_matched(alone, given)),
            }
        )
    return rows
