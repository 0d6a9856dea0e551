"""Makes aiohttp responses of what handlers return.

The rules (return forms, content types, charsets) are `response.py`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from aiohttp import web
from multidict import CIMultiDict

from tomodachi.transport.failures import log_uncaught
from tomodachi.transport.http.response import (
    CONTENT_TYPE,
    ContentTypeDefaults,
    ReturnValue,
    content_type_and_charset,
    encode_body,
    parts_of,
    refuse_unsendable,
)

if TYPE_CHECKING:
    from tomodachi.options import Options

CLIENT_CLOSED_REQUEST = 499
# Where a request remembers, in its cache, the error that a handler answers.
ERROR_STATUS = "error_status_code"
_NO_DEFAULTS = ContentTypeDefaults()


def _older_name(name: str) -> property:
    def assign(response: Response, value: object) -> None:
        setattr(response, name, value)

    return property(attrgetter(name), assign)


class Response:
    """A response of a handler: body, status, headers, content type and charset (`HttpResponse`).

    A `Content-Type` header wins over `content_type` and `charset`. With none of the three, the
    service's defaults apply; `content_type` alone is sent without a charset.

    Args:
        body: Text or bytes.
        status: A number, or its digits.
        reason: The phrase after the status; the usual one if None.
        headers: Any mapping.
        content_type: Without parameters, for example "application/json".
        charset: Of the content type, and of the encoding of a text body.
    """

    __slots__ = ("body", "charset", "content_type", "headers", "reason", "status")

    # By these names middlewares of older services read and change what a handler returned.
    _body, _status = _older_name("body"), _older_name("status")
    _reason, _headers = _older_name("reason"), _older_name("headers")

    def __init__(
        self,
        *,
        body: bytes | str | None = None,
        status: int | str | bytes = 200,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        charset: str | None = None,
    ) -> None:
        self.body = body
        self.status = int(status)
        self.reason = reason
        self.headers: CIMultiDict[str] = CIMultiDict(headers or {})
        has_header = CONTENT_TYPE in self.headers
        self.content_type = None if has_header else content_type
        self.charset = None if has_header else charset

    @property
    def missing_content_type(self) -> bool:
        """Whether the service's default content type applies."""
        return not (CONTENT_TYPE in self.headers or self.content_type or self.charset)

    def get_aiohttp_response(
        self,
        context: Mapping[str, Any] | None = None,  # Any: a service's context holds anything
        default_charset: str | None = None,
        default_content_type: str | None = None,
    ) -> web.Response:
        """This response as aiohttp sends it.

        Args:
            context: The service's context, whose options hold the defaults not given.
            default_charset: Of responses that name neither content type nor charset.
            default_content_type: Of responses that name neither.

        Raises:
            AttributeError: the body is neither text nor bytes.
            ValueError: a header has a line break in it.
            HTTPInternalServerError: the body can't be encoded; the reason is logged.
        """
        return self.with_defaults(defaults_of(context, default_content_type, default_charset))

    def with_defaults(self, defaults: ContentTypeDefaults) -> web.Response:
        """This response as aiohttp sends it, in a service with `defaults`."""
        headers = self.headers.copy()
        refuse_unsendable(headers)
        content_type, charset = content_type_and_charset(
            headers, self.content_type, self.charset, defaults
        )
        body = _encoded(self.body, charset)
        headers[CONTENT_TYPE] = content_type
        return web.Response(body=body, status=self.status, reason=self.reason, headers=headers)


def defaults_of(
    context: Mapping[str, Any] | None,  # Any: a service's context holds anything
    content_type: str | None,
    charset: str | None,
) -> ContentTypeDefaults:
    """Defaults by what is given, what the options in `context` say, and what we fall back to."""
    options: Options | None = (context or {}).get("options")
    if content_type is None and charset is None:
        if options is None:
            return _NO_DEFAULTS
        return ContentTypeDefaults.of_options(options.http.content_type, options.http.charset)
    return ContentTypeDefaults(content_type or "text/plain", charset)


def make_response(
    value: ReturnValue, defaults: ContentTypeDefaults, default_status: int = 200
) -> web.StreamResponse:
    """The aiohttp response of a handler's return value.

    Raises:
        AttributeError: the value, or its body, is none of the return forms.
        IndexError: a list or tuple with fewer than two items.
        ValueError: a status that is no number, a header with a line break in it.
        HTTPInternalServerError: the body can't be encoded; the reason is logged.
    """
    if isinstance(value, str):
        try:
            body = value.encode(defaults.charset or "utf-8")
        except (ValueError, LookupError) as error:
            raise _unencodable(error) from error
    elif isinstance(value, web.HTTPException):
        return of_exception(value, plain=False)
    elif isinstance(value, web.StreamResponse):
        return value
    elif isinstance(value, Response):
        return value.with_defaults(defaults)
    else:
        return _of_parts(value, defaults, default_status)
    return web.Response(body=body, status=default_status, headers=defaults.headers)


def _of_parts(
    value: ReturnValue, defaults: ContentTypeDefaults, default_status: int
) -> web.Response:
    parts = parts_of(value)
    headers: CIMultiDict[str] = CIMultiDict(parts.headers or {})
    refuse_unsendable(headers)
    content_type, charset = content_type_and_charset(headers, None, None, defaults)
    body = _encoded(parts.body, charset)
    headers[CONTENT_TYPE] = content_type
    return web.Response(body=body, status=parts.status or default_status, headers=headers)


def _encoded(body: object, charset: str | None) -> bytes:
    try:
        return encode_body(body, charset)
    except (ValueError, LookupError) as error:
        raise _unencodable(error) from error


def _unencodable(error: Exception) -> web.HTTPException:
    log_uncaught(error)
    return web.HTTPInternalServerError()


def of_exception(exception: web.HTTPException, *, plain: bool = True) -> web.Response:
    """A fresh response of a raised or returned HTTP exception.

    A fresh one, because a response object can be sent only once, and an exception may be a constant
    that is raised again and again.

    Args:
        exception: What was raised or returned.
        plain: Replace aiohttp's default text ("404: Not Found") by the reason ("Not Found").
    """
    headers = exception.headers.copy()
    for cookie in exception.cookies.values():
        headers.add("Set-Cookie", cookie.OutputString())
    body = exception.body
    if plain and body == f"{exception.status}: {exception.reason}".encode():
        body = exception.reason.encode()
        headers[CONTENT_TYPE] = "text/plain; charset=utf-8"
    return web.Response(
        body=body, status=exception.status, reason=exception.reason, headers=headers
    )


def resolve_response_sync(
    value: ReturnValue,
    request: web.BaseRequest | None = None,
    context: Mapping[str, Any] | None = None,  # Any: a service's context holds anything
    status_code: int | str | bytes | None = None,
    default_content_type: str | None = None,
    default_charset: str | None = None,
) -> web.StreamResponse:
    """The aiohttp response of any of the return forms of a handler."""
    defaults = defaults_of(context, default_content_type, default_charset)
    return make_response(value, defaults, int(status_code or default_status(request)))


async def resolve_response(
    value: ReturnValue,
    request: web.BaseRequest | None = None,
    context: Mapping[str, Any] | None = None,  # Any: a service's context holds anything
    status_code: int | str | bytes | None = None,
    default_content_type: str | None = None,
    default_charset: str | None = None,
) -> web.StreamResponse:
    """The aiohttp response of any of the return forms of a handler."""
    return resolve_response_sync(
        value, request, context, status_code, default_content_type, default_charset
    )


def default_status(request: web.BaseRequest | None) -> int:
    """The status of what names none: an error handler's is that of its error."""
    return 200 if request is None else int(request._cache.get(ERROR_STATUS, 200))


def is_disconnected(request: web.BaseRequest) -> bool:
    """Whether the client has closed the connection of `request`."""
    transport = request.transport
    return transport is None or transport.is_closing()


def get_http_response_status_sync(
    value: ReturnValue,
    request: web.BaseRequest | None = None,
    verify_transport: bool = True,  # noqa: FBT001 - part of the public signature
) -> int:
    """The status a return value, or a raised exception, is answered with.

    Args:
        value: Any return form of a handler, a response or an exception.
        request: The request, if a closed connection shall count.
        verify_transport: Answer 499 if the connection of `request` is closed.
    """
    if verify_transport and request is not None and is_disconnected(request):
        return CLIENT_CLOSED_REQUEST
    if isinstance(value, BaseException) and not isinstance(value, web.HTTPException):
        status = getattr(value, "status", None)
        return status if isinstance(status, int) else 500
    if isinstance(value, web.StreamResponse | Response):
        return int(value.status)
    return parts_of(value).status or default_status(request)


async def get_http_response_status(
    value: ReturnValue,
    request: web.BaseRequest | None = None,
    verify_transport: bool = True,  # noqa: FBT001 - part of the public signature
) -> int:
    """The status a return value, or a raised exception, is answered with."""
    return get_http_response_status_sync(value, request, verify_transport)
