"""Checks of single values: the form of a text, the length of anything that has one."""

from __future__ import annotations

import re
from collections.abc import Sized

from tomodachi.errors import TomodachiError


class RegexMissmatchException(TomodachiError):
    """The value does not match the pattern."""


class TooSmallException(TomodachiError):
    """The value is shorter than it may be."""


class TooLargeException(TomodachiError):
    """The value is longer than it may be."""


def validate_field_regex(value: str, pattern: str) -> None:
    """Check that a text begins with what a regular expression describes.

    Raises:
        RegexMissmatchException: it does not.
    """
    if not re.match(pattern, value):
        msg = f"{value!r} does not match the pattern {pattern!r}"
        raise RegexMissmatchException(msg)


def validate_field_length(obj: Sized, min: int = -1, max: int = -1) -> None:  # noqa: A002
    """Check a length; -1 means no bound.

    Raises:
        TooSmallException: it is below `min`.
        TooLargeException: it is above `max`.
    """
    length = len(obj)
    if min != -1 and length < min:
        msg = f"length is {length}, and must be at least {min}"
        raise TooSmallException(msg)
    if max != -1 and length > max:
        msg = f"length is {length}, and must be at most {max}"
        raise TooLargeException(msg)
