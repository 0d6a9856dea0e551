"""How many messages are handled at a time."""

from __future__ import annotations

import asyncio

from tomodachi.transport.aws_sns_sqs.slots import Slots


async def test_free_slots_are_counted() -> None:
    slots = Slots(3)
    slots.take()
    assert await slots.wait() == 2


async def test_waiting_ends_when_a_slot_is_given_back() -> None:
    slots = Slots(2)
    slots.take()
    slots.take()
    waiting = asyncio.create_task(slots.wait())
    await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop
    assert not waiting.done()
    slots.give_back()
    assert await waiting == 1


async def test_slots_given_back_in_one_turn_are_counted_together() -> None:
    slots = Slots(10)
    for _ in range(10):
        slots.take()
    waiting = asyncio.create_task(slots.wait())
    await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop
    for _ in range(10):
        slots.give_back()
    assert await waiting == 10
