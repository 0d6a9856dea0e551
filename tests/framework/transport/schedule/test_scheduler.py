"""Scheduled functions of services: when and with what they are called, and how they stop."""

from __future__ import annotations

import asyncio
import logging as stdlib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import tomodachi
from tomodachi.helpers import observer
from tomodachi.helpers.observer import HandlerCall
from tomodachi.logging.event import CONTEXT_ATTRIBUTE
from tomodachi.transport.schedule import ScheduleError, Scheduler, UnknownTimezoneError

from .conftest import FakeClock, Run, Started, settled


class Recorder(tomodachi.Service):
    def __init__(self) -> None:
        self.calls: list[str] = []


async def test_an_interval_counts_whole_seconds_from_the_start(run: Run) -> None:
    class Service(Recorder):
        @tomodachi.schedule(interval=10)
        async def tick(self, invocation_time: str, interval: int) -> None:
            self.calls.append(f"{invocation_time} {interval}")

    started = await run(Service, at="2026-01-01T00:00:00.750+00:00")
    await started.clock.advance(9.24)
    assert started.service.calls == []
    await started.clock.advance(20)
    assert started.service.calls == [
        "2026-01-01T00:00:10Z 10",
        "2026-01-01T00:00:20Z 10",
    ]


async def test_there_is_one_sleep_to_each_due_time(run: Run) -> None:
    """Nothing polls: a day of a daily schedule is a single sleep."""

    class Service(Recorder):
        @tomodachi.daily(timezone="UTC")
        async def tick(self) -> None:
            self.calls.append("")

    started = await run(Service, at="2026-01-01T00:00:00+00:00")
    sleeps = started.clock.sleeps
    assert started.clock.pending()[-1] == 86_400
    await started.clock.advance(86_400)
    assert (len(started.service.calls), started.clock.sleeps - sleeps) == (1, 1)


async def test_immediately_calls_once_at_the_start_too(run: Run) -> None:
    class Service(Recorder):
        @tomodachi.schedule(interval=5, immediately=True)
        async def tick(self, invocation_time: str) -> None:
            self.calls.append(invocation_time[17:])

    started = await run(Service)
    assert started.service.calls == ["00Z"]
    await started.clock.advance(5)
    assert started.service.calls == ["00Z", "05Z"]


async def test_named_decorators_bare_or_called(run: Run) -> None:
    class Service(Recorder):
        @tomodachi.heartbeat
        async def heartbeat(self) -> None:
            self.calls.append("heartbeat")

        @tomodachi.every_second()
        async def second(self) -> None:
            self.calls.append("second")

        @tomodachi.minutely
        async def minute(self) -> None:
            self.calls.append("minute")

        @tomodachi.hourly()
        async def hour(self) -> None:
            self.calls.append("hour")

        @tomodachi.daily(timezone="UTC")
        async def day(self) -> None:
            self.calls.append("day")

        @tomodachi.monthly(timezone="UTC", immediately=True)
        async def month(self) -> None:
            self.calls.append("month")

        @tomodachi.scheduler("2s")
        async def two(self) -> None:
            self.calls.append("two")

    started = await run(Service, at="2026-01-31T23:59:58+00:00")
    assert started.service.calls == ["month"]
    started.service.calls.clear()
    await started.clock.advance(1)
    assert sorted(started.service.calls) == ["heartbeat", "second"]
    started.service.calls.clear()
    await started.clock.advance(1)
    assert sorted(started.service.calls) == [
        "day",
        "heartbeat",
        "hour",
        "minute",
        "month",
        "second",
        "two",
    ]


async def test_row_21_a_wall_time_keeps_its_hour_across_the_change_to_summer_time(run: Run) -> None:
    class Service(Recorder):
        @tomodachi.schedule(timestamp="02:30", timezone="Europe/Stockholm")
        async def nightly(self, invocation_time: str) -> None:
            self.calls.append(invocation_time[:16])

    started = await run(Service, at="2026-03-28T00:00:00+01:00")
    await started.clock.advance(3 * 86_400)
    assert started.service.calls == ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]


async def test_a_timestamp_with_a_date_is_due_once(run: Run) -> None:
    class Service(Recorder):
        @tomodachi.schedule(timestamp="2026-01-01 00:01", timezone="UTC")
        async def once(self) -> None:
            self.calls.append("once")

        @tomodachi.schedule()
        async def never(self) -> None:
            self.calls.append("never")

    started = await run(Service)
    await started.clock.advance(10 * 86_400)
    assert started.service.calls == ["once"]
    assert started.clock.pending() == []


async def test_calls_are_not_serialised_and_limited_to_twenty(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "tomodachi.scheduler")
    release = asyncio.Event()

    class Service(Recorder):
        @tomodachi.every_second
        async def slow(self) -> None:
            self.calls.append("")
            await release.wait()

    started = await run(Service)
    await started.clock.advance(25)
    assert len(started.service.calls) == 20
    told = "too many scheduled tasks for function in scheduled function loop"
    assert caplog.messages == [told]
    release.set()
    await started.clock.advance(1)
    assert len(started.service.calls) == 21
    told = "scheduled function loop resumed as task count is within threshold"
    assert caplog.messages[1:] == [told]


async def test_an_error_is_logged_and_reported_and_the_schedule_goes_on(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[HandlerCall] = []

    class Watch:
        def handler_started(self, call: HandlerCall) -> None:
            assert call.detail == {"invocation_time": "2026-01-01T00:00:01Z"}

        def handler_finished(self, call: HandlerCall) -> None:
            ended.append(call)

    class Service(Recorder):
        @tomodachi.every_second
        async def fails(self) -> None:
            self.calls.append("")
            observer.set_observer(None)
            msg = "out of luck"
            raise RuntimeError(msg)

    observer.set_observer(Watch())
    started = await run(Service)
    await started.clock.advance(1)
    ((transport, handler, error),) = [(c.transport, c.handler, c.error) for c in ended]
    assert (transport, handler, str(error)) == ("schedule", "fails", "out of luck")
    assert "uncaught exception: out of luck" in caplog.text
    observer.set_observer(None)


async def test_awaiting_what_was_cancelled_is_an_error_like_any_other(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """As in 0.29.0."""

    class Service(Recorder):
        @tomodachi.every_second
        async def fails(self) -> None:
            self.calls.append("")
            raise asyncio.CancelledError

    started = await run(Service)
    await started.clock.advance(2)
    assert len(started.service.calls) == 2
    assert caplog.messages == ["uncaught exception: "] * 2


async def test_a_schedule_goes_on_after_an_error(run: Run) -> None:
    class Service(Recorder):
        @tomodachi.every_second
        async def fails(self) -> None:
            self.calls.append("")
            raise RuntimeError

    started = await run(Service)
    await started.clock.advance(3)
    assert len(started.service.calls) == 3


async def test_a_parameter_that_nobody_knows_is_a_logged_error(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    class Service(Recorder):
        @tomodachi.every_second
        async def asks_too_much(self, unheard_of: str) -> None:
            self.calls.append("")

    started = await run(Service)
    await started.clock.advance(1)
    assert started.service.calls == []
    assert "no value for the handler's required parameter 'unheard_of'" in caplog.text


async def test_functions_may_be_synchronous_and_see_their_logger(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(stdlib.INFO)

    class Service(Recorder):
        @tomodachi.every_second
        def tick(self) -> None:
            tomodachi.get_logger().info("ticked")

    started = await run(Service)
    await started.clock.advance(1)
    record = next(record for record in caplog.records if record.getMessage() == "ticked")
    assert record.name == "tomodachi.schedule.handler"
    assert record.__dict__[CONTEXT_ATTRIBUTE] == {"handler": "tick", "type": "tomodachi.schedule"}


async def test_the_stop_makes_no_new_calls_and_awaits_running_ones(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """Section 8: without limit, with reminders after 2 s and every 10 s."""
    release = asyncio.Event()

    class Service(Recorder):
        @tomodachi.every_second
        async def slow(self) -> None:
            self.calls.append("begun")
            await release.wait()
            self.calls.append("ended")

        async def _stop_service(self) -> None:
            self.calls.append("stopped")

    started = await run(Service)
    await started.clock.advance(1)
    stopping = asyncio.create_task(started.stop())
    await started.clock.advance(2)
    assert caplog.messages == ["awaiting task to complete"]
    await started.clock.advance(20)
    assert caplog.messages[1:] == ["still awaiting task to finish"] * 2
    (task_name,) = {record.__dict__[CONTEXT_ATTRIBUTE]["task_name"] for record in caplog.records}
    assert task_name == "Service.slow/2026-01-01T00:00:01.000000Z"
    assert not stopping.done()
    release.set()
    await stopping
    assert started.service.calls == ["begun", "ended", "stopped"]
    assert started.clock.pending() == []


async def test_what_was_registered_is_in_the_services_context(run: Run) -> None:
    """Where tools for tomodachi 0.29.0 find scheduled functions, to call them out of turn."""

    class Service(Recorder):
        @tomodachi.minutely
        async def tick(self, invocation_time: str, interval: str) -> None:
            self.calls.append(f"{invocation_time} {interval}")

    started = await run(Service)
    (registered,) = started.service.context["_schedule_scheduled_functions"]
    interval, timestamp, timezone, immediately, function, call = registered
    assert (interval, timestamp, timezone, immediately) == ("minutely", None, None, False)
    assert function.__name__ == "tick"
    await call(invocation_time="2026-05-05T12:00:00Z")
    assert started.service.calls == ["2026-05-05T12:00:00Z minutely"]


async def test_nothing_running_stops_without_waiting(run: Run) -> None:
    class Service(Recorder):
        @tomodachi.daily
        async def tick(self) -> None:
            """Never due here."""

    started = await run(Service)
    await started.stop()
    await settled()
    before = started.clock.at
    await started.clock.advance(2 * 86_400)
    assert started.service.calls == []
    assert started.clock.at == before + 2 * 86_400


async def test_a_stop_before_the_start_is_over_is_told_for_each_function(
    fake_clock: FakeClock, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """As tomodachi 0.29.0 tells it."""
    made: list[tomodachi.Service] = []

    class Service(Recorder):
        @tomodachi.daily
        async def one(self) -> None:
            """Never called."""

        @tomodachi.hourly
        async def other(self) -> None:
            """Never called."""

        async def _started_service(self) -> None:
            made.append(self)
            msg = "not today"
            raise ValueError(msg)

    with pytest.raises(ValueError, match="not today"):
        await run(Service)
    assert caplog.messages == []
    await Started(made[0], fake_clock).stop()
    text = "scheduled function loop never started before service termination"
    assert caplog.messages == [text, text]


async def test_a_late_start_is_told(
    fake_clock: FakeClock, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """Section 8: a warning after 10 s of waiting for `_started_service`, an error after 120 s."""
    ready = asyncio.Event()

    class Service(Recorder):
        async def _started_service(self) -> None:
            await ready.wait()

        @tomodachi.every_second
        async def tick(self) -> None:
            self.calls.append("")

    starting = asyncio.create_task(run(Service))
    await fake_clock.advance(10)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    await fake_clock.advance(110)
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    ready.set()
    started = await starting
    assert started.service.calls == []
    await fake_clock.advance(1)
    assert started.service.calls == [""]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"interval": "often"}, "Invalid interval: 'often'"),
        ({"interval": "61 * * * *"}, "Invalid interval: '61"),
        ({"timestamp": "25:00"}, "Invalid timestamp: '25:00'"),
        ({"interval": 1, "timezone": "Nowhere/Land"}, "Unknown timezone: Nowhere/Land"),
    ],
)
async def test_a_schedule_that_makes_no_sense_fails_the_start(
    run: Run, arguments: dict[str, Any], message: str
) -> None:
    class Service(Recorder):
        @tomodachi.schedule(**arguments)
        async def tick(self) -> None:
            """Never called."""

    with pytest.raises(ScheduleError, match=message):
        await run(Service)


async def test_calls_are_counted_in_the_execution_context(run: Run) -> None:
    class Service(Recorder):
        @tomodachi.every_second
        async def tick(self) -> None:
            self.calls.append(
                tomodachi.get_execution_context()["scheduled_functions_current_tasks"]
            )

    started = await run(Service)
    await started.clock.advance(2)
    context = tomodachi.get_execution_context()
    assert started.service.calls == [1, 1]
    assert context["scheduled_functions_enabled"] is True
    assert context["scheduled_functions_current_tasks"] == 0
    assert context["scheduled_functions_total_tasks"] == 2


async def test_instrumentation_wraps_calls(run: Run) -> None:
    class Service(Recorder):
        async def _schedule_pre_middleware(self, call: Any, **about: Any) -> Any:
            self.calls.append(f"{about['function_name']} {about['interval']}")
            return await call()

        @tomodachi.every_second
        async def tick(self) -> None:
            self.calls.append("called")

    started = await run(Service)
    await started.clock.advance(1)
    assert started.service.calls == ["tick 1", "called"]


async def test_missed_times_are_not_made_up_for(run: Run) -> None:
    """A process that stood still for an hour makes the one late call, and goes on from there."""

    class Service(Recorder):
        @tomodachi.every_second
        async def tick(self, invocation_time: str) -> None:
            self.calls.append(invocation_time[11:19])

    started = await run(Service)
    started.clock.at += 3600
    await started.clock.advance(2)
    assert started.service.calls == ["00:00:01", "01:00:00", "01:00:01", "01:00:02"]


def test_next_call_at_and_get_timezone() -> None:
    """Section 8: the statics that tests of services use."""
    now = datetime.fromisoformat("2026-01-01T12:30:15+00:00").timestamp()
    assert Scheduler.next_call_at(now, 10) == now + 10
    assert Scheduler.next_call_at(now, "every hour", timezone="UTC") == now - 30 * 60 - 15 + 3600
    at_noon = Scheduler.next_call_at(now, timestamp="12:00", timezone="Europe/Stockholm")
    assert datetime.fromtimestamp(at_noon, ZoneInfo("Europe/Stockholm")).hour == 12
    assert Scheduler.next_call_at(now) - now > 99 * 365 * 86_400
    assert Scheduler.get_timezone("Europe/Stockholm") == "Europe/Stockholm"
    assert Scheduler.get_timezone("GMT +1") == "Etc/GMT-1"
    assert Scheduler.get_timezone() is None
    with pytest.raises(UnknownTimezoneError, match="Unknown timezone: Nowhere"):
        Scheduler.get_timezone("Nowhere")
