"""The environment variables that point clients at the brokers, by the names that clients read.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html (AWS_ENDPOINT_URL and
AWS_ENDPOINT_URL_<SERVICE>); RabbitMQ's clients read no variables of their own, so theirs are those that
services and their compose files use most.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlsplit

SERVICES = ("SQS", "SNS", "STS", "KMS")
# Who listens on every address is reached by the loopback of the same family: asyncio's "::" has no IPv4.
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not listened on here
_KNOWN_TO_ALL = "guest"  # RabbitMQ's own default, and no secret


class AmqpLogin(NamedTuple):
    """The user that RabbitMQ has from the start, and where it may go.

    Attributes:
        user: Its name; RabbitMQ's own is "guest".
        password: Its password.
        vhost: The first virtual host.
    """

    user: str = "guest"
    password: str = _KNOWN_TO_ALL
    vhost: str = "/"

    def url(self, host: str, port: int, *, scheme: str = "amqp") -> str:
        """An AMQP URL with everything that it takes to connect."""
        user, password = _quoted(self.user), _quoted(self.password)
        return f"{scheme}://{user}:{password}@{reachable(host)}:{port}/{self._path}"

    def shown_url(self, host: str, port: int, *, scheme: str = "amqp") -> str:
        """The same to be printed: without a password that somebody chose."""
        if self.password == _KNOWN_TO_ALL:
            return self.url(host, port, scheme=scheme)
        return f"{scheme}://{_quoted(self.user)}@{reachable(host)}:{port}/{self._path}"

    @property
    def _path(self) -> str:
        return "" if self.vhost == "/" else _quoted(self.vhost)


def reachable(host: str) -> str:
    """How a client on this machine names the address that is listened on, as URLs write it."""
    host = _EVERYWHERE.get(host, host)
    return f"[{host}]" if ":" in host else host


def _quoted(text: str) -> str:
    return quote(text, safe="")


def aws_environment(url: str, region: str) -> dict[str, str]:
    """What AWS SDKs and the AWS CLI read."""
    return {
        "AWS_ENDPOINT_URL": url,
        **{f"AWS_ENDPOINT_URL_{service}": url for service in SERVICES},
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def amqp_environment(url: str, login: AmqpLogin) -> dict[str, str]:
    """What services that use RabbitMQ read most: a URL, or its parts."""
    address = urlsplit(url)
    return {
        "AMQP_URL": url,
        "RABBITMQ_URL": url,
        "RABBITMQ_HOST": address.hostname or "",
        "RABBITMQ_PORT": str(address.port),
        "RABBITMQ_USER": login.user,
        "RABBITMQ_USERNAME": login.user,
        "RABBITMQ_PASSWORD": login.password,
        "RABBITMQ_VHOST": login.vhost,
    }


def management_environment(url: str) -> dict[str, str]:
    """What talks to the management API reads, and this program's own commands."""
    return {"RABBITMQ_MANAGEMENT_URL": url, "SVC_FAKE_BROKER_URL": url}
