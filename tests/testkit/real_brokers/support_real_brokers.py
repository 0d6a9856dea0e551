"""A service on both brokers, what becomes of a letter there, and a project of tests for the plugin."""

from __future__ import annotations

from typing import Any

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi_testkit import Harness

SETTINGS = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")


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
