"""Filter policies and bindings tried out: the verdicts are those of the cores."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.control.support_site import Site


async def test_a_filter_policy_tells_which_of_its_names_match(site: Site) -> None:
    """All names of a policy have to match.

    Source: https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
    """
    policy = json.dumps({"kind": ["order"], "total": [{"numeric": [">", 10]}]})
    status, found = await site.post(
        "try/filter-policy", policy=policy, attributes={"kind": "order", "total": 3}
    )
    assert status == 200
    assert found == {
        "matches": False,
        "parts": [{"name": "kind", "matches": True}, {"name": "total", "matches": False}],
    }


async def test_a_list_is_an_attribute_of_several_values(site: Site) -> None:
    """Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html (String.Array)."""
    trial: dict[str, Any] = {"policy": '{"kind": ["b"]}', "attributes": {"kind": ["a", "b"]}}
    assert (await site.post("try/filter-policy", **trial))[1]["matches"] is True


async def test_a_filter_policy_can_look_into_the_body(site: Site) -> None:
    policy = json.dumps({"$or": [{"a": [1]}, {"b": [1]}]})
    trial: dict[str, Any] = {"policy": policy, "scope": "MessageBody"}
    _, found = await site.post("try/filter-policy", **trial, body='{"b": 1}')
    assert found == {"matches": True, "parts": [{"name": "$or", "matches": True}]}


async def test_a_policy_that_sns_refuses_is_refused_in_its_words(site: Site) -> None:
    status, answer = await site.post("try/filter-policy", policy='{"a": "b"}')
    assert status == 400
    assert answer["error"].startswith("SNS refuses this policy: ")


@pytest.mark.parametrize(
    ("trial", "matches"),
    [
        ({"binding_key": "a.*.#", "routing_key": "a.b.c.d"}, True),
        ({"binding_key": "a.*", "routing_key": "a"}, False),
        ({"type": "direct", "binding_key": "a.*", "routing_key": "a.b"}, False),
        ({"type": "headers", "arguments": {"x-match": "any", "n": 1, "m": 2}, "attributes": {"n": 1}},
         True),
        ({"type": "headers", "arguments": {"n": 1, "m": 2}, "attributes": {"n": 1}}, False),
    ],
)  # fmt: skip
async def test_a_binding_is_tried(site: Site, trial: dict[str, Any], *, matches: bool) -> None:
    """Source: https://www.rabbitmq.com/tutorials/amqp-concepts#exchanges."""
    assert await site.post("try/binding", **trial) == (200, {"matches": matches})


async def test_a_binding_that_rabbitmq_refuses_is_refused(site: Site) -> None:
    status, answer = await site.post("try/binding", type="headers", arguments={"x-match": "some"})
    assert status == 400
    assert "Invalid x-match field value" in answer["error"]


async def test_the_audience_of_a_topic_is_decided_by_its_filter_policies(site: Site) -> None:
    account = site.broker.settings.account
    topic = f"arn:aws:sns:us-east-1:{account}:t"
    site.aws("sqs", "CreateQueue", QueueName="r")
    for queue, kind in (("q", "order"), ("r", "refund")):
        site.aws(
            "sns", "Subscribe", TopicArn=topic, Protocol="sqs",
            Endpoint=f"arn:aws:sqs:us-east-1:{account}:{queue}",
            Attributes={"FilterPolicy": json.dumps({"kind": [kind]})},
        )  # fmt: skip
    status, found = await site.post("try/audience", topic="t", attributes={"kind": "order"})
    assert status == 200
    assert [(row["destination"].rpartition(":")[2], row["matches"]) for row in found] == [
        ("q", True),
        ("r", False),
    ]


async def test_the_audience_of_an_exchange_is_decided_by_its_bindings(site: Site) -> None:
    assert site.broker.amqp is not None
    for key in ("a.*", "b.*"):
        site.broker.amqp.bind_queue("aq", "amq.topic", key)
    status, found = await site.post("try/audience", exchange="amq.topic", routing_key="b.c")
    assert status == 200
    assert found == [
        {"destination": "queue aq", "by": "a.*", "matches": False},
        {"destination": "queue aq", "by": "b.*", "matches": True},
    ]
    status, answer = await site.post("try/audience", exchange="nowhere")
    assert status == 404
    assert "no exchange 'nowhere'. There is: amq.direct" in answer["error"]


async def test_nothing_is_published_by_a_trial(site: Site) -> None:
    await site.post("try/audience", topic="t")
    await site.post("try/binding")
    assert (await site.get("activity"))["counts"] == {
        "sqs.queue-created": 1,
        "sns.created": 1,
        "amqp.queue-declared": 1,
    }
