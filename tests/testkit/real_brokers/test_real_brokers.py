"""Real brokers: tests run on them in real time, with names of their own, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import aio_pika
import pytest
from aio_pika.exceptions import ChannelNotFoundEntity

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.helpers.handler_entries import entries_of
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker
from tomodachi_testkit import Harness
from tomodachi_testkit.errors import DrainIncomplete, NotOnRealBrokers, TestkitError
from tomodachi_testkit.real_brokers.endpoints import AmqpEndpoint, Endpoints, NoRealBroker

RABBITMQ = os.environ.get("SVC_TEST_RABBITMQ", "")
needs_rabbitmq = pytest.mark.skipif(not RABBITMQ, reason="set SVC_TEST_RABBITMQ to its URL")


class Post(tomodachi.Service):
    name = "post"
    message_envelope = JsonBase

    def __init__(self) -> None:
        self.got: list[Any] = []

    @tomodachi.aws_sns_sqs("letter", queue_name="letters")
    async def letter(self, data: Any) -> None:
        self.got.append(("letter", data))
        await tomodachi.amqp_publish(self, data, routing_key="parcel.made")

    @tomodachi.amqp("parcel.*", queue_name="parcels")
    async def parcel(self, data: Any, routing_key: str) -> None:
        self.got.append((routing_key, data))


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("SVC_AMQP_URL", "SVC_AMQP_MANAGEMENT_URL", "SVC_AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_variables_name_the_brokers_and_passwords_are_not_shown() -> None:
    found = Endpoints.of(
        {
            "SVC_AMQP_URL": "amqp://me:s3cret%2F@rabbit:5673/my%2Fhost",
            "SVC_AWS_ENDPOINT_URL": "http://localstack:4566",
            "AWS_SECRET_ACCESS_KEY": "hidden",
        }
    )
    assert found.amqp == AmqpEndpoint("rabbit", 5673, "me", "s3cret/", "my/host")
    assert found.amqp is not None
    assert found.amqp.url == "amqp://me:s3cret%2F@rabbit:5673/my%2Fhost"
    assert "s3cret" not in repr(found)
    assert "hidden" not in repr(found)


def test_wrong_variables_are_named_without_their_value() -> None:
    with pytest.raises(NoRealBroker, match="neither SVC_AMQP_URL nor SVC_AWS_ENDPOINT_URL"):
        Endpoints.of({})
    with pytest.raises(TestkitError, match="SVC_AMQP_URL is no AMQP URL") as caught:
        Endpoints.of({"SVC_AMQP_URL": "http://me:s3cret@host"})
    assert "s3cret" not in str(caught.value)


async def deliver_a_letter(svc: Harness) -> None:
    post = await svc.start(Post)
    await svc.sns.publish("letter", {"n": 1}, attributes={"kind": "air mail"})
    result = await svc.drain()
    assert post.service.got == [("letter", {"n": 1}), ("parcel.made", {"n": 1})]
    assert result.handled == 2
    assert svc.sns.published.one(topic="letter", data={"n": 1}).attributes == {"kind": "air mail"}
    svc.amqp.published.one(topic="parcel.made", data={"n": 1})
    await svc.amqp.publish("amq.topic", "parcel.found", {"n": 2})
    await svc.drain("parcels")
    assert post.service.got[2:] == [("parcel.found", {"n": 2})]


@pytest.mark.slow
def test_sns_and_sqs_at_an_endpoint_and_the_rest_in_memory(
    no_variables: pytest.MonkeyPatch,
) -> None:
    """Any endpoint of AWS: here the fake plays it. Nothing is left there afterwards."""

    async def main() -> None:
        endpoint = FakeBroker(BrokerSettings(amqp_port=None))
        await endpoint.start()
        no_variables.setenv("SVC_AWS_ENDPOINT_URL", endpoint.aws_url)
        try:
            async with Harness(broker="real") as svc:
                assert svc.aws_url == svc.env["AWS_ENDPOINT_URL"] == endpoint.aws_url
                await deliver_a_letter(svc)
                await svc.sqs.send("letters", {"n": 3}, delay=0)
                await svc.drain()
                assert endpoint.cloud is not None
                names = [queue.id.name for queue in endpoint.cloud.sqs.queues()]
                assert len(names) == 1
                assert names[0].endswith("-letters")
                with pytest.raises(NotOnRealBrokers, match=r"sqs\['letters'\]"):
                    svc.sqs["letters"]
            assert list(endpoint.cloud.sqs.queues()) == []
            assert list(endpoint.cloud.sns.topics()) == []
        finally:
            await endpoint.stop()

    asyncio.run(main())


@pytest.mark.slow
@pytest.mark.real_rabbitmq
@needs_rabbitmq
def test_amqp_on_a_real_rabbitmq_and_the_rest_in_memory(no_variables: pytest.MonkeyPatch) -> None:
    no_variables.setenv("SVC_AMQP_URL", RABBITMQ)

    async def main() -> None:
        async with Harness(broker="real") as svc:
            await deliver_a_letter(svc)
            entries = entries_of(svc.running[0].context)
            [queue] = [entry.detail["queue"] for entry in entries if "queue" in entry.detail]
            for refused in (lambda: svc.amqp.queue("parcels"), lambda: svc.amqp.connections):
                with pytest.raises(NotOnRealBrokers, match="svc_fake_only"):
                    refused()
        connection = await aio_pika.connect(RABBITMQ)
        async with connection:
            channel = await connection.channel()
            with pytest.raises(ChannelNotFoundEntity, match=queue):
                await channel.get_queue(queue)

    asyncio.run(main())


@pytest.mark.slow
@pytest.mark.real_rabbitmq
@needs_rabbitmq
def test_a_drain_that_does_not_end_says_what_is_left(no_variables: pytest.MonkeyPatch) -> None:
    no_variables.setenv("SVC_AMQP_URL", RABBITMQ)

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


PLUGIN = """
import pytest
import tomodachi

class Echo(tomodachi.Service):
    name = "echo"

    def __init__(self):
        self.got = []

    @tomodachi.amqp("shout", queue_name="shouts")
    async def hear(self, message):
        self.got.append(message)

async def test_handled(svc):
    echo = await svc.start(Echo)
    await svc.amqp.publish("amq.topic", "shout", "hey", envelope=None)
    await svc.drain()
    assert echo.service.got == ["hey"]

async def test_looks_inside(svc):
    await svc.start(Echo)
    assert svc.amqp.queue("shouts").ready == []

async def test_moves_time(svc):
    await svc.clock.advance(3600)

@pytest.mark.svc_real_only
async def test_real_only(svc, svc_broker):
    assert svc_broker == "real"

@pytest.mark.svc_fake_only("it counts microseconds")
async def test_fake_only(svc, svc_broker):
    assert svc_broker == "fake"
"""
SETTINGS = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")


def test_on_the_fakes_a_test_for_real_brokers_is_skipped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PLUGIN)
    result = pytester.runpytest_inprocess(*SETTINGS, "-rs", "-p", "no:xdist")
    result.assert_outcomes(passed=4, skipped=1)
    result.stdout.fnmatch_lines(["*on real brokers only: run it with --svc-broker=real*"])


@pytest.mark.slow
@pytest.mark.real_rabbitmq
@needs_rabbitmq
def test_both_runs_each_test_twice_and_skips_what_only_virtual_time_can_answer(
    pytester: pytest.Pytester, no_variables: pytest.MonkeyPatch
) -> None:
    """testkit.md, Plugin conventions: asserts that only virtual time can answer are skipped."""
    no_variables.setenv("SVC_AMQP_URL", RABBITMQ)
    pytester.makepyfile(PLUGIN)
    result = pytester.runpytest_inprocess(*SETTINGS, "-rs", "--svc-broker=both", "-p", "no:xdist")
    result.assert_outcomes(passed=6, skipped=4)
    result.stdout.fnmatch_lines_random(
        [
            "*amqp.queue('shouts'): only the in-memory brokers*",
            "*clock.advance: only the in-memory brokers*",
            "*on the in-memory brokers only: it counts microseconds*",
        ]
    )


def test_real_without_a_broker_says_which_variable_to_set(
    pytester: pytest.Pytester, no_variables: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile("async def test_it(svc): pass")
    result = pytester.runpytest_inprocess(*SETTINGS, "--svc-broker=real", "-p", "no:xdist")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*NoRealBroker*SVC_AMQP_URL*"])
