"""A RabbitMQ beside the fake: it is sent the same octets, and must say the same.

Frames are compared channel by channel whenever the machine listens, and after each step the numbers of
messages and consumers of every queue. RabbitMQ's queues work beside its channels, and tell a channel when
they get to it: so it has a moment to say what the fake has said, and confirms are compared for
themselves, whether it gathers them or not. Time stands still meanwhile; names are the example's own.

Source: AMQP 0-9-1 spec; https://www.rabbitmq.com/docs/confirms#publisher-confirms-latency
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.amqp.codec import method_frame
from tomodachi_fakes.amqp.fields import plain_table
from tomodachi_fakes.amqp.model.profiles import PROFILES
from tomodachi_fakes.amqp.spec import PROTOCOL_HEADER
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.machines.amqp_wire import CLIENT_PROPERTIES, Client, Listener, Said
from tomodachi_testkit.real_brokers.endpoints import AmqpEndpoint

VARIABLE = "SVC_AMQP_URL"
_CONFIRMS = ("basic.ack", "basic.nack")
_PATIENCE_S = 5.0
_GLANCE_S = 0.002


class RabbitMQSide:
    """A RabbitMQ, as one example uses it.

    Args:
        endpoint: Where it is.

    Attributes:
        version: Its version.
        profile: The fake's profile that is nearest to it, and no newer.
    """

    def __init__(self, endpoint: AmqpEndpoint) -> None:
        self._endpoint = endpoint
        self._own = self.connect()
        self._own.send(method_frame(1, "channel.open", ""))
        self._own.until("channel.open-ok")
        self.version = self._own.version
        self.profile = nearest_profile(self.version)

    @staticmethod
    def of_environment() -> RabbitMQSide | None:
        """The one that `SVC_AMQP_URL` names; None where it is not set."""
        url = os.environ.get(VARIABLE)
        return None if not url else RabbitMQSide(AmqpEndpoint.parse(url))

    def connect(self) -> Connection:
        """One more connection."""
        return Connection(self._endpoint)

    def agree(self, counts: Mapping[str, tuple[int, int]]) -> None:
        """Wait until every queue has so many ready messages and so many consumers.

        Raises:
            AssertionError: they have not, after a while.
        """
        end, found = time.monotonic() + _PATIENCE_S, self._counts(counts)
        while found != counts and time.monotonic() < end:
            found = self._counts(counts)
        for queue, expected in counts.items():
            assert found[queue] == expected, (
                f"{queue} has (messages, consumers) {expected} on the fake, "
                f"and {found[queue]} on RabbitMQ {self.version}"
            )

    def _counts(self, queues: Iterable[str]) -> dict[str, tuple[int, int]]:
        flags = (True, False, False, False, False)
        asked = [method_frame(1, "queue.declare", 0, queue, *flags, {}) for queue in queues]
        self._own.send(b"".join(asked))
        found: dict[str, tuple[int, int]] = {}
        while len(found) < len(asked):
            values = self._own.until("queue.declare-ok").values
            name = str(values["queue"])
            found[name] = (int(values["message_count"]), int(values["consumer_count"]))
        return found

    def close(self, queues: Iterable[str], exchanges: Iterable[str]) -> None:
        """Delete what the example declared."""
        for queue in queues:
            self._own.send(method_frame(1, "queue.delete", 0, queue, False, False, True))
        for exchange in exchanges:
            self._own.send(method_frame(1, "exchange.delete", 0, exchange, False, True))
        self._own.send(method_frame(1, "channel.close", 200, "", 0, 0))
        self._own.until("channel.close-ok")
        self._own.close()


def nearest_profile(version: str) -> str:
    """The newest profile of the fake that is no newer than a version; the oldest where all are."""
    asked, known = _numbers(version), list(PROFILES)
    return max((name for name in known if _numbers(name) <= asked), key=_numbers, default=known[0])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


class Connection:
    """A socket to RabbitMQ, logged in.

    Attributes:
        version: What the server calls itself.
    """

    def __init__(self, endpoint: AmqpEndpoint) -> None:
        self._socket = socket.create_connection((endpoint.host, endpoint.port), timeout=_PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listener = Listener()
        self._heard: list[Said] = []
        self.send(PROTOCOL_HEADER)
        start = self.until("connection.start")
        self.version = str(plain_table(start.values["server_properties"])["version"])
        plain = f"\0{endpoint.login}\0{endpoint.password}".encode()
        self.send(
            method_frame(0, "connection.start-ok", CLIENT_PROPERTIES, "PLAIN", plain, "en_US")
        )
        self.send(method_frame(0, "connection.tune-ok", 2047, 131_072, 0))
        self.send(method_frame(0, "connection.open", endpoint.virtualhost, "", False))
        self.until("connection.open-ok")

    def send(self, octets: bytes) -> None:
        """Send octets."""
        self._socket.sendall(octets)

    def hear(self, wait_s: float = 0.0) -> list[Said]:
        """What has come since the last call, after at most `wait_s` without anything."""
        said, self._heard = self._heard, []
        while select.select([self._socket], [], [], 0.0 if said else wait_s)[0]:
            octets = self._socket.recv(1 << 20)
            if not octets:
                msg = "RabbitMQ has closed the connection"
                raise TestkitError(msg)
            said += self._listener.feed(octets)
        return said

    def until(self, name: str) -> Said:
        """Wait for a method; what came before it is dropped, what came after it is kept.

        Raises:
            TestkitError: it does not come.
        """
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            said = self.hear(_PATIENCE_S)
            for number, heard in enumerate(said):
                if heard.name == name:
                    self._heard = said[number + 1 :]
                    return heard
        msg = f"RabbitMQ did not answer with {name} within {_PATIENCE_S:g} s."
        raise TestkitError(msg)

    def close(self) -> None:
        """Break the connection."""
        self._socket.close()


class TwinClient(Client):
    """A connection to the fake, and one to RabbitMQ that is told the same."""

    def __init__(self, broker: Broker, name: str, now: float, side: RabbitMQSide) -> None:
        self._real: Connection | None = None
        super().__init__(broker, name, now)
        self._views = (View(), View())
        self._real = side.connect()

    def raw(self, octets: bytes, *, now: float) -> None:
        """Send octets to both."""
        super().raw(octets, now=now)
        if self._real is not None:
            self._real.send(octets)

    def hear(self) -> list[Said]:
        """What the fake said since the last call; RabbitMQ has said the same.

        Raises:
            AssertionError: it has not, after a while.
        """
        said = super().hear()
        if self._real is None:
            return said
        fake, real = self._views
        fake.take(said)
        real.take(self._real.hear())
        end = time.monotonic() + _PATIENCE_S
        while fake != real and time.monotonic() < end:
            real.take(self._real.hear(_GLANCE_S))
        differing = fake.differences(real)
        assert not differing, f"{self.name}: {'; '.join(differing)}"
        for view in self._views:
            view.said.clear()
        return said

    def lose(self, *, now: float) -> None:
        """Break both connections."""
        super().lose(now=now)
        self.disconnect()

    def disconnect(self) -> None:
        """Break the connection to RabbitMQ."""
        if self._real is not None:
            self._real.close()


class View:
    """What one side said, as it is compared.

    Attributes:
        said: By channel, but for confirms.
        confirmed: Delivery tags that were answered since the channel was opened, by channel.
    """

    def __init__(self) -> None:
        self.said: dict[int, list[Said]] = defaultdict(list)
        self.confirmed: dict[int, dict[int, str]] = defaultdict(dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and not self.differences(other)

    __hash__ = None  # type: ignore[assignment] # it changes

    def take(self, said: Iterable[Said]) -> None:
        """More was said."""
        for heard in said:
            if heard.name in _CONFIRMS:
                self._confirm(heard)
                continue
            if heard.name == "channel.open-ok":
                self.confirmed[heard.channel].clear()
            self.said[heard.channel].append(heard)

    def _confirm(self, heard: Said) -> None:
        known, tag = self.confirmed[heard.channel], heard.values["delivery_tag"]
        tags = range(1, tag + 1) if heard.values["multiple"] else (tag,)
        known.update({number: heard.name for number in tags if number not in known})

    def differences(self, other: View) -> list[str]:
        """How another side's differ, channel by channel."""
        places = sorted({*self.said, *self.confirmed, *other.said, *other.confirmed})
        sides = [(place, self._shown(place), other._shown(place)) for place in places]
        return [
            f"channel {place}: the fake said {ours}, RabbitMQ {theirs}"
            for place, ours, theirs in sides
            if ours != theirs
        ]

    def _shown(self, channel: int) -> tuple[list[Any], dict[int, str]]:
        said = [
            (heard.name, heard.values, _timeless(heard.properties), heard.body)
            for heard in self.said.get(channel, ())
        ]
        return said, self.confirmed.get(channel, {})


def _timeless(properties: dict[str, Any]) -> dict[str, Any]:
    """Properties without the times of deaths: RabbitMQ's clock goes on."""
    headers = dict(properties.get("headers", {}))
    if "x-death" not in headers:
        return properties
    deaths = [{**death, "time": None} for death in headers["x-death"]]
    return {**properties, "headers": {**headers, "x-death": deaths}}
