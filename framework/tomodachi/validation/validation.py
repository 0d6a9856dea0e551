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


def validate_field_regex(value: str, pattern_str: str) -> None:
    """Check that a text begins with what a regular expression describes.

    Raises:
        RegexMissmatchException: it does not.
    """
    if not re.match(pattern_str, value):
        msg = f'RegexMissmatchException: value "{value}" does not match pattern "{pattern_str}"'
        raise RegexMissmatchException(msg)


def validate_field_length(obj: Sized, min_length: int = -1, max_length: int = -1) -> None:
    """Check a length; -1 means no bound.

    Raises:
        TooSmallException: it is below `min_length`.
        TooLargeException: it is above `max_length`.
    """
    length = len(obj)
    if min_length != -1 and length < min_length:
        msg = f'TooSmallException: "{obj}" is not at least of length {min_length}'
        raise TooSmallException(msg)
    if max_length != -1 and length > max_length:
        msg = f'TooLargeException: "{obj}" length is larger than {max_length}'
        raise TooLargeException(msg)
