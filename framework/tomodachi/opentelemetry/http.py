"""A server span and metrics for every HTTP request and websocket.

The span continues the trace of the request's headers. It is named after the route, which is known once
the request has been routed.

Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from opentelemetry import propagate
from opentelemetry.metrics import Meter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.util.http import ExcludeList, redact_query_parameters

from tomodachi.opentelemetry.instruments import http_instruments
from tomodachi.opentelemetry.logging import remember_answered

if TYPE_CHECKING:
    from aiohttp import web

    Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]

SWITCHING_PROTOCOLS, CLIENT_CLOSED = 101, 499
_CLOSED_TEXT = "Client closed the connection while the server was still processing the request."


class HTTPTracing:
    """Called with every request and with what answers it: the service's `_aiohttp_pre_middleware`."""

    def __init__(self, tracer: Tracer, meter: Meter, excluded_urls: ExcludeList) -> None:
        self._tracer = tracer
        self._instruments = http_instruments(meter)
        self._excluded_urls = excluded_urls

    async def __call__(self, request: web.Request, handle: Handle) -> web.StreamResponse:
        """Answer `request` by `handle`, inside a span."""
        remember_answered(None)
        if self._excluded_urls.url_disabled(str(request.url)):
            return await handle(request)
        attributes = request_attributes(request)
        measured = {key: attributes[key] for key in _METRIC_KEYS if key in attributes}
        with (
            self._tracer.start_as_current_span(
                request.method,
                context=propagate.extract(request.headers),
                kind=SpanKind.SERVER,
                attributes=attributes,
                # Both are decided below: an exception may be an answer, and an answer an error.
                record_exception=False,
                set_status_on_exception=False,
            ) as span,
            # Inside of the span, which is then the exemplar of what is measured.
            self._instruments.measured(measured) as at_end,
        ):
            response: web.StreamResponse | None = None
            error: BaseException | None = None
            try:
                response = await handle(request)
                return response
            except BaseException as raised:
                error = raised
                raise
            finally:
                status = _status(request, response, error)
                at_end |= {"http.response.status_code": status} | _name_after_route(span, request)
                at_end |= {key: attributes[key] for key in _DURATION_KEYS}
                _finish(span, status, _causes(response, error))
                if span.get_span_context().is_valid:
                    remember_answered(span)


_METRIC_KEYS = ("http.request.method", "url.scheme", "server.address", "server.port")
# Of the duration alone.
_DURATION_KEYS = ("network.protocol.name", "network.protocol.version")


def request_attributes(request: web.Request) -> dict[str, Any]:
    """Attributes of a request that are known before it is answered."""
    host, port = _server(request)
    known: dict[str, Any] = {
        "http.request.method": request.method,
        "server.address": host,
        "server.port": port,
        "url.scheme": request.scheme,
        "url.path": request.rel_url.raw_path,
        "url.query": _query(request),
        "user_agent.original": request.headers.get("User-Agent"),
        "client.address": _client_address(request),
        "network.protocol.name": "http",
        "network.protocol.version": f"{request.version.major}.{request.version.minor}",
    }
    transport = request.transport
    for side, info in (("client", "peername"), ("server", "sockname")):
        name = transport.get_extra_info(info) if transport is not None else None
        if isinstance(name, tuple):
            known |= {f"{side}.socket.address": name[0], f"{side}.socket.port": name[1]}
    return {key: value for key, value in known.items() if value not in (None, "")}


def _server(request: web.Request) -> tuple[str, int | None]:
    url = request.url
    return url.host or "", url.port


def _query(request: web.Request) -> str:
    query = request.rel_url.raw_query_string
    return redact_query_parameters(f"?{query}").removeprefix("?") if query else ""


def _client_address(request: web.Request) -> str:
    from tomodachi.transport.http import get_forwarded_remote_ip

    return get_forwarded_remote_ip(request)


def _name_after_route(span: Span, request: web.Request) -> dict[str, str]:
    route = request.match_info.route
    resource = None if route is None else route.resource
    pattern = "" if resource is None else resource.canonical
    if not pattern:
        return {}
    span.update_name(f"{request.method} {pattern}")
    span.set_attribute("http.route", pattern)
    return {"http.route": pattern}


def _status(
    request: web.Request, response: web.StreamResponse | None, error: BaseException | None
) -> int:
    from tomodachi.transport.http import get_http_response_status_sync

    # A websocket ends by the closing of its connection; no answer is cut short by that.
    cut_short = response is None or response.status != SWITCHING_PROTOCOLS
    value = response if error is None else error
    return get_http_response_status_sync(value, request, verify_transport=cut_short)


def _causes(
    response: web.StreamResponse | None, error: BaseException | None
) -> list[BaseException]:
    if error is not None:
        return [error]
    return list(getattr(response, "_caught_exceptions", ()))


def _finish(span: Span, status: int, causes: list[BaseException]) -> None:
    span.set_attribute("http.response.status_code", status)
    failures = [cause for cause in causes if getattr(cause, "status", 500) >= 500]
    for failure in failures:
        span.record_exception(failure)
    if status == CLIENT_CLOSED:
        span.set_status(Status(StatusCode.ERROR, _CLOSED_TEXT))
    elif status >= 500:
        text = f"{type(failures[-1]).__name__}: {failures[-1]}" if failures else None
        span.set_status(Status(StatusCode.ERROR, text))
