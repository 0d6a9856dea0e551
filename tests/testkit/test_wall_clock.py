"""The wall clock: moved by time-machine or freezegun, bound where it was frozen, never two clocks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import freezegun
import pytest
import time_machine
import uvloop

import tomodachi
import tomodachi_testkit
from tomodachi_testkit import Harness
from tomodachi_testkit.errors import NotVirtual, TestkitError, TwoClocks


class Stamper(tomodachi.Service):
    name = "stamper"

    def __init__(self) -> None:
        self.stamps: list[str] = []

    @tomodachi.schedule(interval=60)
    async def stamp(self) -> None:
        self.stamps.append(datetime.now(UTC).isoformat())


def times(wall_clock: str, **settings: Any) -> tuple[list[str], float, float]:
    async def main() -> tuple[list[str], float, float]:
        async with Harness(wall_clock=wall_clock, **settings) as svc:
            stamper = await svc.start(Stamper)
            await svc.clock.advance(120)
            return stamper.service.stamps, time.time(), svc.clock.unix()

    return tomodachi_testkit.run(main())


@pytest.mark.slow
@pytest.mark.parametrize("mover", ["time-machine", "freezegun"])
def test_both_movers_show_services_the_same_time(mover: str) -> None:
    stamps, wall, clock = times(mover, start="2026-03-28T23:59:00+01:00")
    assert stamps == ["2026-03-28T23:00:00+00:00", "2026-03-28T23:01:00+00:00"]
    assert wall == clock
    assert time.time() > clock + 3600


def test_none_leaves_the_wall_clock_alone() -> None:
    before = time.time()
    _, wall, _ = times("none", start="2001-01-01")
    assert wall >= before


def test_an_unknown_mover_is_named() -> None:
    with pytest.raises(TestkitError, match="unknown wall clock 'sundial'"):
        times("sundial")


@pytest.mark.slow
@pytest.mark.parametrize("freeze", [freezegun.freeze_time, time_machine.travel])
def test_a_freeze_before_the_harness_is_bound_to_its_clock(freeze: Any) -> None:
    """testkit.md, One clock: a user's own freeze_time is bound to svc.clock."""
    options = {"tick": False} if freeze is time_machine.travel else {}
    with freeze("2030-05-05 12:00:00+00:00", **options):
        stamps, wall, clock = times("auto")
        after = datetime.now(UTC).isoformat()
    assert stamps == ["2030-05-05T12:01:00+00:00", "2030-05-05T12:02:00+00:00"]
    assert wall == clock
    assert after == "2030-05-05T12:00:00+00:00"


def test_a_freeze_at_another_time_than_the_tests_start_is_refused() -> None:
    with time_machine.travel(0, tick=False), pytest.raises(TwoClocks, match=r"frozen at 0.000"):
        times("auto", start="2026-01-01")


def test_a_freeze_that_ticks_is_refused() -> None:
    with freezegun.freeze_time("2030-01-01", tick=True), pytest.raises(TwoClocks, match="tick"):
        times("auto")


@pytest.mark.slow
@pytest.mark.parametrize("mover", ["time-machine", "freezegun"])
@pytest.mark.parametrize("freeze", [freezegun.freeze_time, time_machine.travel])
def test_a_freeze_inside_of_the_harness_is_refused(mover: str, freeze: Any) -> None:
    async def main() -> None:
        async with Harness(wall_clock=mover) as svc:
            with freeze("2020-01-01"):
                await svc.start(Stamper)

    refused: tuple[type[Exception], str] = (TwoClocks, "two clocks")
    if mover == "freezegun" and freeze is time_machine.travel:
        # Nobody gets that far: time-machine does not start beneath freezegun.
        refused = (RuntimeError, "freezegun is active")
    error, text = refused
    with pytest.raises(error, match=text):
        tomodachi_testkit.run(main())


@pytest.mark.parametrize(
    ("module", "decorator"),
    [("freezegun", "freezegun.freeze_time"), ("time_machine", "time_machine.travel")],
)
def test_a_decorator_that_freezes_is_refused_with_what_to_write_instead(
    pytester: pytest.Pytester, module: str, decorator: str
) -> None:
    """It begins when the test does, after `svc`: nothing would move, and nothing would say so."""
    pytester.makepyfile(
        f"""
        import {module}

        @{decorator}("2020-05-05")
        async def test_it(svc):
            assert svc.clock.now().year == 2020
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:asyncio", "-p", "no:xdist")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [f"*two clocks: a decorator of {module} is around the test*mark.svc(start=...)*"]
    )


def test_uvloop_is_refused_with_what_to_do_instead() -> None:
    """testkit.md, One clock: uvloop cannot be virtual: refuse clearly, or run clock="real"."""

    async def virtual() -> None:
        async with Harness():
            pass

    with pytest.raises(NotVirtual, match=r"runs on uvloop\.Loop.*clock='real'"):
        uvloop.run(virtual())


@pytest.mark.slow
def test_uvloop_runs_services_in_real_time() -> None:
    class Echo(tomodachi.Service):
        name = "echo"

        @tomodachi.http("GET", "/")
        async def hello(self, request: Any) -> str:
            return type(asyncio.get_running_loop()).__module__

    async def main() -> str:
        async with Harness(clock="real") as svc:
            echo = await svc.start(Echo)
            answer = await echo.http.get("/")
            return str(answer.text())

    assert uvloop.run(main()) == "uvloop"


@pytest.fixture
def frozen() -> Iterator[None]:
    with freezegun.freeze_time("2031-01-01"):
        yield


async def test_a_fixture_that_freezes_time_sets_the_clock(frozen: None, svc: Any) -> None:
    assert svc.clock.now().isoformat() == "2031-01-01T00:00:00+00:00"
    await svc.clock.advance(1)
    assert time.time() == svc.clock.unix()
