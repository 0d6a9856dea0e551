"""The `[amqp]` part of our own file, as rows of RabbitMQ's definitions.

What a row does not say is what a client would most likely want: durable, not deleted by itself, in "/".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tomodachi_fakes.definitions.place import Place, Table

Rows = dict[str, list[tuple[Place, Any]]]
_EVERYTHING = ".*"


def read_amqp(table: Table) -> Rows:
    """The rows by their part of the document.

    Raises:
        DefinitionsError: a key that is unknown, missing or of a wrong kind.
    """
    found: Rows = {}
    for section, (part, read) in _SECTIONS.items():
        for row in table.tables(section):
            found.setdefault(part, []).append((row.place, read(row)))
            row.end()
    table.end()
    return found


def _user(row: Table) -> dict[str, Any]:
    user: dict[str, Any] = {"name": row.name("name"), "tags": row.anything("tags", [])}
    for name in ("password", "password_hash", "hashing_algorithm"):
        if given := row.text(name):
            user[name] = given
    return user


def _vhost(row: Table) -> dict[str, Any]:
    described = {"description": row.text("description"), "tags": row.anything("tags", [])}
    return {"name": row.name("name"), "metadata": described}


def _permission(row: Table) -> dict[str, Any]:
    return {
        "user": row.name("user"),
        "vhost": row.text("vhost", "/"),
        "configure": row.text("configure", _EVERYTHING),
        "write": row.text("write", _EVERYTHING),
        "read": row.text("read", _EVERYTHING),
    }


def _topic_permission(row: Table) -> dict[str, Any]:
    return {
        "user": row.name("user"),
        "vhost": row.text("vhost", "/"),
        "exchange": row.text("exchange"),
        "write": row.text("write", _EVERYTHING),
        "read": row.text("read", _EVERYTHING),
    }


def _free_name(row: Table) -> str:
    name = row.name("name")
    if name.startswith("amq."):
        row.place.at("name").refuse(f"{name!r}: names that begin with amq. are RabbitMQ's to give")
    return name


def _queue(row: Table) -> dict[str, Any]:
    arguments = row.mapping("arguments")
    if kind := row.text("type"):
        arguments["x-queue-type"] = kind
    return {
        "name": _free_name(row),
        "vhost": row.text("vhost", "/"),
        "durable": row.flag("durable", default=True),
        "auto_delete": row.flag("auto_delete", default=False),
        "arguments": arguments,
    }


def _exchange(row: Table) -> dict[str, Any]:
    return {
        "name": _free_name(row),
        "vhost": row.text("vhost", "/"),
        "type": row.text("type", "direct"),
        "durable": row.flag("durable", default=True),
        "auto_delete": row.flag("auto_delete", default=False),
        "internal": row.flag("internal", default=False),
        "arguments": row.mapping("arguments"),
    }


def _binding(row: Table) -> dict[str, Any]:
    return {
        "source": row.name("source"),
        "vhost": row.text("vhost", "/"),
        "destination": row.name("destination"),
        "destination_type": row.text("destination_type", "queue"),
        "routing_key": row.text("routing_key"),
        "arguments": row.mapping("arguments"),
    }


def _policy(row: Table) -> dict[str, Any]:
    return {
        "name": row.name("name"),
        "vhost": row.text("vhost", "/"),
        "pattern": row.name("pattern"),
        "definition": row.mapping("definition"),
        "priority": row.integer("priority"),
        "apply-to": row.text("apply_to", "all"),
    }


def _operator_policy(row: Table) -> dict[str, Any]:
    policy = _policy(row)
    where = {name: policy.pop(name) for name in ("name", "vhost")}
    return {**where, "component": "operator_policy", "value": policy}


def _limits(row: Table) -> dict[str, Any]:
    names = {"max_connections": "max-connections", "max_queues": "max-queues"}
    return {
        "vhost": row.text("vhost", "/"),
        "component": "vhost-limits",
        "name": "limits",
        "value": row.chosen(names),
    }


# Our section: the part of RabbitMQ's document, and what reads a row of it.
_SECTIONS: dict[str, tuple[str, Callable[[Table], dict[str, Any]]]] = {
    "users": ("users", _user),
    "vhosts": ("vhosts", _vhost),
    "permissions": ("permissions", _permission),
    "topic_permissions": ("topic_permissions", _topic_permission),
    "vhost_limits": ("parameters", _limits),
    "policies": ("policies", _policy),
    "operator_policies": ("parameters", _operator_policy),
    "queues": ("queues", _queue),
    "exchanges": ("exchanges", _exchange),
    "bindings": ("bindings", _binding),
}
