"""Policies, operator policies, limits of virtual hosts and users, parameters.

Source: https://www.rabbitmq.com/docs/parameters; answers as a RabbitMQ 3.10.8 gives them
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.model.policies import Policy
from tomodachi_fakes.management.call import Call, answer, done, put
from tomodachi_fakes.management.errors import invalid, not_found
from tomodachi_fakes.management.listing import listed

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.vhost import Vhost
    from tomodachi_fakes.aws.http import HttpResponse

View = dict[str, Any]
# What a policy may set, and what RabbitMQ calls a value that is wrong; "" takes any.
_NUMBERS = {
    "message-ttl": "TTL",
    "expires": "queue expiration time",
    "max-length": "maximum length",
    "max-length-bytes": "maximum length in bytes",
    "max-in-memory-length": "maximum memory in bytes",
    "max-in-memory-bytes": "maximum memory in bytes",
    "delivery-limit": "delivery limit",
    "consumer-timeout": "consumer timeout",
}
_TEXTS = {
    "dead-letter-exchange": "dead letter exchange name",
    "dead-letter-routing-key": "dead letter routing key",
    "alternate-exchange": "alternate exchange name",
    "dead-letter-strategy": "dead letter strategy",
    "max-age": "max age",
    "overflow": "overflow mode",
    "queue-mode": "queue mode",
    "queue-leader-locator": "queue leader locator",
    "queue-master-locator": "queue master locator",
    "ha-mode": "ha-mode",
    "ha-sync-mode": "ha-sync-mode",
    "ha-promote-on-shutdown": "ha-promote-on-shutdown",
    "ha-promote-on-failure": "ha-promote-on-failure",
    "federation-upstream": "federation upstream",
    "federation-upstream-set": "federation upstream set",
}
_OTHERS = (
    "ha-params",
    "ha-sync-batch-size",
    "queue-version",
    "stream-max-segment-size-bytes",
    "initial-cluster-size",
)
_APPLY_TO_3_10 = ("all", "queues", "exchanges")
_APPLY_TO = (*_APPLY_TO_3_10, "classic_queues", "quorum_queues", "streams")
_VHOST_LIMITS = {"max-queues": "max_queues", "max-connections": "max_connections"}
_USER_LIMITS = {"max-connections": "max_connections", "max-channels": "max_channels"}

# --- policies ------------------------------------------------------------------------------------


def policy_view(vhost: str, policy: Policy) -> View:
    """A policy."""
    return {
        "vhost": vhost,
        "name": policy.name,
        "pattern": policy.pattern,
        "apply-to": policy.apply_to,
        "definition": policy.definition,
        "priority": policy.priority,
    }


def _is_operator(call: Call) -> bool:
    return call.path["what"] == "operator-policies"


def _policies(call: Call, vhost: Vhost) -> dict[str, Policy]:
    return vhost.operator_policies if _is_operator(call) else vhost.policies


def list_policies(call: Call) -> HttpResponse:
    """GET policies, policies/{vhost}, and the same of operator policies."""
    rows = [
        policy_view(vhost.name, policy)
        for vhost in call.chosen_vhosts()
        for _, policy in sorted(_policies(call, vhost).items())
    ]
    return answer(listed(rows, call.query))


def get_policy(call: Call) -> HttpResponse:
    """GET policies/{vhost}/{name}."""
    found = _policies(call, call.vhost()).get(call.path["name"])
    if found is None:
        raise not_found()
    return answer(policy_view(call.vhost().name, found))


def put_policy(call: Call) -> HttpResponse:
    """PUT policies/{vhost}/{name}."""
    vhost, name = call.vhost(), call.path["name"]
    body = call.json("pattern", "definition")
    existed = name in _policies(call, vhost)
    policy = policy_of(name, body, version=call.broker.profile.version)
    call.broker.set_policy(policy, vhost.name, operator=_is_operator(call))
    return put(existed=existed)


def delete_policy(call: Call) -> HttpResponse:
    """DELETE policies/{vhost}/{name}."""
    vhost, name = call.vhost(), call.path["name"]
    if name not in _policies(call, vhost):
        raise not_found()
    call.broker.clear_policy(name, vhost.name, operator=_is_operator(call))
    return done()


def policy_of(name: str, body: View, *, version: str) -> Policy:
    """A policy from a request or from definitions.

    Raises:
        ManagementError: 400, with RabbitMQ's text.
    """
    pattern, priority = body["pattern"], body.get("priority", 0)
    apply_to, definition = body.get("apply-to", "all"), body["definition"]
    try:
        re.compile(str(pattern))
    except re.error as error:
        text = f"pattern should be regular expression but is invalid: {error.msg}"
        raise invalid(text) from error
    old = version.startswith("3.10")
    if apply_to not in (_APPLY_TO_3_10 if old else _APPLY_TO):
        known = "'queues', 'exchanges' or 'all'" if old else ", ".join(map(repr, _APPLY_TO))
        msg = f"apply-to '{apply_to}' unrecognised; should be {known}"
        raise invalid(msg)
    if isinstance(priority, bool) or not isinstance(priority, int):
        msg = f"priority should be a number, actually was {_shown(priority)}"
        raise invalid(msg)
    if not isinstance(definition, dict) or not definition:
        raise invalid("no policy provided")
    _check_definition(definition)
    return Policy(name, str(pattern), definition, priority, apply_to)


def _check_definition(definition: View) -> None:
    unknown = [k for k in definition if k not in (*_NUMBERS, *_TEXTS, *_OTHERS)]
    if unknown:
        shown = ",".join(f"{{{_shown(k)},{_shown(definition[k])}}}" for k in unknown)
        msg = f"[{shown}] are not recognised policy settings"
        raise invalid(msg)
    for key, value in definition.items():
        number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if key in _NUMBERS and not number:
            msg = f"{_shown(value)} is not a valid {_NUMBERS[key]}"
            raise invalid(msg)
        if key in _TEXTS and not isinstance(value, str):
            msg = f"{_shown(value)} is not a valid {_TEXTS[key]}"
            raise invalid(msg)


def _shown(value: Any) -> str:
    """A value as Erlang prints it, made safe for HTML as RabbitMQ does it."""
    return f'&lt;&lt;"{value}"&gt;&gt;' if isinstance(value, str) else str(value)


# --- limits --------------------------------------------------------------------------------------


def list_vhost_limits(call: Call) -> HttpResponse:
    """GET vhost-limits, vhost-limits/{vhost}."""
    return answer(
        [
            {"vhost": vhost.name, "value": limits}
            for vhost in call.chosen_vhosts()
            if (limits := vhost_limits(vhost))
        ]
    )


def vhost_limits(vhost: Vhost) -> View:
    """The limits that are set."""
    found = {name: getattr(vhost, field) for name, field in _VHOST_LIMITS.items()}
    return {name: limit for name, limit in found.items() if limit is not None}


def put_vhost_limit(call: Call) -> HttpResponse:
    """PUT vhost-limits/{vhost}/{name}."""
    vhost, value = call.vhost(), call.json("value")["value"]
    set_vhost_limit(vhost, call.path["name"], value)
    return done()


def set_vhost_limit(vhost: Vhost, name: str, value: Any) -> None:
    """Set a limit; a negative one is none.

    Raises:
        ManagementError: 400, an unknown limit, or no number.
    """
    if name not in _VHOST_LIMITS:
        msg = f'Unrecognised terms [{{<<"{name}">>,{value}}}] in limits'
        raise invalid(msg)
    setattr(vhost, _VHOST_LIMITS[name], _limit(name, value))


def clear_vhost_limits(vhost: Vhost) -> None:
    """Take every limit away."""
    for field in _VHOST_LIMITS.values():
        setattr(vhost, field, None)


def _limit(name: str, value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        shown = f'<<"{value}">>' if isinstance(value, str) else value
        msg = f"{name} should be a number, actually was {shown}"
        raise invalid(msg)
    return value if value >= 0 else None


def delete_vhost_limit(call: Call) -> HttpResponse:
    """DELETE vhost-limits/{vhost}/{name}."""
    vhost, name = call.vhost(), call.path["name"]
    if name in _VHOST_LIMITS:
        setattr(vhost, _VHOST_LIMITS[name], None)
    return done()


def list_user_limits(call: Call) -> HttpResponse:
    """GET user-limits, user-limits/{user}."""
    rows = []
    for name, user in sorted(call.broker.users.items()):
        found = {limit: getattr(user, field) for limit, field in _USER_LIMITS.items()}
        limits = {limit: value for limit, value in found.items() if value is not None}
        if limits and call.path.get("user", name) == name:
            rows.append({"user": name, "value": limits})
    return answer(rows)


def put_user_limit(call: Call) -> HttpResponse:
    """PUT user-limits/{user}/{name}."""
    user, name = call.broker.users.get(call.path["user"]), call.path["name"]
    if user is None:
        raise not_found()
    value = call.json("value")["value"]
    if name not in _USER_LIMITS:
        msg = f'Unrecognised terms [{{<<"{name}">>,{value}}}] in limits'
        raise invalid(msg)
    setattr(user, _USER_LIMITS[name], _limit(name, value))
    return done()


def delete_user_limit(call: Call) -> HttpResponse:
    """DELETE user-limits/{user}/{name}."""
    user, name = call.broker.users.get(call.path["user"]), call.path["name"]
    if user is None:
        raise not_found()
    if name in _USER_LIMITS:
        setattr(user, _USER_LIMITS[name], None)
    return done()


# --- parameters ----------------------------------------------------------------------------------
