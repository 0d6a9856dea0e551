from __future__ import annotations

import pytest

from tomodachi.helpers import build_time
from tomodachi.helpers.build_time import get_time_since_build


@pytest.mark.parametrize(
    ("now", "text"),
    [
        ("2025-01-01T00:00:10Z", "released just now"),
        ("2025-01-01T00:05:00Z", "released 5 minutes ago"),
        ("2025-01-01T01:00:00Z", "released 1 hour ago"),
        ("2025-01-02T05:00:00Z", "released 1 day ago"),
        ("2025-01-03T00:00:00+00:00", "released 2 days ago"),
        ("2025-03-15T00:00:00", "released 73 days ago"),
        ("2025-04-01T00:00:00", "released 3 months ago"),
        ("2026-12-01T00:00:00", "released 23 months ago"),
        ("2026-12-22T00:00:00Z", "released over 2 years ago"),
        ("2031-01-01T00:00:00Z", "released over 6 years ago"),
        (1735689600 + 7200, "released 2 hours ago"),
        ("2024-01-01T00:00:00Z", "released just now"),
    ],
)
def test_the_age_of_a_release_in_words(now, text):
    """The words of 0.29.0; a time before the release counts as none."""
    assert get_time_since_build(now, "2025-01-01T00:00:00Z") == text


def test_without_a_build_time_there_is_nothing_to_say(monkeypatch):
    monkeypatch.setattr(build_time, "__build_time__", "")
    assert get_time_since_build(build_time="") == ""
