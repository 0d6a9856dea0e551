from __future__ import annotations

import json
import logging as stdlib

import pytest

from tomodachi import logging
from tomodachi.logging.event import merged, timestamp


def test_a_broken_format_of_a_foreign_record_is_shown_as_it_is():
    record = stdlib.LogRecord("library", 30, "p", 1, "%d", ("no number",), None)

    assert json.loads(logging.JSONFormatter.format(record))["message"] == "%d ('no number',)"


def test_foreign_records_are_formatted_too_with_their_extra_under_one_key(json_lines):
    stdlib.getLogger("library").warning("%s of %d", "one", 2, extra={"region": "eu"})

    (line,) = json_lines()
    assert (line["logger"], line["level"], line["message"]) == ("library", "warning", "one of 2")
    assert line["extra"] == {"region": "eu"}


@pytest.mark.parametrize(
    ("created", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000000Z"),
        (1_700_000_000.000001, "2023-11-14T22:13:20.000001Z"),
        (1_700_000_000.9999999, "2023-11-14T22:13:21.000000Z"),
        (1_699_999_999.5, "2023-11-14T22:13:19.500000Z"),
    ],
)
def test_timestamps_are_utc_with_microseconds(created, text):
    assert timestamp(created) == text


def test_values_that_need_no_renaming_are_not_copied():
    values = {"a": 1}
    assert merged({}, values) is values
    assert merged({}, {"a": ..., "event_": 1}) == {"event": 1}


def test_a_value_left_out_leaves_the_bound_one_and_a_bound_one_left_out_is_none() -> None:
    """As tomodachi 0.29 does."""
    bound = {"topic": "x", "queue": ...}
    assert merged(bound, {"topic": ..., "other": 1}) == {"topic": "x", "other": 1}
