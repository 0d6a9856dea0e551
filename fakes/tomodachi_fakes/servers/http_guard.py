"""Which requests a local server must not answer: those that a web page made a browser send.

A page on the internet can point a name of its own at 127.0.0.1 (DNS rebinding), or post to it across
origins. SDKs send neither `Origin` nor `Sec-Fetch-Site`, and their `Host` is an address or a name of
this machine, so they are never affected.

Source: https://fetch.spec.whatwg.org/#http-origin, https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from ipaddress import ip_address

# Names that clients on this machine, in a container on it, or in its network use for it; nobody can have one
# of them on the internet but LocalStack, whose name is that of 127.0.0.1.
_LOCAL_SUFFIXES = (
    ".localhost", ".internal", ".local", ".test", ".svc", ".lan", ".home.arpa", ".localstack.cloud",
)  # fmt: skip
_SAME_SITE = ("same-origin", "none")


class HttpGuard:
    """Decides for one server, which answers to addresses, to local names, and to those that it is told.

    The same goes for one that was opened to a network: in a container it has to be, and the browsers of whoever
    runs the container reach it.

    Args:
        names: Further names that clients have for the server, or for buckets of it below them.
    """

    def __init__(self, *names: str) -> None:
        self._names = tuple(f".{name.lower()}" for name in (socket.gethostname(), *names) if name)
        self._known: set[str] = set()

    def refusal(self, headers: Mapping[str, str]) -> str | None:
        """Why a request is not answered, or None when it is."""
        host = headers.get("host", "")
        if host not in self._known and not self._learn(host):
            return (
                f"The Host {host!r} is not a name of this machine. Use localhost or 127.0.0.1, or start "
                "svc-fake-broker with --aws-public-url and that name."
            )
        site = headers.get("sec-fetch-site")
        if site is not None and site not in _SAME_SITE:
            return "A web page of another site may not use this server."
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return f"The Origin {origin!r} may not use this server."
        return None

    def _learn(self, host: str) -> bool:
        name = _name_of(host)
        is_ours = _is_local_name(name) or f".{name}".endswith(self._names)
        allowed = not name or is_ours or _is_address(name)
        if allowed and len(self._known) < 1000:
            self._known.add(host)
        return allowed


def _name_of(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_local_name(name: str) -> bool:
    # A name without a dot is one of this machine or of a container network, never of the internet.
    return "." not in name or name.endswith(_LOCAL_SUFFIXES)
