"""The management API: a request is matched, its user logged in and allowed, and it is answered.

Pure: what handlers do to the broker has happened when `handle` returns; the shell flushes.

Source: https://www.rabbitmq.com/docs/management#http-api, #permissions
"""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from tomodachi_fakes.amqp.errors import AmqpError
from tomodachi_fakes.amqp.handshake import Credentials
from tomodachi_fakes.amqp.reply_codes import ChannelReply
from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.management.call import JSON, Call, Node
from tomodachi_fakes.management.errors import ManagementError, not_authorised, not_found
from tomodachi_fakes.management.routes import Access, Route, find

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.model.access import User

PREFIX = "/api/"
_REALM = 'Basic realm="RabbitMQ Management"'
_TAGS = ("administrator", "monitoring", "policymaker", "management")
_SCRIPTS = "script-src 'self'; object-src 'self'"


class ManagementApi:
    """Answers requests below `/api/`.

    Attributes:
        node: What is told about the node.
    """

    def __init__(self, broker: Broker, node: Node) -> None:
        self._broker = broker
        self.node = node

    def handle(self, request: HttpRequest, *, now: float) -> HttpResponse:
        """Answer a request whose path begins with `/api/`."""
        self._broker.now = now
        try:
            response = self._handle(request, now)
        except ManagementError as error:
            response = _refusal(error)
        except AmqpError as error:
            response = _refusal(_as_refusal(error))
        self._broker.do_later()
        response.headers.setdefault("Content-Security-Policy", _SCRIPTS)
        if request.method == "HEAD":
            response.headers["Content-Length"] = str(len(response.body))
            response.body = b""
        return response

    def _handle(self, request: HttpRequest, now: float) -> HttpResponse:
        found = find(request.path.removeprefix(PREFIX))
        if found is None:
            raise not_found()
        route, variables = found
        if request.method == "OPTIONS":
            return HttpResponse(200, "", b"", {"Allow": route.allow})
        method = "GET" if request.method == "HEAD" and route.head else request.method
        handler = route.handlers.get(method)
        if handler is None:
            return HttpResponse(405, "", b"", {"Allow": route.allow})
        user = self._user(request)
        _check_access(self._broker, user, route, variables)
        variables["what"] = route.segments[0]
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        headers, body = request.headers, request.body
        return handler(Call(self._broker, self.node, user, now, variables, query, headers, body))

    def _user(self, request: HttpRequest) -> User:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise ManagementError(401, "", None, ask_to_log_in=True)
        try:
            name, _, password = b64decode(encoded).decode("utf-8").partition(":")
        except (NotBase64, UnicodeDecodeError) as error:
            raise _login_failed() from error
        credentials = Credentials(name, password)
        loopback = not request.source_ip or request.source_ip.startswith(("127.", "::1"))
        user = self._broker.authenticate(credentials, loopback=loopback)
        if user is None:
            raise _login_failed()
        if not set(_TAGS) & set(user.tags):
            raise not_authorised("Not management user")
        return user


def _login_failed() -> ManagementError:
    return ManagementError(401, "not_authorized", "Login failed", ask_to_log_in=True)


def _check_access(broker: Broker, user: User, route: Route, path: dict[str, str]) -> None:
    tags = set(user.tags)
    admin, monitor = "administrator" in tags, bool({"administrator", "monitoring"} & tags)
    if route.access is Access.ADMIN and not admin:
        raise not_authorised("Not administrator user")
    if route.access is Access.MONITOR and not monitor:
        raise not_authorised("Not monitor user")
    if route.access is Access.POLICY and not {"administrator", "policymaker"} & tags:
        raise not_authorised("User not authorised to access object")
    by_vhost = route.access in (Access.VHOST, Access.POLICY) or (
        route.access is Access.VISIBLE_VHOST and not monitor
    )
    vhost = path.get("vhost")
    if by_vhost and vhost in broker.vhosts and vhost not in user.permissions:
        raise not_authorised("User not authorised to access virtual host")


def _as_refusal(error: AmqpError) -> ManagementError:
    """An AMQP error as an answer: the text without its code."""
    if error.reply_code is ChannelReply.ACCESS_REFUSED:
        return not_authorised("Access refused.")
    text = error.reply_text.removeprefix(f"{error.reply_code.name} - ")
    return ManagementError(400, "bad_request", text)


def _refusal(error: ManagementError) -> HttpResponse:
    headers = {"WWW-Authenticate": _REALM} if error.ask_to_log_in else {}
    if not error.error:
        return HttpResponse(error.status, "", b"", headers)
    content = {"error": error.error, "reason": error.reason}
    text = json.dumps(content, separators=(",", ":"))
    return HttpResponse(error.status, JSON, text.encode(), headers)
