"""The views of SNS and SQS at a real endpoint: publish and send, and see what services published.

A queue cannot be looked into without changing what is there, so that is refused, and the plugin makes
a skip of it. Whatever is made has the test's own prefix before its name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from tomodachi_testkit.errors import NotOnRealBrokers
from tomodachi_testkit.messages import Message
from tomodachi_testkit.tracebacks import hides
from tomodachi_testkit.views.aws_api import name_of
from tomodachi_testkit.views.decode import attribute_values, payload_of
from tomodachi_testkit.views.names import without_prefix
from tomodachi_testkit.views.sns import FakeSNS
from tomodachi_testkit.views.sqs import Address, FakeSQS

if TYPE_CHECKING:
    from tomodachi.helpers.observer import PublishedMessage
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.real_brokers.aws import RealAws

__tracebackhide__ = hides


class RealSNS(FakeSNS):
    """SNS at a real endpoint."""

    def __init__(self, harness: Harness, aws: RealAws) -> None:
        super().__init__(harness)
        self._aws = aws
        self._own_prefix = aws.prefix

    @property
    def topics(self) -> NoReturn:
        """Refused: see `RealAws.topics`, which has to wait."""
        raise NotOnRealBrokers("sns.topics")

    def topic_attributes(self, topic: str) -> NoReturn:
        """Refused: ask with a client of `svc.aws("sns")`."""
        what = f"sns.topic_attributes({topic!r})"
        raise NotOnRealBrokers(what)

    def note(self, message: PublishedMessage) -> None:
        """A service published."""
        params = {
            "Message": str(message.body),
            "MessageAttributes": dict(message.attributes),
            "MessageGroupId": message.group,
        }
        self._published_by_test(message.destination, message.message_id, params)

    async def _ask(self, operation: str, region: str, **params: Any) -> dict[str, Any]:
        del region  # the endpoint has one
        return await self._aws.ask("sns", operation, params)

    async def _attributes(self, arn: str) -> dict[str, str]:
        answer = await self._aws.ask("sns", "GetTopicAttributes", {"TopicArn": arn})
        return dict(answer["Attributes"])

    async def _known(self) -> list[tuple[str, str]]:
        return [(name_of(arn), arn) for arn in await self._aws.topics()]

    def _prefixes(self) -> list[str]:
        return [self._own_prefix, *super()._prefixes()]

    def _published_by_test(self, arn: str, message_id: str, params: dict[str, Any]) -> Message:
        found, subject = payload_of(params["Message"]), params.get("Subject")
        message = Message(
            data=found.data,
            topic=without_prefix(name_of(arn), self._prefixes()),
            body=params["Message"],
            attributes=attribute_values(params.get("MessageAttributes")),
            properties={} if subject is None else {"subject": subject},
            message_id=message_id,
            correlation_id=found.message_uuid,
            group=params.get("MessageGroupId"),
            at=datetime.now(UTC),
        )
        self._published.append(message)
        return message


class RealSQS(FakeSQS):
    """SQS at a real endpoint."""

    def __init__(self, harness: Harness, aws: RealAws) -> None:
        super().__init__(harness)
        self._aws = aws
        self._own_prefix = aws.prefix

    def __getitem__(self, name: str) -> NoReturn:
        """Refused: the messages of a real queue cannot be looked at."""
        what = f"sqs[{name!r}]"
        raise NotOnRealBrokers(what)

    def __contains__(self, name: str) -> NoReturn:
        """Refused: an endpoint has to be asked, with a client of `svc.aws("sqs")`."""
        what = f"{name!r} in sqs"
        raise NotOnRealBrokers(what)

    def __iter__(self) -> NoReturn:
        """Refused, as one of them is."""
        what = "iter(sqs)"
        raise NotOnRealBrokers(what)

    def work(self, names: tuple[str, ...] = ()) -> list[str]:
        """Nothing that could be told without asking the endpoint; `drain` asks."""
        return []

    async def _ask(self, operation: str, region: str, **params: Any) -> dict[str, Any]:
        del region  # the endpoint has one
        return await self._aws.ask("sqs", operation, params)

    async def _attributes(self, queue: str) -> dict[str, str]:
        url = (await self._address(queue)).url
        params = {"QueueUrl": url, "AttributeNames": ["All"]}
        return dict((await self._aws.ask("sqs", "GetQueueAttributes", params))["Attributes"])

    async def _addresses(self) -> list[tuple[str, Address]]:
        region = self._aws.endpoint.region
        urls = await self._aws.queues()
        return [(url.rpartition("/")[2], Address(url, region)) for url in urls]

    def _prefixes(self) -> list[str]:
        return [self._own_prefix, *super()._prefixes()]

    def _sent_by_test(self, queue: str, message_id: str, params: dict[str, Any]) -> Message:
        return Message(
            data=payload_of(params["MessageBody"]).data,
            queue=queue,
            body=params["MessageBody"],
            attributes=attribute_values(params.get("MessageAttributes")),
            message_id=message_id,
            group=params.get("MessageGroupId"),
            at=datetime.now(UTC),
        )
