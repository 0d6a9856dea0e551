"""SNS and SQS at a real endpoint for one test: publishing, sending, counting, cleaning up by prefix."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tomodachi.helpers.aiobotocore_connector import ClientConnector
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from tomodachi_testkit.real_brokers.endpoints import AwsEndpoint

__tracebackhide__ = hides

_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class RealAws:
    """The endpoint as one test uses it.

    Args:
        endpoint: Where it is.
        name: The test's own name, unique.

    Attributes:
        prefix: What is put before names of topics and queues.
    """

    def __init__(self, endpoint: AwsEndpoint, name: str) -> None:
        self.endpoint = endpoint
        self.prefix = f"{name}-"
        self._connector = ClientConnector()
        self._is_there = False

    async def start(self) -> None:
        """See that somebody is there.

        Raises:
            TestkitError: nobody is.
        """
        parts = urlsplit(self.endpoint.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            _, writer = await asyncio.open_connection(parts.hostname or "", port)
        except OSError as error:
            msg = f"SVC_AWS_ENDPOINT_URL: nothing answers at {parts.hostname}:{port} ({error})."
            raise TestkitError(msg) from error
        writer.close()
        await writer.wait_closed()
        self._is_there = True

    async def client(self, service: str) -> Any:
        """The test's client of an AWS service."""
        credentials = {
            "region_name": self.endpoint.region,
            "aws_access_key_id": self.endpoint.access_key_id,
            "aws_secret_access_key": self.endpoint.secret_access_key,
            "endpoint_url": self.endpoint.url,
        }
        return await self._connector.create_client(service, credentials)

    async def ask(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Run one operation; `operation` and `params` are named as on the wire.

        Raises:
            ClientError: the service refuses.
        """
        from botocore import xform_name

        method = getattr(await self.client(service), xform_name(operation))
        return dict(await method(**params))

    async def topics(self) -> list[str]:
        """ARNs of the test's topics."""
        sns = await self.client("sns")
        pages = sns.get_paginator("list_topics").paginate()
        arns = [topic["TopicArn"] async for page in pages for topic in page.get("Topics", ())]
        return [arn for arn in arns if arn.rpartition(":")[2].startswith(self.prefix)]

    async def queues(self) -> list[str]:
        """URLs of the test's queues."""
        sqs = await self.client("sqs")
        pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=self.prefix)
        return [url async for page in pages for url in page.get("QueueUrls", ())]

    async def counts(self, url: str) -> int:
        """How many messages a queue has, whatever their state; approximately."""
        sqs = await self.client("sqs")
        answer = await sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))
        return sum(int(value) for value in answer["Attributes"].values())

    async def stop(self) -> None:
        """Delete the test's topics and queues, and close the clients."""
        if not self._is_there:
            return
        sns, sqs = await self.client("sns"), await self.client("sqs")
        for arn in await self.topics():
            await sns.delete_topic(TopicArn=arn)
        for url in await self.queues():
            await sqs.delete_queue(QueueUrl=url)
        await self._connector.close()
