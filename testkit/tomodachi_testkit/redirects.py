"""Decides which hosts the virtual loop connects somewhere else, and where.

A claimed host resolves to an address of its own in 127.64.0.0/10, where nothing listens; a
connection to that address goes to the claimant. So it does not matter whether a client resolves
first and connects to an address, or hands the name to the loop.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address
from typing import Any

Address = tuple[str, int]
Where = Callable[[], Awaitable[Address]]

_FIRST = int(IPv4Address("127.64.0.1"))


class Redirects:
    """Hosts by name and by the address that stands for them."""

    __slots__ = ("_addresses", "_places", "_targets")

    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}
        self._places: dict[str, Where] = {}
        self._targets: set[Address] = set()

    def __bool__(self) -> bool:
        return bool(self._places)

    def claim(self, host: str, where: Where) -> None:
        """Connections to `host` go to the address that `where` gives when it is needed."""
        host = host.lower()
        if host not in self._addresses:
            self._addresses[host] = str(IPv4Address(_FIRST + len(self._addresses)))
        self._places[self._addresses[host]] = where

    def release(self, where: Where) -> None:
        """Give back every host of `where`."""
        for address in [address for address, place in self._places.items() if place == where]:
            del self._places[address]
        self._addresses = {h: a for h, a in self._addresses.items() if a in self._places}

    def claims(self, host: object) -> bool:
        """Whether `host`, a name or a stand-in address, is claimed."""
        text = host.decode() if isinstance(host, bytes) else host
        return isinstance(text, str) and (text.lower() in self._addresses or text in self._places)

    def resolve(self, host: str | bytes, port: Any) -> list[tuple[Any, ...]]:
        """The answer of `getaddrinfo` for a claimed host."""
        name = host.decode() if isinstance(host, bytes) else host
        address = self._addresses.get(name.lower(), name)
        number = port if isinstance(port, int) else socket.getservbyname(str(port), "tcp")
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, number))]

    async def target(self, address: Any) -> Any:
        """Where a connection to `address` really goes."""
        where = self._places.get(address[0]) if isinstance(address, tuple) else None
        if where is None:
            return address
        target = await where()
        self._targets.add(target)
        return target

    def reached(self, sock: socket.socket | None) -> bool:
        """Whether a connected socket leads to a claimant."""
        if sock is None or sock.family != socket.AF_INET:
            return False
        return sock.getpeername() in self._targets
