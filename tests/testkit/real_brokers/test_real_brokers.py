"""Real brokers: tests run on them in real time, and what only virtual time can answer is skipped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.testkit.real_brokers.support_real_brokers import PLUGIN, SETTINGS, deliver_a_letter
from tests.testkit.views.support_views import have_queues_of_the_test, hear_topics_of_the_test

import tomodachi
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker
from tomodachi_testkit import Harness
from tomodachi_testkit.errors import NotOnRealBrokers, TestkitError


@pytest.mark.slow
def test_sns_and_sqs_at_an_endpoint_and_the_rest_in_memory(
    no_variables: pytest.MonkeyPatch,
) -> None:
    """Any endpoint of AWS: here the fake plays it. Nothing is left there afterwards."""

    async def scenario(svc: Harness, endpoint: FakeBroker) -> None:
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
        with pytest.raises(NotOnRealBrokers, match="'letters' in sqs"):
            assert "letters" in svc.sqs
        with pytest.raises(NotOnRealBrokers):
            list(svc.sqs)

    at_an_endpoint(no_variables, scenario)


def at_an_endpoint(
    variables: pytest.MonkeyPatch, scenario: Callable[[Harness, FakeBroker], Awaitable[None]]
) -> None:
    """Run a scenario on an endpoint of AWS, played by the fake, that must be left empty."""

    async def main() -> None:
        endpoint = FakeBroker(BrokerSettings(amqp_port=None))
        await endpoint.start()
        variables.setenv("SVC_AWS_ENDPOINT_URL", endpoint.aws_url)
        try:
            async with Harness(broker="real") as svc:
                await scenario(svc, endpoint)
            assert endpoint.cloud is not None
            assert list(endpoint.cloud.sqs.queues()) == []
            assert list(endpoint.cloud.sns.topics()) == []
        finally:
            await endpoint.stop()

    asyncio.run(main())


class Forwarder(tomodachi.Service):
    name = "forwarder"

    @tomodachi.aws_sns_sqs("in", queue_name="in")
    async def forward(self, message: str) -> None:
        await tomodachi.aws_sns_sqs_publish(self, message, topic="out")


@pytest.mark.slow
def test_what_a_called_handler_publishes_is_seen_at_an_endpoint_too(
    no_variables: pytest.MonkeyPatch,
) -> None:
    """A real endpoint does not tell what came in: the services' publishes are reported by themselves."""

    async def scenario(svc: Harness, endpoint: FakeBroker) -> None:
        assert endpoint.cloud is not None
        forwarder = await svc.start(Forwarder)
        await forwarder.call("forward", data="x", envelope=None)
        svc.sns.published.one(topic="out", data="x")

    at_an_endpoint(no_variables, scenario)


@pytest.mark.slow
def test_topics_and_queues_of_the_test_at_an_endpoint(no_variables: pytest.MonkeyPatch) -> None:
    """What the test makes has its own prefix, works as on the fakes, and is deleted."""

    async def scenario(svc: Harness, endpoint: FakeBroker) -> None:
        assert endpoint.cloud is not None
        await hear_topics_of_the_test(svc)
        name, dead = await have_queues_of_the_test(svc)
        names = {queue.id.name for queue in endpoint.cloud.sqs.queues()}
        assert {name, dead} < names
        prefix = name.removesuffix("jobs.fifo")
        assert all(found.startswith(prefix) for found in names)
        told = await svc.sns.publish("letter", "dear", subject="hello", envelope=None)
        assert told.properties == {"subject": "hello"}
        await svc.drain("letters")

    at_an_endpoint(no_variables, scenario)


def test_on_the_fakes_a_test_for_real_brokers_is_skipped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PLUGIN)
    result = pytester.runpytest_inprocess(*SETTINGS, "-rs", "-p", "no:xdist")
    result.assert_outcomes(passed=4, skipped=1)
    result.stdout.fnmatch_lines(["*on real brokers only: run it with --svc-broker=real*"])


def test_real_without_a_broker_says_which_variable_to_set(
    pytester: pytest.Pytester, no_variables: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile("async def test_it(svc): pass")
    result = pytester.runpytest_inprocess(*SETTINGS, "--svc-broker=real", "-p", "no:xdist")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*NoRealBroker*SVC_AMQP_URL*"])


def test_a_management_api_that_does_not_answer_is_named_with_the_way_out(
    no_variables: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    no_variables.setenv("SVC_AMQP_URL", "amqp://me:s3cret@127.0.0.1:1/")
    no_variables.setenv("SVC_AMQP_MANAGEMENT_URL", f"http://me:s3cret@127.0.0.1:{unused_tcp_port}")

    async def main() -> None:
        async with Harness(broker="real"):
            pass

    with pytest.raises(TestkitError, match=r"does not answer at .*unset the variable") as caught:
        asyncio.run(main())
    assert "s3cret" not in str(caught.value)


def test_a_management_url_that_is_none_is_refused_without_being_shown(
    no_variables: pytest.MonkeyPatch,
) -> None:
    no_variables.setenv("SVC_AMQP_URL", "amqp://me:s3cret@127.0.0.1:1/")
    no_variables.setenv("SVC_AMQP_MANAGEMENT_URL", "me:s3cret@127.0.0.1")

    async def main() -> None:
        async with Harness(broker="real"):
            pass

    with pytest.raises(TestkitError, match="SVC_AMQP_MANAGEMENT_URL is no HTTP URL") as caught:
        asyncio.run(main())
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("SVC_AMQP_URL", "amqp://me:s3cret@127.0.0.1:{port}/"),
        ("SVC_AWS_ENDPOINT_URL", "http://127.0.0.1:{port}"),
    ],
)
def test_a_broker_that_is_not_there_is_named_with_its_variable(
    no_variables: pytest.MonkeyPatch, unused_tcp_port: int, variable: str, url: str
) -> None:
    no_variables.setenv(variable, url.format(port=unused_tcp_port))

    async def main() -> None:
        async with Harness(broker="real"):
            pass

    told = f"{variable}: nothing answers at 127.0.0.1:{unused_tcp_port}"
    with pytest.raises(TestkitError, match=told) as caught:
        asyncio.run(main())
    assert "s3cret" not in str(caught.value)
