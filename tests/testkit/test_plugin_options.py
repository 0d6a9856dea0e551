"""The plugin's options: recording and replaying, fuzzing, ini settings, fixtures, xdist, reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SETTINGS = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
OTHERS = ("benchmark", "hypothesispytest", "inline_snapshot", "respx", "time_machine")


def run(pytester: pytest.Pytester, body: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(test_it=body)
    without = [part for name in OTHERS for part in ("-p", f"no:{name}")]
    return pytester.runpytest_inprocess(*SETTINGS, "-p", "no:xdist", *without, *options)


RECORDED = """
import pytest
import tomodachi

class Echo(tomodachi.Service):
    name = "echo"

    @tomodachi.amqp("shout", queue_name="shouts")
    async def hear(self, message):
        pass

@pytest.mark.svc(start="2026-05-01")
async def test_shout(svc):
    await svc.start(Echo)
    await svc.amqp.publish("amq.topic", "shout", "{word}", envelope=None)
    await svc.drain()
    {more}

async def test_other(svc):
    pass
"""


def test_a_recorded_test_is_replayed_alone_and_compared(pytester: pytest.Pytester) -> None:
    """testkit.md, Plugin conventions: --svc-record=DIR, --svc-replay=FILE."""
    same = RECORDED.format(word="hey", more="")
    result = run(pytester, same, "--svc-record=logs", "--svc-seed=5")
    result.assert_outcomes(passed=2)
    saved = Path(pytester.path, "logs", "test_it.py_test_shout").name
    [path] = [p for p in Path(pytester.path, "logs").iterdir() if p.name.startswith(saved)]
    header = json.loads(path.read_text().splitlines()[0])
    assert (header["test"], header["seed"]) == ("test_it.py::test_shout", 5)

    replay = f"--svc-replay={path}"
    run(pytester, same, replay).assert_outcomes(passed=1, deselected=1)

    changed = RECORDED.format(word="hey", more="await svc.clock.advance(1); svc.log.add('x', 'y')")
    result = run(pytester, changed, replay)
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["*ReplayDiverged: event * differs.*"])


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "*no recording (No such file*"), ("x", "*is no JSON*"), ("{}", "*does not say*")],
)
def test_what_is_no_recording_is_said_so(
    pytester: pytest.Pytester, content: str | None, message: str
) -> None:
    if content is not None:
        Path(pytester.path, "file.jsonl").write_text(content)
    result = run(pytester, "async def test_it(svc): pass", "--svc-replay=file.jsonl")
    result.stderr.fnmatch_lines([message])
    assert result.ret != 0


def test_fuzzing_runs_a_test_in_several_orders(pytester: pytest.Pytester) -> None:
    body = """
    import asyncio

    async def test_it(svc):
        order = []

        async def add(number):
            await asyncio.sleep(0)
            order.append(number)

        async with asyncio.TaskGroup() as group:
            for number in range(8):
                group.create_task(add(number))
        assert order == sorted(order), "relies on the order of tasks"
    """
    run(pytester, body).assert_outcomes(passed=1)
    result = run(pytester, body, "--svc-fuzz=3")
    assert result.parseoutcomes()["failed"] >= 1
    result.stdout.fnmatch_lines(["*test_it[[]order*"])


def test_ini_settings_and_their_errors(pytester: pytest.Pytester) -> None:
    body = """
    async def test_it(svc, svc_settings, svc_clock, svc_sqs, svc_sns, svc_amqp, svc_http,
                      svc_faults, svc_log, svc_botocore_loader):
        assert svc_clock.now().isoformat() == "2027-01-01T00:00:00+00:00"
        assert (svc_sqs, svc_sns, svc_amqp) == (svc.sqs, svc.sns, svc.amqp)
        assert (svc_http, svc_faults, svc_log) == (svc.http, svc.faults, svc.log)
        assert svc_settings.settle_limit == 7
        assert svc_botocore_loader.load_service_model("sqs", "service-2")
    """
    given = ("-o", "svc_start_time=2027-01-01", "-o", "svc_settle_limit=7")
    run(pytester, body, *given).assert_outcomes(passed=1)
    for setting, message in [
        ("svc_settle_limit=many", "*svc_settle_limit = 'many': give a whole number*"),
        ("svc_leaks=perhaps", "*unknown svc_leaks 'perhaps'*"),
        ("svc_clock=sundial", "*unknown svc clock 'sundial'*"),
    ]:
        result = run(pytester, "async def test_it(svc): pass", "-o", setting)
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines([message])


def test_leaks_may_be_warnings_or_nothing(pytester: pytest.Pytester) -> None:
    body = "async def test_it(svc): svc.faults.drop('sqs.SendMessage')"
    result = run(pytester, body, "-o", "svc_leaks=warn", "-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    run(pytester, body, "-o", "svc_leaks=off").assert_outcomes(passed=1, warnings=0)


def test_a_project_may_override_the_settings(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import dataclasses
        import pytest

        @pytest.fixture(scope="session")
        def svc_settings(svc_settings):
            return dataclasses.replace(svc_settings, start="1999-12-31", leaks="off")
        """
    )
    run(
        pytester,
        """
        async def test_it(svc):
            svc.faults.drop("sqs.SendMessage")
            assert svc.clock.now().year == 1999
        """,
    ).assert_outcomes(passed=1)


def test_compared_messages_are_shown_in_the_report(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        from tomodachi_testkit.messages import Message

        def test_it():
            assert Message({"n": 1}, topic="a") == Message({"n": 2}, topic="a")
        """,
    )
    result.stdout.fnmatch_lines(["*data[[]'n']: expected 2, got 1*"])


def test_the_timeline_is_shown_always_or_never(pytester: pytest.Pytester) -> None:
    body = "async def test_it(svc): pass"
    shown = run(pytester, body, "--svc-timeline=all", "-rP")
    shown.stdout.fnmatch_lines(["*tomodachi-testkit*", "*nothing happened*"])
    hidden = run(pytester, "async def test_it(svc): assert False", "--svc-timeline=none")
    hidden.stdout.no_fnmatch_line("*nothing happened*")


@pytest.mark.slow
def test_workers_of_xdist_do_not_get_into_one_anothers_way(pytester: pytest.Pytester) -> None:
    """testkit.md, Plugin conventions: xdist-safe: port 0, nothing global."""
    pytester.makepyfile(
        """
        import pytest
        import tomodachi

        class Web(tomodachi.Service):
            name = "web"

            @tomodachi.http("GET", "/")
            async def hello(self, request):
                return "hello"

        @pytest.mark.parametrize("n", range(6))
        async def test_it(svc, n):
            web = await svc.start(Web)
            assert (await web.http.get("/")).text() == "hello"
        """
    )
    result = pytester.runpytest_subprocess(*SETTINGS, "-n", "2", "-q")
    result.assert_outcomes(passed=6)


def test_markers_are_registered(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess(*SETTINGS, "--markers")
    for name in ("svc(clock", "svc_allow(", "svc_real_only", "svc_fake_only(reason)"):
        result.stdout.fnmatch_lines([f"*pytest.mark.{name}*"])
