"""What a failure points to: the line of the test, not the testkit's own."""

from __future__ import annotations

import functools
import traceback

import pytest

from tomodachi_testkit.tracebacks import to_the_point

SERVICES = """
import asyncio
import pytest
import tomodachi
from tomodachi_testkit import Harness

class Greeter(tomodachi.Service):
    name = "greeter"

    @tomodachi.aws_sns_sqs("arrived", queue_name="greeter")
    async def greet(self, message):
        raise ValueError("no greeting today")
"""
OPTIONS = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")


def shown(pytester: pytest.Pytester, body: str, *options: str) -> str:
    pytester.makepyfile(SERVICES + body)
    result = pytester.runpytest_inprocess(*OPTIONS, "-p", "no:xdist", *options)
    result.assert_outcomes(failed=1)
    return result.stdout.str()


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("svc.sqs['greter']", "no queue 'greter'. Did you mean 'greeter'"),
        ("svc.sns.published.one(topic='x')", "expected 1 of the published messages"),
        ("await svc.start(Greeter())", "pass the class, start(Greeter)"),
        ("await svc.sqs.send('greter', 'x')", "no queue 'greter'"),
        ("await svc.clock.advance(-1)", "time cannot move back"),
        ("await svc.clock.advance_to('noon')", "'noon' is no ISO 8601 time"),
        ("await svc.drain('greter')", "no queue 'greter'. Did you mean 'greeter'"),
        ("await svc.amqp.publish('direkt', 'x', 1)", "no exchange 'direkt'"),
        ("await service.call('greet', dta=1)", "a message of aws_sns_sqs has no dta"),
    ],
)
def test_a_mistake_is_shown_at_the_line_of_the_test(
    pytester: pytest.Pytester, line: str, error: str
) -> None:
    body = f"""
async def test_it(svc):
    service = await svc.start(Greeter)
    {line}
"""
    text = shown(pytester, body)
    assert f">       {line}\n" in text
    assert error in text
    assert "tomodachi_testkit/" not in text
    assert "tomodachi_testkit/" in shown(pytester, body, "--full-trace")


def test_a_mistake_in_a_marker_is_shown_without_the_plugins_frames(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile("""
import pytest

@pytest.mark.svc(start="yesterday")
async def test_it(svc):
    pass
""")
    result = pytester.runpytest_inprocess(*OPTIONS, "-p", "no:xdist")
    result.assert_outcomes(errors=1)
    text = result.stdout.str()
    assert "'yesterday' is no ISO 8601 time" in text
    assert "tomodachi_testkit/" not in text
    assert "ValueError" not in text


def test_what_the_testkit_itself_does_wrong_is_shown_whole(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tomodachi_testkit.views.sqs.find", None)
    text = shown(pytester, "\nasync def test_it(svc):\n    svc.sqs['greeter']\n")
    assert "tomodachi_testkit/views/sqs.py" in text


def test_errors_of_handlers_come_with_the_line_that_waited_and_theirs(
    pytester: pytest.Pytester,
) -> None:
    text = shown(
        pytester,
        """
async def test_it(svc):
    await svc.start(Greeter)
    await svc.sns.publish("arrived", "Ada", envelope=None)
    await svc.drain()
""",
    )
    assert "in test_it\n  |     await svc.drain()\n" in text
    assert "in greet\n" in text
    assert "tomodachi/transport/" not in text
    assert "tomodachi_testkit/" not in text


def test_what_is_found_after_the_end_leads_to_the_beginning_of_the_test(
    pytester: pytest.Pytester,
) -> None:
    text = shown(
        pytester,
        """
async def test_it(svc):
    await svc.amqp.publish("amq.topic", "nobody", "x")
""",
    )
    assert ">   async def test_it(svc):\n" in text
    assert "E   tomodachi_testkit.leaks.LeaksFound: " in text
    assert "tomodachi_testkit/" not in text


def test_a_hang_is_shown_where_the_test_waits(pytester: pytest.Pytester) -> None:
    text = shown(
        pytester,
        """
async def wait():
    await asyncio.Event().wait()

async def test_it(svc):
    await svc.start(Greeter)
    await wait()
""",
    )
    assert "    await wait()\n" in text
    assert ">       await asyncio.Event().wait()\n" in text
    assert "asyncio/locks.py" not in text
    assert "cannot happen, in wait (line 14 of " in text


async def _test() -> None:
    raise AssertionError


def test_an_error_that_leads_through_the_test_stays_as_it_is() -> None:
    error = AssertionError("x")
    pointed = to_the_point(error, _test)
    assert pointed is error
    [entry] = traceback.extract_tb(pointed.__traceback__)
    assert (entry.filename, entry.lineno) == (__file__, _test.__code__.co_firstlineno)
    assert to_the_point(pointed, test_an_error_that_leads_through_the_test_stays_as_it_is) is error


def test_an_error_of_a_test_without_code_of_its_own_stays_as_it_is() -> None:
    error = AssertionError("x")
    assert to_the_point(error, functools.partial(_test)) is error
    assert error.__traceback__ is None
