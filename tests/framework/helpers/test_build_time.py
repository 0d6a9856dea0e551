from __future__ import annotations

import pytest

from tomodachi.helpers.build_time import get_time_since_build


@pytest.mark.parametrize(
    ("now", "text"),
    [
        ("2025-01-01T00:00:10Z", "released just now"),
        ("2025-01-01T00:05:00Z", "released 5 minutes ago"),
        ("2025-01-01T01:00:00Z", "released 1 hour ago"),
        ("2025-01-02T23:00:00Z", "released 47 hours ago"),
        ("2025-01-03T00:00:00+00:00", "released 2 days ago"),
        ("2025-03-15T00:00:00", "released 2 months ago"),
        ("2027-01-01T00:00:00Z", "released 2 years ago"),
        (1735689600 + 7200, "released 2 hours ago"),
        ("2024-01-01T00:00:00Z", "released just now"),
    ],
)
def test_the_age_of_a_release_in_words(now, text):
    assert get_time_since_build(now, "2025-01-01T00:00:00Z") == text


def test_without_a_build_time_it_is_a_development_version():
    assert get_time_since_build(build_time="") == "local development version"
