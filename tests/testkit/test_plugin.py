"""The plugin as a downstream project meets it: modes, failure reports, leaks, hangs, bad settings."""

import pytest

PASSING = """
import pytest
import tomodachi

class Counter(tomodachi.Service):
    name = "counter"

    def __init__(self):
        self.ticks = 0

    @tomodachi.schedule(interval=60)
    async def tick(self):
        self.ticks += 1

{mark}
async def test_a_day(svc):
    counter = await svc.start(Counter)
    await svc.clock.advance(86_400)
    assert counter.service.ticks == 1440
"""

SCOPE = ("-o", "asyncio_default_fixture_loop_scope=function")

WITHOUT = [
    part
    for name in ("benchmark", "hypothesispytest", "inline_snapshot", "respx", "time_machine")
    for part in ("-p", f"no:{name}")
]

ON_ASYNCIO = "import pytest\n\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"

MODES = {
    "pytest-asyncio strict": ("@pytest.mark.asyncio", ["-o", "asyncio_mode=strict", *SCOPE]),
    "pytest-asyncio auto": ("", ["-o", "asyncio_mode=auto", *SCOPE]),
    "anyio": ("@pytest.mark.anyio", ["-o", "asyncio_mode=strict", *SCOPE]),
    "anyio without pytest-asyncio": ("@pytest.mark.anyio", ["-p", "no:asyncio"]),
    "neither": ("", ["-p", "no:asyncio", "-p", "no:anyio"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_a_test_runs_the_same_in_every_mode(pytester: pytest.Pytester, mode: str) -> None:
    """testkit.md, Plugin conventions: strict and auto, anyio, and with neither."""
    mark, options = MODES[mode]
    pytester.makeconftest(ON_ASYNCIO)
    pytester.makepyfile(PASSING.format(mark=mark))
    result = pytester.runpytest_inprocess("-q", "-W", "error", *WITHOUT, *options)
    result.assert_outcomes(passed=1)


FIXTURE = """
import pytest
import tomodachi

class Greeter(tomodachi.Service):
    name = "greeter"

    @tomodachi.aws_sns_sqs("arrived", queue_name="greeter")
    async def greet(self, message):
        await tomodachi.aws_sns_sqs_publish(self, "hello", topic="greeted")

@pytest.fixture
async def greeter(svc):
    running = await svc.start(Greeter)
    yield running
    await running.stop()

{mark}
async def test_it(greeter, svc):
    await svc.sns.publish("arrived", "Ada")
    await svc.clock.advance(60)
    svc.sns.published.one(topic="greeted")
    assert not greeter.stopped
"""


@pytest.mark.slow
def test_a_fixture_on_another_loop_than_the_tests_is_told_instead_of_hanging(
    pytester: pytest.Pytester,
) -> None:
    """With both marks anyio runs the fixture, and pytest-asyncio the test."""
    pytester.makepyfile(
        ON_ASYNCIO
        + """
import asyncio, time
import tomodachi

class Idle(tomodachi.Service):
    name = "idle"

@pytest.fixture
async def started(svc):
    yield await svc.start(Idle)

@pytest.mark.asyncio
@pytest.mark.anyio
async def test_it(svc, started):
    await asyncio.sleep(1)

def test_time_is_real_again():
    assert time.time() > 1_780_000_000
"""
    )
    # In a process of its own: what was started on the other loop stays open there.
    result = pytester.runpytest_subprocess("-o", "asyncio_mode=strict", *SCOPE)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*a fixture used `svc` on another event loop than the test*"])


def test_fixtures_of_anyio_that_a_module_shares_run_on_the_loop_of_its_tests(
    pytester: pytest.Pytester,
) -> None:
    """One loop is kept by anyio for a wider fixture and all the tests that it is there for.

    Source: https://anyio.readthedocs.io/en/stable/testing.html#using-async-fixtures-with-higher-scopes
    """
    pytester.makepyfile(
        PASSING.format(mark="@pytest.mark.anyio")
        + """
import asyncio

@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"

@pytest.fixture(scope="module")
async def shared():
    yield asyncio.get_running_loop()

@pytest.mark.anyio
async def test_without(shared):
    assert shared is asyncio.get_running_loop()
    before = shared.time()
    await asyncio.sleep(0.001)
    assert shared.time() - before < 60

@pytest.mark.anyio
async def test_shared_with_svc(svc, shared):
    assert shared is asyncio.get_running_loop()
    before = shared.time()
    await asyncio.sleep(3600)
    assert shared.time() - before == 3600
"""
    )
    result = pytester.runpytest_inprocess("-p", "no:asyncio", *WITHOUT)
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize("mode", ["pytest-asyncio auto", "anyio without pytest-asyncio"])
def test_an_async_fixture_may_start_services_for_a_test(
    pytester: pytest.Pytester, mode: str
) -> None:
    mark, options = MODES[mode]
    pytester.makeconftest(ON_ASYNCIO)
    pytester.makepyfile(FIXTURE.format(mark=mark))
    result = pytester.runpytest_inprocess("-q", "-W", "error", *WITHOUT, *options)
    result.assert_outcomes(passed=1)


def run(pytester: pytest.Pytester, body: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(body)
    settings = ("-o", "asyncio_mode=auto", *SCOPE, "-p", "no:xdist", *WITHOUT)
    return pytester.runpytest_inprocess(*settings, *options)


def test_a_failing_test_shows_its_timeline_and_how_to_replay_it(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        async def test_it(svc):
            await svc.clock.advance(5)
            assert False
        """,
        "--svc-seed=7",
    )
    result.stdout.fnmatch_lines(
        [
            "*tomodachi-testkit*",
            "seed 7, now 2026-01-01T00:00:05*",
            "replay: *test_it' --svc-seed=7",
        ]
    )


def test_a_hang_is_a_failure_that_says_who_waits(pytester: pytest.Pytester) -> None:
    """testkit.md: the loop is idle, no timer is left, and the test still waits."""
    result = run(
        pytester,
        """
        import asyncio

        async def test_it(svc):
            await asyncio.Event().wait()
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*HangDetected*waits for something that cannot happen*"])


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            "svc.broker.amqp.declare_queue('q', now=0.0); svc.http.get('https://a.example/x')",
            "unused_stubs",
        ),
        ("svc.faults.drop('sqs.SendMessage')", "unused_faults"),
        ("svc.keep = asyncio.ensure_future(asyncio.Event().wait())", "tasks"),
        ("await svc.amqp.publish('amq.topic', 'nobody', 1, envelope=None)", "unrouted"),
    ],
)
def test_what_a_test_leaves_behind_is_an_error_unless_it_is_allowed(
    pytester: pytest.Pytester, body: str, kind: str
) -> None:
    """testkit.md: leak checks at teardown, svc_allow."""
    test = f"""
        import asyncio
        import pytest

        async def test_it(svc):
            {body}

        @pytest.mark.svc_allow({kind!r})
        async def test_allowed(svc):
            {body}
            if hasattr(svc, "keep"):
                svc.keep.cancel()
        """
    result = run(pytester, test)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"*allow it with @pytest.mark.svc_allow('{kind}')*"])


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("svc(clok='virtual')", "*unknown svc setting 'clok'*"),
        ("svc(clock='sundial')", "*unknown svc clock 'sundial'*"),
        ("svc_allow('everything')", "*unknown leak kind in svc_allow 'everything'*"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(
    pytester: pytest.Pytester, mark: str, message: str
) -> None:
    result = run(
        pytester,
        f"""
        import pytest

        @pytest.mark.{mark}
        async def test_it(svc):
            pass
        """,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])


def test_a_frozen_clock_of_the_tests_own_is_refused(pytester: pytest.Pytester) -> None:
    """testkit.md, One clock: a user's own freeze is bound to svc.clock or refused."""
    result = run(
        pytester,
        """
        import time_machine

        async def test_it(svc):
            with time_machine.travel(0, tick=False):
                await svc.clock.advance(5)
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*TwoClocks: two clocks:*"])


def test_the_wall_clock_moves_along(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import time
        from datetime import UTC, datetime
        import pytest

        @pytest.mark.svc(start="2026-03-28T23:59:00+01:00")
        @pytest.mark.parametrize("mover", [
            pytest.param(name, marks=pytest.mark.svc(wall_clock=name))
            for name in ("time-machine", "freezegun")
        ])
        async def test_it(svc, mover):
            await svc.clock.advance(60)
            assert datetime.now(UTC).isoformat() == "2026-03-28T23:00:00+00:00"
            assert time.time() == svc.clock.unix()
        """,
    )
    result.assert_outcomes(passed=2)


@pytest.mark.slow
def test_nothing_of_ours_is_imported_before_a_test_asks_for_it(pytester: pytest.Pytester) -> None:
    """testkit.md, Plugin conventions: starts nothing until a fixture is asked for."""
    pytester.makepyfile(
        """
        import sys

        def test_it():
            ours = [n for n in sys.modules if n.startswith(("tomodachi_fakes", "tomodachi."))]
            assert ours == []
            assert [n for n in sys.modules if n.startswith("tomodachi_testkit.")] == [
                "tomodachi_testkit.plugin"
            ]
        """
    )
    pytester.runpytest_subprocess("-q", *SCOPE).assert_outcomes(passed=1)
