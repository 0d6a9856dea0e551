"""SQS as a test sees it on the fakes: queues of its own, and names with and without `.fifo`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.testkit.views.support_views import have_queues_of_the_test

import tomodachi
from tomodachi_testkit.views.names import NoSuchName


@pytest.mark.svc_allow("inflight", "dlq")
async def test_a_test_makes_queues_with_dead_letter_queues(svc: Any) -> None:
    await have_queues_of_the_test(svc)
    assert svc.sqs["jobs"].ready.one().group == "g"
    assert svc.sqs["jobs"].dlq.name == "dead.fifo"
    assert "jobs" in svc.sqs
    assert "job" not in svc.sqs


async def test_a_dead_letter_queue_that_is_not_there_is_named(svc: Any) -> None:
    await svc.sqs.create_queue("grave")
    with pytest.raises(NoSuchName, match=r"no queue 'graves'. Did you mean 'grave'"):
        await svc.sqs.create_queue("jobs", dlq="graves")


async def test_a_queue_in_another_region_is_used_there(svc: Any) -> None:
    await svc.sqs.create_queue("far", region="eu-west-1")
    await svc.sqs.send("far", "x", envelope=None)
    assert svc.sqs["far"].region == "eu-west-1"
    assert svc.sqs["far"].ready.one().body == "x"


async def test_deduplication_ids_are_drawn_only_where_the_queue_needs_them(svc: Any) -> None:
    """SQS API reference, SendMessage: without an id, and by content, a repeat is none."""
    await svc.sqs.create_queue("own.fifo")
    await svc.sqs.create_queue("text.fifo", attributes={"ContentBasedDeduplication": True})
    for name in ("own", "text"):
        for _ in range(2):
            await svc.sqs.send(name, "same", group="g", envelope=None)
    assert len(svc.sqs["own"].messages) == 2
    assert len(svc.sqs["text"].messages) == 1


async def test_a_queues_policy_is_kept_when_topics_may_send_to_it(svc: Any) -> None:
    statement = {"Sid": "mine", "Effect": "Deny", "Principal": "*", "Action": "SQS:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    await svc.sqs.create_queue("strict", attributes={"Policy": policy})
    for _ in range(2):
        await svc.sqs.subscribable("strict")
    statements = json.loads(svc.sqs["strict"].attributes["Policy"])["Statement"]
    assert statements[0] == statement
    assert [s["Principal"] for s in statements[1:]] == [{"Service": "sns.amazonaws.com"}]


class FarAway(tomodachi.Service):
    name = "far-away"
    options = tomodachi.Options(aws_sns_sqs={"region_name": "eu-north-1"})

    @tomodachi.aws_sns_sqs("order-created", queue_name="far-orders")
    async def take(self, data: Any) -> None:
        await tomodachi.sqs_send_message(self, data, queue_name="far-jobs", message_envelope=None)


async def test_what_a_test_makes_is_where_its_services_look(svc: Any) -> None:
    await svc.start(FarAway)
    await svc.sqs.create_queue("far-jobs")
    await svc.sns.create_topic("order-created")  # finds that of the service
    await svc.sns.publish("order-created", "7")
    await svc.drain()
    assert svc.sqs["far-jobs"].region == "eu-north-1"
    assert len(svc.sqs["far-jobs"].ready) == 1
