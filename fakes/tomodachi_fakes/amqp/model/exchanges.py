"""Exchanges: where one message goes, by type.

A destination is ("queue" | "exchange", name). An exchange answers with its destinations; following
exchange-to-exchange bindings and alternate exchanges is in `routing.py`.

Source: AMQP 0-9-1 spec 3.1.3; https://www.rabbitmq.com/docs/exchanges
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import md5
from typing import NamedTuple, Protocol

from tomodachi_fakes.amqp.fields import Field, FieldType, Table, encode_table
from tomodachi_fakes.amqp.model.headers_match import headers_match
from tomodachi_fakes.amqp.model.topic_match import TopicTrie


class Destination(NamedTuple):
    """What a binding leads to."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Binding:
    """A binding of `destination` to the exchange that holds it.

    Attributes:
        destination: Queue or exchange.
        key: Binding key.
        arguments: Binding arguments; part of the binding's identity through `fingerprint`.
    """

    destination: Destination
    key: str
    arguments: Table = field(hash=False, compare=False)
    fingerprint: bytes = b""


def binding_of(kind: str, name: str, key: str, arguments: Table) -> Binding:
    """A binding with its identity."""
    return Binding(Destination(kind, name), key, arguments, encode_table(arguments))


class Router(Protocol):
    """How one exchange type files its bindings and finds destinations."""

    needs_headers: bool

    def add(self, binding: Binding) -> None:
        """File a binding."""
        ...

    def remove(self, binding: Binding) -> None:
        """Take a binding away."""
        ...

    def match(self, routing_key: str, headers: Table) -> list[Destination]:
        """Destinations of a message."""
        ...


class DirectRouter:
    """Binding key equals routing key."""

    needs_headers = False

    def __init__(self) -> None:
        self._by_key: dict[str, dict[Binding, None]] = {}

    def add(self, binding: Binding) -> None:
        """File a binding."""
        self._by_key.setdefault(binding.key, {})[binding] = None

    def remove(self, binding: Binding) -> None:
        """Take a binding away."""
        self._by_key[binding.key].pop(binding)
        if not self._by_key[binding.key]:
            del self._by_key[binding.key]

    def match(self, routing_key: str, headers: Table) -> list[Destination]:
        """Destinations bound with exactly this key."""
        return [binding.destination for binding in self._by_key.get(routing_key, ())]


class FanoutRouter:
    """Every binding matches."""

    needs_headers = False

    def __init__(self) -> None:
        self._bindings: dict[Binding, None] = {}

    def add(self, binding: Binding) -> None:
        """File a binding."""
        self._bindings[binding] = None

    def remove(self, binding: Binding) -> None:
        """Take a binding away."""
        self._bindings.pop(binding)

    def match(self, routing_key: str, headers: Table) -> list[Destination]:
        """All destinations."""
        return [binding.destination for binding in self._bindings]


class TopicRouter:
    """Binding keys with `*` and `#`."""

    needs_headers = False

    def __init__(self) -> None:
        self._trie: TopicTrie[Binding] = TopicTrie()

    def add(self, binding: Binding) -> None:
        """File a binding."""
        self._trie.add(binding.key, binding)

    def remove(self, binding: Binding) -> None:
        """Take a binding away."""
        self._trie.remove(binding.key, binding)

    def match(self, routing_key: str, headers: Table) -> list[Destination]:
        """Destinations whose binding key matches."""
        return [binding.destination for binding in self._trie.match(routing_key)]


class HeadersRouter(FanoutRouter):
    """Binding arguments against the message's headers."""

    needs_headers = True

    def __init__(self, *, numbers_match: bool = False) -> None:
        super().__init__()
        self._numbers_match = numbers_match

    def match(self, routing_key: str, headers: Table) -> list[Destination]:
        """Destinations whose binding arguments match."""
        return [
            binding.destination
            for binding in self._bindings
            if headers_match(binding.arguments, headers, numbers_match=self._numbers_match)
        ]


class ConsistentHashRouter(FanoutRouter):
    """One destination by hash; the binding key is its weight.

    The hash is of the routing key, or of the header named by the exchange argument `hash-header`.
    Which destination a key gets is our own choice; that it stays the same, and the shares, are the
    plugin's.

    Source: https://github.com/rabbitmq/rabbitmq-consistent-hash-exchange
    """

    def __init__(self, hash_header: str | None) -> None:
        super().__init__()
        self._hash_header = hash_header
        self.needs_headers = hash_header is not None

    def match(self, routing_key: str, headers: Table) -> list[Destination]:
        """The one destination that the hash chooses; none without bindings."""
        weights = [(b.destination, _weight(b.key)) for b in self._bindings]
        total = sum(weight for _, weight in weights)
        if not total:
            return []
        bucket = self._hash(routing_key, headers) % total
        for destination, weight in weights:
            bucket -= weight
            if bucket < 0:
                return [destination]
        return []

    def _hash(self, routing_key: str, headers: Table) -> int:
        hashed = routing_key.encode("utf-8", "surrogateescape")
        if self._hash_header is not None:
            found = headers.get(self._hash_header, Field(FieldType.LONGSTR, b""))
            hashed = found.value if isinstance(found.value, bytes) else str(found.value).encode()
        return int.from_bytes(md5(hashed, usedforsecurity=False).digest()[:8])


class ModulusHashRouter(ConsistentHashRouter):
    """One destination by hash, all of the same weight; binding keys mean nothing.

    Source: a RabbitMQ 4.3.6; which destination a key gets is our own choice, as above
    """

    def __init__(self) -> None:
        super().__init__(None)

    def match(self, routing_key: str, headers: Table) -> list[Destination]:
        """The one destination that the hash chooses; none without bindings."""
        found = list(self._bindings)
        return [found[self._hash(routing_key, headers) % len(found)].destination] if found else []


class LocalRandomRouter(FanoutRouter):
    """One destination, whatever the message: here they take turns, so that a run can be repeated.

    Source: https://www.rabbitmq.com/docs/local-random-exchange
    """

    needs_headers = True  # so that no route is kept

    def match(self, routing_key: str, headers: Table) -> list[Destination]:
        """The destination whose turn it is; none without bindings."""
        if not self._bindings:
            return []
        binding = next(iter(self._bindings))
        self._bindings[binding] = self._bindings.pop(binding)  # to the end of the row
        return [binding.destination]


def _weight(key: str) -> int:
    return int(key) if key.isdigit() else 0


ROUTERS: dict[str, type[DirectRouter | FanoutRouter | TopicRouter]] = {
    "direct": DirectRouter,
    "fanout": FanoutRouter,
    "topic": TopicRouter,
    "headers": HeadersRouter,
}
DELAYED, CONSISTENT_HASH = "x-delayed-message", "x-consistent-hash"
LOCAL_RANDOM, MODULUS_HASH = "x-local-random", "x-modulus-hash"
EXCHANGE_TYPES = (*ROUTERS, CONSISTENT_HASH, DELAYED)
_NEWER = {LOCAL_RANDOM: LocalRandomRouter, MODULUS_HASH: ModulusHashRouter}


def _router(kind: str, arguments: Table, *, numbers_match: bool) -> Router:
    if kind == "headers":
        return HeadersRouter(numbers_match=numbers_match)
    if kind == CONSISTENT_HASH:
        field = arguments.get("hash-header")
        return ConsistentHashRouter(
            None if field is None else field.value.decode("utf-8", "surrogateescape")
        )
    if kind == DELAYED:
        inner = arguments["x-delayed-type"].value.decode("utf-8", "surrogateescape")
        return _router(inner, {}, numbers_match=numbers_match)
    if kind in _NEWER:
        return _NEWER[kind]()
    return ROUTERS[kind]()


class Exchange:
    """A declared exchange with its bindings.

    Attributes:
        router: How it finds destinations; `numbers_match` says whether headers 1 and 1.0 are the same to it.
        alternate: Where messages go that match no binding; None without one.
        bindings: In the order they were made.
    """

    __slots__ = (
        "alternate",
        "arguments",
        "auto_delete",
        "bindings",
        "durable",
        "internal",
        "kind",
        "name",
        "router",
    )

    def __init__(
        self,
        name: str,
        kind: str,
        *,
        durable: bool = True,
        auto_delete: bool = False,
        internal: bool = False,
        arguments: Table | None = None,
        numbers_match: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.durable = durable
        self.auto_delete = auto_delete
        self.internal = internal
        self.arguments: Table = arguments or {}
        self.bindings: dict[Binding, Binding] = {}
        self.router = _router(kind, self.arguments, numbers_match=numbers_match)
        field = self.arguments.get("alternate-exchange")
        self.alternate: str | None = (
            None if field is None else field.value.decode("utf-8", "surrogateescape")
        )

    def bind(self, binding: Binding) -> bool:
        """Add a binding; False when it was there."""
        if binding in self.bindings:
            return False
        self.bindings[binding] = binding
        self.router.add(binding)
        return True

    def unbind(self, binding: Binding) -> bool:
        """Take a binding away; False when it was not there."""
        if self.bindings.pop(binding, None) is None:
            return False
        self.router.remove(binding)
        return True

    def drop_destination(self, destination: Destination) -> bool:
        """Take away every binding that leads to `destination`; whether there was one."""
        gone = [binding for binding in self.bindings if binding.destination == destination]
        for binding in gone:
            self.unbind(binding)
        return bool(gone)
