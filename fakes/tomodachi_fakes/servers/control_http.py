"""The control API over HTTP: who may call, JSON in and out, waits, and the stream of events.

What the calls do is in `control/`. Calls that change something need a JSON content type: a web page cannot
send that to another site without asking first, and nobody here says yes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.control import snapshots
from tomodachi_fakes.control.expectations import Expectation
from tomodachi_fakes.control.openapi import document
from tomodachi_fakes.control.operations import BY_ROUTE, event_view, list_events, methods_of
from tomodachi_fakes.control.parameters import ControlError, read_all

if TYPE_CHECKING:
    from tomodachi_fakes.events import Event
    from tomodachi_fakes.servers.fake_broker import FakeBroker
    from tomodachi_fakes.servers.http_protocol import HttpConnection

PREFIX = "/_broker/"
View = dict[str, Any]
_STREAM = "events/stream"
_OCTETS = "application/octet-stream"


class ControlApi:
    """Answers requests below `/_broker/`."""

    def __init__(self, broker: FakeBroker) -> None:
        self._broker = broker

    def __call__(self, request: HttpRequest, connection: HttpConnection) -> HttpResponse | None:
        """The answer; None when it comes later."""
        try:
            return self._answer(request, connection)
        except ControlError as error:
            return _json({"error": error.message, **error.facts}, error.status)

    def _answer(self, request: HttpRequest, connection: HttpConnection) -> HttpResponse | None:
        path = request.path.removeprefix(PREFIX).rstrip("/")
        if path != _STREAM:  # whose GET has no end
            request = request.as_get()
        if request.method == "GET" and path == "openapi.json":
            return _json(document(f"http://{request.headers.get('host', 'localhost')}"))
        operation = BY_ROUTE.get((request.method, path))
        if operation is None:
            return _no_such(request.method, path)
        if path == "snapshot":
            return self._snapshot(request)
        given = _given(request)
        special = self._special(path)
        if special is not None:
            return special(read_all(operation.parameters, given), connection)
        result = operation.call(self._broker, given)
        self._broker.flush_amqp()
        return _json(result)

    def _special(self, path: str) -> Callable[[View, HttpConnection], HttpResponse | None] | None:
        match path:
            case "await-message":
                return self._await
            case "expect-no-message":
                return self._expect_none
            case "events/stream":
                return self._stream
            case "stop":
                return self._stop
        return None

    # --- snapshots, the end ------------------------------------------------------------------------

    def _snapshot(self, request: HttpRequest) -> HttpResponse:
        if request.method == "GET":
            return HttpResponse(200, _OCTETS, snapshots.pack(self._broker.snapshot()))
        _check_type(request, _OCTETS)
        self._broker.restore(snapshots.unpack(request.body))
        return _json({"restored": True})

    def _stop(self, given: View, connection: HttpConnection) -> HttpResponse:
        if self._broker.on_stop is None:
            raise ControlError(409, "these brokers belong to a process that does not stop for them")
        self._broker.on_stop()
        return _json({"stopping": True})

    # --- waits -------------------------------------------------------------------------------------

    def _await(self, given: View, connection: HttpConnection) -> HttpResponse | None:
        expected = Expectation(self._broker, given)
        wanted: int = given["count"]

        def is_over() -> HttpResponse | None:
            if len(expected.found) < wanted:
                return None
            return _json({"messages": expected.found[:wanted]})

        def time_out() -> HttpResponse:
            text = (
                f"{len(expected.found)} of {wanted} messages came within {given['timeout_s']:g} s"
            )
            return _json({"error": text, "messages": expected.found}, 408)

        return _wait(expected, connection, given["timeout_s"], is_over, time_out)

    def _expect_none(self, given: View, connection: HttpConnection) -> HttpResponse | None:
        expected = Expectation(self._broker, given)

        def is_over() -> HttpResponse | None:
            if not expected.found:
                return None
            return _json({"error": "a message is there", "messages": expected.found}, 409)

        return _wait(
            expected, connection, given["within_s"], is_over, lambda: _json({"messages": []})
        )

    # --- events ------------------------------------------------------------------------------------

    def _stream(self, given: View, connection: HttpConnection) -> None:
        connection.begin_stream("text/event-stream")
        wanted = {name: given[name] for name in ("kind", "message_id") if given[name] is not None}

        def tell(event: Event) -> None:
            fits = all(getattr(event, name) == value for name, value in wanted.items())
            if fits and (given["subject"] is None or given["subject"] in event.subject):
                connection.send_part(_sent_event(event_view(event)))

        if given["after"] is not None:
            for view in list_events(self._broker, {**given, "limit": 0}):
                connection.send_part(_sent_event(view))
        connection.on_lost = self._broker.events.subscribe(tell)


def _wait(
    expected: Expectation,
    connection: HttpConnection,
    seconds: float,
    is_over: Callable[[], HttpResponse | None],
    time_out: Callable[[], HttpResponse],
) -> HttpResponse | None:
    """Answer now, when the message comes, or when the time is over: real time, whatever the clock says."""
    response = is_over()
    if response is not None:
        expected.close()
        return response
    loop = asyncio.get_running_loop()

    def end(response: HttpResponse | None) -> None:
        timer.cancel()
        expected.close()
        connection.on_lost = None
        if response is not None:
            connection.answer(response)

    def look() -> None:
        response = is_over()
        if response is not None:
            expected.on_found = lambda: None
            # After the step that brought the message, not within it.
            loop.call_soon(end, response)

    timer = loop.call_later(max(0.0, seconds), lambda: end(time_out()))
    expected.on_found = look
    connection.on_lost = lambda: end(None)
    return None


def _given(request: HttpRequest) -> View:
    if request.method == "GET":
        return dict(parse_qsl(request.query, keep_blank_values=True))
    _check_type(request, "application/json")
    try:
        found = json.loads(request.body or b"{}")
    except ValueError as error:
        raise ControlError(400, f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise ControlError(400, "the body is no JSON object")
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise ControlError(
            400, f"{half!r} is half of a surrogate pair, and no character"
        ) from error
    return found


def _check_type(request: HttpRequest, wanted: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise ControlError(415, f"the content type is {given!r}; send {wanted}")


def _no_such(method: str, path: str) -> HttpResponse:
    methods = methods_of(path)
    if methods:
        response = _json({"error": f"{method} is no method of {path}: {', '.join(methods)}"}, 405)
        response.headers["Allow"] = ", ".join(methods)
        return response
    return _json({"error": f"nothing is at {PREFIX}{path}; see {PREFIX}openapi.json"}, 404)


def _sent_event(view: View) -> bytes:
    # https://html.spec.whatwg.org/multipage/server-sent-events.html: one message, with its id.
    data = json.dumps(view, default=str)
    return f"id: {view['seq']}\nevent: {view['service']}\ndata: {data}\n\n".encode()


def _json(content: object, status: int = 200) -> HttpResponse:
    text = json.dumps(content, default=_shown)
    return HttpResponse(status, "application/json", text.encode(), {"Cache-Control": "no-store"})


def _shown(value: object) -> object:
    """A value that JSON does not have: octets as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
