"""Where the real brokers are: what environment variables say, and what is missing.

SVC_AMQP_URL            amqp://user:password@host:port/vhost
SVC_AMQP_MANAGEMENT_URL http://user:password@host:15672, where RabbitMQ's management plugin answers;
                        with it each test gets a virtual host of its own
SVC_AWS_ENDPOINT_URL    SNS and SQS at one endpoint, for example of LocalStack; credentials and region
                        come from the usual AWS variables, "test" and us-east-1 without them

What is not named is served in memory, so either variable is enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.tracebacks import hides

__tracebackhide__ = hides


class NoRealBroker(TestkitError):
    """Real brokers were asked for, and none is named."""

    def __init__(self) -> None:
        super().__init__(
            "real brokers were asked for, and neither SVC_AMQP_URL nor SVC_AWS_ENDPOINT_URL is set. "
            "Set one, for example SVC_AMQP_URL=amqp://guest:guest@127.0.0.1:5672/, or run with "
            "--svc-broker=fake."
        )


@dataclass(frozen=True, slots=True)
class AmqpEndpoint:
    """A RabbitMQ; the password is not shown."""

    host: str
    port: int
    login: str
    password: str
    virtualhost: str

    def __repr__(self) -> str:
        return f"AmqpEndpoint({self.login}@{self.host}:{self.port}, {self.virtualhost!r})"

    @staticmethod
    def parse(url: str) -> AmqpEndpoint:
        """Read an AMQP URL; a missing path is the virtual host "/".

        Raises:
            TestkitError: it is none. The URL is not repeated, because it may hold a password.
        """
        parts = urlsplit(url)
        if parts.scheme != "amqp" or not parts.hostname:
            msg = "SVC_AMQP_URL is no AMQP URL; write it like amqp://user:password@host:5672/."
            raise TestkitError(msg)
        return AmqpEndpoint(
            parts.hostname,
            parts.port or 5672,
            unquote(parts.username or "guest"),
            unquote(parts.password or "guest"),
            unquote(parts.path[1:]) or "/",
        )

    def on(self, virtualhost: str) -> AmqpEndpoint:
        """The same broker, another virtual host."""
        return replace(self, virtualhost=virtualhost)

    @property
    def url(self) -> str:
        """As a URL, with the password."""
        user = f"{quote(self.login, safe='')}:{quote(self.password, safe='')}"
        return f"amqp://{user}@{self.host}:{self.port}/{quote(self.virtualhost, safe='')}"


@dataclass(frozen=True, slots=True)
class AwsEndpoint:
    """SNS and SQS at one endpoint; the secret key is not shown."""

    url: str
    region: str
    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        return f"AwsEndpoint({self.url}, {self.region})"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What the environment names; None for what it does not."""

    amqp: AmqpEndpoint | None
    management_url: str | None
    aws: AwsEndpoint | None

    def __repr__(self) -> str:
        return f"Endpoints({self.amqp!r}, {self.aws!r})"

    @staticmethod
    def of(environ: Mapping[str, str]) -> Endpoints:
        """Read the variables.

        Raises:
            NoRealBroker: there is neither.
            TestkitError: the AMQP URL is none.
        """
        amqp_url, aws_url = environ.get("SVC_AMQP_URL"), environ.get("SVC_AWS_ENDPOINT_URL")
        if not amqp_url and not aws_url:
            raise NoRealBroker
        return Endpoints(
            AmqpEndpoint.parse(amqp_url) if amqp_url else None,
            environ.get("SVC_AMQP_MANAGEMENT_URL") or None,
            _aws(aws_url, environ) if aws_url else None,
        )


def _aws(url: str, environ: Mapping[str, str]) -> AwsEndpoint:
    return AwsEndpoint(
        url,
        environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        environ.get("AWS_ACCESS_KEY_ID") or "test",
        environ.get("AWS_SECRET_ACCESS_KEY") or "test",
    )
