"""Checks of single values."""

from __future__ import annotations

import pytest

from tomodachi.validation.validation import (
    RegexMissmatchException,
    TooLargeException,
    TooSmallException,
    validate_field_length,
    validate_field_regex,
)


def test_regex_is_matched_from_the_start():
    validate_field_regex("abc", "ab")
    validate_field_regex("abc", "^[a-z]+$")
    for pattern in ("bc", "^[0-9]+$"):
        with pytest.raises(RegexMissmatchException, match='value "abc" does not match pattern'):
            validate_field_regex("abc", pattern)


@pytest.mark.parametrize("sized", ["abc", [1, 2, 3], {1: 1, 2: 2, 3: 3}])
def test_length_has_bounds_that_belong_to_it(sized):
    validate_field_length(sized)
    validate_field_length(sized, 3, 3)
    validate_field_length(sized, min_length=0)
    with pytest.raises(TooSmallException, match="is not at least of length 4"):
        validate_field_length(sized, min_length=4)
    with pytest.raises(TooLargeException, match="length is larger than 2"):
        validate_field_length(sized, max_length=2)
    with pytest.raises(TooLargeException):
        validate_field_length(sized, 0, 0)
