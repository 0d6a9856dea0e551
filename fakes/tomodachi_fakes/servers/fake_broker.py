"""Both brokers with their servers, as one thing to start and stop on a running loop.

The stand-alone program and the testkit use the same composition; they differ in the clock, the seed
and the ports they hand in.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from tomodachi_fakes.clock import Clock, SystemClock
from tomodachi_fakes.errors import FakesError, PortInUse
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.servers.environment import AmqpLogin
from tomodachi_fakes.servers.operated import Operated
from tomodachi_fakes.servers.operations import Operations
from tomodachi_fakes.sqs.limits import SqsOptions

if TYPE_CHECKING:
    from ssl import SSLContext
    from tempfile import TemporaryDirectory

    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.snapshot import BrokerSnapshot
    from tomodachi_fakes.aws.call import CallContext, LongPoll
    from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
    from tomodachi_fakes.cloud import Cloud, CloudSnapshot
    from tomodachi_fakes.servers.amqp_tcp import AmqpServer
    from tomodachi_fakes.servers.aws_extra import OtherServices
    from tomodachi_fakes.servers.aws_http import AwsHttpServer
    from tomodachi_fakes.servers.certificates import Certificates
    from tomodachi_fakes.servers.operator_http import OperatorServer
    from tomodachi_fakes.servers.sns_http_push import SnsHttpPush
    from tomodachi_fakes.sns.effects import ToHttp

DEFAULT_REGION = "us-east-1"
DEFAULT_ACCOUNT = "000000000000"
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """What can be chosen about a pair of brokers.

    Attributes:
        host: Address to listen on.
        aws_port: TCP port of SNS + SQS; 0 takes a free one, None does without.
        amqp_port: TCP port of AMQP; 0 takes a free one, None does without.
        tls: Serve AMQP over TLS too: "auto" makes certificates for this run; a folder keeps them. ""
            does without.
        amqps_port: TCP port of AMQP over TLS; 0 takes a free one.
        region: Region of unsigned requests.
        account: Account of requests whose access key is not a 12-digit number.
        aws_public_url: What the URLs of queues begin with; "" for the address that a client used.
        seed: Seed of every id; None draws from the system.
        rabbitmq_version: Version profile of the AMQP broker: "3.10", "4.0" or "4.3".
        sqs: Quotas of SQS, and which of its waits are in force.
        enforce_policies: Queue and topic policies decide who may do what.
        http_delivery: Where SNS may post to: nowhere, to this machine, or to any ordinary address.
        aws_extra: Other AWS services that moto serves ("s3", "dynamodb", ... or "all").
        management_port: TCP port of the management API; 0 takes a free one, None does without.
        management_is_optional: Do without it, too, where another program holds that port.
        metrics_port: TCP port of metrics for Prometheus; 0 takes a free one, None does without.
        metrics_is_optional: Do without them, too, where another program holds that port.
        login: RabbitMQ's first user and virtual host.
    """

    host: str = "127.0.0.1"
    aws_port: int | None = 0
    amqp_port: int | None = 0
    tls: str = ""
    amqps_port: int = 0
    region: str = DEFAULT_REGION
    account: str = DEFAULT_ACCOUNT
    aws_public_url: str = ""
    seed: int | None = None
    rabbitmq_version: str = "4.0"
    sqs: SqsOptions = field(default_factory=SqsOptions)
    enforce_policies: bool = False
    http_delivery: Literal["off", "loopback", "any"] = "loopback"
    aws_extra: tuple[str, ...] = ()
    management_port: int | None = None
    management_is_optional: bool = False
    metrics_port: int | None = None
    metrics_is_optional: bool = False
    login: AmqpLogin = field(default_factory=AmqpLogin)

    @property
    def public_name(self) -> str:
        """The host of `aws_public_url`; "" without one."""
        return urlsplit(self.aws_public_url).hostname or ""


@dataclass(frozen=True, slots=True)
class BrokersSnapshot:
    """What both brokers hold, and where their ids go on; picklable."""

    cloud: CloudSnapshot | None
    amqp: BrokerSnapshot | None
    ids: object


class FakeBroker(Operated):
    """SNS + SQS and RabbitMQ in memory, listening.

    Attributes:
        cloud: The SNS + SQS core; None without AWS.
        amqp: The RabbitMQ core; None without AMQP.
        events: What happened in either, in order.
        faults: What shall go wrong in either.
        certificates: The files of the TLS port, once started; None without one.
        unavailable: What was asked for and could not be had, as sentences for the log.
        global_parameters: RabbitMQ's, by name.
    """

    def __init__(
        self,
        settings: BrokerSettings | None = None,
        *,
        clock: Clock | None = None,
        events: EventLog | None = None,
        faults: FaultPlan | None = None,
    ) -> None:
        self.settings = settings or BrokerSettings()
        self.clock = clock or SystemClock()
        self.events = EventLog() if events is None else events
        self.faults = FaultPlan() if faults is None else faults
        self._ids = SeededIds(self.settings.seed)
        self.cloud: Cloud | None = None
        self.amqp: Broker | None = None
        self._aws_server: AwsHttpServer | None = None
        self._amqp_server: AmqpServer | None = None
        self.certificates: Certificates | None = None
        self.unavailable: list[str] = []
        self.global_parameters: dict[str, Any] = {}
        self._tls_folder: TemporaryDirectory[str] | None = None
        self._push: SnsHttpPush | None = None
        self._other: OtherServices | None = None
        self._operator: OperatorServer | None = None
        self._metrics: OperatorServer | None = None
        self.on_stop = None
        self.make_initial = None
        self.scripts = {}
        self._ready = True
        self._began_at = self.clock.now()
        self._operations = Operations(self)
        self._initial = None

    async def start(self) -> None:
        """Listen on every port that is asked for.

        Raises:
            PortInUse: another program holds one of the ports; the other is released again.
            MotoIsMissing: other AWS services are asked for, and moto is not installed.
        """
        try:
            if self.settings.aws_port is not None:
                await self._start_aws(self.settings.aws_port)
            if self.settings.amqp_port is not None:
                await self._start_amqp(self.settings.amqp_port)
            if self.settings.management_port is not None:
                await self._start_operator(self.settings.management_port)
            if self.settings.metrics_port is not None:
                await self._start_metrics(self.settings.metrics_port)
        except BaseException:
            await self.stop()
            raise

    async def _start_aws(self, port: int) -> None:
        from tomodachi_fakes.cloud import Cloud
        from tomodachi_fakes.servers.aws_http import AwsHttpServer

        self.cloud = Cloud(
            ids=self._ids,
            events=self.events,
            faults=self.faults,
            default_account=self.settings.account,
            default_region=self.settings.region,
            sqs_options=self.settings.sqs,
            enforce_policies=self.settings.enforce_policies,
            base_url=self.settings.aws_public_url,
        )
        server = AwsHttpServer(
            self.cloud,
            self.clock,
            self.settings.host,
            port,
            public_name=self.settings.public_name,
        )
        server.push = self._post
        server.extra_routes.append(self._peek)
        server.control = self._operations.control
        server.ready = self.ready
        server.scripts = self.scripts
        if self.settings.aws_extra:
            self._serve_others(server, self.settings.aws_extra)
        await server.start()
        self._aws_server = server

    def _peek(self, request: HttpRequest) -> HttpResponse | None:
        # Imported with the first look; most brokers are never looked at this way.
        if self.cloud is None or not request.path.startswith("/_aws/"):
            return None
        from tomodachi_fakes.servers.localstack_routes import LocalstackRoutes

        return LocalstackRoutes(self.cloud)(request)

    def _post(self, post: ToHttp) -> None:
        # Imported with the first message that goes to an HTTP endpoint; most brokers never see one.
        from tomodachi_fakes.servers.sns_http_push import HttpDeliveryRule, attach

        assert self._aws_server is not None
        rule = HttpDeliveryRule(self.settings.http_delivery)
        self._push = attach(self._aws_server, self.clock, rule=rule)
        self._push(post)

    async def _start_amqp(self, port: int) -> None:
        from tomodachi_fakes.servers.amqp_tcp import AmqpServer

        self.amqp = self._new_amqp(events=self.events, faults=self.faults)
        server = AmqpServer(
            self.amqp,
            self.clock,
            self.settings.host,
            port,
            tls_port=self.settings.amqps_port,
            tls=self._tls_context() if self.settings.tls else None,
        )
        self._amqp_server = server
        await server.start()

    def _tls_context(self) -> SSLContext:
        # Imported with the first TLS port: certificates need `cryptography`.
        from tomodachi_fakes.servers.certificates import certificates_in, server_context

        folder = self.settings.tls
        if folder == AUTO:
            from tempfile import TemporaryDirectory

            self._tls_folder = TemporaryDirectory(prefix="svc-fake-broker-tls-")
            folder = self._tls_folder.name
        try:
            self.certificates = certificates_in(Path(folder), self.settings.host)
            return server_context(self.certificates)
        except (OSError, ValueError) as error:
            msg = f"--tls {folder}: {error}; name a folder that is empty, or that --tls has made before"
            raise FakesError(msg) from error

    async def _start_operator(self, port: int) -> None:
        from tomodachi_fakes.servers.operator_http import OperatorServer

        operator = OperatorServer(
            self.settings.host, port, "--management-port", public_name=self.settings.public_name
        )
        self._operations.serve(operator)
        optional = self.settings.management_is_optional
        if await self._listens(operator, "no management API", optional=optional):
            self._operator = operator

    async def _start_metrics(self, port: int) -> None:
        from tomodachi_fakes.servers.operator_http import OperatorServer

        metrics = OperatorServer(
            self.settings.host, port, "--metrics-port", public_name=self.settings.public_name
        )
        metrics.routes["/metrics"] = self._operations.metrics
        optional = self.settings.metrics_is_optional
        if await self._listens(metrics, "no metrics", optional=optional):
            self._metrics = metrics

    async def _listens(self, server: OperatorServer, without: str, *, optional: bool) -> bool:
        try:
            await server.start()
        except PortInUse as error:
            if not optional:
                raise
            self.unavailable.append(f"{without}: {error}")
            return False
        return True

    async def stop(self) -> None:
        """Close every connection as the real services do, and stop listening."""
        amqp_server, self._amqp_server = self._amqp_server, None
        aws_server, self._aws_server = self._aws_server, None
        operator, self._operator = self._operator, None
        metrics, self._metrics = self._metrics, None
        every = (operator, metrics, amqp_server, aws_server)
        servers = [server for server in every if server is not None]
        for server in servers:
            server.close()
        # At the same time: each gives slow clients up to half a second.
        await asyncio.gather(*(server.wait_closed() for server in servers))
        if self._tls_folder is not None:
            self._tls_folder.cleanup()
            self._tls_folder = None
        if self._push is not None:
            await self._push.close()
            self._push = None
        if self._other is not None:
            await self._other.close()
            self._other = None

    def serve_other_services(self) -> None:
        """From here on, moto answers for every AWS service that the fakes do not have.

        Raises:
            MotoIsMissing: it is not installed.
            FakesError: the brokers run without AWS.
        """
        if self._aws_server is None:
            msg = "other AWS services: the brokers were started without AWS"
            raise FakesError(msg)
        if self._aws_server.other_services is None:
            self._serve_others(self._aws_server, ("all",))

    def _serve_others(self, server: AwsHttpServer, services: tuple[str, ...]) -> None:
        from tomodachi_fakes.servers.aws_extra import OtherServices

        self._other = OtherServices(services, default_account=self.settings.account)
        server.other_services = self._other

    def snapshot(self) -> BrokersSnapshot:
        """Everything stored; connections and calls that wait are not part of it."""
        return BrokersSnapshot(
            None if self.cloud is None else self.cloud.snapshot(),
            None if self.amqp is None else self.amqp.snapshot(),
            self._ids.getstate(),
        )

    def restore(self, snapshot: BrokersSnapshot) -> None:
        """Go back to what `snapshot` gave, by the clock's time as it is now; clients stay connected."""
        self._ids.setstate(snapshot.ids)
        if self.cloud is not None and snapshot.cloud is not None:
            self.cloud.restore(snapshot.cloud)
        if self.amqp is not None and snapshot.amqp is not None:
            self.amqp.restore(snapshot.amqp, now=self.clock.now())
        self._clock_was_set()

    def call_aws(
        self, service: str, operation: str, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any] | LongPoll:
        """Run an AWS operation from inside the process, with all that follows from it.

        Raises:
            AwsError: the answer is an error.
            FakesError: the brokers run without AWS.
        """
        if self._aws_server is None:
            msg = f"{service}.{operation}: the brokers were started without AWS"
            raise FakesError(msg)
        return self._aws_server.call(service, operation, params, context)

    def flush_amqp(self) -> None:
        """Write what a step of the AMQP core left for its clients; call it after every such step."""
        if self._amqp_server is not None:
            self._amqp_server.flush()
