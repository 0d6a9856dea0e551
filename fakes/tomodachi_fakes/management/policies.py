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
from tomodachi_fakes.management.policy_settings import check_definition, shown

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.vhost import Vhost
    from tomodachi_fakes.aws.http import HttpResponse

View = dict[str, Any]
_APPLY_TO_3_10 = ("all", "queues", "exchanges")
_APPLY_TO_3_10_SHOWN = "'queues', 'exchanges' or 'all'"
_APPLY_TO_SHOWN = (
    "one of: 'queues', 'classic_queues',  'quorum_queues', 'streams', 'exchanges', or 'all'"
)
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
        known = _APPLY_TO_3_10_SHOWN if old else _APPLY_TO_SHOWN
        msg = f"apply-to '{apply_to}' unrecognised; should be {known}"
        raise invalid(msg)
    if isinstance(priority, bool) or not isinstance(priority, int):
        msg = f"priority should be a number, actually was {shown(priority, version)}"
        raise invalid(msg)
    if not isinstance(definition, dict) or not definition:
        raise invalid("no policy provided")
    check_definition(definition, version)
    return Policy(name, str(pattern), definition, priority, apply_to)


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
