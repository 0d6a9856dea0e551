"""One request to the management API, and the answers that handlers give.

Source: https://www.rabbitmq.com/docs/management#http-api
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.model.access import require
from tomodachi_fakes.aws.http import HttpResponse
from tomodachi_fakes.management.errors import bad_request, not_found
from tomodachi_fakes.management.json_in import loads
from tomodachi_fakes.management.samples import Samples

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.model.access import User
    from tomodachi_fakes.amqp.model.exchanges import Exchange
    from tomodachi_fakes.amqp.model.queue import Queue
    from tomodachi_fakes.amqp.model.stream import Stream
    from tomodachi_fakes.amqp.model.vhost import Vhost
    from tomodachi_fakes.management.statistics import Statistics

JSON = "application/json"
DEFAULT_EXCHANGE = "amq.default"
# Erlang's printer breaks a list that is wider than this.
_WIDTH, _NEW_LINE = 78, ",\n "


@dataclass(frozen=True, slots=True)
class Listener:
    """A port that is listened on; `protocol` is "amqp", "amqp/ssl" or "http"."""

    protocol: str
    host: str
    port: int


@dataclass(slots=True)
class Node:
    """What the API tells about the node that the broker itself does not know.

    Attributes:
        listeners: Its ports.
        started_at: Unix seconds.
        statistics: What was counted; None shows no `message_stats`.
        global_parameters: By name.
        samples: Numbers as they were when they were asked for before.
    """

    listeners: tuple[Listener, ...] = ()
    started_at: float = 0.0
    statistics: Statistics | None = None
    global_parameters: dict[str, Any] = field(default_factory=dict)
    samples: Samples = field(default_factory=Samples)

    @property
    def amqp_address(self) -> tuple[str, int]:
        """Where AMQP clients connect to."""
        for listener in self.listeners:
            if listener.protocol == "amqp":
                return listener.host, listener.port
        return "127.0.0.1", 0


@dataclass(slots=True)
class Call:
    """One request of a logged-in user.

    Attributes:
        now: Unix seconds.
        path: Values of the path's variable segments, decoded.
        query: Query parameters; of equal names the last.
        headers: By lower-case name.
    """

    broker: Broker
    node: Node
    user: User
    now: float
    path: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self, *required: str) -> dict[str, Any]:
        """The body as a JSON object; an empty body, or a null, is an empty one.

        Raises:
            ManagementError: 400, no object, or a key is missing.
        """
        if not self.body:
            found: Any = {}
        else:
            try:
                found = loads(self.body)
            except ValueError as error:
                raise bad_request("not_json") from error
        found = {} if found is None else found
        if not isinstance(found, dict):
            raise bad_request("not_json")
        absent = [f"{{key_missing,{name}}}" for name in required if name not in found]
        if absent:
            wide = sum(map(len, absent)) + len(absent) > _WIDTH
            msg = f"[{(_NEW_LINE if wide else ',').join(absent)}]"
            raise bad_request(msg)
        return found

    def flag(self, name: str) -> bool:
        """A query parameter that says yes."""
        return self.query.get(name) == "true"

    def vhosts(self) -> list[Vhost]:
        """The virtual hosts that the user may see, by name."""
        mine = self.user.permissions
        return [vhost for name, vhost in sorted(self.broker.vhosts.items()) if name in mine]

    def chosen_vhosts(self) -> list[Vhost]:
        """The one that the path names, or all that the user may see."""
        return [self.vhost()] if "vhost" in self.path else self.vhosts()

    def vhost(self) -> Vhost:
        """The virtual host that the path names.

        Raises:
            ManagementError: 404.
        """
        found = self.broker.vhosts.get(self.path["vhost"])
        if found is None:
            raise not_found()
        return found

    def queue(self) -> Queue | Stream:
        """The queue that the path names.

        Raises:
            ManagementError: 404.
        """
        found = self.vhost().queues.get(self.path["queue"])
        if found is None:
            raise not_found()
        return found

    def exchange(self) -> Exchange:
        """The exchange that the path names.

        Raises:
            ManagementError: 404.
        """
        found = self.vhost().exchanges.get(exchange_name(self.path["exchange"]))
        if found is None:
            raise not_found()
        return found

    def require(self, action: str, kind: str, name: str) -> None:
        """The user may do `action` to a queue or exchange.

        Raises:
            AmqpChannelError: 403.
        """
        names_access = self.broker.profile.permission_texts_name_access
        require(self.user, self.path["vhost"], action, kind, name, names_access=names_access)


def is_before_4(broker: Broker) -> bool:
    """Whether the release that is imitated is a 3.x, whose API says some things otherwise."""
    return broker.profile.version.startswith("3.")


def exchange_name(shown: str) -> str:
    """An exchange's name from its name in a path, where the default one has a name."""
    return "" if shown == DEFAULT_EXCHANGE else shown


def boolean(value: Any) -> bool:
    """A flag of a body, given as such or as a text.

    Raises:
        ManagementError: 400.
    """
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise bad_request(["not_boolean", value])


def answer(content: Any) -> HttpResponse:
    """200 with JSON."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return HttpResponse(200, JSON, text.encode("utf-8", "replace"), {"Cache-Control": "no-cache"})


def created(location: str = "") -> HttpResponse:
    """201."""
    return HttpResponse(201, "", b"", {"Location": location} if location else {})


def done() -> HttpResponse:
    """204."""
    return HttpResponse(204, "", b"")


def put(*, existed: bool) -> HttpResponse:
    """204 for what was there, 201 for what was not."""
    return done() if existed else created()
