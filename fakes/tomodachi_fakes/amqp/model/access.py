"""Who may do what: users, permissions by virtual host, topic permissions.

Source: https://www.rabbitmq.com/docs/access-control
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import md5, sha256, sha512
from typing import Protocol

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.reply_codes import ChannelReply


class Digest(Protocol):
    """A finished hash."""

    def digest(self) -> bytes:
        """Its octets."""
        ...


SHA256 = "rabbit_password_hashing_sha256"
DIGESTS: dict[str, Callable[[bytes], Digest]] = {
    SHA256: sha256,
    "rabbit_password_hashing_sha512": sha512,
    "rabbit_password_hashing_md5": partial(md5, usedforsecurity=False),
}
_SALT_SIZE = 4


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
        password: None lets nobody in by password, unless there is a hash.
        permissions: By virtual host; a virtual host that is not there is out of bounds.
        topic_permissions: By (virtual host, exchange); one that is not there allows everything.
        loopback_only: Only from this machine, as RabbitMQ holds `guest`.
        max_connections: Most connections at a time; None is no limit.
        max_channels: Most channels at a time; None is no limit.
        password_hash: What definitions carry instead of a password: base64 of four octets of salt and
            the digest of salt and password.
        hashing_algorithm: The digest of that hash, by RabbitMQ's name.
    """

    name: str
    password: str | None = field(repr=False)
    tags: tuple[str, ...] = ()
    permissions: dict[str, Permissions] = field(default_factory=dict)
    topic_permissions: dict[tuple[str, str], Permissions] = field(default_factory=dict)
    loopback_only: bool = False
    max_connections: int | None = None
    max_channels: int | None = None
    password_hash: str = field(default="", repr=False)
    hashing_algorithm: str = SHA256

    def accepts(self, password: str) -> bool:
        """Whether this is the user's password."""
        if self.password is not None:
            return self.password == password
        if not self.password_hash:
            return False
        salt = b64decode(self.password_hash)[:_SALT_SIZE]
        return _salted(password, salt, self.hashing_algorithm) == self.password_hash

    def shown_hash(self) -> str:
        """The hash as definitions carry it; the salt comes from the name, so that it stays the same.

        Source: https://www.rabbitmq.com/docs/passwords#computing-password-hash
        """
        if self.password is None:
            return self.password_hash
        salt = sha256(self.name.encode()).digest()[:_SALT_SIZE]
        return _salted(self.password, salt, self.hashing_algorithm)


def _salted(password: str, salt: bytes, algorithm: str) -> str:
    digest = DIGESTS[algorithm](salt + password.encode()).digest()
    return b64encode(salt + digest).decode()


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
