"""Other AWS services beside SQS and SNS (S3, DynamoDB, ...), served by moto on the same endpoint.

moto is a WSGI application. It is imported when the first request for one of its services comes, and
runs in one thread of its own, a request at a time: its state is not made for more. It keeps the
account that the request means, so that ARNs agree with those of SQS and SNS. Time in moto is the
machine's, and its state is the process's: two of these at once share it.
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

from tomodachi_fakes.aws.credential_scope import account_of, scope_of_request
from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.aws.sessions import session_of_request
from tomodachi_fakes.errors import FakesError
from tomodachi_fakes.servers.http_protocol import HttpConnection

_log = logging.getLogger(__name__)

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
ALL = "all"
_RESET = HttpRequest("POST", "/moto-api/reset", "", {"host": "localhost"}, b"")
_FAILED = HttpResponse(500, "text/plain; charset=utf-8", b"moto could not answer the request.\n")
_HOP_BY_HOP = frozenset({"connection", "content-length", "content-type", "transfer-encoding"})


class MotoIsMissing(FakesError):
    """Other services were asked for, and moto is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Other AWS services need moto. Install it with: "
            "python -m pip install 'tomodachi-testkit[moto]'"
        )


class OtherServices:
    """Hands requests to moto; an `AwsHttpServer.other_services`.

    Args:
        services: Names as in a credential scope ("s3", "dynamodb"), or "all"; others are refused.
        default_account: Account of callers whose access key is not a 12-digit number.

    Raises:
        MotoIsMissing: moto is not installed.
    """

    def __init__(self, services: Iterable[str], *, default_account: str) -> None:
        if find_spec("moto") is None or find_spec("flask") is None:
            raise MotoIsMissing()
        self._services = frozenset(services)
        self._default_account = default_account
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="moto")
        self._application: WsgiApplication | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(
        self, service: str, request: HttpRequest, connection: HttpConnection
    ) -> Literal["later"] | None:
        """Answer later when the service is one of those asked for."""
        if service not in self._services and ALL not in self._services:
            return None
        task = asyncio.get_running_loop().create_task(self._answer(request, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return "later"

    async def close(self) -> None:
        """Wait for the request under way, drop those that wait, forget everything, end the thread."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._forget)
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _forget(self) -> None:
        # moto's state is the process's: what one test put there must not meet the next.
        if self._application is not None:
            respond(self._application, environ_of(_RESET))

    async def _answer(self, request: HttpRequest, connection: HttpConnection) -> None:
        loop = asyncio.get_running_loop()
        try:
            response = await loop.run_in_executor(self._executor, self._run, request)
        except Exception:  # noqa: BLE001 - logged in full, and the connection has to be answered
            _log.exception("moto failed on %s %s", request.method, request.path)
            response = _FAILED
        connection.answer(response)

    def _run(self, request: HttpRequest) -> HttpResponse:
        if self._application is None:
            self._application = _moto()
        environ = environ_of(request)
        authorization = request.headers.get("authorization", "")
        session = session_of_request(request.headers, request.query)
        key = scope_of_request(authorization, request.query).access_key_id
        account = account_of(key, self._default_account) if session is None else session.account
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        return respond(self._application, environ)


def environ_of(request: HttpRequest) -> dict[str, Any]:
    """The WSGI environment of a request (PEP 3333)."""
    host, _, port = request.headers.get("host", "localhost").partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "RAW_URI": f"{request.path}?{request.query}" if request.query else request.path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.source_ip,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name not in ("content-length", "transfer-encoding"):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def respond(application: WsgiApplication, environ: dict[str, Any]) -> HttpResponse:
    """Run a WSGI application on one request and collect its answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _: object = None
    ) -> Callable[[bytes], None]:
        started.append((status, headers))
        return written.append

    chunks = application(environ, start_response)
    try:
        written.extend(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    if not started:
        return _FAILED
    status, headers = started[-1]
    given = {name.lower(): value for name, value in headers}
    further = {name: value for name, value in headers if name.lower() not in _HOP_BY_HOP}
    if environ.get("REQUEST_METHOD") == "HEAD" and "content-length" in given:
        # The length of the body that a GET would have had (RFC 9110, section 8.6).
        further["Content-Length"] = given["content-length"]
    content_type = given.get("content-type", "")
    return HttpResponse(int(status.split(" ", 1)[0]), content_type, b"".join(written), further)


def _moto() -> WsgiApplication:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    application: WsgiApplication = DomainDispatcherApplication(create_backend_app)
    return application
