"""What None, "", False and 0 mean where options take effect."""

from __future__ import annotations

import pytest
from hypothesis import given

from tomodachi.options import InvalidOptionValue, Options
from tomodachi.options.resolve import (
    DEFAULT_CLIENT_MAX_SIZE,
    KeepAlive,
    keep_alive,
    milliseconds,
    parse_size,
    whole_seconds,
)
from tomodachi_testkit.strategies.options import falsy_options

LIMITS = ("max_keepalive_requests", "max_keepalive_time")


@pytest.mark.parametrize("value", [None, "", 0, False])
def test_no_size_means_the_default(value):
    assert parse_size(value) == DEFAULT_CLIENT_MAX_SIZE == 104_857_600


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("1K", 1024),
        ("1kb", 1024),
        ("5M", 5 * 1024**2),
        ("5 MB", 5 * 1024**2),
        ("1G", 1024**3),
        ("1GB", 1024**3),
        ("2048B", 2048),
        ("2048", 2048),
        (4096, 4096),
    ],
)
def test_sizes_have_suffixes_of_1024(text, octets):
    assert parse_size(text) == octets


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "Too low value"),
        (1023, "Too low value"),
        ("1B", "Too low value"),
        (1024**3 + 1, "Too high value"),
        ("2G", "Too high value"),
        ("big", "Bad value"),
        ("5T", "Bad value"),
        ("MB", "Bad value"),
        (True, "Bad value"),
        (-5, "Bad value"),
        (2048.5, "Bad value"),
    ],
)
def test_sizes_out_of_range_say_which_way(value, text):
    with pytest.raises(ValueError, match=f"{text} for http option client_max_size"):
        parse_size(value)
    with pytest.raises(InvalidOptionValue, match=rf"{text} for option http\.client_max_size"):
        Options(**{"http.client_max_size": value})


@pytest.mark.parametrize(
    ("value", "seconds"), [(None, 0), (False, 0), (0, 0), (-3, 0), ("5", 5), (7, 7), (2.9, 2)]
)
def test_every_way_of_saying_off_is_zero_seconds(value, seconds):
    assert whole_seconds(value) == seconds
    assert milliseconds(value) == (2900 if value == 2.9 else seconds * 1000)


def test_keep_alive_expiry_counts_where_there_is_no_timeout():
    assert keep_alive(Options(http={"keepalive_expiry": 7})).timeout == 7
    both = Options(http={"keepalive_expiry": 7, "keepalive_timeout": 5})
    assert keep_alive(both).timeout == 5


@pytest.mark.parametrize("limit", LIMITS)
def test_limit_without_keep_alive_is_refused(limit):
    with pytest.raises(
        ValueError, match=f"HTTP keep-alive must be enabled to use http option {limit}"
    ):
        keep_alive(Options(http={limit: 5}))


@given(
    settings=falsy_options(
        [f"http.{n}" for n in ("keepalive_timeout", "keepalive_expiry", *LIMITS)]
    )
)
def test_keep_alive_is_settings_or_an_error_for_all_of_the_lattice(settings):
    """Falsy limits mean none, with and without keep-alive; others need it."""
    values = {key.partition(".")[2]: whole_seconds(value) for key, value in settings.items()}
    timeout = values.get("keepalive_timeout") or values.get("keepalive_expiry") or 0
    requests, time = (values.get(limit, 0) for limit in LIMITS)
    if (requests or time) and not timeout:
        with pytest.raises(InvalidOptionValue):
            keep_alive(Options(**settings))
    else:
        assert keep_alive(Options(**settings)) == KeepAlive(timeout, requests, time)
