"""Posts what SNS sends to HTTP(S) endpoints, within the rules for where a fake may connect.

A shell for `ToHttp` effects: one attempt each, its outcome told back; the core decides about retries
and dead-letter queues. The address is resolved once, checked, and pinned, so that a name can't point
elsewhere a moment later; redirects are not followed; time and the size of the answer are limited. How an
endpoint is told who posts is in `sns_http_login.py`.
aiohttp is imported when the first message has to be posted.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tomodachi_fakes.clock import Clock
from tomodachi_fakes.errors import FakesError
from tomodachi_fakes.servers.sns_http_login import post_message
from tomodachi_fakes.sns.effects import ToHttp
from tomodachi_fakes.sns.http_delivery import HttpOutcome

if TYPE_CHECKING:
    import aiohttp

    from tomodachi_fakes.servers.aws_http import AwsHttpServer

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_METADATA = frozenset(
    {ipaddress.ip_address("169.254.169.254"), ipaddress.ip_address("fd00:ec2::254")}
)
_LOCALHOST = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
_log = logging.getLogger("tomodachi_fakes.sns")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class HttpDeliveryRule(StrEnum):
    """Where messages may be posted: nowhere, to this machine, or to any ordinary address."""

    OFF = "off"
    LOOPBACK = "loopback"
    ANY = "any"


class ForbiddenAddress(FakesError):
    """The rule forbids posting to an address."""


def check_address(address: IpAddress, rule: HttpDeliveryRule) -> None:
    """Let an address pass that the rule allows; link-local and metadata ranges never are.

    Raises:
        ForbiddenAddress: it is not allowed.
    """
    for inner in (address, *_embedded(address)):
        if inner in _METADATA or inner.is_link_local:
            msg = f"{address} is link-local or a metadata service; SNS never posts there."
            raise ForbiddenAddress(msg)
        if inner.is_unspecified or inner.is_multicast:
            msg = f"{address} is not the address of one machine."
            raise ForbiddenAddress(msg)
    if rule is HttpDeliveryRule.OFF:
        msg = "HTTP delivery is off. Pass --http-delivery loopback to post to this machine."
        raise ForbiddenAddress(msg)
    mapped = getattr(address, "ipv4_mapped", None) or address
    if rule is HttpDeliveryRule.LOOPBACK and not mapped.is_loopback:
        msg = f"{address} is not on this machine. Pass --http-delivery any to post there."
        raise ForbiddenAddress(msg)


def _embedded(address: IpAddress) -> list[IpAddress]:
    """IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    teredo = address.teredo or ()
    return [inner for inner in (address.ipv4_mapped, address.sixtofour, *teredo) if inner]


class SnsHttpPush:
    """Performs `ToHttp` effects on the running loop.

    Args:
        answered: Called with the delivery's id and the outcome of each attempt.
        rule: Where messages may be posted.
    """

    def __init__(
        self,
        answered: Callable[[int, HttpOutcome], None],
        *,
        rule: HttpDeliveryRule = HttpDeliveryRule.LOOPBACK,
    ) -> None:
        self._answered = answered
        self._rule = rule
        self._tasks: set[asyncio.Task[None]] = set()
        self._refused: set[str] = set()

    def __call__(self, post: ToHttp) -> None:
        """Begin one attempt."""
        task = asyncio.get_running_loop().create_task(self._perform(post))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up the attempts under way; their outcome is not told."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _perform(self, post: ToHttp) -> None:
        try:
            async with asyncio.timeout(post.timeout_s):
                outcome = await self._attempt(post)
        except TimeoutError:
            outcome = HttpOutcome(error=f"no answer within {post.timeout_s:g} s")
        self._answered(post.delivery_id, outcome)

    async def _attempt(self, post: ToHttp) -> HttpOutcome:
        import aiohttp

        host = ""
        try:
            parts = urlsplit(post.url)
            host = parts.hostname or ""
            address = await self._resolve(host, parts.port or _DEFAULT_PORTS[parts.scheme])
            connector = aiohttp.TCPConnector(resolver=_pinned(address), force_close=True)
            async with aiohttp.ClientSession(connector=connector, trust_env=False) as session:
                return HttpOutcome(status=await post_message(session, post))
        except ForbiddenAddress as error:
            self._tell_once(host, error)
            return HttpOutcome(error=str(error), retry=False)
        except ValueError:
            # Without the library's text: it repeats the URL, which may hold a password.
            return HttpOutcome(error=f"{host or 'the host'}: not a URL to post to", retry=False)
        except aiohttp.ClientError as error:
            return HttpOutcome(error=str(error) or type(error).__name__)
        except OSError as error:
            return HttpOutcome(error=f"{host}: {error}")

    def _tell_once(self, host: str, error: ForbiddenAddress) -> None:
        # Whoever waits for a confirmation that never comes looks into the log, and not for an event.
        if host not in self._refused:
            self._refused.add(host)
            _log.warning("SNS does not post to %s: %s", host, error)

    async def _resolve(self, host: str, port: int) -> IpAddress:
        """The one address to connect to.

        Raises:
            ForbiddenAddress: the rule does not allow it.
            OSError: the name has none.
        """
        addresses = await _addresses(host, port)
        for address in addresses:
            check_address(address, self._rule)
        return addresses[0]


def attach(
    server: AwsHttpServer,
    clock: Clock,
    *,
    rule: HttpDeliveryRule = HttpDeliveryRule.LOOPBACK,
) -> SnsHttpPush:
    """Let a server's topics post to HTTP endpoints; close what is returned after the server."""

    def answered(delivery_id: int, outcome: HttpOutcome) -> None:
        server.cloud.http_answered(delivery_id, outcome, now=clock.now())
        server.step()

    push = SnsHttpPush(answered, rule=rule)
    server.push = push
    return push


async def _addresses(host: str, port: int) -> list[IpAddress]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    if host == "localhost":
        return [_LOCALHOST[0]]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(entry[4][0]) for entry in found]


def _pinned(address: IpAddress) -> aiohttp.abc.AbstractResolver:
    """A resolver that knows one answer."""
    from aiohttp.abc import AbstractResolver, ResolveResult

    class PinnedResolver(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            version = socket.AF_INET if address.version == 4 else socket.AF_INET6
            return [
                ResolveResult(
                    hostname=host,
                    host=str(address),
                    port=port,
                    family=version,
                    proto=0,
                    flags=socket.AI_NUMERICHOST,
                )
            ]

        async def close(self) -> None:
            """Nothing is held."""

    return PinnedResolver()
