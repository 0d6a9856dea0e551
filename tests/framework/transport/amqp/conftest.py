"""A service, a broker that does what the test says, and virtual time around both."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import pytest
from tests.framework.transport.amqp.support_peer import Peer
from tests.framework.transport.amqp.support_rig import Rig

import tomodachi
from tomodachi_testkit.clock import Clock
from tomodachi_testkit.loop import OWNER, VirtualLoop


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], Any]] | None:
    """Virtual time for tests with `rig`."""
    return {"virtual": VirtualLoop} if "rig" in getattr(item, "fixturenames", ()) else None


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A peer that listens, in virtual time; services are stopped afterwards."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    with loop.virtual_time():
        loop.on_hang = lambda: [task.cancel("hangs") for task in loop.tasks_of("test")]
        clock = Clock()
        clock.bind(loop)
        owner = OWNER.set("broker")
        peer = Peer()
        await peer.start()
        OWNER.reset(owner)
        rig = Rig(peer, clock)
        yield rig
        rig.peer.silent = False
        await rig.stop()
        await peer.stop()
        await rig.settle()
        loop.on_hang = None


@pytest.fixture
def real_rabbitmq() -> str:
    """URL of a real RabbitMQ; without one the test is skipped, except in CI."""
    url = os.environ.get("SVC_TEST_RABBITMQ", "")
    if not url and os.environ.get("CI") == "true":
        pytest.fail("CI needs a RabbitMQ: set SVC_TEST_RABBITMQ to its URL")
    if not url:
        pytest.skip("set SVC_TEST_RABBITMQ to the URL of a RabbitMQ")
    return url


@pytest.fixture(autouse=True)
def _forget_services() -> Iterator[None]:
    yield
    tomodachi._clear_services()
