"""Leaves TLS out for stubbed hosts where a client encrypts by itself, above the loop's connections.

aiohttp leaves TLS to the loop, which drops it on the way to a stub. httpx (by way of anyio) feeds an
`ssl.SSLObject` from the octets of a plain connection; for a stubbed host it is given one that passes
them on as they are. So no certificate is needed, and whatever a client's context trusts does not matter.

Source: https://docs.python.org/3/library/ssl.html#memory-bio-support
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tomodachi_testkit.redirects import Redirects


class PlainObject:
    """What a client needs of `ssl.SSLObject`, without encryption.

    Args:
        context: The client's context.
        incoming: What the server sends.
        outgoing: What goes to the server.
        server_hostname: The stubbed host.

    Attributes:
        context: As above.
        server_hostname: As above.
        server_side: False.
        session_reused: False.
    """

    server_side = False
    session_reused = False

    def __init__(
        self,
        context: ssl.SSLContext,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_hostname: str,
    ) -> None:
        self.context = context
        self.server_hostname = server_hostname
        self._incoming = incoming
        self._outgoing = outgoing

    def do_handshake(self) -> None:
        """Nothing to agree on."""

    def read(self, length: int = 1024) -> bytes:
        """At most `length` octets; none at the end.

        Raises:
            ssl.SSLWantReadError: there are none yet.
        """
        found = self._incoming.read(length)
        if not found and not self._incoming.eof:
            raise ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "nothing has arrived yet")
        return found

    def write(self, data: bytes) -> int:
        """Send octets; returns how many."""
        return self._outgoing.write(data)

    def unwrap(self) -> None:
        """Nothing to say good-bye to."""

    def selected_alpn_protocol(self) -> None:
        """None: stubs speak HTTP/1.1."""

    def getpeercert(self, binary_form: bool = False) -> None:  # noqa: FBT001 - as ssl has it
        """None: there is no certificate."""
        del binary_form

    def version(self) -> None:
        """None: there is no TLS."""

    def cipher(self) -> None:
        """None: nothing is encrypted."""

    def shared_ciphers(self) -> None:
        """None: see `cipher`."""

    def get_channel_binding(self, cb_type: str = "tls-unique") -> None:
        """None: there is no TLS to bind to."""
        del cb_type

    def compression(self) -> None:
        """None: nothing is compressed."""


def _text(host: str | bytes | None) -> str:
    return host.decode() if isinstance(host, bytes) else host or ""


@contextmanager
def left_out(redirects: Redirects) -> Iterator[None]:
    """Inside, clients that encrypt by themselves do not, for the hosts that `redirects` claims."""
    original = ssl.SSLContext.wrap_bio

    def wrap_bio(
        self: ssl.SSLContext,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001 - as ssl has it
        server_hostname: str | bytes | None = None,
        session: Any = None,
    ) -> Any:
        if redirects.claims(server_hostname) and not server_side:
            return PlainObject(self, incoming, outgoing, _text(server_hostname))
        return original(self, incoming, outgoing, server_side, server_hostname, session)

    ssl.SSLContext.wrap_bio = wrap_bio  # type: ignore[method-assign] # given back below
    try:
        yield
    finally:
        ssl.SSLContext.wrap_bio = original  # type: ignore[method-assign]
