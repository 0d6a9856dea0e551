"""The harness: clients for any AWS service, waiting, environment, what is left behind, fuzzing."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

import tomodachi
import tomodachi_testkit
from tomodachi_testkit import Harness
from tomodachi_testkit.errors import HangDetected, TestkitError
from tomodachi_testkit.leaks import LeaksFound


async def test_aws_gives_clients_of_the_fakes(svc: Any) -> None:
    sqs = await svc.aws("sqs")
    url = (await sqs.create_queue(QueueName="q"))["QueueUrl"]
    await sqs.send_message(QueueUrl=url, MessageBody="hello")
    assert svc.sqs["q"].ready.one().body == "hello"
    assert await svc.aws("sqs") is sqs
    kms = await svc.aws("kms")
    assert (await kms.create_key())["KeyMetadata"]["Enabled"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # moto's own
async def test_aws_gives_clients_of_what_moto_serves(svc: Any) -> None:
    s3 = await svc.aws("s3")
    await s3.create_bucket(Bucket="invoices")
    await s3.put_object(Bucket="invoices", Key="1", Body=b"12 euros")
    answer = await s3.get_object(Bucket="invoices", Key="1")
    assert await answer["Body"].read() == b"12 euros"


async def test_eventually_moves_virtual_time_until_the_check_is_true(svc: Any) -> None:
    done: list[int] = []
    asyncio.get_running_loop().call_later(90, done.append, 1)
    assert await svc.eventually(lambda: done, within=100) == [1]
    with pytest.raises(AssertionError, match=r"not within 5 s: it gave \[\]"):
        await svc.eventually(lambda: done[1:], within=5)


@pytest.mark.svc(clock="real")
async def test_eventually_waits_in_real_time_and_shows_the_last_failure(svc: Any) -> None:
    done: list[int] = []
    asyncio.get_running_loop().call_later(0.01, done.append, 1)

    def check() -> bool:
        assert done == [1], "not done"
        return True

    assert await svc.eventually(check, within=30, every=0.001)
    done.clear()
    with pytest.raises(AssertionError, match="not within 0 s: not done"):
        await svc.eventually(check, within=0)


async def test_environment_variables_are_given_back(svc: Any) -> None:
    os.environ["SVC_TEST_B"] = "before"

    class Reader(tomodachi.Service):
        name = "reader"

        def __init__(self) -> None:
            self.seen = os.environ.get("SVC_TEST_A"), os.environ.get("SVC_TEST_B")

    async def main() -> Any:
        async with Harness(wall_clock="none") as inner:
            reader = await inner.start(Reader, env={"SVC_TEST_A": "1", "SVC_TEST_B": None})
            return reader.service.seen

    seen = await asyncio.to_thread(tomodachi_testkit.run, main())
    assert seen == ("1", None)
    assert "SVC_TEST_A" not in os.environ
    assert os.environ.pop("SVC_TEST_B") == "before"


class Forgetful(tomodachi.Service):
    """Leaves a task running when it stops."""

    name = "forgetful"

    async def _started_service(self) -> None:
        self.task = asyncio.ensure_future(asyncio.Event().wait())


class Chatty(tomodachi.Service):
    """Leaves a connection to RabbitMQ open when it stops."""

    name = "chatty"

    async def _started_service(self) -> None:
        import aio_pika

        amqp = self.options.amqp
        self.connection = await aio_pika.connect(host=amqp.host, port=amqp.port)
        await self.connection.channel()


@pytest.mark.parametrize(
    ("cls", "text"),
    [
        (Forgetful, "tasks: forgetful was stopped, and left running: <Task"),
        (Chatty, r"connections: AMQP connection of guest with 1 open channel"),
    ],
)
def test_what_a_stopped_service_leaves_is_a_leak(cls: type[tomodachi.Service], text: str) -> None:
    """testkit.md: leak checks at teardown: pending tasks, open channels."""

    async def main(*allow: str) -> None:
        async with Harness(allow=set(allow)) as svc:
            await svc.start(cls)

    with pytest.raises(LeaksFound, match=text):
        tomodachi_testkit.run(main())
    tomodachi_testkit.run(main("tasks", "connections"))


def test_another_distribution_of_the_same_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from tomodachi_testkit import environment

    def conflict() -> str:
        return "the import name 'tomodachi' is provided twice"

    monkeypatch.setattr(environment, "_conflict", conflict)

    async def main() -> None:
        async with Harness():
            pass

    with pytest.raises(TestkitError, match="provided twice"):
        tomodachi_testkit.run(main())


class Racer(tomodachi.Service):
    """Counts without a lock, which asyncio's fixed order hides."""

    name = "racer"

    def __init__(self) -> None:
        self.order: list[int] = []

    @tomodachi.aws_sns_sqs("race", queue_name="race", max_number_of_consumed_messages=10)
    async def run(self, message: str) -> None:
        for _ in range(3):
            await asyncio.sleep(0)  # noqa: TID251 - yields
        self.order.append(int(message))


def race(fuzz: int | None) -> tuple[tuple[int, ...], str]:
    async def main() -> tuple[tuple[int, ...], str]:
        async with Harness(fuzz=fuzz) as svc:
            racer = await svc.start(Racer)
            for number in range(6):
                await svc.sns.publish("race", str(number), envelope=None)
            await svc.drain()
            return tuple(racer.service.order), svc.log.render(width=200)

    return tomodachi_testkit.run(main())


@pytest.mark.slow
def test_fuzzing_runs_tasks_in_other_orders_each_of_which_replays() -> None:
    """testkit.md, Options: --svc-fuzz=N; nothing random outside the seed."""
    orders = [race(seed) for seed in range(4)]
    assert len({order for order, _ in orders}) > 1
    assert all(sorted(order) == list(range(6)) for order, _ in orders)
    assert orders == [race(seed) for seed in range(4)]
    assert race(None) == race(None)


class NeverStops(tomodachi.Service):
    name = "never-stops"

    async def _stop_service(self) -> None:
        await asyncio.Event().wait()


async def _end_with_services_that_never_stop(error: Exception | None) -> None:
    async with Harness(wall_clock="none") as inner:
        await inner.start(NeverStops)
        await inner.start(NeverStops)
        if error is not None:
            raise error


async def test_a_stop_hook_that_hangs_is_told_so_and_leaves_nothing(svc: Any) -> None:
    async def main() -> tuple[int, set[Any]]:
        with pytest.raises(HangDetected, match="waits for something that cannot happen"):
            await _end_with_services_that_never_stop(None)
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling(), asyncio.all_tasks() - {task}

    assert await asyncio.to_thread(tomodachi_testkit.run, main()) == (0, set())


async def test_a_hanging_stop_does_not_hide_the_error_of_the_test(svc: Any) -> None:
    main = _end_with_services_that_never_stop(ValueError("the test's own"))
    with pytest.raises(ValueError, match="the test's own") as caught:
        await asyncio.to_thread(tomodachi_testkit.run, main)
    assert "could not be stopped" in caught.value.__notes__[0]
