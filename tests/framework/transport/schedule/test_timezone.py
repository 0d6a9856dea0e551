"""Which time zone a schedule's `timezone` means."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import tzlocal

from tomodachi.transport.schedule.errors import UnknownTimezoneError
from tomodachi.transport.schedule.timezone import zone_of

SUMMER = datetime(2024, 7, 1)  # noqa: DTZ001 - only asked for offsets


def test_a_name_is_a_zone_whatever_its_case() -> None:
    assert zone_of("Europe/Stockholm") == ZoneInfo("Europe/Stockholm")
    assert zone_of("europe/stockholm") == ZoneInfo("Europe/Stockholm")


def test_no_name_is_the_machines_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tzlocal, "get_localzone", lambda: ZoneInfo("Asia/Tokyo"))
    assert zone_of(None) == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("GMT +01:00", 1),
        ("+01:00", 1),
        ("+0100", 1),
        ("GMT +1", 1),
        ("GMT+1", 1),
        ("UTC -5", -5),
        ("-12:00", -12),
        ("+12", 12),
        ("GMT+0", 0),
        ("00:00", 0),
        ("0000", 0),
        ("+05:30", 5.5),
    ],
)
def test_offsets(text: str, hours: float) -> None:
    """Section 8: offsets up to twelve hours either way."""
    assert SUMMER.replace(tzinfo=zone_of(text)).utcoffset() == timedelta(hours=hours)


def test_whole_hours_are_zones_of_the_database() -> None:
    assert zone_of("GMT +1") == ZoneInfo("Etc/GMT-1")
    assert zone_of("+00:00") == ZoneInfo("GMT0")


@pytest.mark.parametrize(
    "text", ["Mars/Olympus", "+13:00", "GMT +25", "../etc/passwd", "Europe", "01:00"]
)
def test_an_unknown_zone_is_refused_by_name(text: str) -> None:
    with pytest.raises(UnknownTimezoneError, match="Unknown timezone: ") as caught:
        zone_of(text)
    assert text in str(caught.value)
