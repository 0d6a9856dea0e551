"""Who may do what: users, permissions by virtual host, topic permissions.

Source: https://www.rabbitmq.com/docs/access-control
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.reply_codes import ChannelReply


@dataclass(frozen=True, slots=True)
class Permissions:
    """Regular expressions of what a user may configure, write and read; "" matches nothing."""

    configure: str = ".*"
    write: str = ".*"
    read: str = ".*"

    def allows(self, action: str, name: str) -> bool:
        """Whether `action` ("configure", "write" or "read") is allowed on a thing of that name."""
        pattern: str = getattr(self, action)
        return bool(pattern) and re.search(pattern, name) is not None


@dataclass(slots=True)
class User:
    """Somebody who can log in.

    Attributes:
        password: None lets nobody in by password.
        permissions: By virtual host; a virtual host that is not there is out of bounds.
        topic_permissions: By (virtual host, exchange); one that is not there allows everything.
        loopback_only: Only from this machine, as RabbitMQ holds `guest`.
        max_connections: Most connections at a time; None is no limit.
        max_channels: Most channels at a time; None is no limit.
    """

    name: str
    password: str | None = field(repr=False)
    tags: tuple[str, ...] = ()
    permissions: dict[str, Permissions] = field(default_factory=dict)
    topic_permissions: dict[tuple[str, str], Permissions] = field(default_factory=dict)
    loopback_only: bool = False
    max_connections: int | None = None
    max_channels: int | None = None


def require(
    user: User, vhost: str, action: str, kind: str, name: str, *, names_access: bool
) -> None:
    """Refuse what the user's permissions do not allow. `kind` is "queue" or "exchange".

    Raises:
        AmqpChannelError: 403.
    """
    shown = "amq.default" if kind == "exchange" and not name else name
    permissions = user.permissions.get(vhost)
    if permissions is not None and permissions.allows(action, shown):
        return
    access = f"{action} access" if names_access else "access"
    raise AmqpChannelError(
        ChannelReply.ACCESS_REFUSED,
        f"{access} to {kind} '{shown}' in vhost '{vhost}' refused for user '{user.name}'",
    )


def require_topic(user: User, vhost: str, action: str, exchange: str, routing_key: str) -> None:
    """Refuse a routing or binding key that the user's topic permissions do not allow.

    Raises:
        AmqpChannelError: 403.
    """
    permissions = user.topic_permissions.get((vhost, exchange))
    if permissions is None or permissions.allows(action, routing_key):
        return
    raise AmqpChannelError(
        ChannelReply.ACCESS_REFUSED,
        f"{action} access to topic '{routing_key}' in exchange '{exchange}' in vhost '{vhost}' "
        f"refused for user '{user.name}'",
    )
