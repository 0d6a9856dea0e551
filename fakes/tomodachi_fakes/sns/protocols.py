"""Protocols of subscriptions: what an endpoint of each looks like, and which have to be confirmed.

Source: SNS API reference, Subscribe; recorded answers of AWS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tomodachi_fakes.aws.arn import parse_arn
from tomodachi_fakes.sns.errors import InvalidParameter, invalid_parameter

if TYPE_CHECKING:
    from tomodachi_fakes.sns.core import Core
    from tomodachi_fakes.sns.state import Topic

PROTOCOLS = frozenset(
    {"application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"}
)
CONFIRMED_BY_TOKEN = frozenset({"email", "email-json", "http", "https"})
_PASSWORD = re.compile(r"^(https?://[^/?#@:]*:)[^/?#]*@", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"\+?[1-9][0-9]{1,14}")
_DOUBLED_OR_OUTER_SEPARATOR = re.compile(r"[./-]{2,}|^[./-]|[./-]$")
_SEPARATOR = re.compile(r"[./-]")


def without_password(endpoint: str) -> str:
    """An endpoint as logs and events may show it."""
    return _PASSWORD.sub(r"\1****@", endpoint) if "@" in endpoint else endpoint


def check_endpoint(core: Core, topic: Topic, protocol: str, endpoint: str) -> None:
    """Let an endpoint pass that its protocol and topic can have.

    Raises:
        InvalidParameter: unknown protocol, or an endpoint that does not fit.
    """
    if protocol not in PROTOCOLS:
        msg = f"Amazon SNS does not support this protocol string: {protocol}"
        raise invalid_parameter(msg)
    if topic.fifo and protocol != "sqs":
        msg = f"Invalid protocol type: {protocol}"
        raise invalid_parameter(msg)
    if protocol == "sqs":
        _check_queue(topic, endpoint)
    elif protocol in ("http", "https"):
        _check_url(protocol, endpoint)
    elif protocol in ("email", "email-json"):
        if not _EMAIL.fullmatch(endpoint):
            raise invalid_parameter("Email address")
    elif protocol == "sms":
        if not is_phone_number(endpoint):
            msg = f"Invalid SMS endpoint: {endpoint}"
            raise InvalidParameter(msg)
    elif protocol == "application":
        _check_application(core, endpoint)
    else:
        _check_arn(endpoint, protocol)


def is_phone_number(text: str) -> bool:
    """True for an E.164 number; single separators between digits are ignored."""
    if _DOUBLED_OR_OUTER_SEPARATOR.search(text):
        return False
    return _NUMBER.fullmatch(_SEPARATOR.sub("", text)) is not None


def needs_confirmation(protocol: str, endpoint: str, caller: str) -> bool:
    """True when the endpoint's owner has to confirm.

    Always for HTTP and e-mail, and for a queue of another account.
    """
    if protocol in CONFIRMED_BY_TOKEN:
        return True
    arn = parse_arn(endpoint) if protocol == "sqs" else None
    return arn is not None and arn.account != caller


def _check_queue(topic: Topic, endpoint: str) -> None:
    arn = parse_arn(endpoint)
    if arn is None or arn.service != "sqs":
        raise invalid_parameter("SQS endpoint ARN")
    if arn.resource.endswith(".fifo") and not topic.fifo:
        reason = "FIFO SQS Queues can not be subscribed to standard SNS topics"
        raise invalid_parameter("Invalid parameter: Endpoint", reason)


def _check_url(protocol: str, endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as error:
        raise invalid_parameter("Endpoint") from error
    if parts.scheme != protocol:
        raise invalid_parameter("Endpoint must match the specified protocol")
    if not parts.hostname or port == 0:
        raise invalid_parameter("Endpoint")


def _check_application(core: Core, endpoint: str) -> None:
    arn = parse_arn(endpoint)
    if arn is None or arn.service != "sns" or not arn.resource.startswith("endpoint/"):
        raise invalid_parameter("Application endpoint arn invalid", endpoint)
    if core.state.endpoint(endpoint) is None:
        reason = f"Endpoint does not exist for endpoint arn {endpoint}"
        raise invalid_parameter("Endpoint", reason)


def _check_arn(endpoint: str, service: str) -> None:
    arn = parse_arn(endpoint)
    if arn is None or arn.service != service:
        msg = f"{service.capitalize()} endpoint ARN"
        raise invalid_parameter(msg)
