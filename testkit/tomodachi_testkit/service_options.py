"""Points a service's options at the harness's brokers, without touching the service's class."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tomodachi.options import Options
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    import tomodachi

__tracebackhide__ = hides

DEFAULT_REGION = "us-east-1"

POINTED = frozenset(
    (
        *("http.port", "http.host", "http.reuse_port"),
        *("aws_endpoint_urls.sns", "aws_endpoint_urls.sqs", "aws_endpoint_urls.sts"),
        *("amqp.host", "amqp.port", "amqp.login", "amqp.password", "amqp.ssl", "amqp.virtualhost"),
    )
)
"""Keys whose values are the harness's own, whatever a service says."""


def point_at_brokers(
    service: tomodachi.Service,
    aws_url: str,
    amqp_url: str,
    overrides: Mapping[str, Any] | Options | None,
) -> None:
    """Give the instance options of its own: the harness's endpoints, then the test's overrides.

    HTTP listens on a free loopback port. Region, prefixes, exchange names and everything else stay
    as the service set them; credentials are filled in where the service left them to the machine.

    Args:
        service: The instance.
        aws_url: Where SNS and SQS are.
        amqp_url: Where RabbitMQ is, with the virtual host.
        overrides: Dotted keys that replace all of that; or whole `Options` in place of the service's.
    """
    whole = overrides if isinstance(overrides, Options) else None
    options = copy.deepcopy(service.options if whole is None else whole)
    options["http.port"] = 0
    options["http.host"] = "127.0.0.1"
    options["http.reuse_port"] = False
    _point_aws(options, aws_url)
    _point_amqp(options, amqp_url)
    for key, value in (overrides or {}).items() if whole is None else ():
        options[key] = value
    service.options = options


def put_before(service: tomodachi.Service, key: str, prefix: str) -> None:
    """Put `prefix` before an option that is a prefix itself."""
    service.options[key] = prefix + (service.options[key] or "")


def _point_aws(options: Any, url: str) -> None:
    for name in ("sns", "sqs", "sts"):
        options[f"aws_endpoint_urls.{name}"] = url
    defaults = {
        "aws_sns_sqs.region_name": DEFAULT_REGION,
        "aws_sns_sqs.aws_access_key_id": "test",
        "aws_sns_sqs.aws_secret_access_key": "test",
    }
    for key, value in defaults.items():
        if not options[key]:
            options[key] = value


def _point_amqp(options: Any, url: str) -> None:
    parts = urlsplit(url)
    options["amqp.host"] = parts.hostname
    options["amqp.port"] = parts.port
    options["amqp.login"] = unquote(parts.username or "guest")
    options["amqp.password"] = unquote(parts.password or "guest")
    options["amqp.ssl"] = False
    if parts.path not in ("", "/"):
        options["amqp.virtualhost"] = unquote(parts.path[1:])
