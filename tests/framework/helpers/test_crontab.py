"""When a cron notation is due next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from tomodachi.helpers.crontab import Cron, CronNotationError, get_next_datetime, next_after

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NEW_YORK = ZoneInfo("America/New_York")
WEDNESDAY = datetime(2024, 5, 15, 12, 30, 15)  # noqa: DTZ001 - naive on purpose


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ("* * * * *", "2024-05-15 12:31"),
        ("*", "2024-05-15 12:31"),
        ("0", "2024-05-15 13:00"),
        ("30 12", "2024-05-16 12:30"),
        ("31 12 * * *", "2024-05-15 12:31"),
        ("*/20 * * * *", "2024-05-15 12:40"),
        ("5/20 * * * *", "2024-05-15 12:45"),
        ("25/20 * * * *", "2024-05-15 12:45"),
        ("10-50/15 * * * *", "2024-05-15 12:40"),
        ("1,2,45 * * * *", "2024-05-15 12:45"),
        ("0 0 1 * *", "2024-06-01 00:00"),
        ("0 0 */2 * *", "2024-05-16 00:00"),
        ("0 0 31 * *", "2024-05-31 00:00"),
        ("0 0 31 4-6 *", "2024-05-31 00:00"),
        ("0 0 ? feb ?", "2025-02-01 00:00"),
        ("0 0 1 January *", "2025-01-01 00:00"),
        ("0 0 29 2 *", "2028-02-29 00:00"),
        ("0 0 * * 0", "2024-05-19 00:00"),
        ("0 0 * * 7", "2024-05-19 00:00"),
        ("0 0 * * sun", "2024-05-19 00:00"),
        ("0 0 * * FRI-SUN", "2024-05-17 00:00"),
        ("0 0 * * 5-7", "2024-05-17 00:00"),
        ("0 0 * * mon,tuesday", "2024-05-20 00:00"),
        ("0 0 * * 1/2", "2024-05-17 00:00"),
        ("0 0 L * *", "2024-05-31 00:00"),
        ("0 0 L 2 *", "2025-02-28 00:00"),
        ("0 0 20,L * *", "2024-05-20 00:00"),
        ("0 0 * * Lsun", "2024-05-26 00:00"),
        ("0 0 * * Lwed-fri", "2024-05-29 00:00"),
        ("0 0 25 * fri", "2024-05-17 00:00"),
        ("0 0 16 * fri", "2024-05-16 00:00"),
        ("0 12 1 1 * 2030", "2030-01-01 12:00"),
        ("0 0 1 1 * */5", "2025-01-01 00:00"),
        ("@yearly", "2025-01-01 00:00"),
        ("@annually", "2025-01-01 00:00"),
        ("@monthly", "2024-06-01 00:00"),
        ("@weekly", "2024-05-19 00:00"),
        ("@daily", "2024-05-16 00:00"),
        ("@hourly", "2024-05-15 13:00"),
        ("@Minutely", "2024-05-15 12:31"),
    ],
)
def test_the_next_date_after_a_wednesday_in_may(notation: str, expected: str) -> None:
    """Section 8: the notation's fields; crontab(5) for their meaning."""
    assert get_next_datetime(notation, WEDNESDAY) == naive(expected)


@pytest.mark.parametrize(
    ("now", "not_before", "after"),
    [
        ("2024-05-15 11:59:59", "2024-05-15 12:00", "2024-05-15 12:00"),
        ("2024-05-15 12:00:00", "2024-05-15 12:00", "2024-05-16 12:00"),
        ("2024-05-15 12:00:00.900000", "2024-05-15 12:00", "2024-05-16 12:00"),
        ("2024-05-15 12:00:01", "2024-05-16 12:00", "2024-05-16 12:00"),
    ],
)
@pytest.mark.parametrize("zone", [None, UTC, STOCKHOLM])
def test_a_due_minute_is_its_own_next_but_not_the_one_after_it(
    now: str, not_before: str, after: str, zone: tzinfo | None
) -> None:
    """`get_next_datetime` as in 0.29.0; schedules ask for what comes after a call."""
    local = naive(now).replace(tzinfo=zone)
    for function, expected in ((get_next_datetime, not_before), (next_after, after)):
        found = function("0 12 * * *", local)
        assert found is not None
        assert found.replace(tzinfo=None) == naive(expected)


def test_the_end_of_a_year_leads_into_the_next() -> None:
    """Row 21: candidates of the next month are looked for in every month."""
    for month in range(1, 13):
        now = datetime(2023, month, 28, 23, 59)  # noqa: DTZ001 - naive on purpose
        expected = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0)
        assert get_next_datetime("0 0 1 * *", now) == expected


@pytest.mark.parametrize(
    "notation",
    [
        "",
        "60",
        "* 24",
        "* * 0",
        "* * 32",
        "* * * 13",
        "* * * * 8",
        "* * * * * 1969",
        "* * * * * 2100",
        "* * * * * * *",
        "*/0",
        "a",
        "1-",
        "* * * * fri-mon",
        "L",
        "* * * foo",
        "@often",
        "1,,2",
        "-1",
    ],
)
def test_a_bad_notation_is_refused_by_name(notation: str) -> None:
    with pytest.raises(CronNotationError, match="Invalid cron notation: '") as caught:
        get_next_datetime(notation, WEDNESDAY)
    assert notation in str(caught.value)


@pytest.mark.parametrize(
    "notation", ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30-31 2", "0 0 29 2 * 2025"]
)
def test_days_that_no_month_has_are_refused(notation: str) -> None:
    with pytest.raises(CronNotationError, match="days out of scope"):
        get_next_datetime(notation, WEDNESDAY)


@pytest.mark.parametrize("notation", ["* * * */15", "* * 5 */15", "* * */32 *", "* * * 5,*/15"])
def test_a_step_past_all_values_is_refused(notation: str) -> None:
    """As tomodachi 0.29.0 does ("invalid values for month"): it would never be due."""
    with pytest.raises(CronNotationError, match="its step goes past them all"):
        get_next_datetime(notation, WEDNESDAY)


def test_a_year_in_the_past_is_never_due() -> None:
    assert get_next_datetime("* * * * * 2023", WEDNESDAY) is None


def test_an_impossible_day_with_a_weekday_is_due_on_the_weekday() -> None:
    """crontab(5): when both are restricted, either makes the day match."""
    assert get_next_datetime("0 0 30 2 mon", WEDNESDAY) == naive("2025-02-03 00:00")


def series(notation: str, start: datetime, count: int) -> list[str]:
    found = []
    for _ in range(count):
        following = next_after(notation, start)
        assert following is not None
        start = following
        found.append(start.isoformat())
    return found


def test_a_skipped_time_is_due_once_when_the_clock_changes() -> None:
    """Row 21; cron(8): jobs of a skipped time run soon after the change."""
    start = datetime(2024, 3, 30, 12, tzinfo=STOCKHOLM)
    assert series("15,30 2 * * *", start, 3) == [
        "2024-03-31T03:00:00+02:00",
        "2024-04-01T02:15:00+02:00",
        "2024-04-01T02:30:00+02:00",
    ]


def test_a_notation_for_every_hour_has_no_extra_call_when_an_hour_is_skipped() -> None:
    """Row 21; cron(8): wildcard jobs follow the clock."""
    start = datetime(2024, 3, 31, 1, 30, tzinfo=STOCKHOLM)
    assert series("30 * * * *", start, 2) == [
        "2024-03-31T03:30:00+02:00",
        "2024-03-31T04:30:00+02:00",
    ]


def test_a_repeated_time_is_due_the_first_time_only() -> None:
    """Row 21; cron(8): jobs are not run twice when the clock is put back."""
    start = datetime(2024, 11, 2, 12, tzinfo=NEW_YORK)
    assert series("30 1 * * *", start, 2) == [
        "2024-11-03T01:30:00-04:00",
        "2024-11-04T01:30:00-05:00",
    ]


def test_a_notation_for_every_hour_is_due_in_both_of_the_repeated_hours() -> None:
    """Row 21; cron(8): wildcard jobs follow real time."""
    start = datetime(2024, 11, 3, 0, 45, tzinfo=NEW_YORK)
    assert series("15,45 * * * *", start, 6) == [
        "2024-11-03T01:15:00-04:00",
        "2024-11-03T01:45:00-04:00",
        "2024-11-03T01:15:00-05:00",
        "2024-11-03T01:45:00-05:00",
        "2024-11-03T02:15:00-05:00",
        "2024-11-03T02:45:00-05:00",
    ]


def test_the_hours_of_a_year_of_hourly_calls_are_all_one_hour_apart() -> None:
    """Row 21: no change of the clock makes a gap or a double call."""
    now = datetime(2024, 1, 1, tzinfo=NEW_YORK)
    for _ in range(366 * 24):
        following = next_after("0 * * * *", now)
        assert following is not None
        assert following.astimezone(UTC) - now.astimezone(UTC) == timedelta(hours=1)
        now = following


def test_a_fixed_offset_is_kept() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    found = get_next_datetime("0 6 * * *", datetime(2024, 5, 15, 12, tzinfo=zone))
    assert found == datetime(2024, 5, 16, 6, tzinfo=zone)


class PytzLike(tzinfo):
    """A zone bound to one offset that knows the name of its rules, as pytz's are."""

    zone = "Europe/Stockholm"

    def utcoffset(self, _moment: datetime | None) -> timedelta:
        return timedelta(minutes=72)

    def dst(self, _moment: datetime | None) -> timedelta:
        return timedelta()


def test_a_pytz_zone_is_replaced_by_its_rules() -> None:
    """Row 21: no local mean time offsets."""
    found = get_next_datetime("0 6 1 7 *", datetime(2024, 5, 15, 12, tzinfo=PytzLike()))
    assert found == datetime(2024, 7, 1, 6, tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    "notation", ["0 0 29 2 *", "59 23 31 12 * 2099", "30 2 * 3 Lsun", "0 0 31 * *"]
)
def test_far_dates_are_found_without_walking_the_days_in_between(
    notation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 21: the next date is found in under 1 ms; a month looked at costs about 5 µs."""
    looked_at: list[int] = []
    days_of = Cron._days_of

    def counting(self: Cron, year: int, month: int) -> list[int]:
        looked_at.append(month)
        return days_of(self, year, month)

    monkeypatch.setattr(Cron, "_days_of", counting)
    get_next_datetime(notation, datetime(2024, 3, 1, tzinfo=STOCKHOLM))
    assert len(looked_at) <= 4
