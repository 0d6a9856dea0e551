"""When a schedule is due next."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tomodachi.transport.schedule.errors import InvalidIntervalError, InvalidTimestampError
from tomodachi.transport.schedule.interval import Every, Never, next_due_at, timing_of

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# a Wednesday
NOW = datetime(2024, 5, 15, 12, 30, 15, 500_000, tzinfo=UTC)


def due(
    interval: int | str | None = None,
    timestamp: str | None = None,
    *,
    now: datetime = NOW,
    zone: ZoneInfo | None = None,
) -> str | None:
    found = next_due_at(timing_of(interval, timestamp), now.timestamp(), zone or UTC)
    return None if found is None else datetime.fromtimestamp(found, UTC).isoformat(sep=" ")[:19]


@pytest.mark.parametrize(
    "interval", [3, "3 seconds", "3s", "3 s", "3  SECONDS", "3seconds", "3 second"]
)
def test_seconds_are_counted_from_the_previous_whole_second(interval: int | str) -> None:
    assert due(interval) == "2024-05-15 12:30:18"


@pytest.mark.parametrize(
    "interval", ["every second", "1s", "second", "secondly", "once per second", "Every Second"]
)
def test_names_for_every_second(interval: str) -> None:
    assert timing_of(interval, None) == Every(1)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("every minute", "2024-05-15 12:31:00"),
        ("1m", "2024-05-15 12:31:00"),
        ("minutely", "2024-05-15 12:31:00"),
        ("minute", "2024-05-15 12:31:00"),
        ("every hour", "2024-05-15 13:00:00"),
        ("1h", "2024-05-15 13:00:00"),
        ("hourly", "2024-05-15 13:00:00"),
        ("every day", "2024-05-16 00:00:00"),
        ("1d", "2024-05-16 00:00:00"),
        ("daily", "2024-05-16 00:00:00"),
        ("nightly", "2024-05-16 00:00:00"),
        ("every month", "2024-06-01 00:00:00"),
        ("1month", "2024-06-01 00:00:00"),
        ("monthly", "2024-06-01 00:00:00"),
        ("every year", "2025-01-01 00:00:00"),
        ("1y", "2025-01-01 00:00:00"),
        ("yearly", "2025-01-01 00:00:00"),
        ("annually", "2025-01-01 00:00:00"),
        ("monday", "2024-05-20 00:00:00"),
        ("mon", "2024-05-20 00:00:00"),
        ("mondays", "2024-05-20 00:00:00"),
        ("every monday", "2024-05-20 00:00:00"),
        ("once per monday", "2024-05-20 00:00:00"),
        ("Sunday", "2024-05-19 00:00:00"),
        ("sat", "2024-05-18 00:00:00"),
        ("weekly", "2024-05-20 00:00:00"),
        ("week", "2024-05-20 00:00:00"),
        ("every week", "2024-05-20 00:00:00"),
        ("once per week", "2024-05-20 00:00:00"),
        ("weekday", "2024-05-16 00:00:00"),
        ("weekdays", "2024-05-16 00:00:00"),
        ("weekend", "2024-05-18 00:00:00"),
        ("weekends", "2024-05-18 00:00:00"),
        ("*/20 * * * *", "2024-05-15 12:40:00"),
        ("@weekly", "2024-05-19 00:00:00"),
    ],
)
def test_names_and_cron(interval: str, expected: str) -> None:
    """Section 8: named intervals are aliases of cron notations; weekly is Monday 00:00."""
    assert due(interval) == expected


@pytest.mark.parametrize("unit", ["second", "minute", "hour", "day", "year"])
def test_a_unit_has_one_meaning_however_it_is_written(unit: str) -> None:
    """All spellings of 0.29.0."""
    letter = unit[0]
    spellings = (f"1{letter}", f"1 {letter}", f"1{unit}", f"1 {unit}", f"once per {unit}", unit)
    assert {timing_of(spelling, None) for spelling in spellings} == {
        timing_of(f"every {unit}", None)
    }


@pytest.mark.parametrize(
    "interval", ["often", "every blue moon", "61 * * * *", 0, -1, True, 1.0j, "0s", "5 minutes"]
)
def test_an_interval_that_means_nothing_is_refused_by_name(interval: str | int) -> None:
    with pytest.raises(InvalidIntervalError, match="Invalid interval") as caught:
        timing_of(interval, None)
    assert repr(interval) in str(caught.value)


def test_a_date_is_due_once() -> None:
    assert due(timestamp="2024-05-15 12:31") == "2024-05-15 12:31:00"
    assert due(timestamp="2024-05-15 12:30:16") == "2024-05-15 12:30:16"
    assert due(timestamp="2024-05-15 12:30:15") is None


def test_a_date_is_in_the_schedules_time_zone() -> None:
    assert due(timestamp="2024-05-15 14:31", zone=STOCKHOLM) == "2024-05-15 12:31:00"


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("12:31", "2024-05-15 12:31:00"),
        ("12:30", "2024-05-16 12:30:00"),
        ("12:30:20", "2024-05-15 12:30:20"),
        ("12:30:15", "2024-05-16 12:30:15"),
        ("12:29:59", "2024-05-16 12:29:59"),
        ("00:00:01", "2024-05-16 00:00:01"),
    ],
)
def test_a_time_is_due_daily(timestamp: str, expected: str) -> None:
    assert due(timestamp=timestamp) == expected


def test_a_time_is_due_at_its_wall_time_across_a_clock_change() -> None:
    """Row 21: the calls before and after are 23 hours apart."""
    start = datetime(2024, 3, 30, 3, tzinfo=UTC)
    first = due(timestamp="03:30:05", now=start, zone=STOCKHOLM)
    assert first == "2024-03-31 01:30:05"
    assert due(timestamp="03:30:05", now=datetime(2024, 3, 29, 3, tzinfo=UTC), zone=STOCKHOLM) == (
        "2024-03-30 02:30:05"
    )


@pytest.mark.parametrize(
    "timestamp", ["noon", "25:00", "12:60", "12:00:60", "2024-02-30 12:00", "2024-05-15", "12"]
)
def test_a_timestamp_that_means_nothing_is_refused_by_name(timestamp: str) -> None:
    with pytest.raises(InvalidTimestampError, match="Invalid timestamp") as caught:
        timing_of(None, timestamp)
    assert timestamp in str(caught.value)


def test_neither_interval_nor_timestamp_is_never() -> None:
    assert timing_of(None, None) == Never()
    assert due() is None


def test_a_year_in_the_past_is_never() -> None:
    assert due("0 0 1 1 * 2020") is None
