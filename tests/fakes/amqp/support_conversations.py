"""Short conversations with a broker, as data: what is said, step by step, and every answer in plain text.

A conversation is a list of steps; `hold` has it with the fake or with a RabbitMQ and writes down what came
after each step. What three releases of RabbitMQ said is kept in `facts/conversations-*.json`; the fake has to
say the same (`test_conversations.py`).

What came is grouped by channel: in which order channels are served is a matter of a RabbitMQ's timing.
Connections and channels open when they are first named ("a1" is channel 1 of connection a); a close that the
broker sends is answered, and what was closed opens anew when it is named again. Names and times that each
broker makes up are written as `*`; so are the Erlang release it runs on and what it is configured to offer.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from tests.fakes.amqp.support_wire import CAPABILITIES, Wire, publish_frames

from tomodachi_fakes.amqp.codec import decode_method, method_frame
from tomodachi_fakes.amqp.fields import Field, FieldType, Table, typed_table
from tomodachi_fakes.amqp.frames import FrameParser
from tomodachi_fakes.amqp.model.policies import Policy
from tomodachi_fakes.amqp.properties import decode_properties
from tomodachi_fakes.amqp.spec import BY_NAME, PROTOCOL_HEADER

_DEFAULTS: dict[str, Any] = {
    "bit": False,
    "shortstr": "",
    "longstr": b"",
    "table": {},
}
_MADE_UP = re.compile(
    r"(amq\.gen-|amq\.ctag-|amq\.rabbitmq\.reply-to\.|cluster_name:S ')[\w\-.=+/@]+"
    r"|(platform:S 'Erlang/OTP |mechanisms=')[\w .]+"
)
_END, _HEADER = 0, -1
_SETTLE_S = 0.05
_PATIENCE_S = 5.0
_POLICY_S = 0.3


@dataclass(frozen=True)
class Step:
    """One thing that is done.

    Attributes:
        kind: "method", "publish", "raw", "dial", "wait", "drop" or "policy".
        where: Connection letter and channel number.
        name: Of the method, or of the policy.
        values: Its arguments, by name; those of a publish with its body and properties; what the management API
            takes for a policy, or nothing, to take it out of force.
    """

    kind: str
    where: str = "a1"
    name: str = ""
    values: dict[str, Any] = field(default_factory=dict)


Conversation = list[Step]


def say(name: str, where: str = "a1", **values: Any) -> Step:
    """Send a method; arguments that are not given are false, zero or empty."""
    return Step("method", where, name, values)


def publish(
    key: str, body: str = "m", where: str = "a1", *, exchange: str = "", **values: Any
) -> Step:
    """Publish; `mandatory`, `immediate`, properties and headers as `support_wire` takes them."""
    return Step("publish", where, "", {"exchange": exchange, "key": key, "body": body, **values})


def raw(octets: bytes, where: str = "a1") -> Step:
    """Send octets."""
    return Step("raw", where, "", {"octets": octets})


def dial(octets: bytes, where: str = "a0") -> Step:
    """Open a TCP connection and begin with these octets instead of the handshake."""
    return Step("dial", where, "", {"octets": octets})


def wait(seconds: float) -> Step:
    """Let time pass."""
    return Step("wait", "", "", {"seconds": seconds})


def drop(where: str) -> Step:
    """End a TCP connection without a word."""
    return Step("drop", where)


def policy(definition: dict[str, Any] | None, name: str = "cv-p", **values: Any) -> Step:
    """Set a policy of what we name, by the management API; take it out of force when it defines nothing."""
    body = {"pattern": "^cv-", "definition": definition, **values} if definition is not None else {}
    return Step("policy", "", name, body)


def queue(name: str = "cv-q", where: str = "a1", **arguments: Any) -> Step:
    """Declare a queue; arguments without their "x-", with underscores; the flags as they are called."""
    flags = {
        flag: arguments.pop(flag)
        for flag in ("passive", "durable", "exclusive", "auto_delete", "nowait")
        if flag in arguments
    }
    table = {f"x-{key.replace('_', '-')}": value for key, value in arguments.items()}
    if table.get("x-queue-type") in ("quorum", "stream"):
        flags.setdefault("durable", True)
    return say("queue.declare", where, queue=name, **flags, arguments=table)


def consume(name: str = "cv-q", tag: str = "t", where: str = "a1", **values: Any) -> Step:
    """Start a consumer."""
    return say("basic.consume", where, queue=name, consumer_tag=tag, **values)


def get(name: str = "cv-q", where: str = "a1", **values: Any) -> Step:
    """Ask for a message."""
    return say("basic.get", where, queue=name, **values)


def count(name: str = "cv-q", where: str = "z9") -> Step:
    """Ask how many messages and consumers a queue has, on a connection of its own."""
    return queue(name, where, passive=True)


class Line(Protocol):
    """A connection to one of the brokers."""

    def send(self, octets: bytes) -> None:
        """Send octets."""
        ...

    def frames(self, wait_s: float) -> list[tuple[int, int, bytes]]:
        """What came; after the end of the TCP connection, one frame of kind 0."""
        ...

    def drop(self) -> None:
        """End the TCP connection."""
        ...


class FakeBroker:
    """The fake, in virtual time."""

    patient = False
    vhost = "/"

    def __init__(self, version: str = "3.10") -> None:
        self._wire = Wire(version)

    def line(self) -> Line:
        """A new connection, on which nothing was said."""
        return _FakeLine(self._wire)

    def policy(self, name: str, values: dict[str, Any]) -> None:
        """Set a policy, or take it out of force."""
        broker = self._wire.broker
        if values:
            named = {key.replace("-", "_"): value for key, value in values.items()}
            broker.set_policy(Policy(name, **named))
        else:
            broker.clear_policy(name)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._wire.advance(seconds)


class _Octets:
    """What one side sends, cut into frames; a protocol header counts as a frame of its own kind."""

    def __init__(self) -> None:
        self._parser = FrameParser(1 << 30)

    def frames(self, data: bytes) -> list[tuple[int, int, bytes]]:
        if data[:4] == PROTOCOL_HEADER[:4]:
            return [(_HEADER, 0, data[:8]), *self.frames(data[8:])]
        return list(self._parser.feed(data))


class _FakeLine:
    def __init__(self, wire: Wire) -> None:
        self._peer = wire.peer()
        self._wire = wire
        self._octets = _Octets()
        self._ended = False
        self.send = self._peer.raw

    def frames(self, wait_s: float) -> list[tuple[int, int, bytes]]:
        found = self._octets.frames(self._peer.octets())
        if self._peer.ended.name != "NO" and not self._ended:
            self._ended = True
            found.append((_END, 0, b""))
        return found

    def drop(self) -> None:
        self._wire.broker.lost(self._peer.id, now=self._wire.now)


class RealBroker:
    """A RabbitMQ."""

    patient = True

    def __init__(
        self, url: str, policy: Callable[[str, dict[str, Any]], None] | None = None
    ) -> None:
        self._url = url
        self._policy = policy
        self.vhost = unquote(urlsplit(url).path[1:]) or "/"

    @property
    def release(self) -> str:
        """The version it says it is."""
        line = self.line()
        line.send(PROTOCOL_HEADER)
        ((_, _, payload),) = line.frames(_PATIENCE_S)
        line.drop()
        version: bytes = decode_method(payload)[1][2]["version"].value
        return version.decode()

    def line(self) -> Line:
        """A new connection, on which nothing was said."""
        return _RealLine(self._url)

    def policy(self, name: str, values: dict[str, Any]) -> None:
        """Set a policy, or take it out of force; queues hear of it a moment later."""
        assert self._policy is not None, "conversations about policies need the management API"
        self._policy(name, values)
        self.wait(_POLICY_S)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)  # noqa: TID251 - a real server's time


class _RealLine:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 5672), 5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._octets = _Octets()
        self._ended = False

    def send(self, octets: bytes) -> None:
        try:
            self._socket.sendall(octets)
        except OSError:
            return  # the end will be read

    def frames(self, wait_s: float) -> list[tuple[int, int, bytes]]:
        found: list[tuple[int, int, bytes]] = []
        while not self._ended and select.select([self._socket], [], [], 0 if found else wait_s)[0]:
            try:
                data = self._socket.recv(1 << 20)
            except OSError:
                data = b""
            if not data:
                self._ended = True
                found.append((_END, 0, b""))
                break
            found += self._octets.frames(data)
        return found

    def drop(self) -> None:
        self._socket.close()


class _Holder:
    """One conversation under way."""

    def __init__(self, broker: FakeBroker | RealBroker) -> None:
        self.broker = broker
        self.lines: dict[str, Line] = {}
        self.open: set[str] = set()
        self.names: set[tuple[str, str]] = set()
        self.policies: set[str] = set()
        self.seen: dict[str, str] = {"vhost": broker.vhost}

    # --- saying ---------------------------------------------------------------------------------

    def do(self, step: Step) -> list[str]:
        """Do a step, and tell what came of it."""
        if step.kind == "wait":
            self.broker.wait(step.values["seconds"])
            return self._hear("")
        if step.kind == "policy":
            self.policies.add(step.name)
            self.broker.policy(step.name, step.values)
            return self._hear("")
        if step.kind == "drop":
            self.lines.pop(step.where[0]).drop()
            self.open = {place for place in self.open if place[0] != step.where[0]}
            return self._hear("")
        if step.kind == "dial":
            self.lines[step.where[0]] = self.broker.line()
        self._ready(step.where)
        octets, marked = self._octets(step)
        self.lines[step.where[0]].send(octets)
        return self._hear(step.where if marked else "")

    def _octets(self, step: Step) -> tuple[bytes, bool]:
        channel = int(step.where[1:])
        if step.kind in ("raw", "dial"):
            return step.values["octets"], False
        if step.kind == "publish":
            values = {key: self._filled(value) for key, value in step.values.items()}
            exchange, key, body = values.pop("exchange"), values.pop("key"), values.pop("body")
            flags = (values.pop("mandatory", False), values.pop("immediate", False))
            return publish_frames(exchange, key, body.encode(), channel, *flags, **values), True
        method = BY_NAME[step.name]
        assert step.values.keys() <= dict(method.arguments).keys(), step
        for argument in ("queue", "exchange"):
            if argument in step.values:
                self.names.add((argument, self._filled(step.values[argument])))
        arguments = [
            self._filled(step.values.get(name, _DEFAULTS.get(domain, 0)))
            for name, domain in method.arguments
        ]
        if step.name in ("channel.close", "connection.close"):
            self.open -= {
                p for p in self.open if p == step.where or (not channel and p[0] == step.where[0])
            }
        return method_frame(channel, step.name, *arguments), step.name not in _UNMARKED

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return typed_table(value)
        if isinstance(value, str) and value.startswith("$"):
            return self.seen.get(value[1:], "cv-none")  # when a conversation was shortened
        return value

    def _ready(self, where: str) -> None:
        letter, channel = where[0], int(where[1:])
        if letter not in self.lines:
            self.lines[letter] = line = self.broker.line()
            properties = typed_table({"capabilities": dict.fromkeys(CAPABILITIES, True)})
            line.send(PROTOCOL_HEADER)
            values = (properties, "PLAIN", b"\0guest\0guest", "en_US")
            line.send(method_frame(0, "connection.start-ok", *values))
            line.send(method_frame(0, "connection.tune-ok", 2047, 131_072, 0))
            line.send(method_frame(0, "connection.open", self.broker.vhost, "", False))
            self._until(line, "connection.open-ok")
        if channel and where not in self.open:
            self.open.add(where)
            self.lines[letter].send(method_frame(channel, "channel.open", ""))
            self._until(self.lines[letter], "channel.open-ok")

    @staticmethod
    def _until(line: Line, name: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            for kind, _, payload in line.frames(0.2):
                if kind == 1 and decode_method(payload)[0].name == name:
                    return
        raise TimeoutError(name)

    # --- hearing --------------------------------------------------------------------------------

    def _hear(self, marked: str) -> list[str]:
        """Everything that came until the channel answered a question of ours, and a moment more."""
        heard: dict[tuple[str, int], list[str]] = {}
        if marked and int(marked[1:]):
            mark = method_frame(int(marked[1:]), "access.request", "/", *[False] * 5)
            self.lines[marked[0]].send(mark)
            deadline = time.monotonic() + _PATIENCE_S
            while not self._listen(marked[0], heard, 0.01) and time.monotonic() < deadline:
                pass
        quiet = False
        while not quiet:
            before = sum(map(len, heard.values()))
            if self.broker.patient:
                self.broker.wait(_SETTLE_S)
            for letter in list(self.lines):
                self._listen(letter, heard, 0)
            quiet = not self.broker.patient or sum(map(len, heard.values())) == before
        return [text for place in sorted(heard) for text in heard[place]]

    def _listen(self, letter: str, heard: dict[tuple[str, int], list[str]], wait_s: float) -> bool:
        """Write down what a connection says; whether our question was answered, or cannot be."""
        line, done = self.lines.get(letter), False
        for kind, channel, payload in line.frames(wait_s) if line else []:
            name, text = _shown(kind, payload)
            self._remember(kind, payload)
            if name == "access.request-ok":
                done = True
                continue
            text = _MADE_UP.sub(r"\1\2*", text).replace(self.broker.vhost, "/")
            if "{resource," in text:  # broken into lines by the length of the virtual host's name
                text = re.sub(r"\\n *", "", text)
            heard.setdefault((letter, channel), []).append(f"{letter}{channel} {text}")
            done = self._follow(letter, channel, name) or done
            if name == "connection.close-ok":
                break  # who hangs up first does not matter
        return done

    def _follow(self, letter: str, channel: int, name: str) -> bool:
        if name == "channel.close":
            self.lines[letter].send(method_frame(channel, "channel.close-ok"))
            self.open.discard(f"{letter}{channel}")
            return True
        if name == "connection.close":
            self.lines[letter].send(method_frame(0, "connection.close-ok"))
        if name in ("connection.close", "connection.close-ok", "end"):
            if (line := self.lines.pop(letter, None)) is not None:
                line.drop()
            self.open = {place for place in self.open if place[0] != letter}
            return True
        return False

    def _remember(self, kind: int, payload: bytes) -> None:
        if kind == 2 and "reply_to" in (properties := decode_properties(payload)):
            self.seen["reply_to"] = properties["reply_to"]
        if kind == 1:
            method, values = decode_method(payload)
            if method.name == "queue.declare-ok":
                self.seen["queue"] = values[0]

    # --- the end --------------------------------------------------------------------------------

    def clean(self) -> None:
        """Delete what the conversation named, and hang up."""
        for line in self.lines.values():
            line.drop()
        self.lines.clear()
        self.open.clear()
        if not self.broker.patient:
            return
        self.broker.wait(_SETTLE_S)
        for policy_name in sorted(self.policies):
            self.broker.policy(policy_name, {})
        self._ready("z1")
        line = self.lines["z"]
        for kind, name in sorted(self.names):
            if name.strip() and not name.startswith("amq."):
                flags = (False, False, False) if kind == "queue" else (False, False)
                line.send(method_frame(1, f"{kind}.delete", 0, name, *flags))
                self._until(line, f"{kind}.delete-ok")
        line.drop()


_UNMARKED = ("channel.close", "tx.commit", "connection.close", "connection.update-secret")


def hold(conversation: Conversation, broker: FakeBroker | RealBroker) -> list[list[str]]:
    """Have a conversation: what came after each step, a line for each frame."""
    holder = _Holder(broker)
    try:
        return [holder.do(step) for step in conversation]
    finally:
        holder.clean()


def _shown(kind: int, payload: bytes) -> tuple[str, str]:
    if kind == 1:
        method, values = decode_method(payload)
        named = zip((name for name, _ in method.arguments), values, strict=True)
        return method.name, " ".join([method.name, *(f"{n}={_value(v)}" for n, v in named)])
    if kind == 2:
        properties = decode_properties(payload)
        shown = " ".join(f"{name}={_value(value)}" for name, value in properties.items())
        return "content", f"content of {int.from_bytes(payload[4:12])}: {shown}".rstrip(": ")
    if kind == 3:
        return "body", f"body {payload.decode('latin-1') if len(payload) < 200 else len(payload)!r}"
    if kind == _HEADER:
        return "header", f"protocol header {payload!r}"
    return ("end", "end of the TCP connection") if kind == _END else ("heartbeat", "heartbeat")


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return _table(value)
    if isinstance(value, bytes):
        return repr(value.decode("latin-1"))
    return repr(value)


def _table(table: Table) -> str:
    return "{" + ", ".join(f"{name}:{_field(name, item)}" for name, item in table.items()) + "}"


def _field(name: str, item: Field) -> str:
    if item.type is FieldType.TABLE:
        return "F" + _table(item.value)
    if item.type is FieldType.ARRAY:
        return "A[" + ", ".join(_field("", one) for one in item.value) + "]"
    if name == "time" and item.type is FieldType.TIMESTAMP:
        return "T*"
    return f"{item.type.value} {_value(item.value)}"
