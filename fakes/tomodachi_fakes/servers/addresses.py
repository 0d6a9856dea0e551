"""Where a pair of brokers is reached: URLs, ports, and the environment variables made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomodachi_fakes.servers.environment import (
    amqp_environment,
    aws_environment,
    management_environment,
    reachable,
)

if TYPE_CHECKING:
    from tomodachi_fakes.servers.amqp_tcp import AmqpServer
    from tomodachi_fakes.servers.aws_http import AwsHttpServer
    from tomodachi_fakes.servers.certificates import Certificates
    from tomodachi_fakes.servers.fake_broker import BrokerSettings
    from tomodachi_fakes.servers.operator_http import OperatorServer


class Addresses:
    """The addresses of a `FakeBroker`; each is "" or 0 where nothing listens."""

    settings: BrokerSettings
    certificates: Certificates | None
    _aws_server: AwsHttpServer | None
    _amqp_server: AmqpServer | None
    _operator: OperatorServer | None
    _metrics: OperatorServer | None

    @property
    def aws_url(self) -> str:
        """Endpoint URL of SNS, SQS, STS and KMS."""
        return self._http_url(0 if self._aws_server is None else self._aws_server.port)

    @property
    def amqp_url(self) -> str:
        """AMQP URL with the first user."""
        port = self.amqp_ports.get("amqp", 0)
        return self.settings.login.url(self.settings.host, port) if port else ""

    @property
    def amqps_url(self) -> str:
        """AMQP URL over TLS with the first user; trust `certificates.authority`."""
        port = self.amqp_ports.get("amqp/ssl", 0)
        return self.settings.login.url(self.settings.host, port, scheme="amqps") if port else ""

    @property
    def management_port(self) -> int:
        """Port of the management API."""
        return 0 if self._operator is None else self._operator.port

    @property
    def management_url(self) -> str:
        """URL of the management API."""
        return self._http_url(self.management_port)

    @property
    def metrics_port(self) -> int:
        """Port of the metrics for Prometheus."""
        return 0 if self._metrics is None else self._metrics.port

    @property
    def metrics_url(self) -> str:
        """URL of the metrics for Prometheus."""
        return f"{self._http_url(self.metrics_port)}/metrics" if self.metrics_port else ""

    @property
    def amqp_ports(self) -> dict[str, int]:
        """Ports of AMQP by RabbitMQ's name of the protocol."""
        server = self._amqp_server
        return {} if server is None else {"amqp": server.port, "amqp/ssl": server.tls_port}

    @property
    def shown(self) -> dict[str, str]:
        """Every address by its name, fit to be printed: no password that somebody chose."""
        login, host, ports = self.settings.login, self.settings.host, self.amqp_ports
        amqp, amqps = ports.get("amqp", 0), ports.get("amqp/ssl", 0)
        found = {
            "aws": self.aws_url,
            "amqp": login.shown_url(host, amqp) if amqp else "",
            "amqps": login.shown_url(host, amqps, scheme="amqps") if amqps else "",
            "ca": "" if self.certificates is None else str(self.certificates.authority),
            "management": self.management_url,
            "metrics": self.metrics_url,
        }
        return {name: address for name, address in found.items() if address}

    def env(self) -> dict[str, str]:
        """Environment variables that point AWS SDKs, the AWS CLI and AMQP clients here."""
        variables: dict[str, str] = {}
        if self.aws_url:
            variables |= aws_environment(self.aws_url, self.settings.region)
        if self.amqp_url:
            variables |= amqp_environment(self.amqp_url, self.settings.login)
        if self.amqps_url and self.certificates is not None:
            variables["AMQPS_URL"] = self.amqps_url
            variables["AMQPS_CA_FILE"] = str(self.certificates.authority)
        if self.management_url:
            variables |= management_environment(self.management_url)
        return variables

    def _http_url(self, port: int) -> str:
        return f"http://{reachable(self.settings.host)}:{port}" if port else ""
