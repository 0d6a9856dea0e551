"""A conversation with the fake or with a RabbitMQ, for questions that both are asked.

Waiting takes real time on RabbitMQ's side, none on the fake's.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from importlib import import_module
from typing import Any, Protocol

from tomodachi_fakes.amqp.codec import method_frame
from tomodachi_fakes.amqp.fields import typed_table
from tomodachi_fakes.amqp.model.policies import Policy

lockstep = import_module("tests.fakes.amqp.support_lockstep")
wire = import_module("tests.fakes.amqp.support_wire")
_SETTLE_S = 0.15
_POLICY_S = 1.0


class Side(Protocol):
    """One of the two that are asked."""

    def open(self, heartbeat_s: int) -> Any:
        """A new connection with channel 1."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        ...

    def policy(self, name: str, pattern: str, definition: dict[str, Any]) -> None:
        """Set a policy; clear it when it defines nothing."""
        ...


class FakeSide:
    """The fake, in virtual time."""

    def __init__(self) -> None:
        self._wire = wire.Wire("3.10")

    def open(self, heartbeat_s: int) -> Any:
        """A new connection with channel 1."""
        peer = self._wire.client(heartbeat=heartbeat_s)
        return _FakeConnection(peer)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._wire.advance(seconds)

    def policy(self, name: str, pattern: str, definition: dict[str, Any]) -> None:
        """Set a policy; clear it when it defines nothing."""
        if definition:
            self._wire.broker.set_policy(Policy(name, pattern, definition))
        elif name in self._wire.broker.vhost().policies:
            self._wire.broker.clear_policy(name)


class _FakeConnection:
    def __init__(self, peer: Any) -> None:
        self._peer = peer
        self.send = peer.raw

    def replies(self, wait_s: float) -> Any:
        """What came since the last call."""
        return self._peer.replies()


class RealSide:
    """A RabbitMQ."""

    def __init__(self, url: str, ctl: str) -> None:
        self._url = url
        self._ctl = shlex.split(ctl)

    def open(self, heartbeat_s: int) -> Any:
        """A new connection with channel 1."""
        return lockstep.RealConnection(self._url, heartbeat_s)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)  # noqa: TID251 - a real server's time

    def policy(self, name: str, pattern: str, definition: dict[str, Any]) -> None:
        """Set a policy; clear it when it defines nothing."""
        if definition:
            arguments = ["set_policy", name, pattern, json.dumps(definition)]
        else:
            arguments = ["clear_policy", name]
        # Clearing one that is not there is no error to us, and told as one.
        subprocess.run(  # noqa: S603 - the command is the caller's
            [*self._ctl, "-q", *arguments],
            check=bool(definition),
            timeout=60,
            stderr=None if definition else subprocess.DEVNULL,
        )
        time.sleep(_POLICY_S)  # noqa: TID251 - a real server's time


class Talk:
    """A conversation with one side: what is sent, and the names and numbers that came back."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._connections: dict[str, Any] = {}
        self._channels: set[tuple[str, int]] = set()

    def connect(self, on: str, heartbeat_s: int = 0) -> None:
        """Open a connection with channel 1, under a name."""
        self._connections[on] = self.side.open(heartbeat_s)
        self._channels.add((on, 1))

    def send(self, name: str, *values: Any, channel: int = 1, on: str = "a") -> None:
        """Send a method; the connection and the channel are opened when they are new."""
        if on not in self._connections:
            self.connect(on)
        if (on, channel) not in self._channels:
            self._channels.add((on, channel))
            self._connections[on].send(method_frame(channel, "channel.open", ""))
        self._connections[on].send(method_frame(channel, name, *values))

    def raw(self, octets: bytes, on: str = "a") -> None:
        """Send octets."""
        self._connections[on].send(octets)

    def declare(self, queue: str, **arguments: Any) -> None:
        """Declare a queue; arguments without their "x-", with underscores."""
        table = {f"x-{name.replace('_', '-')}": value for name, value in arguments.items()}
        durable = "x-queue-type" in table
        flags = (False, durable, False, False, False)
        self.send("queue.declare", 0, queue, *flags, typed_table(table))

    def count(self, queue: str) -> None:
        """Ask for the number of ready messages."""
        self.send("queue.declare", 0, queue, True, False, False, False, False, {}, channel=2)

    def publish(self, queue: str, body: str, channel: int = 1, **properties: Any) -> None:
        """Publish to a queue."""
        if "a" not in self._connections:
            self.connect("a")
        mandatory = properties.pop("mandatory", False)
        octets = wire.publish_frames("", queue, body.encode(), channel, mandatory, **properties)
        self._connections["a"].send(octets)

    def consume(
        self,
        queue: str,
        prefetch: int = 0,
        *,
        no_ack: bool = False,
        tag: str = "t",
        **arguments: Any,
    ) -> None:
        """Set the prefetch count and start a consumer."""
        table = {f"x-{name.replace('_', '-')}": value for name, value in arguments.items()}
        self.send("basic.qos", 0, prefetch, False)
        flags = (False, no_ack, False, False)
        self.send("basic.consume", 0, queue, tag, *flags, typed_table(table))

    def get(self, queue: str, *, no_ack: bool = False) -> None:
        """Ask for one message."""
        self.send("basic.get", 0, queue, no_ack)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.side.wait(seconds)

    def heard(self) -> list[str]:
        """What came, in order, in short."""
        if isinstance(self.side, RealSide):
            time.sleep(_SETTLE_S)  # noqa: TID251 - a real server's time
        found = []
        for connection in self._connections.values():
            found += [short for reply in connection.replies(_SETTLE_S) if (short := _short(*reply))]
        return found

    def clean(self) -> None:
        """Delete what earlier questions left."""
        for name in _NAMES:
            self.send("queue.delete", 0, name, False, False, False, channel=9, on="cleaner")
        self.heard()
        self.heard()
        self._connections.clear()

    def close(self) -> None:
        """End every connection."""
        for connection in self._connections.values():
            connection.send(method_frame(0, "connection.close", 200, "", 0, 0))


_NAMES = ("p-q", "p-dead", "p-qq", "p-stream", "p-wait", "p-work")
_DULL = ("basic.qos-ok", "basic.consume-ok", "channel.open-ok", "tx.select-ok", "confirm.select-ok")


def _short(name: str, channel: int, values: dict[str, Any]) -> str:
    if name in _DULL:
        return ""
    if name == "header-frame":
        headers = values["props"].pop("headers", None) or {}
        for death in headers.get("x-death", []):
            death.pop("time")
        shown = {**values["props"], **headers}
        return f"header {shown}" if shown else ""
    if name == "body":
        return f"body {values['body']}"
    kept = ("delivery_tag", "redelivered", "message_count", "multiple", "reply_code", "reply_text")
    return " ".join([name, *(f"{key}={values[key]}" for key in kept if key in values)])
