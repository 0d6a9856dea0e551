"""What LocalStack lets tests look at beside AWS's API, at its paths and in its shape.

`/_aws/sqs/messages` shows a queue's messages without receiving them, to the ReceiveMessage of an AWS
client that has this path as its endpoint too; `/_aws/sns/sms-messages` and
`/_aws/sns/platform-endpoint-messages` what was sent to phones and devices (DELETE forgets it);
`/_aws/sns/subscription-tokens/<arn>` the token that confirms a subscription. Suites written against
LocalStack run with these unchanged.

Source: https://docs.localstack.cloud/aws/services/sqs/ and https://docs.localstack.cloud/aws/services/sns/
(developer endpoints).
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, unquote

from tomodachi_fakes.aws.arn import parse_arn
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.aws.json10 import loads
from tomodachi_fakes.aws.protocol import JSON, QUERY
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.sns.inbox import Captured
from tomodachi_fakes.sqs.errors import InvalidAddress, QueueDoesNotExist
from tomodachi_fakes.sqs.message import StoredMessage
from tomodachi_fakes.sqs.queue import Queue
from tomodachi_fakes.sqs.rendering import peeked

_MESSAGES = "/_aws/sqs/messages"
_OPERATION = "ReceiveMessage"
_SMS = "/_aws/sns/sms-messages"
_PUSH = "/_aws/sns/platform-endpoint-messages"
_TOKENS = "/_aws/sns/subscription-tokens/"
_QUEUE_URL = re.compile(r"/(?P<account>\d{12})/(?P<name>[^/?]+)/?$")
_HANDLE = "SQS/BACKDOOR/ACCESS"  # no delivery took place, so there is no handle
_REQUEST_ID = "00000000-0000-0000-0000-000000000000"


class _InvalidRequest(AwsError):
    """An AWS client asks this path for something else than messages."""

    code = "InvalidRequest"
    message = "Of AWS's operations, only ReceiveMessage is answered at this path."


class LocalstackRoutes:
    """Answers these paths for one cloud; an `AwsHttpServer.extra_routes` entry."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def __call__(self, request: HttpRequest) -> HttpResponse | None:
        """The answer, or None when the path is none of these."""
        request = request.as_get()
        path = unquote(request.path)
        if path == _MESSAGES or path.startswith(f"{_MESSAGES}/"):
            return self._messages(request, path)
        fields = dict(parse_qsl(request.query))
        if path == _SMS:
            return self._inbox(request, fields, "sms", "phoneNumber", "sms_messages")
        if path == _PUSH:
            return self._inbox(
                request, fields, "application", "endpointArn", "platform_endpoint_messages"
            )
        if path.startswith(_TOKENS) and request.method == "GET":
            return self._token(path.removeprefix(_TOKENS))
        return None

    # --- SQS -------------------------------------------------------------------------------------

    def _messages(self, request: HttpRequest, path: str) -> HttpResponse:
        wire = self._cloud.dispatcher.wire("sqs")
        target = request.headers.get("x-amz-target", "")
        protocol = JSON if target else QUERY
        try:
            fields = _fields(request)
            if (target.partition(".")[2] or fields.get("Action", _OPERATION)) != _OPERATION:
                raise _InvalidRequest
            queue = self._queue(path.removeprefix(_MESSAGES), fields, protocol)
        except AwsError as error:
            return wire.failure(error, protocol, _REQUEST_ID)
        shown = [peeked(queue, m, _HANDLE) for m in self._chosen(queue, fields)]
        if target or "json" not in request.headers.get("accept", ""):
            return wire.success(_OPERATION, {"Messages": shown}, protocol, _REQUEST_ID)
        result = {"Message": [_as_in_xml(message) for message in shown]} if shown else None
        metadata = {"RequestId": _REQUEST_ID}
        return _json(
            {
                "ReceiveMessageResponse": {
                    "ReceiveMessageResult": result,
                    "ResponseMetadata": metadata,
                }
            }
        )

    def _queue(self, rest: str, fields: dict[str, str], protocol: str) -> Queue:
        parts = rest.strip("/").split("/") if rest else []
        if len(parts) == 3:
            region, account, name = parts
        else:
            url = fields.get("QueueUrl", "")
            found = _QUEUE_URL.search(url)
            if found is None:
                raise InvalidAddress(url)
            region, account, name = "", found["account"], found["name"]
        for queue in self._cloud.sqs.queues():
            if (queue.id.account, queue.id.name) == (account, name) and region in (
                "",
                queue.id.region,
            ):
                return queue
        raise QueueDoesNotExist(protocol)

    def _chosen(self, queue: Queue, fields: dict[str, str]) -> list[StoredMessage]:
        peek = self._cloud.sqs.peek(queue.arn)
        chosen = list(peek.ready)
        if fields.get("ShowInvisible", "").lower() == "true":
            chosen += peek.in_flight
        if fields.get("ShowDelayed", "").lower() == "true":
            chosen += peek.delayed
        return sorted(chosen, key=lambda message: message.seq)

    # --- SNS -------------------------------------------------------------------------------------

    def _inbox(
        self, request: HttpRequest, fields: dict[str, str], protocol: str, by: str, title: str
    ) -> HttpResponse | None:
        endpoint = fields.get(by)
        if request.method == "DELETE":
            self._cloud.sns.clear_inbox(protocol, endpoint)
            return HttpResponse(204, "", b"")
        if request.method != "GET":
            return None
        found: dict[str, list[dict[str, Any]]] = {}
        for item in self._cloud.sns.inbox(protocol, endpoint):
            found.setdefault(item.endpoint, []).append(_captured(item))
        return _json({title: found, "region": fields.get("region", "us-east-1")})

    def _token(self, arn: str) -> HttpResponse:
        parsed = parse_arn(arn)
        if parsed is None or parsed.service != "sns":
            text = "The provided SubscriptionARN is invalid"
            return _json({"error": text, "subscription_arn": arn}, 400)
        subscription = self._cloud.sns.subscription(arn)
        if subscription is None or not subscription.token:
            text = "The provided SubscriptionARN is not found"
            return _json({"error": text, "subscription_arn": arn}, 404)
        return _json({"subscription_token": subscription.token, "subscription_arn": arn})


def _fields(request: HttpRequest) -> dict[str, str]:
    """What is asked for, in the request's query, and in its form or an AWS client's JSON.

    Raises:
        SerializationError: the client's JSON is none.
    """
    fields = dict(parse_qsl(request.query))
    if not request.body or request.method != "POST":
        return fields
    if "x-amz-target" not in request.headers:
        return fields | dict(parse_qsl(request.body.decode("utf-8", "replace")))
    given = loads(request.body).items()
    return fields | {name: value for name, value in given if type(value) is str}


def _captured(item: Captured) -> dict[str, Any]:
    to = {"PhoneNumber": item.endpoint} if item.protocol == "sms" else {"TargetArn": item.endpoint}
    return {
        **to,
        "TopicArn": item.topic_arn or None,
        "SubscriptionArn": item.subscription_arn or None,
        "MessageId": item.message_id,
        "Message": item.body,
        "MessageAttributes": item.attributes,
        "Subject": item.subject,
    }


def _as_in_xml(message: dict[str, Any]) -> dict[str, Any]:
    """A message with the names that the query protocol gives its lists."""
    shown = {k: v for k, v in message.items() if k not in ("Attributes", "MessageAttributes")}
    system = message.get("Attributes", {})
    shown["Attribute"] = [{"Name": name, "Value": value} for name, value in system.items()]
    attributes = message.get("MessageAttributes", {})
    if attributes:
        shown["MessageAttribute"] = [{"Name": n, "Value": v} for n, v in attributes.items()]
    return shown


def _json(content: object, status: int = 200) -> HttpResponse:
    # A message attribute may be binary, which JSON writes in base64 as SQS's own protocol does.
    text = json.dumps(content, default=lambda value: b64encode(value).decode())
    return HttpResponse(status, "application/json", text.encode())
