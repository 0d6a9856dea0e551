"""Each message is handled once, though it may be delivered twice at a time."""

from __future__ import annotations

import asyncio

from tomodachi.transport.amqp.seen_messages import SeenMessages


async def test_a_second_delivery_waits_for_the_end_of_the_first() -> None:
    seen = SeenMessages()
    assert await seen.is_first("m")
    second = asyncio.create_task(seen.is_first("m"))
    other = await seen.is_first("other")
    assert other
    assert not second.done()
    seen.finish("m", handled=True)
    assert await second is False


async def test_of_several_that_wait_one_is_first_if_the_first_fails() -> None:
    seen = SeenMessages()
    await seen.is_first("m")
    waiting = [asyncio.create_task(seen.is_first("m")) for _ in range(3)]
    await seen.is_first("other")
    seen.finish("m", handled=False)
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == [True]
    assert len(pending) == 2
    seen.finish("m", handled=True)
    assert [await task for task in pending] == [False, False]


async def test_one_that_gives_up_waiting_does_not_disturb_the_others() -> None:
    seen = SeenMessages()
    await seen.is_first("m")
    first, second = (asyncio.create_task(seen.is_first("m")) for _ in range(2))
    await seen.is_first("other")
    first.cancel()
    await asyncio.wait([first])
    seen.finish("m", handled=True)
    assert await second is False
