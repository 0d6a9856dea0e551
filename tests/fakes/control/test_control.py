"""The control API over HTTP: what it shows, what it does, whom it refuses."""

from __future__ import annotations

import asyncio
import json
import pickle
from typing import Any

import aiohttp
import pytest
from tests.fakes.control.support_site import START, Site
from yarl import URL

from tomodachi_fakes.control.operations import OPERATIONS
from tomodachi_fakes.control.snapshots import HEAD


async def test_a_message_sent_to_either_broker_can_be_peeked_at(site: Site) -> None:
    assert (await site.post("send", queue="q", body="one", attributes={"n": 1}))[0] == 200
    status, sent = await site.post("send", queue="aq", body="two", attributes={"h": "x"})
    assert (status, sent["routed"]) == (200, True)

    (sqs,) = await site.get("peek", queue="q")
    (amqp,) = await site.get("peek", queue="aq", state="ready")
    assert (sqs["body"], sqs["attributes"], sqs["state"]) == ("one", {"n": "1"}, "ready")
    assert (amqp["body"], amqp["attributes"], amqp["encoding"]) == ("two", {"h": "x"}, "string")
    assert [(row["name"], row["ready"]) for row in await site.get("queues")] == [
        ("q", 1),
        ("aq", 1),
    ]


async def test_publish_reaches_topics_and_exchanges(site: Site) -> None:
    arn = site.aws("sqs", "GetQueueAttributes", QueueUrl="q", AttributeNames=["QueueArn"])
    topic = site.broker.cloud.sns.topics()[0].arn  # type: ignore[union-attr]
    site.aws(
        "sns", "Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"]
    )
    assert (await site.post("publish", topic="t", body="fan out"))[0] == 200
    assert (await site.post("publish", exchange="", routing_key="aq", body="x"))[0] == 200
    assert [row["ready"] for row in await site.get("queues")] == [1, 1]
    status, answer = await site.post("publish", body="x")
    assert (status, answer["error"]) == (400, "give a topic (SNS) or an exchange (AMQP)")


@pytest.mark.parametrize("queue", ["q", "aq"])
async def test_await_message_is_answered_when_the_message_comes(site: Site, queue: str) -> None:
    wanted = {"queue": queue, "body_json": {"id": 7}, "timeout_s": 5}
    waiting = asyncio.create_task(site.post("await-message", **wanted))
    await site.post("send", queue=queue, body=json.dumps({"id": 6}))
    await site.post("send", queue=queue, body=json.dumps({"id": 7, "more": True}))
    status, answer = await waiting
    assert status == 200
    assert json.loads(answer["messages"][0]["body"])["id"] == 7


async def test_await_message_counts_one_that_a_waiting_receive_took_at_once(site: Site) -> None:
    site.broker.call_aws(
        "sqs", "ReceiveMessage", {"QueueUrl": "q", "WaitTimeSeconds": 20}, site.broker.context()
    )
    waiting = asyncio.create_task(site.post("await-message", queue="q", timeout_s=5))
    await site.get("status")  # the wait began before the message comes
    await site.post("send", queue="q", body="taken")
    assert (await waiting)[1]["messages"][0]["body"] == "taken"


async def test_await_message_counts_one_that_was_dead_lettered(site: Site) -> None:
    site.aws("sqs", "CreateQueue", QueueName="dead")
    target = f"arn:aws:sqs:us-east-1:{site.broker.settings.account}:dead"
    policy = {"deadLetterTargetArn": target, "maxReceiveCount": 1}
    attributes = {"RedrivePolicy": json.dumps(policy), "VisibilityTimeout": "0"}
    site.aws("sqs", "SetQueueAttributes", QueueUrl="q", Attributes=attributes)
    waiting = asyncio.create_task(site.post("await-message", queue="dead", timeout_s=5))
    await site.get("status")  # the wait began before the message comes
    await site.post("send", queue="q", body="poison")
    for _ in range(2):
        site.aws("sqs", "ReceiveMessage", QueueUrl="q")
    assert (await waiting)[1]["messages"][0]["body"] == "poison"


async def test_waits_end_with_what_was_and_was_not_there(site: Site) -> None:
    await site.post("send", queue="q", body="x")
    status, answer = await site.post("await-message", queue="q", count=2, timeout_s=0)
    assert (status, answer["error"]) == (408, "1 of 2 messages came within 0 s")
    assert (await site.post("expect-no-message", queue="q", body="y", within_s=0))[0] == 200
    status, answer = await site.post("expect-no-message", queue="q", within_s=0)
    assert (status, [message["body"] for message in answer["messages"]]) == (409, ["x"])


async def test_time_can_be_moved_and_what_is_due_happens(site: Site) -> None:
    await site.post("send", queue="q", body="later", delay_s=60)
    assert (await site.get("queues"))[0]["delayed"] == 1
    assert (await site.post("clock/advance", seconds=60))[1] == {
        "now": START + 60,
        "frozen": False,
    }
    assert (await site.get("queues"))[0]["ready"] == 1
    assert (await site.post("clock/freeze"))[1]["frozen"]
    assert not (await site.post("clock/resume"))[1]["frozen"]
    status, answer = await site.post("clock/advance", seconds=-1)
    assert (status, "cannot move back" in answer["error"]) == (400, True)


@pytest.mark.parametrize(
    ("path", "given", "error"),
    [
        ("clock/advance", {"seconds": float("nan")}, "seconds: nan is no number"),
        ("clock/advance", {"seconds": float("inf")}, "seconds: inf is no number"),
        ("clock/advance", {"seconds": 1e300}, "time ends with the year 9999: advance(1e+300)"),
        ("clock/freeze", {"at": 1e12}, "time ends with the year 9999: freeze(1000000000000.0)"),
        ("faults", {"kind": "error", "status": 99}, "status: 99 is less than 400"),
        ("faults", {"kind": "error", "status": 600}, "status: 600 is no HTTP status of an error"),
        ("faults", {"kind": "error", "times": -1}, "times: -1 is less than 0"),
        ("faults", {"kind": "latency", "seconds": -1}, "seconds: -1 is less than 0"),
        ("faults", {"kind": "latency"}, "seconds is missing"),
        ("await-message", {"queue": "q", "count": 0}, "count: 0 is less than 1"),
        ("expect-no-message", {"queue": "q", "within_s": -1}, "within_s: -1 is less than 0"),
    ],
)
async def test_a_number_that_makes_no_sense_is_named_and_changes_nothing(
    site: Site, path: str, given: dict[str, Any], error: str
) -> None:
    """A time beyond the year 9999 cannot be written as a date, and 99 is no status in HTTP."""
    point = {"point": "sqs.*"} if path == "faults" else {}
    status, answer = await site.post(path, **point, **given)

    assert (status, answer["error"][: len(error)]) == (400, error)
    assert (await site.get("clock"))["now"] == START
    assert await site.get("faults") == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"body": "\ud800"}, "'\\ud800' is half of a surrogate pair, and no character"),
        ({"attributes": {"h": "\ud800"}}, "'\\ud800' is half of a surrogate pair"),
        ({"properties": {"priority": "high"}}, "properties: 'high' is no value of priority"),
        ({"properties": {"priority": 256}}, "properties: 256 is no value of priority"),
        ({"properties": {"timestamp": "now"}}, "properties: 'now' is no value of timestamp"),
        ({"properties": {"message_id": 7}}, "properties: 7 is no value of message_id"),
        ({"properties": {"message_id": "x" * 256}}, "is no value of message_id"),
        ({"properties": {"headers": 7}}, "properties: 7 is no value of headers"),
        ({"properties": {"colour": "red"}}, "properties: unknown properties: colour"),
    ],
)
async def test_what_no_message_can_have_is_named(
    site: Site, given: dict[str, Any], error: str
) -> None:
    status, answer = await site.post("send", **{"queue": "aq", "body": "x", **given})

    assert (status, error in answer["error"]) == (400, True), answer
    assert await site.get("peek", queue="aq") == []


async def test_an_attribute_that_is_no_text_is_written_as_json(site: Site) -> None:
    await site.post("send", queue="q", body="x", attributes={"a": {"b": None}, "c": True, "d": 1.5})
    (message,) = await site.get("peek", queue="q")

    assert message["attributes"] == {"a": '{"b": null}', "c": "true", "d": "1.5"}


async def test_faults_hit_the_calls_they_name(site: Site) -> None:
    planned = {"point": "sqs.SendMessage", "kind": "error", "code": "ThrottlingException"}
    assert (await site.post("faults", **planned))[0] == 200
    assert [fault["taken"] for fault in await site.get("faults")] == [0]
    assert (await site.post("faults", "DELETE"))[1] == {"cleared": 1}
    status, answer = await site.post("faults", point="x", kind="explode")
    assert status == 400
    assert "'explode' is none of error, latency" in answer["error"]


@pytest.mark.parametrize(
    ("point", "error"),
    [
        ("sqs.SendMessag", "sqs has no operation 'SendMessag'; did you mean sqs.SendMessage?"),
        ("sns.SendMessage", "sns has no operation 'SendMessage'"),
        ("amqp.basic.publsh", "did you mean amqp.basic.publish?"),
        ("SendMessage", "'SendMessage' names no operation of sqs, sns, sts, kms, amqp"),
        ("s3.PutObject", "'s3.PutObject' names no operation of sqs, sns, sts, kms, amqp"),
    ],
)
async def test_a_fault_at_a_point_that_does_not_exist_is_refused(
    site: Site, point: str, error: str
) -> None:
    status, answer = await site.post("faults", point=point, kind="error")

    assert (status, error in answer["error"]) == (400, True), answer
    assert await site.get("faults") == []


@pytest.mark.parametrize(
    ("point", "kind"),
    [
        ("sqs.*", "reset"),
        ("sqs.SendMessage*", "error"),
        ("*", "drop_before"),
        ("s?s.Publish", "error"),
        ("sns.deliver.sqs", "error"),
        ("amqp.basic.*", "error"),
        ("orders", "duplicate"),
        ("sqs.orders", "reorder"),
    ],
)
async def test_a_fault_may_hit_many_operations_or_any_queue(
    site: Site, point: str, kind: str
) -> None:
    assert (await site.post("faults", point=point, kind=kind))[0] == 200


async def test_purge_and_redrive_work_on_both_brokers(site: Site) -> None:
    dlq = site.aws("sqs", "CreateQueue", QueueName="dead")["QueueUrl"]
    arn = site.aws("sqs", "GetQueueAttributes", QueueUrl=dlq, AttributeNames=["QueueArn"])
    policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": 1}
    site.aws(
        "sqs", "SetQueueAttributes", QueueUrl="q", Attributes={"RedrivePolicy": json.dumps(policy)}
    )
    await site.post("send", queue="q", body="poison")
    for _ in range(2):
        site.aws("sqs", "ReceiveMessage", QueueUrl="q", VisibilityTimeout=0)
    assert [m["body"] for m in await site.get("peek", queue="dead")] == ["poison"]
    assert (await site.post("redrive", queue="dead"))[1] == {"moving": 1}
    await site.post("clock/advance", seconds=5)
    assert [m["body"] for m in await site.get("peek", queue="q")] == ["poison"]
    assert (await site.post("purge", queue="q"))[1] == {"purged": 1}
    assert (await site.post("purge", queue="q"))[1] == {"purged": 0}

    await site.post("send", queue="aq", body="x")
    status, answer = await site.post("redrive", queue="aq")
    assert (status, "say which with `to`" in answer["error"]) == (409, True)
    assert (await site.post("purge", queue="aq"))[1] == {"purged": 1}


async def test_an_amqp_dead_letter_goes_back_to_where_it_died(site: Site) -> None:
    amqp = site.broker.amqp
    assert amqp is not None
    amqp.declare_queue("dead", now=START)
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    amqp.declare_queue("work", now=START, arguments={**arguments, "x-message-ttl": 1})
    await site.post("send", queue="work", body="late")
    await site.post("clock/advance", seconds=1)
    assert [m["body"] for m in await site.get("peek", queue="dead")] == ["late"]
    assert (await site.post("redrive", queue="dead", to="aq"))[1] == {"moved": 1}
    assert [m["body"] for m in await site.get("peek", queue="aq")] == ["late"]


async def test_a_snapshot_brings_everything_back(site: Site) -> None:
    await site.post("send", queue="q", body="kept")
    await site.post("send", queue="aq", body="kept too")
    url = f"{site.broker.management_url}/_broker/snapshot"
    async with site.http.get(url) as response:
        saved = await response.read()
    await site.post("reset")
    assert await site.get("queues") == []
    octets = {"Content-Type": "application/octet-stream"}
    async with site.http.post(url, data=saved, headers=octets) as response:
        assert response.status == 200
    assert [row["ready"] for row in await site.get("queues")] == [1, 1]


class Harmful:
    """What an attacker would put into a snapshot."""

    def __reduce__(self) -> Any:
        return (print, ("harm",))


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"nothing", "this is no snapshot"),
        (HEAD + b"cut", "cannot be read"),
        (HEAD + pickle.dumps(Harmful()), "builtins.print does not belong into a snapshot"),
    ],
)
async def test_a_snapshot_from_elsewhere_is_refused(
    site: Site, octets: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"{site.broker.management_url}/_broker/snapshot"
    headers = {"Content-Type": "application/octet-stream"}
    async with site.http.post(url, data=octets, headers=headers) as response:
        assert response.status == 400
        assert message in (await response.json())["error"]
    assert "harm" not in capsys.readouterr().out


async def test_reset_goes_back_to_the_initial_resources(site: Site) -> None:
    site.broker.begin_here()
    site.aws("sqs", "CreateQueue", QueueName="more")
    await site.post("send", queue="q", body="x")
    await site.post("reset")
    assert [(row["name"], row["ready"]) for row in await site.get("queues")] == [
        ("q", 0),
        ("aq", 0),
    ]


async def test_reset_of_one_account_leaves_the_others(site: Site) -> None:
    context = site.broker.context(account="111111111111")
    site.broker.call_aws("sqs", "CreateQueue", {"QueueName": "theirs"}, context)
    await site.post("reset", account="111111111111")
    assert [row["name"] for row in await site.get("queues")] == ["q", "aq"]


async def test_events_can_be_read_and_followed(site: Site) -> None:
    """Source: https://html.spec.whatwg.org/multipage/server-sent-events.html."""
    await site.post("send", queue="aq", body="x")
    kinds = [event["kind"] for event in await site.get("events", subject="aq")]
    assert kinds == ["queue-declared", "enqueued"]
    url = f"{site.broker.management_url}/_broker/events/stream"
    async with site.http.get(url, params={"after": "0", "subject": "aq"}) as response:
        assert response.content_type == "text/event-stream"
        told = [await response.content.readuntil(b"\n\n") for _ in kinds]
        await site.post("purge", queue="aq")
        told.append(await response.content.readuntil(b"\n\n"))
    data = [json.loads(part.partition(b"data: ")[2]) for part in told]
    assert [event["kind"] for event in data] == [*kinds, "purged"]
    assert told[0].startswith(f"id: {data[0]['seq']}\nevent: amqp\n".encode())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "application/json", "Origin": "http://evil.example"}, 403),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "application/json", "Host": "evil.example"}, 403),
    ],
)
async def test_a_web_page_can_change_nothing(
    site: Site, headers: dict[str, str], status: int
) -> None:
    """https://www.w3.org/TR/fetch-metadata/; forms cannot send JSON without asking first."""
    url = f"{site.broker.management_url}/_broker/reset"
    async with site.http.post(url, data=b"{}", headers=headers) as response:
        assert response.status == status
        assert "Access-Control-Allow-Origin" not in response.headers
    assert len(await site.get("queues")) == 2


async def test_a_name_that_several_queues_have_is_refused_with_what_to_give(site: Site) -> None:
    site.aws("sqs", "CreateQueue", QueueName="aq")
    status, answer = await site.post("send", queue="aq", body="x")
    assert (status, "give its ARN, or `service`" in answer["error"]) == (409, True)
    assert (await site.post("send", queue="aq", service="sqs", body="x"))[0] == 200


async def test_the_aws_port_serves_the_control_api_too(site: Site) -> None:
    async with site.http.get(f"{site.broker.aws_url}/_broker/status") as response:
        assert (await response.json())["queues"] == 2


async def test_whatever_can_be_read_can_be_asked_for_with_head(site: Site) -> None:
    """RFC 9110 9.3.2; `wget --spider` and monitors do, and a HEAD has the length of its GET."""
    management, aws = site.broker.management_url, site.broker.aws_url
    urls = [f"{management}{path}" for path in ("/", "/_broker/", "/_broker/queues", "/health")]
    urls += [f"{aws}{path}" for path in ("/_broker/queues", "/_aws/sns/sms-messages")]
    for url in urls:
        async with site.http.get(url) as got, site.http.head(url) as asked:
            assert (got.status, asked.status) == (200, 200), url
            assert asked.headers["Content-Length"] == got.headers["Content-Length"]
            assert await asked.read() == b""
    async with site.http.head(f"{management}/_broker/events/stream") as endless:
        assert endless.status == 405


async def test_health_is_told_on_every_port_once_resources_exist(site: Site) -> None:
    guest = {"Authorization": aiohttp.encode_basic_auth("guest", "guest")}
    paths = [
        "/health",
        "/_localstack/health",
        "/api/aliveness-test/%2F",
        "/api/health/checks/alarms",
    ]
    urls = [f"{site.broker.management_url}{path}" for path in paths]
    urls += [f"{site.broker.aws_url}{path}" for path in paths[:2]]
    for ready, status in ((False, 503), (True, 200)):
        site.broker.ready = ready
        for url in urls:
            async with site.http.get(URL(url, encoded=True), headers=guest) as response:
                assert response.status == status, url


async def test_the_openapi_document_describes_every_call(site: Site) -> None:
    """Source: https://spec.openapis.org/oas/v3.1.0."""
    document = await site.get("openapi.json")
    described = {
        (method.upper(), path.removeprefix("/_broker/"))
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert described == {(one.method, one.path) for one in OPERATIONS}
    identities = [m["operationId"] for p in document["paths"].values() for m in p.values()]
    assert len(set(identities)) == len(identities)
    body = document["paths"]["/_broker/send"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"]["required"] == ["queue", "body"]


async def test_a_queue_counts_what_lies_in_its_dead_letter_queue(site: Site) -> None:
    account = site.broker.settings.account
    site.aws("sqs", "CreateQueue", QueueName="dead")
    redrive = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{account}:dead", "maxReceiveCount": 1}
    attributes = {"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "0"}
    site.aws("sqs", "SetQueueAttributes", QueueUrl="q", Attributes=attributes)
    await site.post("send", queue="q", body="poison")
    await site.post("send", queue="dead", body="sent there by hand")
    for _ in range(2):
        site.aws("sqs", "ReceiveMessage", QueueUrl="q")
    rows = {row["name"]: row for row in await site.get("queues", service="sqs")}
    assert (rows["q"]["dead_lettered"], rows["dead"]["dead_lettered"]) == (1, 0)
    assert rows["dead"]["ready"] == 2
    assert (await site.get("status"))["messages"] == 2


async def test_the_latest_events_are_told_oldest_first(site: Site) -> None:
    for body in ("1", "2", "3"):
        await site.post("send", queue="q", body=body)
    latest = await site.get("events", limit="2")
    every = await site.get("events", limit="0")
    assert latest == every[-2:]
    assert [event["kind"] for event in await site.get("events", limit="2", kind="sent")] == [
        "sent",
        "sent",
    ]
