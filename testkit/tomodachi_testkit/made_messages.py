"""Messages as transports receive them, made from what a test says of them.

SNS + SQS: a message of a ReceiveMessage answer. AMQP: a delivery. Schedules: an invocation time.
HTTP: a path that leads to the handler.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.tracebacks import hides
from tomodachi_testkit.views import envelope as envelopes
from tomodachi_testkit.views.decode import wire_attributes

if TYPE_CHECKING:
    from tomodachi.helpers.handler_entries import HandlerEntry
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.running import Running

__tracebackhide__ = hides

Made = Callable[
    ["Harness", "Running[Any]", "HandlerEntry", Mapping[str, Any]], Awaitable[tuple[Any, ...]]
]
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
_WHOLE_SECONDS = "%Y-%m-%dT%H:%M:%SZ"


class _Nowhere:
    """Stands for the channel of a delivery that no broker made: takes every answer."""

    def ack(self, delivery_tag: int) -> bool:
        del delivery_tag
        return True

    def nack(self, delivery_tag: int, *, requeue: bool) -> bool:
        del delivery_tag, requeue
        return True


async def _settle(decision: Any) -> Any:
    return decision


async def _payload(harness: Harness, entry: HandlerEntry, topic: str, given: _Given) -> str:
    chosen = given.take("envelope", envelopes.SERVICES)
    if chosen is envelopes.SERVICES:
        chosen = entry.detail.get("envelope")
    return await envelopes.build(harness, topic, given.take("data", None), chosen)


class _Given:
    """What a test said of its message; what nobody takes is an error."""

    def __init__(self, entry: HandlerEntry, message: Mapping[str, Any]) -> None:
        self._entry = entry
        self._left = dict(message)
        self._known: list[str] = []

    def take(self, name: str, default: Any) -> Any:
        self._known.append(name)
        return self._left.pop(name, default)

    def check(self) -> None:
        if self._left:
            names, known = ", ".join(sorted(self._left)), ", ".join(sorted(self._known))
            msg = (
                f"call({self._entry.name!r}): a message of {self._entry.transport} has no {names}; "
                f"it has: {known}."
            )
            raise TestkitError(msg)


async def _sqs(
    harness: Harness, running: Running[Any], entry: HandlerEntry, message: Mapping[str, Any]
) -> tuple[Any, ...]:
    given = _Given(entry, message)
    arns = list(entry.detail["topic_arns"])
    topic = given.take("topic", None)
    arn = _topic_arn(arns, topic)
    payload = await _payload(harness, entry, topic or arn.rpartition(":")[2], given)
    body: dict[str, Any] = {"Type": "Notification" if arn else "Message", "Message": payload}
    if arn:
        body |= {"MessageId": harness.ids.uuid(), "TopicArn": arn}
        body["Timestamp"] = harness.clock.now().strftime(_TIME)
    system = {
        "ApproximateReceiveCount": str(given.take("receive_count", 1)),
        "MessageGroupId": given.take("group", None),
        "MessageDeduplicationId": given.take("dedup", None),
    }
    received = {
        "MessageId": given.take("message_id", None) or harness.ids.uuid(),
        "ReceiptHandle": harness.ids.uuid(),
        "Body": json.dumps(body),
        "Attributes": {name: value for name, value in system.items() if value is not None},
        "MessageAttributes": wire_attributes(given.take("attributes", None)),
    }
    given.check()
    return received, _settle


def _topic_arn(arns: list[str], topic: str | None) -> str:
    if topic is None:
        return arns[0] if arns else ""
    from tomodachi.transport.aws_sns_sqs.names import encode

    name = encode(topic)
    found = [arn for arn in arns if arn.rpartition(":")[2].endswith(name)]
    return found[0] if found else f"arn:aws:sns:us-east-1:000000000000:{name}"


async def _amqp(
    harness: Harness, running: Running[Any], entry: HandlerEntry, message: Mapping[str, Any]
) -> tuple[Any, ...]:
    from tomodachi.transport.amqp.connection import Delivery
    from tomodachi_fakes.amqp.properties import encode_header

    given = _Given(entry, message)
    key = str(given.take("routing_key", entry.detail["binding_key"]))
    body = (await _payload(harness, entry, key, given)).encode()
    channel: Any = _Nowhere()  # a Channel only as far as a delivery is answered
    delivery = Delivery(
        channel=channel,
        delivery_tag=1,
        redelivered=bool(given.take("redelivered", False)),
        exchange=given.take("exchange", entry.detail["exchange"]),
        routing_key=key,
        header=encode_header(len(body), dict(given.take("properties", None) or {})),
        body=body,
    )
    given.check()
    return (delivery,)


async def _schedule(
    harness: Harness, running: Running[Any], entry: HandlerEntry, message: Mapping[str, Any]
) -> tuple[Any, ...]:
    given = _Given(entry, message)
    when = given.take("invocation_time", None)
    given.check()
    if when is None:
        when = harness.clock.now()
    if isinstance(when, datetime):
        when = when.astimezone(UTC).strftime(_WHOLE_SECONDS)
    return (str(when),)


MADE: Mapping[str, Made] = {"aws_sns_sqs": _sqs, "amqp": _amqp, "schedule": _schedule}
"""What makes a transport's received message, by the transport's name."""


def request_path(pattern: str, message: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path of a request that a route's pattern matches, and the request's other options.

    Args:
        pattern: The route's regular expression, without anchors.
        message: `path`, or a value for each named group of the pattern; everything else is an
            option of the HTTP client (`json`, `data`, `headers`, `params`, ...).

    Raises:
        TestkitError: a group has no value, or the pattern is more than literals and groups.
    """
    options = dict(message)
    given = options.pop("path", None)
    path = given if given is not None else _fill(pattern, options)
    if re.fullmatch(pattern, str(path).partition("?")[0]) is None:
        msg = f"{path!r} is no path that the handler's pattern {pattern!r} matches; pass path='/…'."
        raise TestkitError(msg)
    return str(path), options


def _fill(pattern: str, options: dict[str, Any]) -> str:
    parts: list[str] = []
    at = 0
    for group in re.finditer(r"\(\?P<(\w+)>", pattern):
        if group.start() < at:
            continue  # inside of a group that has its value
        parts.append(_literal(pattern[at : group.start()]))
        name = group[1]
        if name not in options:
            msg = f"the handler's pattern {pattern!r} needs a value for {name!r}."
            raise TestkitError(msg)
        parts.append(str(options.pop(name)))
        at = _group_end(pattern, group.end())
    parts.append(_literal(pattern[at:]))
    return "".join(parts)


def _literal(pattern: str) -> str:
    # `/?` and `(?:\.json)?` may be left out; `\.` is a dot.
    required = re.sub(r"(\((?:\?:)?[^()]*\)|\\.|[^\\)])[?*]", "", pattern)
    return re.sub(r"\\(.)", r"\1", required)


def _group_end(pattern: str, at: int) -> int:
    depth = 1
    while depth and at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] in "()":
            depth += 1 if pattern[at] == "(" else -1
        at += 1
    return at
