"""The AWS endpoint over loopback: keep-alive, pipelining, limits, long polls, faults, stop."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.fakes.servers.support_http import request, site

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.errors import PortInUse
from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_fakes.servers import aws_http, http_server
from tomodachi_fakes.servers.aws_http import AwsHttpServer
from tomodachi_fakes.servers.http_protocol import MAX_BODY_BYTES, HttpConnection


async def test_one_connection_serves_many_requests() -> None:
    async with site() as aws:
        client = await aws.connect()
        created = await client.call("CreateQueue", QueueName="q")
        sent = await client.call("SendMessage", QueueUrl="q", MessageBody="a")
        received = await client.call("ReceiveMessage", QueueUrl="q")

        assert created.json()["QueueUrl"] == "http://127.0.0.1/000000000000/q"
        assert sent.headers["content-type"] == "application/x-amz-json-1.0"
        assert received.json()["Messages"][0]["MessageId"] == sent.json()["MessageId"]
        assert len({a.headers["x-amzn-requestid"] for a in (created, sent, received)}) == 3


async def test_pipelined_requests_are_answered_in_order_behind_a_long_poll() -> None:
    async with site() as aws:
        client, other = await aws.connect(), await aws.connect()
        await other.call("CreateQueue", QueueName="q")
        client.send(
            request("ReceiveMessage", QueueUrl="q", WaitTimeSeconds=20)
            + request("ListQueues")
            + request("GetQueueUrl", QueueName="q")
        )
        await other.call("ListQueues")  # the poll is being held by now
        await other.call("SendMessage", QueueUrl="q", MessageBody="a")

        answers = [(await client.answer()).json() for _ in range(3)]

    assert [next(iter(answer)) for answer in answers] == ["Messages", "QueueUrls", "QueueUrl"]


async def test_body_in_chunks_and_byte_by_byte() -> None:
    async with site() as aws:
        client = await aws.connect()
        body = json.dumps({"QueueName": "q"}).encode()
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
        head = b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS.CreateQueue\r\n"
        for byte in head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks:
            client.send(bytes([byte]))
            await client.writer.drain()

        assert (await client.answer()).json() == {"QueueUrl": "http://x/000000000000/q"}


async def test_expect_100_continue() -> None:
    async with site() as aws:
        client = await aws.connect()
        whole = request("CreateQueue", headers="Expect: 100-continue\r\n", QueueName="q")
        head, _, body = whole.partition(b"\r\n\r\n")
        client.send(head + b"\r\n\r\n")

        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(body)
        assert (await client.answer()).status == 200


async def test_http_10_and_connection_close_end_the_connection() -> None:
    async with site() as aws:
        for line in (
            b"GET /health HTTP/1.0\r\n\r\n",
            b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n",
        ):
            client = await aws.connect()
            client.send(line)
            answer = await client.answer()
            assert (answer.status, answer.json()) == (200, {"status": "ok"})
            assert answer.headers["connection"] == "close"
            assert await client.ended() == b""


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHeader without colon\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000, 431),
        (b"GET /" + b"x" * 40_000, 414),
        (b"POST / HTTP/1.1\r\nContent-Length: 2097153\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.X\r\nContent-Length: 4194305\r\n\r\n", 413),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n300000\r\n"
            + b"x" * MAX_BODY_BYTES
            + b"x" * 2000,
            413,
        ),
        (b"CONNECT aws.example:443 HTTP/1.1\r\nHost: aws.example:443\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
            b"Content-Length: 2097153\r\n\r\n",
            413,
        ),
    ],
)
async def test_what_is_not_acceptable_http_is_refused_and_the_connection_closed(
    data: bytes, status: int
) -> None:
    async with site() as aws:
        client = await aws.connect()
        client.send(data)
        answer = await client.answer()

        assert answer.status == status
        assert answer.headers["connection"] == "close"
        assert b"Traceback" not in answer.body
        assert (await (await aws.connect()).call("ListQueues")).status == 200


@pytest.mark.parametrize("expect", ["", "Expect: 100-continue\r\n"])
async def test_a_request_that_would_rather_be_http_2_is_answered_in_http_11(expect: str) -> None:
    """Java's HttpClient asks so of every server, and RFC 9110 7.8 lets a server pass it over."""
    async with site() as aws:
        client = await aws.connect()
        upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"
        created = request("CreateQueue", headers=upgrade + expect, QueueName="q")
        head, _, body = created.partition(b"\r\n\r\n")
        client.send(head + b"\r\n\r\n")
        if expect:
            assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(body + request("ListQueues", headers=upgrade) + b"GET /health HTTP/1.1\r\n\r\n")

        answers = [(await client.answer()).json() for _ in range(3)]

    url = "http://127.0.0.1/000000000000/q"
    assert answers == [{"QueueUrl": url}, {"QueueUrls": [url]}, {"status": "ok"}]


async def test_a_request_that_asks_for_another_protocol_can_end_its_connection() -> None:
    async with site() as aws:
        client = await aws.connect()
        client.send(b"GET /health HTTP/1.1\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n")

        assert (await client.answer()).headers["connection"] == "close"
        assert await client.ended() == b""


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:4566/health", "HTTP://aws.test/health?x=1", "/health"]
)
async def test_a_target_may_name_the_host_as_well(target: str) -> None:
    """RFC 9112 3.2.2: a server must accept what is meant for a proxy."""
    async with site() as aws:
        client = await aws.connect()
        client.send(f"GET {target} HTTP/1.1\r\n\r\n".encode())

        assert (await client.answer()).json() == {"status": "ok"}


async def test_a_target_of_nothing_but_the_host_is_the_root() -> None:
    async with site() as aws:
        client = await aws.connect()
        client.send(b"GET http://127.0.0.1:4566?Action=ListQueues HTTP/1.1\r\n\r\n")

        assert b"<ListQueuesResult>" in (await client.answer()).body


async def test_headers_have_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The brokers' clock stands still, and does not keep a client that says nothing more."""
    monkeypatch.setattr(http_server, "HEADER_DEADLINE_S", 0.0)
    async with site() as aws:
        client = await aws.connect()
        client.send(b"GET / HTTP/1.1\r\nX-Half")

        assert (await client.answer()).status == 408
        assert await client.ended() == b""


async def test_connections_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_http, "MAX_CONNECTIONS", 2)
    async with site() as aws:
        first, second = await aws.connect(), await aws.connect()
        await first.call("ListQueues")
        await second.call("ListQueues")
        refused = await aws.connect()

        assert (await refused.answer()).status == 503
        await first.close()
        await second.call("ListQueues")
        assert (await (await aws.connect()).call("ListQueues")).status == 200


async def test_client_that_leaves_takes_no_message_along() -> None:
    async with site() as aws:
        client, other = await aws.connect(), await aws.connect()
        await client.call("CreateQueue", QueueName="q")
        client.send(request("ReceiveMessage", QueueUrl="q", WaitTimeSeconds=20))
        await other.call("ListQueues")
        await client.close()
        while aws.server.cloud.sqs.queues()[0].waiters:
            await other.call("ListQueues")
        await other.call("SendMessage", QueueUrl="q", MessageBody="a")

        (message,) = (await other.call("ReceiveMessage", QueueUrl="q")).json()["Messages"]
        assert message["Body"] == "a"


async def test_stop_answers_held_long_polls_empty() -> None:
    async with site() as aws:
        client, other = await aws.connect(), await aws.connect()
        await client.call("CreateQueue", QueueName="q")
        client.send(request("ReceiveMessage", QueueUrl="q", WaitTimeSeconds=20))
        await other.call("ListQueues")

        await aws.server.stop()

        assert (await client.answer()).json() == {}
        assert await client.ended() == b""
        with pytest.raises(ConnectionError):
            await aws.connect()


async def test_port_in_use_is_named() -> None:
    async with site() as aws:
        second = AwsHttpServer(aws.server.cloud, aws.clock, "127.0.0.1", aws.server.port)

        with pytest.raises(PortInUse, match="--aws-port 0"):
            await second.start()
        await second.stop()


# --- faults ---------------------------------------------------------------------------------------


async def test_planned_error_keeps_the_operation_from_running() -> None:
    async with site() as aws:
        client = await aws.connect()
        await client.call("CreateQueue", QueueName="q")
        aws.faults.add(
            Fault("sqs.SendMessage", FaultKind.ERROR, code="KMS.AccessDeniedException", status=400)
        )

        answer = await client.call("SendMessage", QueueUrl="q", MessageBody="a")

        assert answer.json()["__type"] == "com.amazonaws.sqs#KmsAccessDenied"
        assert answer.headers["x-amzn-query-error"] == "KMS.AccessDeniedException;Sender"
        assert (await client.call("ReceiveMessage", QueueUrl="q")).json() == {}


@pytest.mark.parametrize(
    ("kind", "stored"), [(FaultKind.DROP_BEFORE, 0), (FaultKind.DROP_AFTER, 1)]
)
async def test_dropped_answer(kind: FaultKind, stored: int) -> None:
    async with site() as aws:
        client, other = await aws.connect(), await aws.connect()
        await client.call("CreateQueue", QueueName="q")
        aws.faults.add(Fault("sqs.SendMessage", kind))
        client.send(request("SendMessage", QueueUrl="q", MessageBody="a"))

        assert await client.ended() == b""
        found = (await other.call("ReceiveMessage", QueueUrl="q")).json()
        assert len(found.get("Messages", [])) == stored


async def test_reset_after_some_octets() -> None:
    async with site() as aws:
        client = await aws.connect()
        aws.faults.add(Fault("sqs.ListQueues", FaultKind.RESET, after_bytes=0))
        client.send(request("ListQueues"))

        with pytest.raises(ConnectionResetError):
            await client.ended()


async def test_latency_delays_one_answer_and_not_the_next() -> None:
    async with site() as aws:
        client = await aws.connect()
        aws.faults.add(Fault("sqs.ListQueues", FaultKind.LATENCY, seconds=0.01))
        loop = asyncio.get_running_loop()
        started = loop.time()

        await client.call("ListQueues")
        assert loop.time() - started >= 0.009
        assert (await client.call("ListQueues")).status == 200


async def test_a_defect_of_the_fake_shows_the_client_no_stack_trace(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with site() as aws:

        def break_down(*_: object, **__: object) -> None:
            msg = "a secret of the inside"
            raise RuntimeError(msg)

        monkeypatch.setattr(aws.server.cloud.sqs, "call", break_down)
        client = await aws.connect()
        answer = await client.call("ListQueues")

        assert answer.status == 500
        assert answer.json()["__type"] == "com.amazonaws.sqs#InternalFailure"
        assert b"secret" not in answer.body
        assert "a secret of the inside" in caplog.text


async def test_other_services_are_handed_on_at_once_or_later() -> None:
    async with site() as aws:
        asked: list[str] = []

        def other(service: str, request: HttpRequest, connection: HttpConnection) -> Any:
            asked.append(f"{service} {request.path}")
            response = HttpResponse(200, "text/plain", service.encode())
            if service == "dynamodb":
                asyncio.get_running_loop().call_soon(connection.answer, response)
                return "later"
            return response if service == "s3" else None

        aws.server.other_services = other
        client = await aws.connect()
        bodies = []
        for service in ("s3", "dynamodb", "sqs", "ec2"):
            scope = f"k/20260101/us-east-1/{service}/aws4_request"
            head = (
                f"GET /x HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4 Credential={scope}, S=0\r\n\r\n"
            )
            client.send(head.encode())
            bodies.append((await client.answer()).body)

        assert bodies[:2] == [b"s3", b"dynamodb"]
        assert b"UnknownOperation" in bodies[2]
        assert b"NotImplemented" in bodies[3]
        assert asked == ["s3 /x", "dynamodb /x", "ec2 /x"]


@pytest.mark.slow
async def test_a_client_that_does_not_read_is_not_read_from() -> None:
    async with site() as aws:
        client, other = await aws.connect(), await aws.connect()
        await other.call("CreateQueue", QueueName="q", Attributes={"VisibilityTimeout": "0"})
        await other.call("SendMessage", QueueUrl="q", MessageBody="x" * 1_000_000)
        received = aws.server.cloud.events
        for _ in range(60):
            client.send(request("ReceiveMessage", QueueUrl="q"))
        before = -1
        while (count := sum(event.kind == "received" for event in received)) != before:
            before = count
            for _ in range(5):
                await other.call("ListQueues")
        assert 0 < count < 60

        for _ in range(60):
            assert len((await client.answer()).json()["Messages"]) == 1


# --- control routes -------------------------------------------------------------------------------


async def test_health_follows_readiness() -> None:
    async with site() as aws:
        client = await aws.connect()
        for ready, status in ((False, 503), (True, 200)):
            aws.server.ready = ready
            client.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await client.answer()).status == status


@pytest.mark.parametrize("path", ["/health", "/_localstack/health", "/"])
async def test_head_is_answered_without_the_body_that_get_has(path: str) -> None:
    """RFC 9110, section 9.3.2; `wget --spider`, a common health check of containers, sends HEAD."""
    async with site() as aws:
        client = await aws.connect()
        client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        whole = await client.answer()
        client.send(f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head = await client.ended()

        status = f"HTTP/1.1 {whole.status} ".encode()
        assert head.startswith(status)
        assert head.endswith(b"Content-Length: %d\r\n\r\n" % len(whole.body))


@pytest.mark.source("https://docs.localstack.cloud/references/internal-endpoints/")
async def test_health_at_localstacks_path_names_the_services() -> None:
    """Scripts wait with `curl ... | grep '"sqs": "running"'`."""
    async with site() as aws:
        client = await aws.connect()
        for ready, state in ((False, b"starting"), (True, b"running")):
            aws.server.ready = ready
            client.send(b"GET /_localstack/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b'"sqs": "%s"' % state in (await client.answer()).body


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/moto-api/reset", {"status": "ok"}),
        ("/_localstack/state/reset", {}),
        ("/_ministack/reset", {"status": "ok"}),
    ],
)
async def test_resets_of_other_fakes_are_understood(path: str, answer: dict[str, str]) -> None:
    async with site() as aws:
        client = await aws.connect()
        await client.call("CreateQueue", QueueName="q")
        client.send(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())

        assert (await client.answer()).json() == answer
        assert (await client.call("ListQueues")).json() == {}


def test_serves_on_uvloop_as_well() -> None:
    """The transports of uvloop are no subclasses of asyncio's."""
    uvloop = pytest.importorskip("uvloop")

    async def talk() -> Any:
        async with site() as aws:
            client = await aws.connect()
            answer = (await client.call("CreateQueue", QueueName="q")).json()
            client.writer.close()
            await client.writer.wait_closed()
            return answer

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(talk()) == {"QueueUrl": "http://127.0.0.1/000000000000/q"}
