"""Decides which address a request comes from when reverse proxies stand in between.

The peer's own address counts, unless the peer is one of the trusted proxies: then it is the first
address of the header in which they name the client.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple


class RealIpRule(NamedTuple):
    """The header to believe, and whom to believe it from."""

    header: str
    trusted: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of_options(cls, header: str | None, networks: str | Iterable[str] | None) -> RealIpRule:
        """From the options `http.real_ip_header` and `http.real_ip_from`.

        Raises:
            ValueError: one of the values is neither an address nor a network.
        """
        given = [networks] if isinstance(networks, str) else list(networks or ())
        return cls(header or "", tuple(_network(value) for value in given if value))

    def client_address(self, peer: str, headers: Mapping[str, str]) -> str:
        """The client's address, for a connection from `peer`."""
        if not self.trusted or not self.header:
            return peer
        forwarded = headers.get(self.header)
        if not forwarded or not self.trusts(peer):
            return peer
        first = forwarded.split(",", 1)[0].strip().split(" ", 1)[0]
        return first or peer

    def trusts(self, peer: str) -> bool:
        """Whether `peer` is one of the proxies to believe."""
        try:
            address = _unmapped(ip_address(peer))
        except ValueError:
            return False
        return any(address in network for network in self.trusted)


def peer_address(peername: object) -> str:
    """The address in what a transport calls its peer; empty if there is none (closed, Unix socket).

    Source: https://docs.python.org/3/library/asyncio-protocol.html#asyncio.BaseTransport.get_extra_info
    """
    if isinstance(peername, list | tuple) and peername:
        return str(peername[0])
    return str(peername) if peername else ""


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _network(value: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value, strict=False)
    except ValueError as error:
        msg = (
            f"Bad value for http option real_ip_from: '{value}' is neither an IP address nor a "
            "network such as '10.0.0.0/8'"
        )
        raise ValueError(msg) from error
