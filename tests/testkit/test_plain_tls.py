"""TLS above the loop is left out for stubbed hosts, and for no others."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from tomodachi_testkit import plain_tls
from tomodachi_testkit.redirects import Redirects


async def _nowhere() -> tuple[str, int]:
    return "127.0.0.1", 1


def wrapped(host: str | bytes) -> tuple[Any, ssl.MemoryBIO, ssl.MemoryBIO]:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    return context.wrap_bio(incoming, outgoing, server_hostname=host), incoming, outgoing


@pytest.mark.parametrize("host", ["stubbed.example.com", b"stubbed.example.com"])
def test_octets_of_a_stubbed_host_pass_as_they_are(host: str | bytes) -> None:
    redirects = Redirects()
    redirects.claim("stubbed.example.com", _nowhere)
    with plain_tls.left_out(redirects):
        plain, incoming, outgoing = wrapped(host)
    assert plain.server_hostname == "stubbed.example.com"
    plain.do_handshake()
    assert plain.write(b"hello") == 5
    assert outgoing.read() == b"hello"
    with pytest.raises(ssl.SSLWantReadError):
        plain.read()
    incoming.write(b"answer")
    assert plain.read(3) + plain.read() == b"answer"
    incoming.write_eof()
    assert plain.read() == b""
    plain.unwrap()
    for told in ("selected_alpn_protocol", "getpeercert", "version", "cipher", "shared_ciphers"):
        assert getattr(plain, told)() is None
    assert plain.compression() is plain.get_channel_binding() is None


def test_every_other_host_is_encrypted_then_and_all_are_afterwards() -> None:
    redirects = Redirects()
    redirects.claim("stubbed.example.com", _nowhere)
    with plain_tls.left_out(redirects):
        other, _, outgoing = wrapped("example.com")
        assert isinstance(other, ssl.SSLObject)
        with pytest.raises(ssl.SSLWantReadError):
            other.do_handshake()
        assert outgoing.read(1) == b"\x16"  # a TLS record of the handshake
    assert isinstance(wrapped("stubbed.example.com")[0], ssl.SSLObject)
