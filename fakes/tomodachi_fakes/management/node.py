"""The node and the cluster: overview, health checks, feature flags, names and versions.

What only an Erlang node on a disk has (file descriptors, Mnesia, the Raft log) is told as a healthy node
with nothing to do would tell it, where monitoring asks for it, and else left out.

Source: https://www.rabbitmq.com/docs/management#http-api; answers as a RabbitMQ 3.10.8 gives them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.model.arguments import CLASSIC
from tomodachi_fakes.amqp.model.exchanges import EXCHANGE_TYPES, ROUTERS
from tomodachi_fakes.aws.http import HttpResponse
from tomodachi_fakes.management.call import Call, answer, done, is_before_4
from tomodachi_fakes.management.client_views import open_connections
from tomodachi_fakes.management.errors import bad_request, not_found
from tomodachi_fakes.management.listing import columns
from tomodachi_fakes.management.statistics import CHURN
from tomodachi_fakes.management.tally import detailed

if TYPE_CHECKING:
    from tomodachi_fakes.management.call import Listener
    from tomodachi_fakes.management.statistics import Statistics

View = dict[str, Any]
_UNITS = ("days", "weeks", "months", "years")
_SINGLE = {"status": "ok", "reason": "single node cluster"}
_FLAGS = (
    ("implicit_default_bindings", "Default bindings are implicit"),
    ("maintenance_mode_status", "Maintenance mode status"),
    ("quorum_queue", "Support queues of type `quorum`"),
    ("stream_queue", "Support queues of type `stream`"),
    ("user_limits", "Connection and channel limits of a user"),
    ("virtual_host_metadata", "Description and tags of a virtual host"),
)


def _erlang(call: Call) -> str:
    return call.broker.profile.platform.rpartition("/")[2].removeprefix("OTP ")


def _exchange_types() -> list[View]:
    return [
        {
            "name": kind,
            "description": f"AMQP {kind} exchange, as per the AMQP specification"
            if kind in ROUTERS
            else f"{kind} exchange",
            "enabled": True,
        }
        for kind in sorted(EXCHANGE_TYPES)
    ]


# --- overview ------------------------------------------------------------------------------------


def overview(call: Call) -> HttpResponse:
    """GET overview."""
    version, name = call.broker.profile.version, call.broker.cluster_name
    statistics = call.node.statistics
    monitors = {"administrator", "monitoring"} & set(call.user.tags)
    shown: View = {
        "management_version": version,
        "rabbitmq_version": version,
        "product_version": version,
        "product_name": "RabbitMQ",
        "cluster_name": name,
        "erlang_version": _erlang(call),
        "erlang_full_version": call.broker.profile.platform,
        "rates_mode": "basic",
        "sample_retention_policies": {"global": [600], "basic": [600], "detailed": [600]},
        "exchange_types": _exchange_types(),
        "disable_stats": False,
        "enable_queue_totals": False,
        "message_stats": {} if statistics is None else _message_stats(statistics, call.now),
        "churn_rates": _churn(call),
        "queue_totals": _queue_totals(call),
        "object_totals": _object_totals(call),
        "statistics_db_event_queue": 0,
    }
    if is_before_4(call.broker):
        shown["release_series_support_status"] = "supported"
    else:
        shown |= {
            "cluster_tags": {},
            "node_tags": {},
            "default_queue_type": CLASSIC,
            "is_op_policy_updating_enabled": True,
        }
    if monitors:
        shown["node"] = name
        shown["listeners"] = [_listener(name, one) for one in call.node.listeners]
        shown["contexts"] = _contexts(call)
    return answer(columns(shown, call.query))


def _message_stats(statistics: Statistics, now: float) -> View:
    """What was counted of everything; nothing is ever on a disk."""
    shown = statistics.of_everything(now)
    return shown | detailed("disk_reads", 0) | detailed("disk_writes", 0) if shown else {}


def _queue_totals(call: Call) -> View:
    queues = [queue for vhost in call.vhosts() for queue in vhost.queues.values()]
    if not queues:
        return {}
    ready = sum(queue.message_count for queue in queues)
    unacked = sum(len(getattr(queue, "unacked", ())) for queue in queues)
    return call.node.samples.depth("", ready, unacked, call.now)


def _object_totals(call: Call) -> View:
    vhosts, connections = call.vhosts(), open_connections(call.broker)
    queues = [queue for vhost in vhosts for queue in vhost.queues.values()]
    return {
        "channels": sum(len(one.channels) for one in connections),
        "connections": len(connections),
        "consumers": sum(len(queue.consumers) for queue in queues),
        "exchanges": sum(len(vhost.exchanges) for vhost in vhosts),
        "queues": len(queues),
    }


def _churn(call: Call) -> View:
    if call.node.statistics is not None:
        return call.node.statistics.churn(call.now)
    shown: View = {}
    for name in CHURN:
        shown |= detailed(name, 0)
    return shown


def _listener(node: str, one: Listener) -> View:
    return {
        "node": node,
        "protocol": one.protocol,
        "ip_address": one.host,
        "port": one.port,
        "socket_opts": {"backlog": 128, "nodelay": True} if one.protocol == "amqp" else {},
    }


def _contexts(call: Call) -> list[View]:
    return [
        {
            "node": call.broker.cluster_name,
            "description": "RabbitMQ Management",
            "path": "/",
            "ip": one.host,
            "port": str(one.port),
        }
        for one in call.node.listeners
        if one.protocol == "http"
    ]


# --- nodes ---------------------------------------------------------------------------------------


def list_nodes(call: Call) -> HttpResponse:
    """GET nodes."""
    return answer([_node(call)])


def get_node(call: Call) -> HttpResponse:
    """GET nodes/{node}."""
    if call.path["node"] != call.broker.cluster_name:
        raise not_found()
    return answer(_node(call))


def _node(call: Call) -> View:
    usage = call.broker.usage

    def sampled(name: str, value: int) -> View:
        return call.node.samples.detailed("", name, value, call.now)

    return {
        "name": call.broker.cluster_name,
        "type": "disc",
        "running": True,
        "partitions": [],
        "cluster_links": [],
        "uptime": int((call.now - call.node.started_at) * 1000),
        "rates_mode": "basic",
        "processors": 1,
        "run_queue": 0,
        "net_ticktime": 60,
        **sampled("mem_used", usage.octets),
        "mem_limit": usage.limit,
        "mem_alarm": usage.alarm,
        **detailed("disk_free", 50_000_000_000),
        "disk_free_limit": 50_000_000,
        "disk_free_alarm": False,
        **sampled("fd_used", len(call.broker.connections)),
        "fd_total": call.broker.max_connections,
        **sampled("sockets_used", len(call.broker.connections)),
        "sockets_total": call.broker.max_connections,
        **detailed("proc_used", 1),
        "proc_total": 1_048_576,
        "exchange_types": _exchange_types(),
        "auth_mechanisms": [
            {"name": name, "description": description, "enabled": True}
            for name, description in (
                ("AMQPLAIN", "QPid AMQPLAIN mechanism"),
                ("PLAIN", "SASL PLAIN authentication mechanism"),
            )
        ],
        "contexts": _contexts(call),
        "enabled_plugins": ["rabbitmq_management"],
        "config_files": [],
        "log_files": [],
        **_churn(call),
        "applications": [
            {
                "name": "rabbit",
                "description": "RabbitMQ",
                "version": call.broker.profile.version,
            }
        ],
    }


# --- names, flags, extensions --------------------------------------------------------------------


def cluster_name(call: Call) -> HttpResponse:
    """GET cluster-name."""
    return answer({"name": call.broker.cluster_name})


def put_cluster_name(call: Call) -> HttpResponse:
    """PUT cluster-name."""
    call.broker.cluster_name = str(call.json("name")["name"])
    return done()


def version(call: Call) -> HttpResponse:
    """GET version, which RabbitMQ 3.10 does not have."""
    if is_before_4(call.broker):
        raise not_found()
    return answer(call.broker.profile.version)


def feature_flags(call: Call) -> HttpResponse:
    """GET feature-flags."""
    return answer(
        [
            {
                "name": name,
                "desc": description,
                "doc_url": "",
                "state": "enabled",
                "stability": "stable",
                "provided_by": "rabbit",
            }
            for name, description in _FLAGS
        ]
    )


def enable_feature_flag(call: Call) -> HttpResponse:
    """PUT feature-flags/{name}/enable: every one that there is, is."""
    if call.path["name"] not in dict(_FLAGS):
        raise bad_request("unsupported")
    return done()


def rebalance(call: Call) -> HttpResponse:
    """POST rebalance/queues: one node has nothing to share out."""
    return done()


def reset_statistics(call: Call) -> HttpResponse:
    """DELETE reset, reset/{node}: counting begins anew."""
    if call.path.get("node", call.broker.cluster_name) != call.broker.cluster_name:
        raise not_found()
    if call.node.statistics is not None:
        call.node.statistics.clear()
    return done()


def extensions(call: Call) -> HttpResponse:
    """GET extensions."""
    return answer([{"javascript": "dispatcher.js"}])


def auth(call: Call) -> HttpResponse:
    """GET auth: users log in by password."""
    return answer({"enable_uaa": False, "uaa_client_id": "", "uaa_location": ""})


# --- health --------------------------------------------------------------------------------------


def aliveness(call: Call) -> HttpResponse:
    """GET aliveness-test/{vhost}: declares a queue, publishes to it and takes the message.

    The queue stays, as RabbitMQ leaves it.
    """
    vhost, name = call.vhost(), "aliveness-test"
    queue = vhost.declare_queue(
        name,
        durable=False,
        auto_delete=False,
        exclusive=False,
        connection_id="",
        arguments={},
        now=call.now,
    )
    call.broker.publish("", name, b"test_message", now=call.now, vhost=vhost.name)
    queue.get(no_ack=True, now=call.now)
    return answer({"status": "ok"})


def healthy(call: Call) -> HttpResponse:
    """GET healthchecks/node, health/checks/virtual-hosts: always."""
    if call.path.get("node", call.broker.cluster_name) != call.broker.cluster_name:
        raise not_found()
    return answer({"status": "ok"})


def healthy_since_4(call: Call) -> HttpResponse:
    """GET health/checks/is-in-service, ready-to-serve-clients, ...: which RabbitMQ 3.10 does not have."""
    if is_before_4(call.broker):
        raise not_found()
    return answer({"status": "ok"})


def no_alarms(call: Call) -> HttpResponse:
    """GET health/checks/alarms, local-alarms: 503 while memory is short."""
    if not call.broker.usage.alarm:
        return answer({"status": "ok"})
    alarms = [{"node": call.broker.cluster_name, "resource": "memory"}]
    return _failed("There are alarms in effect in the cluster", alarms=alarms)


def single_node(call: Call) -> HttpResponse:
    """GET health/checks/node-is-quorum-critical, node-is-mirror-sync-critical: one node never is."""
    return answer(_SINGLE)


def certificates(call: Call) -> HttpResponse:
    """GET health/checks/certificate-expiration/{within}/{unit}: ours are made for longer than that."""
    if call.path["unit"] not in _UNITS:
        raise bad_request("Time unit not recognised. Use days, weeks, months, years.")
    if not call.path["within"].isdecimal():
        raise bad_request("Invalid expiration value.")
    return answer({"status": "ok"})


def port_listener(call: Call) -> HttpResponse:
    """GET health/checks/port-listener/{port}."""
    if not call.path["port"].isdecimal():
        raise bad_request("Invalid port")
    port, ports = int(call.path["port"]), [one.port for one in call.node.listeners]
    if port in ports:
        return answer({"status": "ok", "port": port})
    return _failed("No active listener", missing=port, ports=ports)


def protocol_listener(call: Call) -> HttpResponse:
    """GET health/checks/protocol-listener/{protocol}."""
    asked = call.path["protocol"].lower()
    names = {"amqp": "amqp", "amqps": "amqp/ssl", "amqp/ssl": "amqp/ssl", "http": "http"}
    protocol = names.get(asked, asked)
    protocols = [one.protocol for one in call.node.listeners]
    if protocol in protocols:
        return answer({"status": "ok", "protocol": asked})
    return _failed("No active listener", missing=protocol, protocols=protocols)


def _failed(reason: str, **facts: Any) -> HttpResponse:
    response = answer({"status": "failed", "reason": reason, **facts})
    response.status = 503
    return response
