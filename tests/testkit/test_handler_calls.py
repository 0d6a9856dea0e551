"""`Running.call`: one handler, as its transport would call it, without a broker."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi_testkit.errors import DrainIncomplete, TestkitError
from tomodachi_testkit.handler_calls import NotHandled
from tomodachi_testkit.made_messages import request_path


async def tell_user(func: Any, service: Any, message: Any) -> Any:
    return ("through middleware", await func(user="ann"))


class Hotel(tomodachi.Service):
    name = "hotel"
    message_envelope = JsonBase
    message_middleware = (tell_user,)

    @tomodachi.aws_sns_sqs("guest-arrived", queue_name="guests")
    async def arrive(self, data: Any, topic: str, user: str, message_uuid: str) -> Any:
        if data == "burglar":
            msg = "no room"
            raise PermissionError(msg)
        assert message_uuid
        return data, topic, user

    @tomodachi.aws_sns_sqs(queue_name="letters", message_envelope=None)
    async def read(
        self, message: str, message_attributes: dict[str, Any], approximate_receive_count: int
    ) -> Any:
        return message, message_attributes, approximate_receive_count

    @tomodachi.amqp("guest.*", queue_name="leavers")
    async def leave(self, data: Any, routing_key: str, properties: Any) -> Any:
        return data, routing_key, properties.correlation_id

    @tomodachi.schedule(interval=60)
    async def clean(self, invocation_time: str) -> str:
        return invocation_time

    @tomodachi.http("POST", r"/rooms/(?P<number>\d+)/beds(?:\.json)?/?")
    async def room(self, request: web.Request, number: str) -> Any:
        if number == "13":
            raise web.HTTPNotFound
        await asyncio.sleep(3)  # noqa: TID251 - virtual
        return f"{number} {await request.text()}"


async def test_a_message_passes_envelope_middlewares_and_injection(svc: Any) -> None:
    hotel = await svc.start(Hotel)
    outcome = await hotel.call("arrive", data={"name": "bob"})
    assert outcome == ("through middleware", ({"name": "bob"}, "guest-arrived", "ann"))
    assert [event.handler for event in svc.log.where(kind="aws_sns_sqs")] == ["arrive"]


async def test_what_a_handler_raises_is_raised_and_is_no_leak(svc: Any) -> None:
    hotel = await svc.start(Hotel)
    with pytest.raises(PermissionError, match="no room"):
        await hotel.call(hotel.service.arrive, data="burglar")


async def test_a_message_sent_to_a_queue_has_attributes_and_a_receive_count(svc: Any) -> None:
    hotel = await svc.start(Hotel)
    _, outcome = await hotel.call("read", data="dear", attributes={"n": 1}, receive_count=3)
    assert outcome == ("dear", {"n": 1}, 3)


async def test_an_amqp_handler_is_called_with_key_and_properties(svc: Any) -> None:
    hotel = await svc.start(Hotel)
    given = {"routing_key": "guest.left", "properties": {"correlation_id": "c-1"}}
    _, outcome = await hotel.call("leave", data=[1], **given)
    assert outcome == ([1], "guest.left", "c-1")


async def test_a_schedule_is_called_at_a_given_time(svc: Any) -> None:
    hotel = await svc.start(Hotel)
    when = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    assert await hotel.call("clean", invocation_time=when) == "2026-02-03T04:05:00Z"
    assert await hotel.call("clean") == "2026-01-01T00:00:00Z"


async def test_a_request_finds_its_handler_by_the_groups_of_the_pattern(svc: Any) -> None:
    hotel = await svc.start(Hotel)
    assert await hotel.call("room", number=7, json={"beds": 2}) == '7 {"beds": 2}'
    assert svc.clock.now() == datetime(2026, 1, 1, 0, 0, 3, tzinfo=UTC)
    with pytest.raises(web.HTTPNotFound):
        await hotel.call("room", number=13, json={})


async def test_a_message_that_is_refused_before_the_handler_is_said_so(svc: Any) -> None:
    hotel = await svc.start(Hotel)
    with pytest.raises(NotHandled, match=r"did not reach arrive\(\)"):
        await hotel.call("arrive", data="no envelope", envelope=None)


async def test_wrong_names_are_answered_with_what_there_is(svc: Any) -> None:
    hotel = await svc.start(Hotel)
    with pytest.raises(TestkitError, match=r"has no handler 'arive'.*arrive, clean"):
        await hotel.call("arive")
    with pytest.raises(TestkitError, match=r"has no routing_key; it has: .*data"):
        await hotel.call("arrive", routing_key="x")


class Sleeper(tomodachi.Service):
    name = "sleeper"

    @tomodachi.amqp("nap", queue_name="naps")
    async def nap(self, message: str) -> str:
        await asyncio.sleep(float(message))  # noqa: TID251 - virtual
        return "awake"

    @tomodachi.amqp("coma", queue_name="comas")
    async def coma(self, message: str) -> None:
        await asyncio.Event().wait()


async def test_time_moves_as_far_as_the_handler_needs(svc: Any) -> None:
    sleeper = await svc.start(Sleeper)
    began = svc.clock.now()
    assert await sleeper.call("nap", data="90") == "awake"
    assert svc.clock.now() - began == timedelta(seconds=90)


async def test_a_handler_that_never_ends_is_told_apart_from_a_slow_one(svc: Any) -> None:
    sleeper = await svc.start(Sleeper)
    for view in svc.amqp.connections:  # heartbeats would go on for ever
        assert view.vhost == "/"
    svc.settle_limit = 20
    with pytest.raises(DrainIncomplete, match="the handler waits"):
        await sleeper.call("coma", data="")


class Parrot(tomodachi.Service):
    """A transport of the user's own takes part by adding an entry."""

    name = "parrot"

    async def _started_service(self) -> None:
        from tomodachi.helpers.handler_entries import HandlerEntry, add_entry
        from tomodachi.helpers.observer import observed

        async def deliver(message: dict[str, Any]) -> None:
            with observed("parrot", self, "say") as call:
                call.result = message["text"].upper()

        add_entry(self.context, HandlerEntry("parrot", "say", deliver))


async def test_a_transport_of_ones_own_gets_the_message_as_a_dict(svc: Any) -> None:
    parrot = await svc.start(Parrot)
    assert await parrot.call("say", text="hello") == "HELLO"


@pytest.mark.parametrize(
    ("pattern", "values", "path"),
    [
        (r"/", {}, "/"),
        (r"/health/?", {}, "/health"),
        (r"/v1\.0/(?P<a>[^/]+?)/(?P<b>(x|y)+)", {"a": "1", "b": "xy"}, "/v1.0/1/xy"),
        (r"/files/(?P<name>.+)(?:\.json)?", {"name": "a/b"}, "/files/a/b"),
    ],
)
def test_a_path_is_made_of_a_pattern(pattern: str, values: dict[str, str], path: str) -> None:
    assert request_path(pattern, {**values, "json": 1}) == (path, {"json": 1})


def test_a_pattern_that_cannot_be_filled_asks_for_a_path() -> None:
    with pytest.raises(TestkitError, match="needs a value for 'a'"):
        request_path(r"/(?P<a>\d+)", {})
    with pytest.raises(TestkitError, match="pass path="):
        request_path(r"/(?P<a>\d+)", {"a": "x"})
    assert request_path(r"/[a-z]{3}", {"path": "/abc?x=1"}) == ("/abc?x=1", {})
