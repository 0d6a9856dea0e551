"""Status, headers and bytes of what a handler returned."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from tomodachi.transport.http.response import (
    ContentTypeDefaults,
    ResponseParts,
    content_type_and_charset,
    encode_body,
    parts_of,
)

JSON = ContentTypeDefaults("application/json", "utf-8")


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("text", ResponseParts("text")),
        (b"raw", ResponseParts(b"raw")),
        (None, ResponseParts(None)),
        ({"body": "b", "status": 201, "headers": {"X": "1"}}, ResponseParts("b", 201, {"X": "1"})),
        ({"status": "404"}, ResponseParts(None, 404)),
        ({"status": b"404", "other": 1}, ResponseParts(None, 404)),
        ({}, ResponseParts()),
        ((200, "b"), ResponseParts("b", 200)),
        ([204, None], ResponseParts(None, 204)),
        ((0, "b"), ResponseParts("b")),
        ((None, "b", None), ResponseParts("b")),
        ((200, "b", {"X": "1"}), ResponseParts("b", 200, {"X": "1"})),
    ],
)
def test_return_forms(value: object, parts: ResponseParts) -> None:
    """Section 5.4."""
    assert parts_of(value) == parts


@pytest.mark.parametrize("value", [(), [], (200,)])
def test_a_list_needs_a_status_and_a_body(value: object) -> None:
    with pytest.raises(IndexError, match="needs at least a status and a body"):
        parts_of(value)


@pytest.mark.parametrize("status", ["abc", 1.5, object()])
def test_a_status_is_a_number(status: object) -> None:
    with pytest.raises(ValueError, match=r"abc|a response status is a number"):
        parts_of((status, "b"))


@pytest.mark.parametrize(
    ("body", "charset", "encoded"),
    [
        ("å", "utf-8", b"\xc3\xa5"),
        ("å", "latin1", b"\xe5"),
        ("å", None, b"\xc3\xa5"),
        ("", "utf-8", b""),
        (b"\xff", "utf-8", b"\xff"),
        (bytearray(b"x"), None, b"x"),
        (memoryview(b"x"), None, b"x"),
        (None, "utf-8", b""),
        (0, "utf-8", b""),
        ([], None, b""),
    ],
)
def test_bodies_are_encoded(body: object, charset: str | None, encoded: bytes | None) -> None:
    assert encode_body(body, charset) == encoded


def test_other_bodies_are_refused_by_type() -> None:
    with pytest.raises(
        AttributeError, match=r"'int' object has no attribute 'encode'.*json\.dumps"
    ):
        encode_body(1, None)
    with pytest.raises(LookupError, match="klingon"):
        encode_body("a", "klingon")
    with pytest.raises(UnicodeEncodeError):
        encode_body("å", "ascii")


@pytest.mark.parametrize(
    ("header", "content_type", "charset", "expected"),
    [
        (None, None, None, ("application/json; charset=utf-8", "utf-8")),
        (None, "text/html", None, ("text/html", None)),
        (None, "text/html", "latin1", ("text/html; charset=latin1", "latin1")),
        (None, None, "latin1", ("application/json; charset=latin1", "latin1")),
        (None, "text/html; charset=latin1", None, ("text/html; charset=latin1", "latin1")),
        (
            None,
            'text/html; charset="latin1"; a=b',
            "utf-8",
            ("text/html; a=b; charset=utf-8", "utf-8"),
        ),
        ("text/css", None, None, ("text/css", None)),
        ("text/css; charset=latin1", None, None, ("text/css; charset=latin1", "latin1")),
        (
            'text/css; a=b; Charset="latin1"',
            None,
            None,
            ('text/css; a=b; Charset="latin1"', "latin1"),
        ),
    ],
)
def test_content_type_rules(
    header: str | None,
    content_type: str | None,
    charset: str | None,
    expected: tuple[str, str | None],
) -> None:
    """Section 5.5: a header wins; a content type alone has no charset."""
    headers: CIMultiDict[str] = CIMultiDict({"content-type": header} if header else {})
    assert content_type_and_charset(headers, content_type, charset, JSON) == expected


@pytest.mark.parametrize(
    ("content_type", "charset", "header"),
    [
        ("text/plain; charset=utf-8", "latin1", "text/plain; charset=utf-8"),
        ("text/plain", "latin1", "text/plain; charset=latin1"),
        ("text/plain", None, "text/plain"),
        ("text/plain; a=b", "latin1", "text/plain"),
        (None, "utf-8", "text/plain; charset=utf-8"),
        ("", "", "text/plain"),
    ],
)
def test_the_content_type_options_charset_beats_the_charset_option(
    content_type: str | None, charset: str | None, header: str
) -> None:
    assert ContentTypeDefaults.of_options(content_type, charset).header == header
