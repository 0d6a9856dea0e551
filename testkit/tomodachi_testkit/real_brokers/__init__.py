"""Real brokers behind a harness: those that environment variables name, in real time.

Each test has names of its own and leaves nothing behind. A broker that is not named is served in
memory, as ever.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.brokers import FakeBrokers
from tomodachi_testkit.errors import NotOnRealBrokers
from tomodachi_testkit.polling import poll_until_drained
from tomodachi_testkit.real_brokers.amqp_view import RealAMQP
from tomodachi_testkit.real_brokers.aws import RealAws
from tomodachi_testkit.real_brokers.aws_views import RealSNS, RealSQS
from tomodachi_testkit.real_brokers.endpoints import Endpoints
from tomodachi_testkit.real_brokers.rabbitmq import RabbitMQ
from tomodachi_testkit.service_options import point_at_brokers, put_before
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    import tomodachi
    from tomodachi.helpers.observer import PublishedMessage
    from tomodachi.options import Options
    from tomodachi_fakes.servers.fake_broker import FakeBroker
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.views.amqp import FakeAMQP
    from tomodachi_testkit.views.sns import FakeSNS
    from tomodachi_testkit.views.sqs import FakeSQS

__tracebackhide__ = hides


class RealBrokers:
    """RabbitMQ, or SNS + SQS, or both, at real endpoints.

    Attributes:
        kind: "real".
        sqs: SQS as far as the test can see it.
        sns: SNS.
        amqp: RabbitMQ.
    """

    kind = "real"

    def __init__(self, harness: Harness, environ: Mapping[str, str] = os.environ) -> None:
        endpoints = Endpoints.of(environ)
        name = own_name()
        self._harness = harness
        self._aws = None if endpoints.aws is None else RealAws(endpoints.aws, name)
        self._rabbitmq = (
            None
            if endpoints.amqp is None
            else RabbitMQ(endpoints.amqp, endpoints.management_url, name)
        )
        self._fake = FakeBrokers(
            harness, with_aws=self._aws is None, with_amqp=self._rabbitmq is None
        )
        self.sns: FakeSNS = self._fake.sns if self._aws is None else RealSNS(harness, self._aws)
        self.sqs: FakeSQS = self._fake.sqs if self._aws is None else RealSQS(harness, self._aws)
        self.amqp: FakeAMQP = (
            self._fake.amqp if self._rabbitmq is None else RealAMQP(harness, self._rabbitmq)
        )
        self._queues: dict[str, set[str]] = {"queue": set(), "queue_url": set(), "exchange": set()}

    async def start(self) -> None:
        """Make what the test needs for itself, and start what is served in memory."""
        self._harness.watch.published_by_services = self._published
        if self._aws is None or self._rabbitmq is None:
            await self._fake.start()
        if self._aws is not None:
            await self._aws.start()
        if self._rabbitmq is not None:
            await self._rabbitmq.start()

    async def stop(self) -> None:
        """Delete everything that the test made; one broker's trouble leaves nothing on the other."""
        self._note_names()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._fake.stop)
            if self._aws is not None:
                stack.push_async_callback(self._aws.stop)
            if self._rabbitmq is not None:
                queues, exchanges = self._queues["queue"], self._queues["exchange"]
                stack.push_async_callback(self._rabbitmq.stop, queues, exchanges)

    def point(
        self, service: tomodachi.Service, options: Mapping[str, Any] | Options | None
    ) -> None:
        """Point a service's options at these brokers, and put the test's name before its names."""
        point_at_brokers(service, self.aws_url, self.amqp_url, options)
        if self._aws is not None:
            endpoint = self._aws.endpoint
            service.options["aws_sns_sqs.region_name"] = endpoint.region
            service.options["aws_sns_sqs.aws_access_key_id"] = endpoint.access_key_id
            service.options["aws_sns_sqs.aws_secret_access_key"] = endpoint.secret_access_key
            for key in ("aws_sns_sqs.topic_prefix", "aws_sns_sqs.queue_name_prefix"):
                put_before(service, key, self._aws.prefix)
        if self._rabbitmq is not None:
            for key in ("amqp.routing_key_prefix", "amqp.queue_name_prefix"):
                put_before(service, key, self._rabbitmq.prefix)

    @property
    def broker(self) -> FakeBroker | None:
        """What is served in memory; None where nothing is, or not yet."""
        return self._fake.broker

    @property
    def started(self) -> FakeBroker:
        """What is served in memory.

        Raises:
            NotOnRealBrokers: nothing is.
        """
        if self._fake.broker is None:
            raise NotOnRealBrokers("the inside of the brokers")
        return self._fake.broker

    @property
    def aws_url(self) -> str:
        """Endpoint URL of SNS and SQS."""
        return self._fake.aws_url if self._aws is None else self._aws.endpoint.url

    @property
    def amqp_url(self) -> str:
        """AMQP URL, with the virtual host."""
        return self._fake.amqp_url if self._rabbitmq is None else self._rabbitmq.endpoint.url

    def env(self) -> dict[str, str]:
        """Variables that point clients here."""
        variables = {} if self._fake.broker is None else self._fake.env()
        if self._aws is not None:
            endpoint = self._aws.endpoint
            variables |= {
                "AWS_ENDPOINT_URL": endpoint.url,
                "AWS_DEFAULT_REGION": endpoint.region,
                "AWS_REGION": endpoint.region,
                "AWS_ACCESS_KEY_ID": endpoint.access_key_id,
                "AWS_SECRET_ACCESS_KEY": endpoint.secret_access_key,
            }
        return variables | {"AMQP_URL": self.amqp_url}

    def work(self, queues: tuple[str, ...]) -> list[str]:
        """The part of the work that can be told without waiting: what is served in memory."""
        return self.sqs.work(queues) + self.amqp.work(queues)

    async def poll_until_drained(self, queues: tuple[str, ...], until_s: float | None) -> int:
        """Look at the services' queues until they stay empty; returns how often it looked.

        Raises:
            DrainIncomplete: they are not, after `until_s` or 30 seconds of real time.
        """

        async def look() -> list[str]:
            return self._harness.work(queues) + await self._waiting(queues)

        return await poll_until_drained(look, until_s, brokers="real brokers")

    async def _waiting(self, names: tuple[str, ...]) -> list[str]:
        self._note_names()
        found: list[str] = []
        if self._rabbitmq is not None:
            for queue in _named(self._queues["queue"], names):
                ready = await self._rabbitmq.ready(queue)
                found += [f"{ready} ready in {queue}"] if ready else []
        if self._aws is not None:
            for url in _named(self._queues["queue_url"], names):
                count = await self._aws.counts(url)
                found += [f"{count} in {url.rpartition('/')[2]}"] if count else []
        return found

    def _note_names(self) -> None:
        from tomodachi.helpers.handler_entries import entries_of

        for context in self._harness.starter.contexts:
            for entry in entries_of(context):
                for kind, names in self._queues.items():
                    if kind in entry.detail:
                        names.add(entry.detail[kind])

    def _published(self, message: PublishedMessage) -> None:
        if message.transport == "amqp" and isinstance(self.amqp, RealAMQP):
            self.amqp.note(message)
        elif message.transport == "aws_sns_sqs" and isinstance(self.sns, RealSNS):
            self.sns.note(message)

    def forget_consumers(self) -> None:
        """A service stopped: who consumes what has to be seen anew."""
        self._fake.forget_consumers()


def own_name() -> str:
    """A name for one test; not from its seed, because two runs may share the brokers."""
    return f"svc{uuid.uuid4().hex[:10]}"


def _named(queues: set[str], names: tuple[str, ...]) -> list[str]:
    return sorted(q for q in queues if not names or q.endswith(names))
