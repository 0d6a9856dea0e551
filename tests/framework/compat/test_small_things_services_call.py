"""Names, keywords and return values of the smaller functions that services call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

import tomodachi
from tomodachi.helpers.aws_credentials import Credentials
from tomodachi.helpers.crontab import get_next_datetime
from tomodachi.helpers.middleware import execute_middlewares
from tomodachi.transport.amqp import AmqpException
from tomodachi.transport.schedule import Scheduler
from tomodachi.validation.validation import (
    TooLargeException,
    validate_field_length,
    validate_field_regex,
)

NEW_YEAR = datetime(2024, 1, 1)  # noqa: DTZ001 - wall time


@pytest.mark.parametrize(
    ("notation", "next_day"),
    [
        ("0 0 */2 * *", "2024-01-02"),
        ("0 0 */10 * *", "2024-01-10"),
        ("0 0 1 */5 *", "2024-05-01"),
        ("0 0 1 1 * */5", "2025-01-01"),
        ("0 0 3/10 * *", "2024-01-03"),
    ],
)
def test_steps_of_cron_count_from_zero(notation: str, next_day: str) -> None:
    assert str(get_next_datetime(notation, NEW_YEAR)) == f"{next_day} 00:00:00"


def test_sunday_is_the_seventh_weekday_of_a_step_too() -> None:
    friday = datetime(2024, 1, 5, 1)  # noqa: DTZ001
    assert str(get_next_datetime("0 0 * * 1/2", friday)) == "2024-01-07 00:00:00"


def test_l_alone_as_weekday_is_the_last_of_each() -> None:
    days, now = [], NEW_YEAR
    for _ in range(8):
        following = get_next_datetime("0 0 * * L", now)
        assert following is not None
        days.append(f"{following:%m-%d}")
        now = following + timedelta(minutes=1)
    assert " ".join(days) == "01-25 01-26 01-27 01-28 01-29 01-30 01-31 02-23"


@pytest.mark.parametrize(
    ("notation", "times"),
    [
        ("0 5-3 * * *", "03:00 04:00 05:00"),
        ("0 15-3/5 * * *", "05:00 10:00 15:00"),
        ("59-50/4 7 * * *", "07:51 07:55 07:59"),
    ],
)
def test_a_range_of_cron_that_descends_is_read_backwards(notation: str, times: str) -> None:
    found, now = [], NEW_YEAR
    for _ in range(3):
        following = get_next_datetime(notation, now)
        assert following is not None
        found.append(f"{following:%H:%M}")
        now = following + timedelta(minutes=1)
    assert " ".join(found) == times


@pytest.mark.parametrize("timestamp", ["7:5", "07:05", "7:05:0"])
def test_timestamps_may_leave_leading_zeros_out(timestamp: str) -> None:
    assert Scheduler.next_call_at(0, None, timestamp, "UTC") == (7 * 60 + 5) * 60


def test_counters_of_the_execution_context_return_the_new_count() -> None:
    assert tomodachi.increase_execution_context_value("compat_counter", value=3) == 3
    assert tomodachi.decrease_execution_context_value("compat_counter", value=1) == 2
    assert tomodachi.get_execution_context().pop("compat_counter") == 2


def test_validators_take_their_bounds_by_name() -> None:
    validate_field_regex(value="abc", pattern_str="^a")
    with pytest.raises(TooLargeException):
        validate_field_length("abc", min_length=1, max_length=2)


def test_credentials_come_as_a_dict() -> None:
    assert Credentials(region_name="eu-west-1").dict()["region_name"] == "eu-west-1"


def test_exceptions_of_amqp_take_any_keyword() -> None:
    assert AmqpException("message", log_level="DEBUG", anything=1).args == ("message",)


def test_options_that_are_none_are_the_defaults() -> None:
    class WithoutOptions(tomodachi.Service):
        options = None  # type: ignore[assignment]

    assert WithoutOptions().options == tomodachi.Options()


class TestMiddlewares:
    """Parameters that are positions, and those that bear the names of what the transport knows."""

    async def seen_by(self, middleware: Any) -> Any:
        async def routine(*args: Any, **values: Any) -> Any:
            return args, values

        seen.clear()
        values = {"message": "M", "topic": "t", "queue_url": "q"}
        returned = await execute_middlewares(
            routine, routine, [middleware], "S", "M", "t", **values
        )
        assert returned == (("S", "M", "t"), values)
        return seen[0]

    async def test_a_name_of_the_transport_beats_the_position(self) -> None:
        async def message_first(func: Any, message: str) -> Any:
            seen.append(message)
            return await func()

        async def without_message(func: Any, service: str, topic: str) -> Any:
            seen.append((service, topic))
            return await func()

        assert await self.seen_by(message_first) == "M"
        assert await self.seen_by(without_message) == ("S", "t")

    async def test_other_names_are_filled_by_position(self) -> None:
        async def any_names(func: Any, a: str, b: str, topic: str, d: dict[str, Any]) -> Any:
            seen.append((a, b, topic, d))
            return await func()

        assert await self.seen_by(any_names) == ("S", "M", "t", {})

    async def test_the_places_of_args_stay_theirs(self) -> None:
        async def rest(func: Any, topic: str, *args: Any) -> Any:
            seen.append((topic, args))
            return await func()

        assert await self.seen_by(rest) == ("t", ("M", "t", {}))


seen: list[Any] = []
