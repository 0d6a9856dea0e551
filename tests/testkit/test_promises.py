"""What a test forgot to await is an error, or explains one."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

import pytest

import tomodachi
import tomodachi_testkit
from tomodachi_testkit import Harness
from tomodachi_testkit.errors import NeverAwaited, TestkitError
from tomodachi_testkit.promises import Promise, broken_promises, promised


class Greeter(tomodachi.Service):
    name = "greeter"

    @tomodachi.aws_sns_sqs("arrived", queue_name="greeter")
    async def greet(self, message: str) -> None:
        await tomodachi.aws_sns_sqs_publish(self, f"hello {message}", topic="greeted")


FORGOTTEN = {
    "Harness.drain()": lambda svc, greeter: svc.drain(),
    "Harness.start()": lambda svc, greeter: svc.start(Greeter),
    "FakeSNS.publish()": lambda svc, greeter: svc.sns.publish("arrived", "Ada"),
    "FakeSQS.send()": lambda svc, greeter: svc.sqs.send("greeter", "Ada"),
    "FakeAMQP.publish()": lambda svc, greeter: svc.amqp.publish("amq.topic", "x", "y"),
    "Clock.advance()": lambda svc, greeter: svc.clock.advance(5),
    "Running.call()": lambda svc, greeter: greeter.call("greet", data="Ada"),
    "Running.stop()": lambda svc, greeter: greeter.stop(),
}


@pytest.mark.parametrize("name", FORGOTTEN)
def test_what_nobody_awaited_is_an_error_that_names_it(name: str) -> None:
    async def main() -> None:
        async with Harness() as svc:
            greeter = await svc.start(Greeter)
            FORGOTTEN[name](svc, greeter)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NeverAwaited, match=r"never done: .* Write `await`") as caught:
            tomodachi_testkit.run(main())
    assert name in str(caught.value)


def test_another_error_of_the_test_is_explained_by_it() -> None:
    async def main() -> None:
        async with Harness() as svc:
            svc.start(Greeter)
            await svc.sns.publish("arrived", "Ada")

    with pytest.raises(TestkitError, match="no topic 'arrived'") as caught:
        tomodachi_testkit.run(main())
    [note] = caught.value.__notes__
    assert note.startswith("never awaited, so it was never done: Harness.start()")


async def test_what_is_awaited_somewhere_else_is_not_forgotten(svc: Any) -> None:
    greeter = await svc.start(Greeter)
    task = asyncio.ensure_future(svc.sns.publish("arrived", "Ada"))
    await asyncio.gather(svc.settle(), greeter.call("greet", data="Eva"))
    await asyncio.wait_for(svc.drain(), 60)
    await task
    await asyncio.get_running_loop().create_task(svc.settle())
    assert broken_promises() == []
    assert len(svc.sns.published.where(topic="greeted")) == 2


async def test_a_promise_that_is_closed_was_not_forgotten(svc: Any) -> None:
    svc.drain().close()
    assert broken_promises() == []


@promised
async def answer() -> int:
    await asyncio.sleep(0)  # noqa: TID251 - yields
    return 42


async def test_a_promise_takes_exceptions_as_a_coroutine_does(svc: Any) -> None:
    promise = answer()
    assert isinstance(promise, Promise)
    promise.send(None)
    with pytest.raises(ValueError, match="x"):
        promise.throw(ValueError("x"))
    assert await answer() == 42


def test_outside_of_a_loop_nobody_asks() -> None:
    answer()
    assert broken_promises() == []
