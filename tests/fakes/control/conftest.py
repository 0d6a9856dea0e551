from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from tests.fakes.control.support_site import START, Site

from tomodachi_fakes.clock import AdjustableClock, ManualClock
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    settings = BrokerSettings(seed=1, management_port=0)
    broker = FakeBroker(settings, clock=AdjustableClock(ManualClock(START)))
    await broker.start()
    async with aiohttp.ClientSession() as http:
        running = Site(broker, http)
        running.aws("sqs", "CreateQueue", QueueName="q")
        running.aws("sns", "CreateTopic", Name="t")
        assert broker.amqp is not None
        broker.amqp.declare_queue("aq", now=START)
        yield running
    await broker.stop()
