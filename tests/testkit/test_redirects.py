"""Hosts that a test stands in for."""

import asyncio

import pytest

from tomodachi_testkit.loop import VirtualLoop
from tomodachi_testkit.redirects import Redirects


async def nowhere() -> tuple[str, int]:
    return ("127.0.0.1", 1)


def test_each_claimed_host_has_an_address_of_its_own() -> None:
    redirects = Redirects()
    redirects.claim("A.example", nowhere)
    redirects.claim("b.example", nowhere)
    addresses = {redirects.resolve(host, 443)[0][4] for host in ("a.example", "b.example")}
    assert len(addresses) == 2
    assert all(port == 443 for _, port in addresses)


def test_a_released_host_is_no_longer_claimed() -> None:
    redirects = Redirects()
    redirects.claim("a.example", nowhere)
    redirects.release(nowhere)
    assert not redirects
    assert not redirects.claims("a.example")


@pytest.mark.parametrize("tls", [False, True])
def test_a_connection_to_a_claimed_host_reaches_the_claimant_without_tls(tls: bool) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)

        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"hello")
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)

        async def address() -> tuple[str, int]:
            host, port = server.sockets[0].getsockname()
            return host, port

        loop.redirects.claim("bank.example", address)
        reader, writer = await asyncio.open_connection("bank.example", 443, ssl=tls or None)
        assert await reader.read() == b"hello"
        writer.close()
        server.close()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
