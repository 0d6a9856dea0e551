"""Decides status, headers and body bytes of what a handler returned.

Pure rules: which return forms exist, which content type and charset a response gets, how a body is
encoded. Making aiohttp's response objects of it is left to `aiohttp_response.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from multidict import CIMultiDict, CIMultiDictProxy, istr

CONTENT_TYPE = istr("Content-Type")
_CONTROLS = frozenset("\r\n\0")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]+)\"?", re.IGNORECASE)

# Any: whatever a service's handler returned.
ReturnValue = Any


class ContentTypeDefaults:
    """The content type and charset of responses that name neither.

    `header` is both put together, `headers` the header alone, ready for the hot path.
    """

    __slots__ = ("charset", "content_type", "header", "headers")

    def __init__(self, content_type: str = "text/plain", charset: str | None = "utf-8") -> None:
        self.content_type = content_type
        self.charset = charset
        self.header = join_content_type(content_type, charset)
        self.headers = CIMultiDictProxy(CIMultiDict({CONTENT_TYPE: self.header}))

    @classmethod
    def of_options(cls, content_type: str | None, charset: str | None) -> ContentTypeDefaults:
        """From the options `http.content_type` and `http.charset`; the former's charset wins."""
        content_type = content_type or "text/plain"
        kind, separator, _ = content_type.partition(";")
        if not separator:
            return cls(kind.strip(), charset or None)
        named = _CHARSET.search(content_type)
        return cls(kind.strip(), named.group(1) if named else None)


def join_content_type(content_type: str, charset: str | None) -> str:
    """A Content-Type header's value."""
    return f"{content_type}; charset={charset}" if charset else content_type


class ResponseParts(NamedTuple):
    """What a return value says about its response; None where it leaves the default."""

    body: Any = None  # Any: refused in `encode_body` if it is no text or bytes
    status: int | None = None
    headers: Mapping[str, str] | None = None


def parts_of(value: ReturnValue) -> ResponseParts:
    """Read one of the return forms: text, bytes, None, a dict or a `[status, body(, headers)]`.

    Raises:
        IndexError: a list or tuple with fewer than two items.
        ValueError: a status that is no number.
    """
    if isinstance(value, dict):
        return ResponseParts(
            value.get("body"), _status(value.get("status")), value.get("headers") or None
        )
    if isinstance(value, list | tuple):
        if len(value) < 2:
            msg = f"a response list needs at least a status and a body: got {len(value)} item(s)"
            raise IndexError(msg)
        headers = value[2] if len(value) > 2 else None
        return ResponseParts(value[1], _status(value[0]), headers or None)
    return ResponseParts(value)


def _status(value: object) -> int | None:
    if not value:
        return None
    if isinstance(value, int | str | bytes):
        return int(value)
    msg = f"a response status is a number such as 200: got {value!r}"
    raise ValueError(msg)


def encode_body(body: object, charset: str | None) -> bytes:
    """The bytes of a body; text in `charset`, UTF-8 if there is none.

    Raises:
        AttributeError: the body is neither text nor bytes.
        LookupError: no such charset.
        UnicodeEncodeError: the text has characters that the charset lacks.
    """
    if not body:
        # None, 0, False and empty containers too: a handler that returns them means no body.
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode(charset.lower() if charset else "utf-8")
    if isinstance(body, bytearray | memoryview):
        return bytes(body)
    msg = (
        f"'{type(body).__name__}' object has no attribute 'encode': a handler's response body "
        "is str, bytes or None (make a string of it, for example with json.dumps)"
    )
    raise AttributeError(msg)


def refuse_unsendable(headers: Mapping[str, object]) -> None:
    """Refuse headers that are no text, or would end early and let another begin.

    Raises:
        TypeError: a header's value is something else than text.
        ValueError: a header's value has a line break or a null character.
    """
    for name, value in headers.items():
        if not isinstance(value, str):
            msg = f"the header {name} of a response is {value!r}: write str(...) to send it as text"
            raise TypeError(msg)
        if not _CONTROLS.isdisjoint(value):
            msg = f"the header {name} of a response has a line break or null in it: {value!r}"
            raise ValueError(msg)


def content_type_and_charset(
    headers: CIMultiDict[str],
    content_type: str | None,
    charset: str | None,
    defaults: ContentTypeDefaults,
) -> tuple[str, str | None]:
    """The Content-Type header to send, and the charset to encode text with.

    A header given by the handler wins over both arguments. Without a header, a content type given
    alone stands without charset, a charset given alone goes with the default content type, and one
    given beside a content type takes the place of a charset within it.
    """
    given = headers.get(CONTENT_TYPE)
    if given is not None:
        named = _CHARSET.search(given)
        return given, named.group(1) if named else None
    if not content_type and not charset:
        return defaults.header, defaults.charset
    kind = content_type or defaults.content_type
    if charset:
        return join_content_type(_CHARSET.sub("", kind), charset), charset
    if ";" not in kind:
        return join_content_type(kind, charset), charset
    named = _CHARSET.search(kind)
    return kind, named.group(1) if named else None
