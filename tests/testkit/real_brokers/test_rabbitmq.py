"""A real RabbitMQ for one test: names or a virtual host of its own, and nothing left of them.

Source: https://www.rabbitmq.com/docs/vhosts
"""

from __future__ import annotations

import asyncio

import pytest
from tests.testkit.real_brokers.support_real_brokers import (
    PLUGIN,
    SETTINGS,
    Post,
    deliver_a_letter,
)
from tests.testkit.views.support_views import (
    hear_exchanges_of_the_test,
    hear_what_expires_in_a_queue_of_the_test,
)

import tomodachi
from tomodachi_testkit import Harness
from tomodachi_testkit.errors import DrainIncomplete, NotOnRealBrokers, TestkitError
from tomodachi_testkit.views.names import NoSuchName

pytestmark = [pytest.mark.slow, pytest.mark.real_rabbitmq]


def test_a_service_on_rabbitmq_and_the_rest_in_memory(rabbitmq: str) -> None:
    async def main() -> None:
        async with Harness(broker="real") as svc:
            assert svc.amqp_url.endswith("/%2F") == (rabbitmq == "prefix")
            await deliver_a_letter(svc)
            for refused in (
                lambda: svc.amqp.queue("parcels"),
                lambda: svc.amqp.connections,
                lambda: "parcels" in svc.amqp,
                lambda: list(svc.amqp),
            ):
                with pytest.raises(NotOnRealBrokers, match="svc_fake_only"):
                    refused()

    asyncio.run(main())


def test_two_tests_at_once_do_not_see_one_another(rabbitmq: str) -> None:
    async def main() -> None:
        async with Harness(broker="real") as one, Harness(broker="real") as other:
            here, there = await one.start(Post), await other.start(Post)
            await one.amqp.publish("amq.topic", "parcel.lost", {"n": 1})
            await one.drain()
            await other.drain()
            assert here.service.got == [("parcel.lost", {"n": 1})]
            assert there.service.got == []

    asyncio.run(main())


def test_a_drain_that_does_not_end_says_what_is_left(rabbitmq: str) -> None:
    class Stuck(tomodachi.Service):
        name = "stuck"

        def __init__(self) -> None:
            self.end = asyncio.Event()

        @tomodachi.amqp("stuck", queue_name="stuck")
        async def wait(self) -> None:
            await self.end.wait()

    async def main() -> None:
        async with Harness(broker="real") as svc:
            stuck = await svc.start(Stuck)
            await svc.amqp.publish("amq.topic", "stuck", "x", envelope=None)
            with pytest.raises(DrainIncomplete, match=r"wait\(\) is running"):
                await svc.drain(until=0.2)
            stuck.service.end.set()
            assert (await svc.drain()).handled == 1

    asyncio.run(main())


def test_a_user_who_may_not_make_virtual_hosts_is_told_what_is_missing(
    no_variables: pytest.MonkeyPatch, amqp_url: str, management_url: str
) -> None:
    no_variables.setenv("SVC_AMQP_URL", amqp_url)
    stranger = management_url.replace("guest:guest", "guest:wrong")
    no_variables.setenv("SVC_AMQP_MANAGEMENT_URL", stranger)

    async def main() -> None:
        async with Harness(broker="real"):
            pass

    with pytest.raises(TestkitError, match=r"answered PUT with 401 .*needs the tag") as caught:
        asyncio.run(main())
    assert "wrong" not in str(caught.value)


def test_a_wrong_password_is_told_without_it(
    no_variables: pytest.MonkeyPatch, amqp_url: str
) -> None:
    no_variables.setenv("SVC_AMQP_URL", amqp_url.replace("guest:guest", "guest:wr0ng"))

    async def main() -> None:
        async with Harness(broker="real"):
            pass

    with pytest.raises(TestkitError, match="does not let 'guest' into the virtual host") as caught:
        asyncio.run(main())
    assert "wr0ng" not in str(caught.value)


def test_both_runs_each_test_twice_and_skips_what_only_virtual_time_can_answer(
    pytester: pytest.Pytester, rabbitmq: str
) -> None:
    """testkit.md, Plugin conventions: asserts that only virtual time can answer are skipped."""
    pytester.makepyfile(PLUGIN)
    result = pytester.runpytest_inprocess(*SETTINGS, "-rs", "--svc-broker=both", "-p", "no:xdist")
    result.assert_outcomes(passed=6, skipped=4)
    result.stdout.fnmatch_lines_random(
        [
            "SKIPPED * test_both*.py:*: amqp.queue('shouts'): only the in-memory brokers*",
            "*clock.advance: only the in-memory brokers*",
            "*on the in-memory brokers only: it counts microseconds*",
        ]
    )


FAILING = """
import asyncio
import pytest
import tomodachi

class Echo(tomodachi.Service):
    name = "echo"

    @tomodachi.amqp("shout", queue_name="shouts", exchange_name="voices")
    async def hear(self, message):
        if message == "bad":
            raise ValueError("bad")
        if message == "long":
            await asyncio.Event().wait()

class NotStarting(Echo):
    async def _started_service(self):
        raise RuntimeError("out of order")

async def test_assertion(svc):
    await svc.start(Echo)
    assert False

async def test_handler(svc):
    await svc.start(Echo)
    await svc.amqp.publish("voices", "shout", "bad", envelope=None)
    await svc.drain()

async def test_start(svc):
    await svc.start(NotStarting)

async def test_timeout(svc):
    await svc.start(Echo)
    async with asyncio.timeout(0.1):
        await asyncio.Event().wait()

async def test_messages_are_left(svc):
    echo = await svc.start(Echo)
    await echo.stop()
    await svc.amqp.publish("voices", "shout", "left", envelope=None)
    assert False

async def test_nothing_was_started(svc):
    await svc.amqp.publish("nowhere", "shout", "x", envelope=None)
"""


def test_tests_that_fail_leave_nothing_either(pytester: pytest.Pytester, rabbitmq: str) -> None:
    """The fixture compares virtual hosts, queues, exchanges and permissions before and after."""
    pytester.makepyfile(FAILING)
    result = pytester.runpytest_inprocess(*SETTINGS, "--svc-broker=real", "-p", "no:xdist")
    result.assert_outcomes(failed=6)
    result.stdout.fnmatch_lines(["*ValueError: bad*", "*RuntimeError: out of order*"])


def test_a_service_hears_exchanges_of_the_test(rabbitmq: str) -> None:
    """The fixture also sees that exchanges and queues of the test are gone afterwards."""

    async def main() -> None:
        async with Harness(broker="real") as svc:
            await hear_exchanges_of_the_test(svc)
            with pytest.raises(NoSuchName, match=r"no AMQP queue 'parcel'. Did you mean"):
                await svc.amqp.bind("parcel", "voices-all")

    asyncio.run(main())


def test_messages_of_a_queue_of_the_test_expire(rabbitmq: str) -> None:
    async def main() -> None:
        async with Harness(broker="real") as svc:
            await hear_what_expires_in_a_queue_of_the_test(svc)

    asyncio.run(main())
