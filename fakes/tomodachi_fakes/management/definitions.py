"""Definitions: topology, users, permissions and policies as one JSON document, out and in.

What is there stays when a document is taken in: a queue or exchange of a known name keeps its
properties, as RabbitMQ keeps them. Names that begin with "amq." are the broker's to give, and passed over.

Source: https://www.rabbitmq.com/docs/definitions; RabbitMQ 3.10.8, 4.0.5 and 4.3.6 were asked
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.fields import plain_table, typed_table
from tomodachi_fakes.amqp.model.access import Permissions
from tomodachi_fakes.amqp.model.arguments import CLASSIC
from tomodachi_fakes.amqp.model.exchanges import binding_of
from tomodachi_fakes.management.call import Call, answer, done, is_before_4
from tomodachi_fakes.management.errors import ManagementError, bad_request
from tomodachi_fakes.management.json_in import loads
from tomodachi_fakes.management.parameters import (
    global_parameters,
    parameters_of,
    set_parameter,
)
from tomodachi_fakes.management.people import save_user, tags_of, user_view
from tomodachi_fakes.management.policies import (
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
_RESERVED = "amq."
_NEXT_LINE = ",\n" + " " * 20


class MissingEnds(ManagementError):
    """A binding to or from what is not there."""

    def __init__(self, vhost: str, missing: list[tuple[str, str]]) -> None:
        self._vhost = vhost
        self._missing = missing
        kind, name = missing[0]
        super().__init__(400, "bad_request", f"no {kind} '{name}' in vhost '{vhost}'")

    def as_erlang(self) -> str:
        """As RabbitMQ 4 says it."""
        found = (
            f'{{not_found,{{resource,<<"{self._vhost}">>,{kind},<<"{name}">>}}}}'
            for kind, name in self._missing
        )
        return f"{{resources_missing,[{_NEXT_LINE.join(found)}]}}"


def get_definitions(call: Call) -> HttpResponse:
    """GET definitions, definitions/{vhost}."""
    if "vhost" in call.path:
        return answer(_of_one(call.broker, call.vhost()))
    document = export_definitions(call.broker)
    document["global_parameters"] = global_parameters(call)
    return answer(document)


def post_definitions(call: Call) -> HttpResponse:
    """POST definitions, definitions/{vhost}."""
    try:
        document = loads(call.body)
    except ValueError as error:
        raise bad_request("failed_to_parse_json") from error
    vhost = call.vhost().name if "vhost" in call.path else None
    try:
        import_definitions(
            call.broker,
            document,
            now=call.now,
            vhost=vhost,
            loose_ends=is_before_4(call.broker),
        )
    except MissingEnds as error:
        raise bad_request(error.as_erlang()) from error
    except (AttributeError, KeyError, TypeError) as error:
        # A row that is none, or lacks what it has to have; RabbitMQ says no more than this.
        raise bad_request("function_clause") from error
    for parameter in document.get("global_parameters", ()) if vhost is None else ():
        call.node.global_parameters[parameter["name"]] = parameter["value"]
    return done()


# --- out -----------------------------------------------------------------------------------------


def export_definitions(broker: Broker) -> View:
    """Everything that definitions hold, without messages, exclusive queues and global parameters."""
    users = [user for _, user in sorted(broker.users.items())]
    version = broker.profile.version
    vhosts = [vhost for _, vhost in sorted(broker.vhosts.items())]
    name = broker.cluster_name
    return {
        "rabbit_version": version,
        "rabbitmq_version": version,
        "product_name": "RabbitMQ",
        "product_version": version,
        **_about(broker, "cluster", original_cluster_name=name, explanation=f"cluster '{name}'"),
        "users": [user_view(user) for user in users],
        "vhosts": [_vhost(broker, vhost) for vhost in vhosts],
        "permissions": [
            {
                "user": user.name,
                "vhost": vhost,
                "configure": allowed.configure,
                "write": allowed.write,
                "read": allowed.read,
            }
            for user in users
            for vhost, allowed in user.permissions.items()
        ],
        "topic_permissions": [
            {
                "user": user.name,
                "vhost": vhost,
                "exchange": exchange,
                "write": allowed.write,
                "read": allowed.read,
            }
            for user in users
            for (vhost, exchange), allowed in user.topic_permissions.items()
        ],
        **export_vhosts(broker, vhosts),
    }


def _about(broker: Broker, kind: str, *, explanation: str, **original: str) -> View:
    """What a document says of itself, from 4.0 on."""
    if is_before_4(broker):
        return {}
    about = {"rabbitmq_definition_format": kind, "explanation": f"Definitions of {explanation}"}
    return about | original


def _vhost(broker: Broker, vhost: Vhost) -> View:
    metadata: View = {"description": vhost.description, "tags": list(vhost.tags)}
    shown: View = {"name": vhost.name}
    if is_before_4(broker):
        described = vhost.name != "/" and (vhost.description or vhost.tags)
        return shown | ({"metadata": metadata} if described else {})
    metadata["default_queue_type"] = CLASSIC
    shown["metadata"] = metadata
    return shown | (
        {"limits": vhost_limits(vhost)} if broker.profile.vhosts_show_limits else metadata
    )


def export_vhosts(broker: Broker, vhosts: list[Vhost]) -> View:
    """What belongs to these virtual hosts."""
    return {
        "rabbit_version": broker.profile.version,
        "parameters": [row for vhost in vhosts for row in parameters_of(vhost)],
        "policies": [
            policy_view(vhost.name, policy)
            for vhost in vhosts
            for policy in vhost.policies.values()
        ],
        "queues": [row for vhost in vhosts for row in _queues(vhost)],
        "exchanges": [row for vhost in vhosts for row in _exchanges(vhost)],
        "bindings": [row for vhost in vhosts for row in _bindings(vhost)],
    }


def _of_one(broker: Broker, vhost: Vhost) -> View:
    """One virtual host's document; before 4.0 its parameters and policies name it."""
    document = export_vhosts(broker, [vhost])
    nameless = ("queues", "exchanges", "bindings")
    for kind in nameless if is_before_4(broker) else (*nameless, "parameters", "policies"):
        for row in document[kind]:
            del row["vhost"]
    if is_before_4(broker):
        return document
    about = _about(
        broker,
        "single_virtual_host",
        original_vhost_name=vhost.name,
        explanation=f"virtual host '{vhost.name}'",
    )
    shown = _vhost(broker, vhost)
    shown["description"], shown["limits"] = vhost.description, vhost_limits(vhost)
    del shown["name"]
    shown.pop("tags", None)
    return about | shown | document


def _queues(vhost: Vhost) -> list[View]:
    return [
        {
            "name": queue.name,
            "vhost": vhost.name,
            "durable": queue.durable,
            "auto_delete": queue.auto_delete,
            "arguments": plain_table(queue.arguments),
        }
        for queue in vhost.queues.values()
        if queue.owner is None
    ]


def _exchanges(vhost: Vhost) -> list[View]:
    return [
        {
            "name": exchange.name,
            "vhost": vhost.name,
            "type": exchange.kind,
            "durable": exchange.durable,
            "auto_delete": exchange.auto_delete,
            "internal": exchange.internal,
            "arguments": plain_table(exchange.arguments),
        }
        for exchange in vhost.exchanges.values()
        if exchange.name and not exchange.name.startswith("amq.")
    ]


def _bindings(vhost: Vhost) -> list[View]:
    lasting = {queue.name for queue in vhost.queues.values() if queue.owner is None}
    return [
        {
            "source": exchange.name,
            "vhost": vhost.name,
            "destination": binding.destination.name,
            "destination_type": binding.destination.kind,
            "routing_key": binding.key,
            "arguments": plain_table(binding.arguments),
        }
        for exchange in vhost.exchanges.values()
        for binding in exchange.bindings
        if binding.destination.kind == "exchange" or binding.destination.name in lasting
    ]


# --- in ------------------------------------------------------------------------------------------


def import_definitions(
    broker: Broker,
    document: Any,
    *,
    now: float,
    vhost: str | None = None,
    loose_ends: bool = False,
) -> None:
    """Take a document in, in the order that its parts need each other.

    Args:
        broker: Where to.
        document: As RabbitMQ exports it.
        now: Unix seconds.
        vhost: The virtual host of a document that names none; its users are passed over then.
        loose_ends: Pass over bindings to or from what is not there, as RabbitMQ before 4 does.

    Raises:
        ManagementError: 400, something is missing or wrong; what came before it is there.
        AmqpError: a queue or exchange is refused.
    """
    if not isinstance(document, dict):
        raise bad_request("failed_to_parse_json")
    if vhost is None:
        _import_people(broker, document)
    else:
        _import_limits(broker.vhosts[vhost], document)
    for row in document.get("parameters", ()):
        component, name = row["component"], row["name"]
        set_parameter(broker, _place(broker, row, vhost), component, name, row["value"])
    for row in document.get("policies", ()):
        policy = policy_of(row["name"], row, version=broker.profile.version)
        broker.set_policy(policy, _place(broker, row, vhost).name)
    for row in document.get("queues", ()):
        _import_queue(_place(broker, row, vhost), row, now)
    for row in document.get("exchanges", ()):
        _import_exchange(_place(broker, row, vhost), row)
    for row in document.get("bindings", ()):
        _import_binding(_place(broker, row, vhost), row, loose_ends=loose_ends)


def _import_people(broker: Broker, document: View) -> None:
    for row in document.get("users", ()):
        if row.get("tags") is None:
            raise bad_request("tags_not_present")
        save_user(broker, row["name"], row)
    for row in document.get("vhosts", ()):
        vhost = broker.add_vhost(row["name"])
        described = row.get("metadata") or row
        vhost.description = described.get("description", "")
        vhost.tags = tags_of(described.get("tags", ()))
        _import_limits(vhost, row)
    for row in document.get("permissions", ()):
        user = broker.users.get(row["user"])
        if user is None:
            raise bad_request(["no_such_user", row["user"]])
        patterns = (row["configure"], row["write"], row["read"])
        broker.set_permissions(user.name, _place(broker, row, None).name, *patterns)
    for row in document.get("topic_permissions", ()):
        if row["user"] not in broker.users:
            raise bad_request(["no_such_user", row["user"]])
        where = _place(broker, row, None).name, row["exchange"]
        allowed = Permissions("", row["write"], row["read"])
        broker.users[row["user"]].topic_permissions[where] = allowed


def _import_limits(vhost: Vhost, row: View) -> None:
    for limit, number in (row.get("limits") or {}).items():
        set_vhost_limit(vhost, limit, number)


def _place(broker: Broker, row: View, vhost: str | None) -> Vhost:
    name = row.get("vhost", "undefined") if vhost is None else vhost
    if name not in broker.vhosts:
        raise bad_request(["no_such_vhost", name])
    return broker.vhosts[name]


def _import_queue(vhost: Vhost, row: View, now: float) -> None:
    if row["name"] in vhost.queues or row["name"].startswith(_RESERVED):
        return
    vhost.declare_queue(
        row["name"],
        durable=row["durable"],
        auto_delete=row["auto_delete"],
        exclusive=False,
        connection_id="",
        arguments=typed_table(row.get("arguments") or {}),
        now=now,
    )


def _import_exchange(vhost: Vhost, row: View) -> None:
    if row["name"] in vhost.exchanges or row["name"].startswith(_RESERVED):
        return
    vhost.declare_exchange(
        row["name"],
        row.get("type", "undefined"),
        durable=row["durable"],
        auto_delete=row["auto_delete"],
        internal=row.get("internal", False),
        arguments=typed_table(row.get("arguments") or {}),
    )


def _import_binding(vhost: Vhost, row: View, *, loose_ends: bool) -> None:
    kind, destination, source = row["destination_type"], row["destination"], row["source"]
    ends = (
        ("exchange", source, vhost.exchanges),
        (kind, destination, vhost.queues if kind == "queue" else vhost.exchanges),
    )
    missing = [(what, name) for what, name, there in ends if name not in there]
    if missing and loose_ends:
        return
    if missing:
        raise MissingEnds(vhost.name, missing)
    arguments = typed_table(row.get("arguments") or {})
    vhost.bind(
        vhost.exchanges[source], binding_of(kind, destination, row["routing_key"], arguments)
    )
