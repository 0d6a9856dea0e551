"""Answers a request: finds its route, has the body received, calls the handler, makes the response.

Every exception becomes a response here. Which route matches is `routes.py`'s business, what return
values mean `response.py`'s, headers and connections `connection.py`'s.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import hdrs, web

from tomodachi.helpers import clock
from tomodachi.helpers.execution_context import get_execution_context
from tomodachi.helpers.observer import HandlerCall, is_observed, observed
from tomodachi.transport.failures import is_being_cancelled, log_uncaught
from tomodachi.transport.http.aiohttp_response import (
    CLIENT_CLOSED_REQUEST,
    ERROR_STATUS,
    is_disconnected,
    make_response,
    of_exception,
)
from tomodachi.transport.http.logging_rule import LOG_ALL
from tomodachi.transport.http.match_info import NO_ROUTE
from tomodachi.transport.http.routes import NO_GROUPS
from tomodachi.transport.http.service_keys import ACCEPTS_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tomodachi.transport.http.access_log import AccessLog
    from tomodachi.transport.http.endpoints import Answer, Endpoint, ErrorEndpoint
    from tomodachi.transport.http.request import Request
    from tomodachi.transport.http.response import ContentTypeDefaults, ReturnValue
    from tomodachi.transport.http.routes import Groups, RouteTable

CURRENT, TOTAL = "http_current_tasks", "http_total_tasks"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_SENT_BEFORE = "a response object can be sent only once: make a new one for each request"
# What reading a request or writing a response raises when the connection breaks.
_BROKEN = (ConnectionError, web.RequestPayloadError)


class Dispatcher:
    """Answers the requests of one service.

    Args:
        service: The instance.
        routes: Its routes.
        error_handlers: What answers HTTP errors, by status.
        defaults: Content type and charset of responses that name none.
        log: The access log.
        context: The service's context, which says whether requests are handled.
    """

    def __init__(
        self,
        service: object,
        routes: RouteTable[Endpoint],
        error_handlers: Mapping[int, ErrorEndpoint],
        defaults: ContentTypeDefaults,
        log: AccessLog,
        context: Mapping[str, Any],  # Any: a service's context holds anything
    ) -> None:
        self._service = service
        self._routes = routes
        self._error_handlers = error_handlers
        self._defaults = defaults
        self._log = log
        self._counters = get_execution_context()
        self._monotonic = clock.get_clock().monotonic
        self._application = web.Application()
        self._context = context

    async def handle(self, request: Request) -> web.StreamResponse:
        """Answer a request, whatever happens.

        Raises:
            ConnectionResetError: a part of a response is sent, and can't be completed.
        """
        request.arrived_at = self._monotonic()
        request.logging_rule = LOG_ALL
        counters = self._counters
        counters[CURRENT] = counters.get(CURRENT, 0) + 1
        counters[TOTAL] = counters.get(TOTAL, 0) + 1
        request.remember_client()
        try:
            if hdrs.AUTHORIZATION in request.headers:
                request.read_authorization()
            around = getattr(self._service, "_aiohttp_pre_middleware", None)
            response = await (
                self._answer(request) if around is None else around(request, self._answer)
            )
        finally:
            counters[CURRENT] = counters.get(CURRENT, 1) - 1
        prepared = request.prepared_response
        if prepared is not None and prepared is not response:
            return self._instead_of(prepared, response, request)
        return response

    async def _answer(self, request: Request) -> web.StreamResponse:
        try:
            endpoint, groups = self._route(request)
            if request.expects_or_has_body:
                await self._receive(request, endpoint)
        except web.HTTPException as error:
            return await self._of_http_error(request, error)
        except _BROKEN as error:
            return await self._of_broken_body(request, error)
        # Reporting costs as much as routing; nobody listens outside of tests.
        if not endpoint.is_reported or not is_observed():
            return await self._call(request, endpoint.answer, groups, None)
        details = {"method": request.method, "path": request.path}
        with observed("http", self._service, endpoint.name, **details) as call:
            answer = _recorded(endpoint.answer, call)
            response = await self._call(request, answer, groups, call)
            call.outcome = f"status {response.status}"
            return response

    def _route(self, request: Request) -> tuple[Endpoint, Groups]:
        found = self._routes.resolve(request.method, request.path)
        if found is not None:
            endpoint, groups = found[0].endpoint, found[1]
            request.logging_rule = endpoint.logging_rule
            request.found = (groups, endpoint.route, self._application)
        else:
            request.found = (NO_GROUPS, NO_ROUTE, self._application)
        if not self._context[ACCEPTS_REQUESTS]:
            raise web.HTTPServiceUnavailable
        if found is not None:
            return endpoint, groups
        allowed = self._routes.allowed(request.path)
        if allowed:
            raise web.HTTPMethodNotAllowed(request.method, allowed)
        raise web.HTTPNotFound

    async def _receive(self, request: Request, endpoint: Endpoint) -> None:
        if hdrs.EXPECT in request.headers:
            await _answer_expectation(request, is_limited=not endpoint.streams_body)
        if not endpoint.streams_body:
            await request.receive_body()

    async def _call(
        self, request: Request, answer: Answer, groups: Groups, call: HandlerCall | None
    ) -> web.StreamResponse:
        started_at = self._monotonic()
        try:
            value = await answer(request, groups)
            request.handler_elapsed_s = self._monotonic() - started_at
            response = make_response(value, self._defaults)
            if not response.prepared or response is request.prepared_response:
                return response
            failure: BaseException = RuntimeError(_SENT_BEFORE)
        except web.HTTPException as error:
            failure = error
        except _BROKEN as error:
            if is_disconnected(request):
                return web.Response(status=CLIENT_CLOSED_REQUEST)
            failure = error
        except asyncio.CancelledError as error:
            if is_being_cancelled():
                raise
            failure = error
        except Exception as error:  # noqa: BLE001 - logged, and answered with status 500
            failure = error
        request.handler_elapsed_s = self._monotonic() - started_at
        if call is not None:
            call.error = failure
        if isinstance(failure, web.HTTPException):
            return await self._of_http_error(request, failure)
        log_uncaught(failure)
        return await self._of_failure(request, [failure])

    async def _of_http_error(
        self, request: Request, error: web.HTTPException
    ) -> web.StreamResponse:
        handler = self._error_handlers.get(error.status)
        if handler is None:
            return _with_causes(of_exception(error), [error])
        return await self._of_error_handler(request, handler, error.status, [error])

    async def _of_failure(
        self, request: Request, causes: list[BaseException]
    ) -> web.StreamResponse:
        handler = self._error_handlers.get(500)
        if handler is None:
            return _with_causes(_empty_500(), causes)
        return await self._of_error_handler(request, handler, 500, causes)

    async def _of_error_handler(
        self,
        request: Request,
        handler: ErrorEndpoint,
        status: int,
        causes: list[BaseException],
    ) -> web.StreamResponse:
        details = {"path": request.path, "status_code": status}
        request._cache[ERROR_STATUS] = status
        with observed("http", self._service, handler.name, **details) as call:
            try:
                value = await handler.answer(request, status)
                response = make_response(value, self._defaults, status)
                call.outcome = f"status {response.status}"
                return _with_causes(response, causes)
            except Exception as error:  # noqa: BLE001 - logged, and answered with status 500
                call.error, call.outcome = error, "status 500"
                log_uncaught(error)
                causes.append(error)
        if status == 500:
            return _with_causes(_empty_500(), causes)
        return await self._of_failure(request, causes)

    async def _of_broken_body(self, request: Request, error: BaseException) -> web.StreamResponse:
        if is_disconnected(request):
            response = web.Response(status=CLIENT_CLOSED_REQUEST)
            self._log.body_cut_short(request, response)
            request.logging_rule = None
            return response
        bad_request = web.HTTPBadRequest()
        bad_request.__cause__ = error
        response_to_it = await self._of_http_error(request, bad_request)
        response_to_it.force_close()
        return response_to_it

    def _instead_of(
        self, prepared: web.StreamResponse, response: web.StreamResponse, request: Request
    ) -> web.StreamResponse:
        if response.status < 500 and response.status != CLIENT_CLOSED_REQUEST:
            return prepared
        # Ending the stream properly would tell the client that it has got all of it.
        self._log.response(request, response, disconnected=is_disconnected(request))
        msg = "the handler failed after a part of its response was sent"
        raise ConnectionResetError(msg)


def _recorded(answer: Answer, call: HandlerCall) -> Answer:
    async def recorded(request: Request, groups: Groups) -> ReturnValue:
        call.result = value = await answer(request, groups)
        return value

    return recorded


def _empty_500() -> web.Response:
    return web.Response(status=500, headers={hdrs.CONTENT_TYPE: "text/plain; charset=utf-8"})


def _with_causes(response: web.StreamResponse, causes: list[BaseException]) -> web.StreamResponse:
    # Instrumentation reads them off the response.
    response._caught_exceptions = causes  # type: ignore[attr-defined]
    return response


async def _answer_expectation(request: Request, *, is_limited: bool) -> None:
    expectation = request.headers[hdrs.EXPECT]
    if expectation.lower() != "100-continue":
        raise web.HTTPExpectationFailed(text=f"Unknown Expect: {expectation}")
    if is_limited:
        request.refuse_too_large()
    if request.version >= (1, 1) and request.transport is not None:
        request.transport.write(_CONTINUE)
