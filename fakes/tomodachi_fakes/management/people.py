"""Virtual hosts, users and permissions.

Source: https://www.rabbitmq.com/docs/management#http-api; answers as a RabbitMQ 3.10.8 gives them
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.model.access import DIGESTS, SHA256, User
from tomodachi_fakes.amqp.model.arguments import CLASSIC
from tomodachi_fakes.management.call import Call, answer, done, is_before_4, put
from tomodachi_fakes.management.errors import bad_request, not_found
from tomodachi_fakes.management.listing import listed

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.model.vhost import Vhost
    from tomodachi_fakes.aws.http import HttpResponse
    from tomodachi_fakes.management.call import Node

_VHOST_TAGS = "administrator", "monitoring"
View = dict[str, Any]

# --- virtual hosts -------------------------------------------------------------------------------


def vhost_view(broker: Broker, vhost: Vhost, node: Node) -> View:
    """A virtual host."""
    ready = sum(queue.message_count for queue in vhost.queues.values())
    unacked = sum(len(getattr(queue, "unacked", ())) for queue in vhost.queues.values())
    described = {"description": vhost.description, "tags": list(vhost.tags)}
    default: View = {"default_queue_type": CLASSIC}
    metadata = described if is_before_4(broker) else described | default
    statistics = node.statistics
    return {
        "name": vhost.name,
        **described,
        "metadata": metadata,
        **({"default_queue_type": "undefined"} if is_before_4(broker) else default),
        "tracing": False,
        "cluster_state": {broker.cluster_name: "running"},
        **node.samples.depth(vhost.name, ready, unacked, broker.now),
        **_traffic(broker, vhost, node),
        **({} if statistics is None else statistics.of_vhost(vhost.name, broker.now)),
    }


def _traffic(broker: Broker, vhost: Vhost, node: Node) -> View:
    """Octets of its connections, those that are gone among them; nothing before the first."""
    inside = [one for one in broker.connections.values() if one.vhost is vhost]
    received = vhost.octets_received + sum(one.octets_received for one in inside)
    sent = vhost.octets_sent + sum(one.octets_sent for one in inside)
    if not received:
        return {}
    return {
        **node.samples.detailed(vhost.name, "recv_oct", received, broker.now),
        **node.samples.detailed(vhost.name, "send_oct", sent, broker.now),
    }


def list_vhosts(call: Call) -> HttpResponse:
    """GET vhosts; who administers or monitors sees all."""
    sees_all = any(tag in _VHOST_TAGS for tag in call.user.tags)
    vhosts = [v for _, v in sorted(call.broker.vhosts.items())] if sees_all else call.vhosts()
    return answer(
        listed([vhost_view(call.broker, vhost, call.node) for vhost in vhosts], call.query)
    )


def get_vhost(call: Call) -> HttpResponse:
    """GET vhosts/{vhost}."""
    return answer(vhost_view(call.broker, call.vhost(), call.node))


def put_vhost(call: Call) -> HttpResponse:
    """PUT vhosts/{vhost}; who makes one gets all permissions in it."""
    name, body = call.path["vhost"], call.json()
    existed = name in call.broker.vhosts
    vhost = call.broker.add_vhost(name)
    vhost.description = str(body.get("description", vhost.description))
    vhost.tags = tags_of(body["tags"]) if "tags" in body else ()
    if not existed:
        call.broker.set_permissions(call.user.name, name)
    return put(existed=existed)


def delete_vhost(call: Call) -> HttpResponse:
    """DELETE vhosts/{vhost}."""
    call.broker.delete_vhost(call.vhost().name)
    for user in call.broker.users.values():
        user.permissions.pop(call.path["vhost"], None)
    return done()


def vhost_permissions(call: Call) -> HttpResponse:
    """GET vhosts/{vhost}/permissions."""
    return answer([row for row in _permissions(call) if row["vhost"] == call.vhost().name])


def vhost_topic_permissions(call: Call) -> HttpResponse:
    """GET vhosts/{vhost}/topic-permissions."""
    return answer([row for row in _topic_permissions(call) if row["vhost"] == call.vhost().name])


def tags_of(given: Any) -> tuple[str, ...]:
    """Tags, given as a list or separated by commas."""
    names = given if isinstance(given, list) else str(given or "").split(",")
    return tuple(name for name in (str(one).strip() for one in names) if name)


# --- users ---------------------------------------------------------------------------------------


def user_view(user: User) -> View:
    """A user."""
    limits = {"max-connections": user.max_connections, "max-channels": user.max_channels}
    return {
        "name": user.name,
        "password_hash": user.shown_hash(),
        "hashing_algorithm": user.hashing_algorithm,
        "tags": list(user.tags),
        "limits": {name: limit for name, limit in limits.items() if limit is not None},
    }


def who_am_i(call: Call) -> HttpResponse:
    """GET whoami."""
    return answer({"name": call.user.name, "tags": list(call.user.tags)})


def list_users(call: Call) -> HttpResponse:
    """GET users."""
    users = sorted(call.broker.users.items())
    return answer(listed([user_view(user) for _, user in users], call.query))


def users_without_permissions(call: Call) -> HttpResponse:
    """GET users/without-permissions."""
    users = sorted(call.broker.users.items())
    return answer([user_view(user) for _, user in users if not user.permissions])


def get_user(call: Call) -> HttpResponse:
    """GET users/{user}."""
    return answer(user_view(_user(call)))


def put_user(call: Call) -> HttpResponse:
    """PUT users/{user}."""
    name, body = call.path["user"], call.json()
    if "tags" not in body:
        raise bad_request("tags_not_present")
    existed = name in call.broker.users
    save_user(call.broker, name, body)
    return put(existed=existed)


def save_user(broker: Broker, name: str, body: dict[str, Any]) -> None:
    """Make or change a user; permissions and limits stay.

    Raises:
        ManagementError: 400, a hash that is none, or an unknown algorithm.
    """
    algorithm = body.get("hashing_algorithm", SHA256)
    if algorithm not in DIGESTS:
        msg = f"unknown hashing algorithm {algorithm!r}; one of {', '.join(DIGESTS)}"
        raise bad_request(msg)
    digest = str(body.get("password_hash", ""))
    try:
        b64decode(digest, validate=True)
    except NotBase64 as error:
        raise bad_request(["invalid_password_hash", digest]) from error
    user = broker.users.get(name) or broker.add_user(name, None)
    user.password = body.get("password")
    user.password_hash, user.hashing_algorithm = digest, algorithm
    user.tags = tags_of(body.get("tags", ()))


def delete_user(call: Call) -> HttpResponse:
    """DELETE users/{user}."""
    call.broker.delete_user(_user(call).name)
    return done()


def delete_users(call: Call) -> HttpResponse:
    """POST users/bulk-delete."""
    names = call.json("users")["users"]
    for name in names:
        if name not in call.broker.users:
            raise bad_request(["no_such_user", name])
    for name in names:
        call.broker.delete_user(name)
    return done()


def _user(call: Call) -> User:
    found = call.broker.users.get(call.path["user"])
    if found is None:
        raise not_found()
    return found


# --- permissions ---------------------------------------------------------------------------------


def _permissions(call: Call) -> list[View]:
    rows = [
        {
            "user": user.name,
            "vhost": vhost,
            "configure": permissions.configure,
            "write": permissions.write,
            "read": permissions.read,
        }
        for user in call.broker.users.values()
        for vhost, permissions in user.permissions.items()
    ]
    return sorted(rows, key=lambda row: (row["vhost"], row["user"]))


def list_permissions(call: Call) -> HttpResponse:
    """GET permissions."""
    return answer(listed(_permissions(call), call.query))


def user_permissions(call: Call) -> HttpResponse:
    """GET users/{user}/permissions."""
    return answer([row for row in _permissions(call) if row["user"] == _user(call).name])


def get_permissions(call: Call) -> HttpResponse:
    """GET permissions/{vhost}/{user}."""
    return answer(_found(call))


def _found(call: Call) -> View:
    wanted = call.path["vhost"], call.path["user"]
    for row in _permissions(call):
        if (row["vhost"], row["user"]) == wanted:
            return row
    raise not_found()


def put_permissions(call: Call) -> HttpResponse:
    """PUT permissions/{vhost}/{user}."""
    vhost, name = call.path["vhost"], call.path["user"]
    body = call.json("configure", "write", "read")
    patterns = [_pattern(body[action]) for action in ("configure", "write", "read")]
    if vhost not in call.broker.vhosts or name not in call.broker.users:
        raise bad_request("vhost_or_user_not_found")
    existed = vhost in call.broker.users[name].permissions
    call.broker.set_permissions(name, vhost, *patterns)
    return put(existed=existed)


def _pattern(given: Any) -> str:
    try:
        re.compile(str(given))
    except re.error as error:
        raise bad_request(["invalid_regexp", given, str(error)]) from error
    return str(given)


def delete_permissions(call: Call) -> HttpResponse:
    """DELETE permissions/{vhost}/{user}."""
    row = _found(call)
    del call.broker.users[row["user"]].permissions[row["vhost"]]
    call.vhost().changed()
    return done()


def _topic_permissions(call: Call) -> list[View]:
    rows = [
        {
            "user": user.name,
            "vhost": vhost,
            "exchange": exchange,
            "write": permissions.write,
            "read": permissions.read,
        }
        for user in call.broker.users.values()
        for (vhost, exchange), permissions in user.topic_permissions.items()
    ]
    return sorted(rows, key=lambda row: (row["vhost"], row["user"], row["exchange"]))


def list_topic_permissions(call: Call) -> HttpResponse:
    """GET topic-permissions."""
    return answer(_topic_permissions(call))


def user_topic_permissions(call: Call) -> HttpResponse:
    """GET users/{user}/topic-permissions."""
    return answer([row for row in _topic_permissions(call) if row["user"] == _user(call).name])


def get_topic_permissions(call: Call) -> HttpResponse:
    """GET topic-permissions/{vhost}/{user}."""
    vhost, name = call.vhost().name, _user(call).name
    rows = [r for r in _topic_permissions(call) if (r["vhost"], r["user"]) == (vhost, name)]
    if not rows:
        raise not_found()
    return answer(rows)


def put_topic_permissions(call: Call) -> HttpResponse:
    """PUT topic-permissions/{vhost}/{user}."""
    vhost, name = call.path["vhost"], call.path["user"]
    body = call.json("exchange", "write", "read")
    if vhost not in call.broker.vhosts or name not in call.broker.users:
        raise bad_request("vhost_or_user_not_found")
    patterns = [_pattern(body[action]) for action in ("write", "read")]
    existed = any(host == vhost for host, _ in call.broker.users[name].topic_permissions)
    call.broker.set_topic_permissions(name, vhost, str(body["exchange"]), *patterns)
    return put(existed=existed)


def delete_topic_permissions(call: Call) -> HttpResponse:
    """DELETE topic-permissions/{vhost}/{user}."""
    vhost, user = call.vhost(), _user(call)
    kept = {key: value for key, value in user.topic_permissions.items() if key[0] != vhost.name}
    if len(kept) == len(user.topic_permissions):
        raise not_found()
    user.topic_permissions = kept
    vhost.changed()
    return done()
