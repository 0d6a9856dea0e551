"""Listings of 100 at a time, continued with an opaque token.

The token is base64, as SNS's are, and holds the position of the next item.
"""

from __future__ import annotations

import base64
from typing import TypeVar

from tomodachi_fakes.sns.errors import invalid_parameter

PAGE = 100
T = TypeVar("T")


def page(
    items: list[T], token: str | None, *, limit: int = PAGE, parameter: str = "NextToken"
) -> tuple[list[T], str | None]:
    """The items after `token`, `limit` at most, and the token of what follows, if anything does.

    An empty token is none: the listing starts at its beginning.

    Raises:
        InvalidParameter: a token that no listing gave.
    """
    start = _position(token, parameter) if token else 0
    end = start + limit
    following = base64.b64encode(f"sns:{end}".encode()).decode() if end < len(items) else None
    return items[start:end], following


def _position(token: str, parameter: str) -> int:
    try:
        text = base64.b64decode(token, validate=True).decode("ascii")
    except ValueError as error:
        raise invalid_parameter(parameter) from error
    prefix, _, position = text.partition(":")
    if prefix != "sns" or not position.isdecimal():
        raise invalid_parameter(parameter)
    return int(position)
