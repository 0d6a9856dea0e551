"""Which path and method lead where, and who may go there.

Source: https://www.rabbitmq.com/docs/management#http-api
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tomodachi_fakes.management import (
    clients,
    definitions,
    messages,
    node,
    parameters,
    people,
    policies,
    releases,
)
from tomodachi_fakes.management import topology as t

if TYPE_CHECKING:
    from tomodachi_fakes.aws.http import HttpResponse
    from tomodachi_fakes.management.call import Call

Handler = Callable[["Call"], "HttpResponse"]


class Access(Enum):
    """What a user needs beside a tag that lets them use the API at all."""

    ANY = auto()
    VHOST = auto()  # permissions in the virtual host that the path names
    VISIBLE_VHOST = auto()  # the same, or the tag of a monitor
    POLICY = auto()
    MONITOR = auto()
    ADMIN = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """One path.

    Attributes:
        segments: Literal texts, and `{names}` of variable ones.
        handlers: By method.
        access: Who may use it.
        head: Whether HEAD is answered where GET is.
    """

    segments: tuple[str, ...]
    handlers: dict[str, Handler]
    access: Access
    head: bool = True

    def match(self, given: list[str]) -> dict[str, str] | None:
        """The variable segments' values; None when the path is another."""
        if len(given) != len(self.segments):
            return None
        found: dict[str, str] = {}
        for segment, value in zip(self.segments, given, strict=True):
            if segment.startswith("{"):
                found[segment[1:-1]] = value
            elif segment != value:
                return None
        return found

    @property
    def allow(self) -> str:
        """The `Allow` header."""
        methods = ["HEAD"] if self.head and "GET" in self.handlers else []
        return ", ".join([*methods, *self.handlers, "OPTIONS"])


def _route(path: str, access: Access, *, head: bool = True, **handlers: Handler) -> Route:
    by_method = {method.upper(): handler for method, handler in handlers.items()}
    return Route(tuple(path.split("/")), by_method, access, head)


def find(path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a path below `/api/`, with its variables decoded."""
    given = [unquote(segment, errors="surrogateescape") for segment in path.split("/")]
    if len(given) > 1 and not given[-1]:
        given.pop()
    for route in _BY_FIRST.get(given[0], ()):
        variables = route.match(given)
        if variables is not None:
            return route, variables
    return None


_ANY, _VHOST, _ADMIN = Access.ANY, Access.VHOST, Access.ADMIN
_EXCHANGE, _QUEUE = "exchanges/{vhost}/{exchange}", "queues/{vhost}/{queue}"
_BETWEEN = "bindings/{vhost}/e/{exchange}/{kind}/{destination}"
_CHECKS = "health/checks"
_LEADERS = "quorum-queues-without-elected-leaders"
_SINCE_4 = (
    "below-node-connection-limit", "is-in-service", "metadata-store/initialized",
    "ready-to-serve-clients",
)  # fmt: skip

ROUTES: tuple[Route, ...] = (
    _route("overview", _ANY, get=node.overview),
    _route("whoami", _ANY, get=people.who_am_i),
    _route("auth", _ANY, get=node.auth),
    _route("extensions", _ANY, get=node.extensions),
    _route("version", _ANY, get=node.version),
    _route("cluster-name", _ANY, get=node.cluster_name, put=node.put_cluster_name),
    _route("nodes", Access.MONITOR, get=node.list_nodes),
    _route("nodes/{node}", Access.MONITOR, get=node.get_node),
    _route("feature-flags", _ADMIN, get=node.feature_flags),
    _route("feature-flags/{name}/enable", _ADMIN, put=node.enable_feature_flag),
    _route("deprecated-features", _ADMIN, get=releases.deprecated_features),
    _route("deprecated-features/used", _ADMIN, get=releases.used_deprecated_features),
    _route("rebalance/queues", _ADMIN, post=node.rebalance),
    _route("reset", _ADMIN, delete=node.reset_statistics),
    _route("reset/{node}", _ADMIN, delete=node.reset_statistics),
    # health
    _route("aliveness-test/{vhost}", _VHOST, get=node.aliveness),
    _route("healthchecks/node", Access.MONITOR, get=node.healthy),
    _route("healthchecks/node/{node}", Access.MONITOR, get=node.healthy),
    _route(f"{_CHECKS}/alarms", _ANY, get=node.no_alarms),
    _route(f"{_CHECKS}/local-alarms", _ANY, get=node.no_alarms),
    _route(f"{_CHECKS}/virtual-hosts", _ANY, get=node.healthy),
    *(_route(f"{_CHECKS}/{check}", _ANY, get=node.healthy_since_4) for check in _SINCE_4),
    _route(f"{_CHECKS}/node-is-quorum-critical", _ANY, get=node.single_node),
    _route(f"{_CHECKS}/node-is-mirror-sync-critical", _ANY, get=node.single_node),
    _route(f"{_CHECKS}/certificate-expiration/{{within}}/{{unit}}", _ANY, get=node.certificates),
    _route(f"{_CHECKS}/port-listener/{{port}}", _ANY, get=node.port_listener),
    _route(f"{_CHECKS}/protocol-listener/{{protocol}}", _ANY, get=node.protocol_listener),
    *(
        _route(f"{_CHECKS}/{_LEADERS}/{which}", _ANY, get=releases.leaders_are_elected)
        for vhost in ("all-vhosts", "vhost/{vhost}")
        for which in (vhost, f"{vhost}/pattern/{{pattern}}")
    ),
    # virtual hosts, users, permissions
    _route("vhosts", _ANY, get=people.list_vhosts),
    _route(
        "vhosts/{vhost}",
        _ADMIN,
        get=people.get_vhost,
        put=people.put_vhost,
        delete=people.delete_vhost,
    ),
    _route("vhosts/{vhost}/permissions", _ADMIN, get=people.vhost_permissions),
    _route("vhosts/{vhost}/topic-permissions", _ADMIN, get=people.vhost_topic_permissions),
    _route("vhosts/{vhost}/connections", Access.VISIBLE_VHOST, get=clients.list_connections),
    _route("vhosts/{vhost}/channels", Access.VISIBLE_VHOST, get=clients.list_channels),
    _route("users", _ADMIN, get=people.list_users),
    _route("users/without-permissions", _ADMIN, get=people.users_without_permissions),
    _route("users/bulk-delete", _ADMIN, post=people.delete_users),
    _route(
        "users/{user}", _ADMIN, get=people.get_user, put=people.put_user, delete=people.delete_user
    ),
    _route("users/{user}/permissions", _ADMIN, get=people.user_permissions),
    _route("users/{user}/topic-permissions", _ADMIN, get=people.user_topic_permissions),
    _route("user-limits", _ADMIN, head=False, get=policies.list_user_limits),
    _route("user-limits/{user}", _ADMIN, head=False, get=policies.list_user_limits),
    _route(
        "user-limits/{user}/{name}",
        _ADMIN,
        put=policies.put_user_limit,
        delete=policies.delete_user_limit,
    ),
    _route("permissions", _ADMIN, get=people.list_permissions),
    _route(
        "permissions/{vhost}/{user}",
        _ADMIN,
        get=people.get_permissions,
        put=people.put_permissions,
        delete=people.delete_permissions,
    ),
    _route("topic-permissions", _ADMIN, get=people.list_topic_permissions),
    _route(
        "topic-permissions/{vhost}/{user}",
        _ADMIN,
        get=people.get_topic_permissions,
        put=people.put_topic_permissions,
        delete=people.delete_topic_permissions,
    ),
    # exchanges, queues, bindings
    _route("exchanges", _ANY, get=t.list_exchanges),
    _route("exchanges/{vhost}", _VHOST, get=t.list_exchanges),
    _route(_EXCHANGE, _VHOST, get=t.get_exchange, put=t.put_exchange, delete=t.delete_exchange),
    _route(f"{_EXCHANGE}/publish", _VHOST, post=messages.publish),
    _route(f"{_EXCHANGE}/bindings/source", _VHOST, get=t.bindings_from),
    _route(f"{_EXCHANGE}/bindings/destination", _VHOST, get=t.bindings_to_exchange),
    _route("queues", _ANY, get=t.list_queues),
    _route(
        "queues/quorum/{vhost}/{queue}/status",
        Access.VHOST,
        head=False,
        get=releases.quorum_status,
    ),
    _route("queues/detailed", _ANY, get=t.list_detailed_queues),
    _route("queues/{vhost}", _VHOST, get=t.list_queues),
    _route(_QUEUE, _VHOST, get=t.get_queue, put=t.put_queue, delete=t.delete_queue),
    _route(f"{_QUEUE}/contents", _VHOST, delete=t.purge_queue),
    _route(f"{_QUEUE}/get", _VHOST, post=messages.get),
    _route(f"{_QUEUE}/actions", _VHOST, post=t.act_on_queue),
    _route(f"{_QUEUE}/bindings", _VHOST, get=t.bindings_to_queue),
    _route("bindings", _ANY, get=t.list_bindings),
    _route("bindings/{vhost}", _VHOST, get=t.list_bindings),
    _route(_BETWEEN, _VHOST, get=t.bindings_between, post=t.post_binding),
    _route(f"{_BETWEEN}/{{key}}", _VHOST, get=t.get_binding, delete=t.delete_binding),
    # clients
    _route("connections", _ANY, get=clients.list_connections),
    _route(
        "connections/username/{user}",
        _ANY,
        get=clients.user_connections,
        delete=clients.delete_user_connections,
    ),
    _route(
        "connections/{connection}",
        _ANY,
        get=clients.get_connection,
        delete=clients.delete_connection,
    ),
    _route("connections/{connection}/channels", _ANY, get=clients.connection_channels),
    _route("channels", _ANY, get=clients.list_channels),
    _route("channels/{channel}", _ANY, get=clients.get_channel),
    _route("consumers", _ANY, get=clients.list_consumers),
    _route("consumers/{vhost}", _VHOST, get=clients.list_consumers),
    # policies, limits, parameters
    *(
        route
        for what in ("policies", "operator-policies")
        for route in (
            _route(what, _ANY, get=policies.list_policies),
            _route(f"{what}/{{vhost}}", _VHOST, get=policies.list_policies),
            _route(
                f"{what}/{{vhost}}/{{name}}",
                Access.POLICY,
                get=policies.get_policy,
                put=policies.put_policy,
                delete=policies.delete_policy,
            ),
        )
    ),
    _route("vhost-limits", _ANY, head=False, get=policies.list_vhost_limits),
    _route("vhost-limits/{vhost}", _VHOST, head=False, get=policies.list_vhost_limits),
    _route(
        "vhost-limits/{vhost}/{name}",
        _ADMIN,
        put=policies.put_vhost_limit,
        delete=policies.delete_vhost_limit,
    ),
    _route("parameters", Access.POLICY, get=parameters.list_parameters),
    _route("parameters/{component}", Access.POLICY, get=parameters.list_parameters),
    _route("parameters/{component}/{vhost}", Access.POLICY, get=parameters.list_parameters),
    _route(
        "parameters/{component}/{vhost}/{name}",
        Access.POLICY,
        get=parameters.get_parameter,
        put=parameters.put_parameter,
        delete=parameters.delete_parameter,
    ),
    _route("global-parameters", Access.POLICY, get=parameters.list_global_parameters),
    _route(
        "global-parameters/{name}",
        Access.POLICY,
        get=parameters.get_global_parameter,
        put=parameters.put_global_parameter,
        delete=parameters.delete_global_parameter,
    ),
    _route(
        "definitions", _ADMIN, get=definitions.get_definitions, post=definitions.post_definitions
    ),
    _route(
        "definitions/{vhost}",
        _ADMIN,
        get=definitions.get_definitions,
        post=definitions.post_definitions,
    ),
)

_BY_FIRST: dict[str, list[Route]] = {}
for _one in ROUTES:
    _BY_FIRST.setdefault(_one.segments[0], []).append(_one)
