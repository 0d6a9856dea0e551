"""SNS as a test sees it on the fakes: topics and subscriptions of its own."""

from __future__ import annotations

from typing import Any

import pytest
from tests.testkit.views.support_views import hear_topics_of_the_test

import tomodachi_testkit
from tomodachi_testkit import Harness
from tomodachi_testkit.leaks import LeaksFound
from tomodachi_testkit.views.names import NoSuchName


async def test_a_test_subscribes_a_services_queue_to_a_topic_of_its_own(svc: Any) -> None:
    await hear_topics_of_the_test(svc)


async def test_a_fifo_topic_is_found_without_its_suffix_and_reaches_a_fifo_queue(svc: Any) -> None:
    await svc.sns.create_topic("orders.fifo", attributes={"ContentBasedDeduplication": True})
    await svc.sqs.create_queue("orders.fifo")
    await svc.sns.subscribe("orders", "orders")
    for _ in range(2):
        await svc.sns.publish("orders", {"id": 1}, group="g")
    assert svc.sns.topics == ["orders.fifo"]
    assert svc.sns.topic_attributes("orders")["FifoTopic"] == "true"
    assert svc.sqs["orders"].ready.one().data == {"id": 1}


async def test_raw_delivery_leaves_the_notification_out(svc: Any) -> None:
    await svc.sns.create_topic("orders")
    for name, raw in (("bare", True), ("wrapped", False)):
        await svc.sqs.create_queue(name)
        await svc.sns.subscribe("orders", name, raw=raw)
    await svc.sns.publish("orders", "x", envelope=None)
    assert svc.sqs["bare"].ready.one().body == "x"
    assert "Notification" in svc.sqs["wrapped"].ready.one(data="x", topic="orders").body


async def test_names_that_are_not_there_are_told_with_those_that_are(svc: Any) -> None:
    await svc.sns.create_topic("orders")
    with pytest.raises(NoSuchName, match=r"no topic 'order'. Did you mean 'orders'"):
        await svc.sns.publish("order", "x")
    with pytest.raises(NoSuchName, match="no queue 'orders'"):
        await svc.sns.subscribe("orders", "orders")


def test_what_the_test_published_to_nobody_is_a_leak_unless_it_is_allowed() -> None:
    """testkit.md, markers: `svc_allow("unrouted")`."""

    async def main(*allow: str) -> None:
        async with Harness(allow=set(allow)) as svc:
            await svc.sns.create_topic("void")
            await svc.sns.publish("void", "x")

    with pytest.raises(LeaksFound, match=r"unrouted: message .*topic void has no subscription"):
        tomodachi_testkit.run(main())
    tomodachi_testkit.run(main("unrouted"))
