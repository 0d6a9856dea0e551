"""Which calls are made directly, which by botocore, and that nobody can tell them apart."""

from __future__ import annotations

import functools
import logging
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiobotocore.client
import pytest
from aiobotocore.endpoint import AioEndpoint
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from tomodachi.helpers.botocore_events import Listeners, unnoticed
from tomodachi.transport.aws_sns_sqs.clients import Clients
from tomodachi.transport.aws_sns_sqs.direct import DirectCalls
from tomodachi.transport.aws_sns_sqs.direct.calls import is_botocore_s
from tomodachi.transport.aws_sns_sqs.direct.session import ObservedSession, Sent, observed_requests
from tomodachi_fakes.faults import FaultKind


@pytest.fixture
async def clients(aws: Any) -> AsyncIterator[Clients]:
    clients = Clients(aws.options())
    yield clients
    await clients.close()


@pytest.fixture
def by_botocore(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the operations that went through botocore."""
    names: list[str] = []
    make_request = AioEndpoint.make_request

    async def counted(self: Any, operation_model: Any, request_dict: Any) -> Any:
        names.append(operation_model.name)
        return await make_request(self, operation_model, request_dict)

    monkeypatch.setattr(AioEndpoint, "make_request", counted)
    return names


async def queue_url(clients: Clients) -> str:
    return str((await (await clients.get("sqs")).create_queue(QueueName="q"))["QueueUrl"])


async def topic_arn(clients: Clients) -> str:
    return str((await (await clients.get("sns")).create_topic(Name="t"))["TopicArn"])


async def send_twice(clients: Clients) -> list[str]:
    sqs = await clients.direct("sqs")
    params = {"QueueUrl": await queue_url(clients), "MessageBody": "x"}
    return [(await sqs.call("SendMessage", params))["MessageId"] for _ in range(2)]


async def test_only_the_first_call_of_each_kind_goes_through_botocore(
    aws: Any, clients: Clients, by_botocore: list[str]
) -> None:
    sqs, sns = await clients.direct("sqs"), await clients.direct("sns")
    url, arn = await queue_url(clients), await topic_arn(clients)
    by_botocore.clear()
    value = {"a": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    entries = [{"Id": "0", "Message": "x", "MessageAttributes": value}]
    for _ in range(3):
        await sqs.call(
            "SendMessage", {"QueueUrl": url, "MessageBody": "ä", "MessageAttributes": value}
        )
        await sqs.call("SendMessage", {"QueueUrl": url, "MessageBody": "2"})
        receive = {
            "QueueUrl": url,
            "MaxNumberOfMessages": 10,
            "MessageAttributeNames": ("All",),
        }
        messages = (await sqs.call("ReceiveMessage", receive))["Messages"]
        assert [message["Body"] for message in messages] == ["ä", "2"]
        assert messages[0]["MessageAttributes"] == value
        first, second = (message["ReceiptHandle"] for message in messages)
        await sqs.call("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": first})
        batch = [{"Id": "0", "ReceiptHandle": second}]
        answer = await sqs.call("DeleteMessageBatch", {"QueueUrl": url, "Entries": batch})
        assert answer["Successful"] == [{"Id": "0"}]
        assert (await sns.call("Publish", {"TopicArn": arn, "Message": "x"}))["MessageId"]
        batch_params = {"TopicArn": arn, "PublishBatchRequestEntries": entries}
        assert len((await sns.call("PublishBatch", batch_params))["Successful"]) == 1
    assert aws.left("q") == 0
    assert sorted(by_botocore) == [
        "DeleteMessage",
        "DeleteMessageBatch",
        "Publish",
        "PublishBatch",
        "ReceiveMessage",
        "SendMessage",
    ]


async def test_both_kinds_of_request_have_the_same_headers_and_address(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Sent] = []
    send = ObservedSession.send

    async def seen_to(self: ObservedSession, request: Any) -> Any:
        sent.append(Sent(self, request))
        return await send(self, request)

    monkeypatch.setattr(ObservedSession, "send", seen_to)
    await send_twice(clients)
    changing = {"X-Amz-Date", "Authorization", "amz-sdk-invocation-id"}
    seen = []
    for one in sent[-2:]:
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else value
            for name, value in one.request.headers.items()
        }
        assert headers.keys() >= {name.lower() for name in changing}
        seen.append(
            (
                one.request.method,
                one.request.url,
                one.request.body,
                headers.keys(),
                {k: v for k, v in headers.items() if k not in {name.lower() for name in changing}},
            )
        )
    assert seen[0] == seen[1]


@pytest.mark.parametrize("register", ["register", "register_first", "register_last"])
async def test_whoever_listens_to_botocore_s_events_hears_of_every_call(
    clients: Clients, register: str
) -> None:
    await send_twice(clients)
    heard: list[str] = []

    def listener(event_name: str, **_: Any) -> None:
        heard.append(event_name)

    getattr((await clients.get("sqs")).meta.events, register)(
        "before-send.sqs.SendMessage", listener
    )
    await send_twice(clients)
    assert heard == ["before-send.sqs.SendMessage"] * 2


async def test_whoever_has_wrapped_the_client_s_calls_sees_every_one(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As OpenTelemetry, X-Ray and others do."""
    await send_twice(clients)
    seen: list[str] = []
    inner = aiobotocore.client.AioBaseClient._make_api_call  # type: ignore[attr-defined]

    @functools.wraps(inner)
    async def traced(self: Any, operation_name: str, api_params: Any) -> Any:
        seen.append(operation_name)
        return await inner(self, operation_name, api_params)

    monkeypatch.setattr(aiobotocore.client.AioBaseClient, "_make_api_call", traced)
    assert not is_botocore_s(traced)
    await send_twice(clients)
    assert seen == ["CreateQueue", "SendMessage", "SendMessage"]
    monkeypatch.undo()
    await send_twice(clients)
    assert len(seen) == 3


async def test_with_botocore_s_debug_log_on_every_call_is_in_it(
    clients: Clients, by_botocore: list[str], caplog: Any
) -> None:
    await send_twice(clients)
    with caplog.at_level(logging.DEBUG, "botocore.endpoint"):
        await send_twice(clients)
    assert by_botocore.count("SendMessage") == 3


async def test_what_answers_in_place_of_aws_goes_on_answering(
    clients: Clients, by_botocore: list[str]
) -> None:
    """A request that did not go through the HTTP session is no pattern, as with in-process mocks."""
    sqs = await clients.direct("sqs")
    url = await queue_url(clients)
    params = {"QueueUrl": url, "MessageBody": "x"}
    (await clients.get("sqs")).meta.events.register_first(
        "before-call.sqs", unnoticed(answer_by_hand)
    )
    by_botocore.clear()
    answers = [await sqs.call("SendMessage", params) for _ in range(3)]
    assert [answer["MessageId"] for answer in answers] == ["by hand"] * 3
    assert by_botocore == []


def answer_by_hand(**_: Any) -> Any:
    return SimpleNamespace(status_code=200), {"MessageId": "by hand"}


async def test_refreshed_credentials_sign_the_next_call(aws: Any, clients: Clients) -> None:
    url = await queue_url(clients)
    current = ReadOnlyCredentials("test", "test", None)

    async def credentials() -> ReadOnlyCredentials:
        return current

    sqs = DirectCalls(await clients.get("sqs"), credentials, Listeners())
    params = {"QueueUrl": url, "MessageBody": "x"}
    await sqs.call("SendMessage", params)
    current = ReadOnlyCredentials("fresh", "secret", None)
    with observed_requests() as sent:
        await sqs.call("SendMessage", params)
    assert "Credential=fresh/" in sent[0].request.headers["authorization"]


async def test_credentials_of_another_kind_leave_the_call_to_botocore(
    clients: Clients, by_botocore: list[str]
) -> None:
    """The pattern has no session token, and these have one."""
    url = await queue_url(clients)
    current = ReadOnlyCredentials("test", "test", None)

    async def credentials() -> ReadOnlyCredentials:
        return current

    sqs = DirectCalls(await clients.get("sqs"), credentials, Listeners())
    params = {"QueueUrl": url, "MessageBody": "x"}
    await sqs.call("SendMessage", params)
    current = ReadOnlyCredentials("test", "test", "token")
    await sqs.call("SendMessage", params)
    assert by_botocore.count("SendMessage") == 2


async def test_temporary_credentials_are_called_with_directly_and_send_their_token(
    aws: Any, by_botocore: list[str]
) -> None:
    clients = Clients(aws.options(aws_session_token="a token"))
    with observed_requests() as sent:
        await send_twice(clients)
    await clients.close()
    assert sent[-1].request.headers["x-amz-security-token"] == "a token"
    assert "x-amz-security-token" in sent[-1].request.headers["authorization"]
    assert by_botocore.count("SendMessage") == 1


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("sqs", "SendMessage", {"MessageBody": "x"}),
        ("sqs", "ReceiveMessage", {}),
        ("sns", "Publish", {"Message": "x"}),
    ],
)
@pytest.mark.parametrize(
    ("code", "status"),
    [("RequestThrottled", 403), ("InternalFailure", 500), ("ServiceUnavailable", 503)],
)
async def test_errors_are_those_that_botocore_raises(
    aws: Any,
    clients: Clients,
    service: str,
    operation: str,
    params: dict[str, Any],
    code: str,
    status: int,
) -> None:
    await assert_equal_errors(
        aws, clients, service, operation, params, {"code": code, "status": status}
    )


@pytest.mark.parametrize(
    ("service", "operation", "params", "missing"),
    [
        ("sqs", "SendMessage", {"MessageBody": "x"}, "QueueDoesNotExist"),
        ("sqs", "ReceiveMessage", {}, "QueueDoesNotExist"),
        ("sns", "Publish", {"Message": "x"}, "NotFoundException"),
    ],
)
async def test_modelled_errors_are_the_client_s_own_classes(
    aws: Any,
    clients: Clients,
    service: str,
    operation: str,
    params: dict[str, Any],
    missing: str,
) -> None:
    error = await assert_equal_errors(aws, clients, service, operation, params, None)
    assert isinstance(error, getattr((await clients.get(service)).exceptions, missing))


async def assert_equal_errors(
    aws: Any,
    clients: Clients,
    service: str,
    operation: str,
    params: dict[str, Any],
    fault: dict[str, Any] | None,
) -> ClientError:
    """The second error of a call, which is raised directly, after comparing it with botocore's."""
    direct = await clients.direct(service)
    if service == "sqs":
        known = {"QueueUrl": await queue_url(clients)}
    else:
        known = {"TopicArn": await topic_arn(clients)}
    await direct.call(operation, params | known)
    if fault is None:
        known = {name: f"{value}-missing" for name, value in known.items()}
    errors = []
    client = await clients.get(service)
    method = {"SendMessage": "send_message", "ReceiveMessage": "receive_message"}
    for call in (
        lambda: direct.call(operation, params | known),
        lambda: getattr(client, method.get(operation, "publish"))(**params, **known),
    ):
        if fault is not None:
            aws.fail(f"{service}.{operation}", times=1, message="not now", **fault)
        with pytest.raises(ClientError) as caught:
            await call()
        errors.append(caught.value)
    one, other = errors
    assert type(one) is type(other)
    # botocore counts the retries that are turned off.
    assert str(one) == str(other).replace(" (reached max retries: 0)", "")
    assert one.response["Error"] == other.response["Error"]
    assert (
        one.response["ResponseMetadata"]["HTTPStatusCode"]
        == other.response["ResponseMetadata"]["HTTPStatusCode"]
    )
    assert one.response["ResponseMetadata"].keys() <= other.response["ResponseMetadata"].keys()
    return one


async def test_a_lost_answer_is_botocore_s_connection_error(aws: Any, clients: Clients) -> None:
    await send_twice(clients)
    aws.fail("sqs.SendMessage", FaultKind.DROP_AFTER, times=1)
    sqs = await clients.direct("sqs")
    with pytest.raises(ConnectionClosedError):
        await sqs.call("SendMessage", {"QueueUrl": await queue_url(clients), "MessageBody": "x"})


async def test_an_absent_endpoint_is_botocore_s_connection_error(
    aws: Any, clients: Clients
) -> None:
    await send_twice(clients)
    url, sqs = await queue_url(clients), await clients.direct("sqs")
    await aws.go_away()
    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        await sqs.call("SendMessage", {"QueueUrl": url, "MessageBody": "x"})
    with pytest.raises(EndpointConnectionError):
        await sqs.call("SendMessage", {"QueueUrl": url, "MessageBody": "x"})


async def test_clients_of_the_same_service_share_what_was_learnt(clients: Clients) -> None:
    assert await clients.direct("sqs") is await clients.direct("sqs")
