"""Posts to HTTP endpoints, which may ask for the user name and the password in their URL.

A message is posted without them first. Only an endpoint that answers 401 gets them, in the way that its
challenge names: Basic or Digest. Where SNS may post at all is decided in `sns_http_push.py`.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html,
https://repost.aws/knowledge-center/sns-topic-https-endpoints-notification (the challenge)
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import aiohttp

    from tomodachi_fakes.sns.effects import ToHttp

_MAXIMUM_ANSWER_BYTES = 64 * 1024
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, as they are, not as a URL writes them."""

    name: str
    password: str

    def basic(self) -> str:
        """The `Authorization` of Basic authentication (RFC 7617, in UTF-8)."""
        return f"Basic {b64encode(f'{self.name}:{self.password}'.encode()).decode()}"


def split_login(url: str) -> tuple[str, Login | None]:
    """A URL without user name and password, and those two, if it has any.

    Raises:
        ValueError: not a URL.
    """
    parts = urlsplit(url)
    if parts.username is None:
        return url, None
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return bare, Login(unquote(parts.username), unquote(parts.password or ""))


async def post_message(session: aiohttp.ClientSession, post: ToHttp) -> int:
    """Post a message, once more where the endpoint asks who is there, and return the status.

    Raises:
        ValueError: not a URL.
        aiohttp.ClientError, OSError: no answer.
    """
    url, login = split_login(post.url)
    if login is None:
        return (await _post(session, url, post))[0]
    return await _post_with_login(session, url, post, login)


async def _post_with_login(
    session: aiohttp.ClientSession, url: str, post: ToHttp, login: Login
) -> int:
    from aiohttp import DigestAuthMiddleware

    digest = DigestAuthMiddleware(login.name, login.password)
    status, challenge = await _post(session, url, post, middlewares=(digest,))
    if status != _UNAUTHORIZED or not challenge.lower().startswith("basic"):
        return status
    return (await _post(session, url, post, headers={"Authorization": login.basic()}))[0]


async def _post(
    session: aiohttp.ClientSession,
    url: str,
    post: ToHttp,
    *,
    headers: dict[str, str] | None = None,
    middlewares: tuple[aiohttp.ClientMiddlewareType, ...] = (),
) -> tuple[int, str]:
    """The status of the answer, and its challenge, "" without one."""
    async with session.post(
        url,
        data=post.body,
        headers=post.headers | (headers or {}),
        allow_redirects=False,
        middlewares=middlewares,
    ) as response:
        await response.content.read(_MAXIMUM_ANSWER_BYTES)
        return response.status, response.headers.get("WWW-Authenticate", "")
