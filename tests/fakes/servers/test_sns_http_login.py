"""Endpoints that ask for a login: what they are sent, and when."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from tomodachi_fakes.servers.sns_http_login import Login, post_message, split_login
from tomodachi_fakes.sns.effects import ToHttp

BASIC = 'Basic realm="here"'
DIGEST = 'Digest realm="here", nonce="abc", qop="auth", algorithm=MD5'


class Guarded:
    """An endpoint that wants a login, and keeps the `Authorization` of each request."""

    def __init__(self, challenge: str) -> None:
        self.challenge = challenge
        self.authorizations: list[str | None] = []

    async def handle(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization")
        self.authorizations.append(given)
        assert await request.read() == b"body"
        if given is not None and self._is_right(given):
            return web.Response()
        headers = {"WWW-Authenticate": self.challenge} if self.challenge else {}
        return web.Response(status=401, headers=headers)

    def _is_right(self, given: str) -> bool:
        if given.startswith("Basic "):
            return b64decode(given.removeprefix("Basic ")).decode() == "me:p:ß"
        parts = dict(re.findall(r'(\w+)="?([^",]*)"?', given.removeprefix("Digest ")))
        secret = _md5("me:here:p:ß")
        asked = _md5(f"POST:{parts['uri']}")
        wanted = f"{secret}:abc:{parts['nc']}:{parts['cnonce']}:auth:{asked}"
        return parts["response"] == _md5(wanted)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@asynccontextmanager
async def serving(guarded: Guarded) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_post("/hook", guarded.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def status_of(guarded: Guarded, login: str = "me:p%3A%C3%9F@") -> int:
    async with serving(guarded) as port, aiohttp.ClientSession() as session:
        url = f"http://{login}127.0.0.1:{port}/hook?a=b"
        return await post_message(session, ToHttp(1, 1, url, {}, b"body", 5.0, "arn"))


@pytest.mark.parametrize("challenge", [BASIC, DIGEST])
async def test_a_login_is_sent_once_it_is_asked_for(challenge: str) -> None:
    """AWS knowledge center, HTTP or HTTPS endpoints: the first request goes without."""
    guarded = Guarded(challenge)

    assert await status_of(guarded) == 200

    first, second = guarded.authorizations
    assert first is None
    assert second is not None
    assert second.split()[0] == challenge.split()[0]


async def test_a_challenge_of_another_kind_is_not_met() -> None:
    """Developer guide: Basic and Digest are what SNS supports."""
    guarded = Guarded('Bearer realm="here"')

    assert await status_of(guarded) == 401
    assert guarded.authorizations == [None]


@pytest.mark.parametrize("challenge", [BASIC, DIGEST])
async def test_a_wrong_login_is_sent_once(challenge: str) -> None:
    guarded = Guarded(challenge)

    assert await status_of(guarded, "me:wrong@") == 401
    assert len(guarded.authorizations) == 2


async def test_a_url_without_login_meets_no_challenge() -> None:
    guarded = Guarded(BASIC)

    assert await status_of(guarded, "") == 401
    assert guarded.authorizations == [None]


@pytest.mark.parametrize(
    ("url", "bare", "login"),
    [
        ("http://a/b?c", "http://a/b?c", None),
        ("https://u:p@a:1/b", "https://a:1/b", Login("u", "p")),
        ("https://u@a/b", "https://a/b", Login("u", "")),
        ("https://u%40x:p%3Aq@[::1]:2/", "https://[::1]:2/", Login("u@x", "p:q")),
    ],
)
def test_a_url_is_split_from_its_login(url: str, bare: str, login: Login | None) -> None:
    """RFC 3986, 3.2.1: user information is percent-encoded."""
    assert split_login(url) == (bare, login)
