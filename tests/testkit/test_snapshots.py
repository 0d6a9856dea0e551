"""Snapshots: brokers, clock, seed and ids, picklable, restored in the same harness or another."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import tomodachi
import tomodachi_testkit
from tomodachi.envelope import JsonBase
from tomodachi_testkit import Harness
from tomodachi_testkit.errors import TestkitError


class Ledger(tomodachi.Service):
    name = "ledger"
    message_envelope = JsonBase

    def __init__(self) -> None:
        self.entries: list[Any] = []

    @tomodachi.aws_sns_sqs("booked", queue_name="bookings", visibility_timeout=30)
    async def book(self, data: Any) -> None:
        self.entries.append(("sqs", data))

    @tomodachi.amqp("posted", queue_name="posts")
    async def post(self, data: Any) -> None:
        self.entries.append(("amqp", data))


async def test_a_restored_harness_has_messages_time_and_ids_of_then(svc: Any) -> None:
    ledger = await svc.start(Ledger)
    await ledger.stop()
    await svc.sns.publish("booked", 1)
    await svc.amqp.publish("amq.topic", "posted", 2)
    await svc.clock.advance(60)
    then = svc.snapshot()

    again = await ledger.restart()
    await svc.drain()
    await svc.clock.advance(600)
    assert sorted(again.service.entries, reverse=True) == [("sqs", 1), ("amqp", 2)]
    await again.stop()
    first_id = svc.ids.uuid()

    svc.restore(then)
    assert svc.clock.unix() == then.at
    assert svc.sqs["bookings"].ready.one(data=1)
    assert svc.amqp.queue("posts").ready.one(data=2)
    assert len(svc.sns.published) == 1
    assert svc.ids.uuid() == first_id
    last = await again.restart()
    await svc.drain()
    assert sorted(last.service.entries, reverse=True) == [("sqs", 1), ("amqp", 2)]


async def test_a_running_service_goes_on_with_the_brokers_as_they_were(svc: Any) -> None:
    ledger = await svc.start(Ledger)
    empty = svc.snapshot()
    for number in range(3):
        await svc.sns.publish("booked", number)
        await svc.drain()
        svc.restore(empty)
        assert svc.sns.published == []
    await svc.amqp.publish("amq.topic", "posted", "last")
    await svc.drain()
    assert [data for _, data in ledger.service.entries] == [0, 1, 2, "last"]


async def test_deadlines_count_from_the_restored_time(svc: Any) -> None:
    """A message that becomes visible 30 s after the snapshot does so 30 s after its restoring."""
    svc.call_aws("sqs", "CreateQueue", {"QueueName": "q"})
    await svc.sqs.send("q", "x", delay=30, envelope=None)
    then = svc.snapshot()
    await svc.clock.advance(1000)
    svc.restore(then)
    await svc.clock.advance(29.9)
    assert not svc.sqs["q"].ready
    await svc.clock.advance(0.1)
    assert svc.sqs["q"].ready.one().data == "x"


def test_a_snapshot_is_restored_in_another_process_as_well() -> None:
    async def before() -> bytes:
        async with Harness(seed=3) as svc:
            svc.call_aws("sqs", "CreateQueue", {"QueueName": "q"})
            await svc.sqs.send("q", {"n": 1}, envelope=None)
            await svc.clock.advance(5)
            return pickle.dumps(svc.snapshot())

    async def after(octets: bytes) -> tuple[Any, float, int]:
        async with Harness() as svc:
            svc.restore(pickle.loads(octets))
            return svc.sqs["q"].ready.one().data, svc.clock.unix(), svc.seed

    octets = tomodachi_testkit.run(before())
    assert tomodachi_testkit.run(after(octets)) == ({"n": 1}, 1_767_225_605.0, 3)


@pytest.mark.svc(clock="real")
async def test_a_real_clock_cannot_be_set_back(svc: Any) -> None:
    then = svc.snapshot()
    with pytest.raises(TestkitError, match="virtual loop"):
        svc.restore(then)
