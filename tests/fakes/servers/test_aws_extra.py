"""Other services through moto on the same endpoint, beside our own."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiobotocore.session
import aiohttp
import botocore.exceptions
import pytest
from aiobotocore.config import AioConfig
from tests.fakes.servers.support_http import site
from yarl import URL

from tomodachi_fakes.aws.http import HttpRequest
from tomodachi_fakes.clock import SystemClock
from tomodachi_fakes.servers.aws_extra import OtherServices, environ_of, respond

pytest.importorskip("moto.moto_server.werkzeug_app")
ACCOUNT = "123412341234"


class Clients:
    def __init__(self, port: int, stack: AsyncExitStack) -> None:
        self._port, self._stack = port, stack

    async def of(self, service: str, config: AioConfig | None = None, **credentials: str) -> Any:
        context = aiobotocore.session.get_session().create_client(
            service,
            region_name="eu-west-1",
            endpoint_url=f"http://127.0.0.1:{self._port}",
            config=config,
            **{"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "test"} | credentials,
        )
        return await self._stack.enter_async_context(context)


@pytest.fixture
async def clients() -> AsyncIterator[Clients]:
    """Clients of an endpoint with S3 and DynamoDB beside our own services."""
    async with AsyncExitStack() as stack:
        aws = await stack.enter_async_context(site(SystemClock()))
        other = OtherServices(["s3", "dynamodb"], default_account="000000000000")
        aws.server.other_services = other
        stack.push_async_callback(other.close)
        yield Clients(aws.server.port, stack)


@pytest.mark.slow
async def test_s3_keeps_objects_beside_our_own_services(clients: Clients) -> None:
    s3, sqs = await clients.of("s3"), await clients.of("sqs")
    await s3.create_bucket(
        Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )

    await s3.put_object(Bucket="bucket", Key="a/ü b.txt", Body=b"content", Metadata={"k": "v"})
    answer = await s3.get_object(Bucket="bucket", Key="a/ü b.txt")

    assert await answer["Body"].read() == b"content"
    assert answer["Metadata"] == {"k": "v"}
    assert (await sqs.create_queue(QueueName="q"))["QueueUrl"].endswith(f"/{ACCOUNT}/q")


@pytest.mark.slow
@pytest.mark.parametrize("signature_version", ["s3", "s3v4"])
async def test_a_presigned_url_of_s3_is_s3s(clients: Clients, signature_version: str) -> None:
    """S3 user guide, presigned URLs: whoever has the URL needs no credentials of their own."""
    s3 = await clients.of("s3")
    signer = await clients.of("s3", AioConfig(signature_version=signature_version))
    where = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    await s3.create_bucket(Bucket="signed", **where)
    given = {"Bucket": "signed", "Key": "a b"}
    put = await signer.generate_presigned_url("put_object", Params=given)
    get = await signer.generate_presigned_url("get_object", Params=given)
    body = bytes(3 * 1024 * 1024)  # more than any message

    async with aiohttp.ClientSession() as anybody:
        async with anybody.put(URL(put, encoded=True), data=io.BytesIO(body)) as answer:
            assert answer.status == 200
        async with anybody.get(URL(get, encoded=True)) as answer:
            assert await answer.read() == body


@pytest.mark.slow
async def test_the_size_of_an_object_can_be_asked_for(clients: Clients) -> None:
    """S3 API reference, HeadObject: Content-Length is the object's, without its body."""
    s3 = await clients.of("s3")
    where = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    await s3.create_bucket(Bucket="sizes", **where)
    await s3.put_object(Bucket="sizes", Key="a", Body=b"twelve bytes")
    assert (await s3.head_object(Bucket="sizes", Key="a"))["ContentLength"] == 12


@pytest.mark.slow
async def test_dynamodb_agrees_on_the_account(clients: Clients) -> None:
    dynamodb = await clients.of("dynamodb")

    table = await dynamodb.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    await asyncio.gather(
        *(dynamodb.put_item(TableName="t", Item={"k": {"S": str(n)}}) for n in range(10))
    )

    arn = table["TableDescription"]["TableArn"]
    assert arn == f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t"
    assert (await dynamodb.scan(TableName="t"))["Count"] == 10


@pytest.mark.slow
async def test_a_role_is_in_its_own_account_there_too(clients: Clients) -> None:
    """STS API reference, AssumeRole: the credentials are for the account that owns the role."""
    sts = await clients.of("sts")
    role = {"RoleArn": "arn:aws:iam::222222222222:role/r", "RoleSessionName": "test"}
    answer = (await sts.assume_role(**role))["Credentials"]
    dynamodb = await clients.of(
        "dynamodb",
        aws_access_key_id=answer["AccessKeyId"],
        aws_secret_access_key=answer["SecretAccessKey"],
        aws_session_token=answer["SessionToken"],
    )

    table = await dynamodb.create_table(
        TableName="roles",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )

    arn = "arn:aws:dynamodb:eu-west-1:222222222222:table/roles"
    assert table["TableDescription"]["TableArn"] == arn


@pytest.mark.slow
async def test_a_service_that_was_not_asked_for_is_refused(clients: Clients) -> None:
    lambda_ = await clients.of("lambda")

    with pytest.raises(botocore.exceptions.ClientError):
        await lambda_.list_functions()


def request(**changes: Any) -> HttpRequest:
    given = {
        "method": "PUT",
        "path": "/a%20b/%C3%BC",
        "query": "x=1",
        "headers": {"host": "127.0.0.1:4566", "content-type": "text/plain", "x-amz-meta-a": "b"},
        "body": b"body",
    }
    return HttpRequest(**given | changes)


def test_the_environment_of_a_request() -> None:
    """PEP 3333: the path unquoted, as latin-1; headers with a prefix, but for two."""
    environ = environ_of(request())

    assert environ["PATH_INFO"].encode("latin-1").decode() == "/a b/ü"
    assert environ["QUERY_STRING"] == "x=1"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "4566")
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("text/plain", "4")
    assert environ["HTTP_X_AMZ_META_A"] == "b"
    assert "HTTP_CONTENT_TYPE" not in environ
    assert environ["wsgi.input"].read() == b"body"


def test_an_answer_is_collected_from_all_its_parts() -> None:
    closed = []

    class Parts(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def application(environ: dict[str, Any], start_response: Any) -> Parts:
        headers = [("Content-Type", "text/xml"), ("X-A", "1"), ("Content-Length", "2")]
        write = start_response("201 Created", headers)
        write(b"a")
        return Parts([b"b"])

    answer = respond(application, {})

    assert (answer.status, answer.content_type, answer.body) == (201, "text/xml", b"ab")
    assert answer.headers == {"X-A": "1"}
    assert closed == [True]


def test_an_application_that_does_not_answer_is_an_error() -> None:
    assert respond(lambda environ, start_response: [], {}).status == 500
