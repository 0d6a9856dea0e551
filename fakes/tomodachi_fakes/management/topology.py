"""Exchanges, queues and bindings: look, declare, delete, purge.

Source: https://www.rabbitmq.com/docs/management#http-api; answers as a RabbitMQ 3.10.8 gives them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from tomodachi_fakes.amqp.fields import Table, typed_table
from tomodachi_fakes.amqp.model.exchanges import binding_of
from tomodachi_fakes.management.binding_keys import is_named, properties_key
from tomodachi_fakes.management.call import (
    Call,
    answer,
    boolean,
    created,
    done,
    exchange_name,
    is_before_4,
    put,
)
from tomodachi_fakes.management.errors import bad_request, missing, not_authorised, not_found
from tomodachi_fakes.management.json_in import refuse_nulls
from tomodachi_fakes.management.listing import columns, listed
from tomodachi_fakes.management.topology_views import (
    binding_view,
    bindings_of,
    default_binding,
    exchange_view,
    queue_view,
    queue_with_consumers,
)

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.exchanges import Binding, Exchange
    from tomodachi_fakes.amqp.model.vhost import Vhost
    from tomodachi_fakes.aws.http import HttpResponse

_KINDS = {"q": "queue", "e": "exchange"}


def arguments_of(body: dict[str, Any]) -> Table:
    """The `arguments` of a body.

    Raises:
        ManagementError: 400, no object, or a null in it.
    """
    given = body.get("arguments") or {}
    if not isinstance(given, dict):
        raise bad_request(["not_object", given])
    refuse_nulls(given)
    return typed_table(given)


# --- exchanges -----------------------------------------------------------------------------------


def list_exchanges(call: Call) -> HttpResponse:
    """GET exchanges, exchanges/{vhost}."""
    rows = [
        exchange_view(vhost, vhost.exchanges[name], call.node, call.now)
        for vhost in call.chosen_vhosts()
        for name in sorted(vhost.exchanges)
    ]
    return answer(listed(rows, call.query))


def get_exchange(call: Call) -> HttpResponse:
    """GET exchanges/{vhost}/{exchange}."""
    view = exchange_view(call.vhost(), call.exchange(), call.node, call.now)
    return answer(columns({**view, "incoming": [], "outgoing": []}, call.query))


def put_exchange(call: Call) -> HttpResponse:
    """PUT exchanges/{vhost}/{exchange}."""
    vhost, name = _vhost_to_change(call), exchange_name(call.path["exchange"])
    body = call.json()
    existed = name in vhost.exchanges
    if not name or (name.startswith("amq.") and not existed):
        raise not_authorised("Access refused.")
    call.require("configure", "exchange", name)
    vhost.declare_exchange(
        name,
        str(body.get("type", "direct")),
        durable=boolean(body.get("durable", False)),
        auto_delete=boolean(body.get("auto_delete", False)),
        internal=boolean(body.get("internal", False)),
        arguments=arguments_of(body),
    )
    return put(existed=existed)


def delete_exchange(call: Call) -> HttpResponse:
    """DELETE exchanges/{vhost}/{exchange}."""
    exchange = call.exchange()
    if not exchange.name or exchange.name.startswith("amq."):
        raise not_authorised("Access refused.")
    call.require("configure", "exchange", exchange.name)
    call.vhost().delete_exchange(exchange.name, if_unused=call.flag("if-unused"))
    return done()


# --- queues --------------------------------------------------------------------------------------


def list_queues(call: Call) -> HttpResponse:
    """GET queues, queues/{vhost}."""
    rows = [
        queue_view(call.broker, vhost, vhost.queues[name], call.node)
        for vhost in call.chosen_vhosts()
        for name in sorted(vhost.queues)
    ]
    return answer(listed(rows, call.query))


def list_detailed_queues(call: Call) -> HttpResponse:
    """GET queues/detailed, which RabbitMQ 3.10 does not have: every queue, as every list of them is here."""
    if is_before_4(call.broker):
        raise not_found()
    return list_queues(call)


def get_queue(call: Call) -> HttpResponse:
    """GET queues/{vhost}/{queue}."""
    view = queue_with_consumers(call.broker, call.vhost(), call.queue(), call.node)
    return answer(columns(view, call.query))


def put_queue(call: Call) -> HttpResponse:
    """PUT queues/{vhost}/{queue}."""
    vhost, name = _vhost_to_change(call), call.path["queue"]
    body = call.json()
    existed = name in vhost.queues
    if name.startswith("amq.") and not existed:
        raise not_authorised("Access refused.")
    call.require("configure", "queue", name)
    vhost.declare_queue(
        name,
        durable=boolean(body.get("durable", False)),
        auto_delete=boolean(body.get("auto_delete", False)),
        exclusive=False,
        connection_id="",
        arguments=arguments_of(body),
        now=call.now,
    )
    return put(existed=existed)


def delete_queue(call: Call) -> HttpResponse:
    """DELETE queues/{vhost}/{queue}, with `if-empty` and `if-unused`."""
    vhost, queue = call.vhost(), call.queue()
    call.require("configure", "queue", queue.name)
    if queue.owner is not None:
        raise vhost.locked(queue.name)
    if call.flag("if-empty") and queue.message_count:
        msg = f"{queue.where} not empty"
        raise bad_request(msg)
    if call.flag("if-unused") and len(queue.consumers):
        msg = f"{queue.where} in use"
        raise bad_request(msg)
    vhost.delete_queue(queue, call.now, reason="deleted")
    return done()


def purge_queue(call: Call) -> HttpResponse:
    """DELETE queues/{vhost}/{queue}/contents."""
    vhost, queue = call.vhost(), call.queue()
    call.require("read", "queue", queue.name)
    if queue.owner is not None:
        raise vhost.locked(queue.name)
    count = queue.purge(call.now)
    call.broker.record("purged", queue.name, count=count)
    return done()


def act_on_queue(call: Call) -> HttpResponse:
    """POST queues/{vhost}/{queue}/actions: nothing to synchronise on one node."""
    call.queue()
    action = call.json("action")["action"]
    if action not in ("sync", "cancel_sync"):
        raise bad_request(["unknown", action])
    return done()


# --- bindings ------------------------------------------------------------------------------------


def list_bindings(call: Call) -> HttpResponse:
    """GET bindings, bindings/{vhost}."""
    rows = [view for vhost in call.chosen_vhosts() for view in bindings_of(vhost)]
    return answer(listed(rows, call.query))


def bindings_from(call: Call) -> HttpResponse:
    """GET exchanges/{vhost}/{exchange}/bindings/source."""
    name = exchange_name(call.path["exchange"])
    return answer([view for view in bindings_of(call.vhost()) if view["source"] == name])


def bindings_to_exchange(call: Call) -> HttpResponse:
    """GET exchanges/{vhost}/{exchange}/bindings/destination."""
    return answer(_leading_to(call, "exchange", exchange_name(call.path["exchange"])))


def bindings_to_queue(call: Call) -> HttpResponse:
    """GET queues/{vhost}/{queue}/bindings; a queue that is not there has its default one all the same."""
    name = call.path["queue"]
    found = _leading_to(call, "queue", name)
    return answer(found or [default_binding(call.vhost().name, name)])


def _leading_to(call: Call, kind: str, name: str) -> list[dict[str, Any]]:
    wanted = (kind, name)
    rows = bindings_of(call.vhost())
    return [row for row in rows if (row["destination_type"], row["destination"]) == wanted]


def bindings_between(call: Call) -> HttpResponse:
    """GET bindings/{vhost}/e/{exchange}/{kind}/{destination}."""
    source = exchange_name(call.path["exchange"])
    found = _leading_to(call, _kind(call), call.path["destination"])
    return answer([view for view in found if view["source"] == source])


def get_binding(call: Call) -> HttpResponse:
    """GET bindings/{vhost}/e/{exchange}/{kind}/{destination}/{key}."""
    exchange, binding = _binding(call)
    return answer(binding_view(call.vhost().name, exchange.name, binding))


def delete_binding(call: Call) -> HttpResponse:
    """DELETE bindings/{vhost}/e/{exchange}/{kind}/{destination}/{key}."""
    exchange, binding = _binding(call)
    call.require("write", _kind(call), call.path["destination"])
    call.require("read", "exchange", exchange.name)
    call.vhost().unbind(exchange, binding)
    return done()


def _binding(call: Call) -> tuple[Exchange, Binding]:
    exchange = call.exchange()
    wanted = (_kind(call), call.path["destination"])
    for binding in exchange.bindings:
        if binding.destination == wanted and is_named(binding, call.path["key"]):
            return exchange, binding
    raise not_found()


def post_binding(call: Call) -> HttpResponse:
    """POST bindings/{vhost}/e/{exchange}/{kind}/{destination}."""
    vhost, body = _vhost_to_change(call), call.json()
    source, destination = exchange_name(call.path["exchange"]), call.path["destination"]
    kind = _kind(call)
    where = f"in vhost '{vhost.name}'"
    if source not in vhost.exchanges:
        msg = f"no exchange '{source}' {where}"
        raise missing(msg)
    if destination not in (vhost.queues if kind == "queue" else vhost.exchanges):
        msg = f"no {kind} '{destination}' {where}"
        raise missing(msg)
    if not source:
        raise not_authorised("Access refused.")
    call.require("write", kind, destination)
    call.require("read", "exchange", source)
    key = str(body.get("routing_key", ""))
    binding = binding_of(kind, destination, key, arguments_of(body))
    vhost.bind(vhost.exchanges[source], binding)
    return created(f"{quote_plus(destination)}/{quote_plus(properties_key(binding), safe='~')}")


def _kind(call: Call) -> str:
    kind = _KINDS.get(call.path["kind"])
    if kind is None:
        raise not_found()
    return kind


def _vhost_to_change(call: Call) -> Vhost:
    if call.path["vhost"] not in call.broker.vhosts:
        raise missing("vhost_not_found")
    return call.vhost()
