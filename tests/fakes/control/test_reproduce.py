"""A message as a test: the source text does in the testkit what brought the message where it is."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.fakes.control.support_site import START, Site


class Call:
    """What a call of the testkit was given."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return _Recorder(self, name)


class _Recorder:
    def __init__(self, call: Call, name: str) -> None:
        self._call, self._name = call, name

    def __getattr__(self, name: str) -> Any:
        return _Recorder(self._call, f"{self._name}.{name}")

    async def __call__(self, *args: Any, **kwargs: Any) -> None:
        self._call.calls.append((self._name, args, kwargs))


async def run(code: str) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """Run a test's source, with nobody behind `svc`; what it sends."""
    names: dict[str, Any] = {"Service": object}
    exec(code.replace("from my_service import Service", ""), names)
    (test,) = (value for name, value in names.items() if name.startswith("test_"))
    svc = Call()
    await test(svc)
    start, sent, drain = svc.calls
    assert (start, drain) == (("start", (object,), {}), ("drain", (), {}))
    return sent


async def reproduced(site: Site, queue: str, **query: str) -> str:
    (message,) = await site.get("peek", queue=queue)
    query |= {"queue": queue, "message_id": message["message_id"]}
    return str((await site.get("reproduce", **query))["code"])


async def test_what_came_from_a_topic_is_published_to_it_again(site: Site) -> None:
    account = site.broker.settings.account
    topic, queue = f"arn:aws:sns:us-east-1:{account}:t", f"arn:aws:sqs:us-east-1:{account}:q"
    site.aws("sns", "Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue)
    attributes = {
        "kind": {"DataType": "String", "StringValue": "a"},
        "count": {"DataType": "Number", "StringValue": "3"},
        "tags": {"DataType": "String.Array", "StringValue": '["x", 1]'},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    site.aws(
        "sns", "Publish", TopicArn=topic, Message='{"id": 7}', Subject="s", MessageAttributes=attributes
    )  # fmt: skip
    code = await reproduced(site, "q")
    assert '"""It came so far: Sent to q."""' in code
    assert await run(code) == (
        "sns.publish",
        ("t", '{"id": 7}'),
        {
            "attributes": {"kind": "a", "count": 3, "tags": ["x", 1], "raw": b"\x00\xff"},
            "subject": "s",
            "envelope": None,
        },
    )


async def test_what_was_sent_to_a_queue_is_sent_to_it_again(site: Site) -> None:
    await site.post("send", queue="q", body='it\'s "x"', attributes={"n": 1.5}, group_id="g")
    sent = await run(await reproduced(site, "q"))
    assert sent == (
        "sqs.send",
        ("q", 'it\'s "x"'),
        {"attributes": {"n": 1.5}, "group": "g", "envelope": None},
    )


async def test_a_dead_letter_of_rabbitmq_is_published_as_it_was_before_it_died(site: Site) -> None:
    """Without `x-death` and its company, which the broker put there."""
    amqp = site.broker.amqp
    assert amqp is not None
    arguments = {"x-dead-letter-exchange": "amq.fanout", "x-message-ttl": 1000}
    amqp.declare_queue("short-lived", now=START, arguments=arguments)
    amqp.bind_queue("short-lived", "amq.topic", "a.*")
    amqp.bind_queue("aq", "amq.fanout")
    await site.post(
        "publish", exchange="amq.topic", routing_key="a.b", attributes={"h": 1}, encoding="base64",
        body=base64.b64encode(b"\xff").decode(), properties={"content_type": "image/png"},
    )  # fmt: skip
    await site.post("clock/advance", seconds=1)
    code = await reproduced(site, "aq")
    assert "def test_a_message_of_amq_topic" in code
    assert await run(code) == (
        "amqp.publish",
        ("amq.topic", "a.b", b"\xff"),
        {"content_type": "image/png", "headers": {"h": 1}, "envelope": None},
    )


async def test_a_body_that_is_text_is_published_as_text(site: Site) -> None:
    await site.post("send", queue="aq", body=json.dumps({"ä": "☃"}))
    name, arguments, _ = await run(await reproduced(site, "aq"))
    assert (name, arguments) == ("amqp.publish", ("", "aq", json.dumps({"ä": "☃"})))


async def test_a_message_that_is_gone_is_told(site: Site) -> None:
    status, answer = await site.post("reproduce?queue=q&message_id=gone", method="GET")
    assert (status, answer["error"]) == (404, "no message 'gone' is in 'q' any more")


async def test_what_is_due_next_is_told_in_order(site: Site) -> None:
    await site.post("send", queue="q", body="later", delay_s=60)
    first, second = await site.get("clock/next", limit="2")
    assert first == {"at": START + 60, "kind": "delay", "queue": "q"}
    assert second["kind"] == "retention"
