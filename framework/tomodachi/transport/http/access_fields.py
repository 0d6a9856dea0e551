"""Decides what a line of the access log says of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import HttpVersion10, HttpVersion11, hdrs

from tomodachi.transport.http.aiohttp_response import CLIENT_CLOSED_REQUEST

if TYPE_CHECKING:
    from aiohttp import web

    from tomodachi.transport.http.request import Request

Fields = dict[str, str | int]
_VERSIONS = {HttpVersion10: "HTTP/1.0", HttpVersion11: "HTTP/1.1"}


def duration(seconds: float) -> str:
    """A duration as the access log writes it: `0.00199s`."""
    return f"{seconds:.5f}s" if seconds > 0.0 else "0.00000s"


def response_fields(
    request: Request,
    response: web.StreamResponse,
    *,
    disconnected: bool,
    handler_elapsed_s: float | None,
    request_s: float,
) -> Fields:
    """The fields of one request and its response, in the order they are logged.

    Args:
        request: The request.
        response: What it was answered with.
        disconnected: The client was gone before the response; it is logged as status 499.
        handler_elapsed_s: How long the handler ran; None if none did.
        request_s: How long the request took since it arrived.
    """
    length = content_length(response)
    fields: Fields
    if disconnected:
        fields = {"status_code": CLIENT_CLOSED_REQUEST, "replaced_status_code": response.status}
    else:
        fields = {"status_code": response.status}
    _add_client_fields(fields, request)
    if disconnected:
        fields["response_content_length"] = 0
        if length:
            fields["replaced_response_content_length"] = length
    elif length is not None:
        fields["response_content_length"] = length
    received = request.received_length
    # A chunked body's length is known once it has been read as a whole.
    whole = request.content_length or len(request._read_bytes or b"")
    if whole:
        fields["request_content_length"] = whole
    if received is not None:
        fields["request_content_read_length"] = received
    fields["user_agent"] = request.headers.get(hdrs.USER_AGENT, "")
    if handler_elapsed_s is not None:
        fields["handler_elapsed_time"] = duration(handler_elapsed_s)
    fields["request_time"] = duration(request_s)
    return fields


def websocket_fields(
    request: Request, state: str, websocket_id: str, total_s: float | None = None
) -> Fields:
    """The fields of a websocket that is opened, cancelled, closed or failed."""
    fields: Fields = {"websocket_state": state}
    _add_client_fields(fields, request)
    del fields["request_method"], fields["http_version"]
    fields["websocket_id"] = websocket_id
    fields["user_agent"] = request.headers.get(hdrs.USER_AGENT, "")
    if total_s is not None:
        fields["total_request_time"] = duration(total_s)
    return fields


def content_length(response: web.StreamResponse) -> int | None:
    """Bytes of body; None if unknown, as a stream's."""
    return response.content_length


def _add_client_fields(fields: Fields, request: Request) -> None:
    fields["remote_ip"] = request.forwarded_remote_ip
    auth = request.auth
    if auth is not None and auth.login:
        fields["auth_user"] = auth.login
    fields["request_method"] = request.method
    fields["request_path"] = request.path
    query = request.query_string
    if query:
        fields["request_query_string"] = query
    version = request.version
    fields["http_version"] = _VERSIONS.get(version) or f"HTTP/{version.major}.{version.minor}"
