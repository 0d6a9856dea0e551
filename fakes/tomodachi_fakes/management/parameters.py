"""Parameters: what is set by component, virtual host and name, and those of the whole cluster.

Two components are RabbitMQ's own, operator policies and limits of virtual hosts; the others belong to plugins
that are not here (shovel, federation).

Source: https://www.rabbitmq.com/docs/parameters; answers as a RabbitMQ 3.10.8 gives them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.management.call import Call, answer, done, is_before_4, put
from tomodachi_fakes.management.errors import bad_request, invalid, missing, not_found
from tomodachi_fakes.management.policies import (
    clear_vhost_limits,
    policy_of,
    policy_view,
    set_vhost_limit,
    vhost_limits,
)

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.model.vhost import Vhost
    from tomodachi_fakes.aws.http import HttpResponse

View = dict[str, Any]
_OPERATOR_POLICY, _LIMITS = "operator_policy", "vhost-limits"
_LIMITS_NAME = "limits"
_OF_A_POLICY = ("definition", "pattern", "priority")


def parameters_of(vhost: Vhost) -> list[View]:
    """Every parameter of a virtual host."""
    rows: list[View] = []
    if limits := vhost_limits(vhost):
        rows.append(_row(vhost, _LIMITS, _LIMITS_NAME, limits))
    for policy in vhost.operator_policies.values():
        view = policy_view(vhost.name, policy)
        value = {k: view[k] for k in ("pattern", "definition", "priority", "apply-to")}
        rows.append(_row(vhost, _OPERATOR_POLICY, policy.name, value))
    return rows


def _row(vhost: Vhost, component: str, name: str, value: Any) -> View:
    return {"vhost": vhost.name, "component": component, "name": name, "value": value}


def set_parameter(broker: Broker, vhost: Vhost, component: str, name: str, value: Any) -> None:
    """Set a parameter.

    Raises:
        ManagementError: 400, an unknown component, or a value that it does not take.
    """
    match component:
        case "vhost-limits":
            for limit, number in dict(value).items():
                set_vhost_limit(vhost, limit, number)
        case "operator_policy":
            absent = [
                f'Key "{key}" not found in {name}' for key in _OF_A_POLICY if key not in value
            ]
            if absent:
                raise invalid("\n".join(absent))
            policy = policy_of(name, value, version=broker.profile.version)
            broker.set_policy(policy, vhost.name, operator=True)
        case "policy":
            raise bad_request("policies may not be set using this method")
        case other:
            msg = f"component {other} not found"
            raise invalid(msg)


def list_parameters(call: Call) -> HttpResponse:
    """GET parameters, parameters/{component}, parameters/{component}/{vhost}."""
    component = call.path.get("component")
    rows = [row for vhost in call.chosen_vhosts() for row in parameters_of(vhost)]
    return answer([row for row in rows if component in (None, row["component"])])


def get_parameter(call: Call) -> HttpResponse:
    """GET parameters/{component}/{vhost}/{name}."""
    return answer(_parameter(call))


def _parameter(call: Call) -> View:
    wanted = call.path["component"], call.path["name"]
    for row in parameters_of(call.vhost()):
        if (row["component"], row["name"]) == wanted:
            return row
    raise not_found()


def put_parameter(call: Call) -> HttpResponse:
    """PUT parameters/{component}/{vhost}/{name}."""
    vhost = call.broker.vhosts.get(call.path["vhost"])
    if vhost is None:
        raise missing("vhost_not_found")
    value = call.json("value")["value"]
    component, name = call.path["component"], call.path["name"]
    existed = any(
        (row["component"], row["name"]) == (component, name) for row in parameters_of(vhost)
    )
    set_parameter(call.broker, vhost, component, name, value)
    return put(existed=existed)


def delete_parameter(call: Call) -> HttpResponse:
    """DELETE parameters/{component}/{vhost}/{name}."""
    found, vhost = _parameter(call), call.vhost()
    if found["component"] == _LIMITS:
        clear_vhost_limits(vhost)
    else:
        call.broker.clear_policy(found["name"], vhost.name, operator=True)
    return done()


# --- of the whole cluster ------------------------------------------------------------------------


def list_global_parameters(call: Call) -> HttpResponse:
    """GET global-parameters."""
    return answer(global_parameters(call))


def global_parameters(call: Call) -> list[View]:
    """Global parameters, the cluster's id among them."""
    stored: View = {"internal_cluster_id": f"rabbitmq-cluster-id-{call.broker.cluster_name}"}
    if not is_before_4(call.broker):
        stored["cluster_tags"] = []
    stored |= call.node.global_parameters
    return [{"name": name, "value": value} for name, value in sorted(stored.items())]


def get_global_parameter(call: Call) -> HttpResponse:
    """GET global-parameters/{name}."""
    for parameter in global_parameters(call):
        if parameter["name"] == call.path["name"]:
            return answer(parameter)
    raise not_found()


def put_global_parameter(call: Call) -> HttpResponse:
    """PUT global-parameters/{name}."""
    name, value = call.path["name"], call.json("value")["value"]
    existed = name in call.node.global_parameters
    call.node.global_parameters[name] = value
    return put(existed=existed)


def delete_global_parameter(call: Call) -> HttpResponse:
    """DELETE global-parameters/{name}."""
    if call.node.global_parameters.pop(call.path["name"], None) is None:
        raise not_found()
    return done()
