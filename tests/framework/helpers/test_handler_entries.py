"""Every transport leaves the way into its handlers, and reports what they return."""

from __future__ import annotations

import asyncio
from typing import Any

import tomodachi
from tomodachi.helpers.handler_entries import entries_of
from tomodachi.helpers.observer import HandlerCall


class Everything(tomodachi.Service):
    name = "everything"

    @tomodachi.http("GET", r"/rooms/(?P<number>\d+)/?")
    async def room(self, request: Any, number: str) -> str:
        return f"room {number}"

    @tomodachi.aws_sns_sqs("guest-arrived", queue_name="guests")
    async def arrive(self, message: Any) -> str:
        return f"hello {message}"

    @tomodachi.amqp("guest.left", queue_name="leavers")
    async def leave(self, message: Any) -> str:
        return f"bye {message}"

    @tomodachi.schedule(interval=60)
    async def clean(self) -> int:
        return 1


async def test_each_transport_adds_an_entry_for_each_of_its_handlers(svc: Any) -> None:
    running = await svc.start(Everything)
    entries = {entry.name: entry for entry in entries_of(running.service.context)}
    assert {name: entry.transport for name, entry in entries.items()} == {
        "room": "http",
        "arrive": "aws_sns_sqs",
        "leave": "amqp",
        "clean": "schedule",
    }
    assert dict(entries["room"].detail) == {"method": "GET", "pattern": r"/rooms/(?P<number>\d+)/?"}
    assert entries["leave"].detail["binding_key"] == "guest.left"


async def test_an_observer_sees_what_a_handler_returned(svc: Any) -> None:
    running = await svc.start(Everything)
    results: list[tuple[str, Any]] = []

    def finished(call: HandlerCall) -> None:
        results.append((call.transport, call.result))

    original = svc.watch.handler_finished
    svc.watch.handler_finished = lambda call: (finished(call), original(call))
    await running.http.get("/rooms/7")
    await svc.sns.publish("guest-arrived", "ann", envelope=None)
    await svc.amqp.publish("amq.topic", "guest.left", "bob", envelope=None)
    await svc.drain()
    await svc.clock.advance(60)
    assert sorted(results) == [
        ("amqp", "bye bob"),
        ("aws_sns_sqs", "hello ann"),
        ("http", "room 7"),
        ("schedule", 1),
    ]


async def test_an_observer_is_told_of_publishes_that_a_broker_took(svc: Any) -> None:
    """Whoever observes and has `message_published` gets every publish, from SNS and from AMQP."""
    running = await svc.start(Everything)
    told: list[tuple[str, str, str]] = []
    svc.watch.published_by_services = lambda message: told.append(
        (message.transport, message.destination.rpartition(":")[2], message.routing_key)
    )

    async def publish() -> None:
        await tomodachi.aws_sns_sqs_publish(running.service, "ann", topic="guest-arrived")
        await tomodachi.aws_sns_sqs_publish_batch(
            running.service, ["bob", "cy"], topic="guest-arrived"
        )
        await tomodachi.amqp_publish(running.service, "dan", routing_key="guest.left")

    await asyncio.get_running_loop().create_task(publish(), context=running.context_copy())
    await svc.drain()
    assert told == [("aws_sns_sqs", "guest-arrived", "")] * 3 + [
        ("amqp", "amq.topic", "guest.left")
    ]
