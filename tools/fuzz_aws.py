"""Throw mutated requests and random parameters at the fake AWS, and look at every answer.

    python tools/fuzz_aws.py [--count 100000] [--seed 1]

An answer has to be a success that its protocol's parser reads, or a well-formed AWS error; no part
of it may look like a stack trace, an `InternalFailure` is a defect, and a request that was refused
must not have changed what is stored. Prints what does not hold; the exit code is the number of
findings, 0 to 100.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from tomodachi_fakes.aws.http import Held, HttpRequest, HttpResponse
from tomodachi_fakes.aws.model import ServiceModel, load_model
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds

QUEUE = "http://h/000000000000/q"
TOPIC = "arn:aws:sns:us-east-1:000000000000:t"
TEXTS = (
    "",
    "q",
    "q.fifo",
    QUEUE,
    TOPIC,
    "arn:aws:sqs:us-east-1:000000000000:q",
    "All",
    "-1",
    "0",
    "99999999999999999999",
    "1e9",
    "true",
    "null",
    "{}",
    "[]",
    '{"deadLetterTargetArn": 1}',
    "\u0000",
    "\ud800",
    "\U0001f600" * 3,
    "x" * 300,
    "..",
    "%",
    "<&>",
)
NAMES = ("VisibilityTimeout", "Policy", "RedrivePolicy", "KmsMasterKeyId", "FilterPolicy", "a", "")


class Target:
    """A cloud with a queue, a FIFO queue and a topic in it."""

    def __init__(self) -> None:
        self.cloud = Cloud(ids=SeededIds(1), events=EventLog(), faults=FaultPlan())
        # A service that is not loaded has no snapshot; loading it is no change of what is stored.
        self._loaded = (self.cloud.sns, self.cloud.kms, self.cloud.sts)
        self.now = 1000.0
        for operation, params in (
            ("CreateQueue", {"QueueName": "q"}),
            ("CreateQueue", {"QueueName": "q.fifo", "Attributes": {"FifoQueue": "true"}}),
        ):
            self.send(json_request("sqs", operation, params))
        self.send(query_request("sns", {"Action": "CreateTopic", "Name": "t"}))

    def send(self, request: HttpRequest) -> HttpResponse | Held:
        """Answer one request, a millisecond after the last."""
        self.now += 0.001
        return self.cloud.handle(request, now=self.now)

    def stored(self) -> object:
        """What a refused request must leave as it is."""
        snapshot = self.cloud.snapshot()
        return snapshot.sqs, snapshot.sns, snapshot.kms


def json_request(service: str, operation: str, params: Any) -> HttpRequest:
    """A call in the JSON protocol."""
    model = load_model(service)
    headers = {
        "host": "h",
        "x-amz-target": f"{model.target_prefix}.{operation}",
        "content-type": f"application/x-amz-json-{model.json_version}",
    }
    return HttpRequest("POST", "/", "", headers, json.dumps(params).encode())


def query_request(service: str, fields: dict[str, str]) -> HttpRequest:
    """A call in the query protocol."""
    headers = {
        "host": "h",
        "content-type": "application/x-www-form-urlencoded",
        "authorization": f"AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/{service}/aws4_request",
    }
    body = urlencode({k: v.encode("utf-8", "surrogatepass") for k, v in fields.items()})
    return HttpRequest("POST", "/", "", headers, body.encode())


# --- looking at answers ---------------------------------------------------------------------------


def complaint(response: HttpResponse) -> str:
    """What is wrong with an answer; "" when it is as it should be."""
    text = response.body.decode("utf-8")
    if "Traceback" in text or 'File "' in text or "InternalFailure" in text:
        return f"an internal failure shows: {text[:300]}"
    if response.status == 200:
        return _unreadable(response, text)
    if "<UnknownOperationException/>" in text:
        return ""
    try:
        if response.content_type == "text/xml":
            error = next(ElementTree.fromstring(text).iter())  # noqa: S314 - our own answer
            code = [item.text for item in error.iter() if item.tag.endswith("Code")]
            return "" if code and code[0] else f"no code: {text[:300]}"
        return "" if json.loads(text)["__type"] else f"no __type: {text[:300]}"
    except (ElementTree.ParseError, ValueError, KeyError, StopIteration) as error:
        return f"not a well-formed error ({error!r}): {text[:300]}"


def _unreadable(response: HttpResponse, text: str) -> str:
    try:
        if response.content_type == "text/xml":
            ElementTree.fromstring(text)  # noqa: S314 - our own answer
        elif text:
            json.loads(text)
    except (ElementTree.ParseError, ValueError) as error:
        return f"a success that cannot be read ({error!r}): {text[:300]}"
    return ""


def _check(target: Target, request: HttpRequest, *, compare: bool) -> str:
    before = target.stored() if compare else None
    try:
        answer = target.send(request)
    except Exception as error:  # noqa: BLE001 - finding these is what the program is for
        return f"raised {error!r}"
    if isinstance(answer, Held):
        target.cloud.finish_waits()
        (wake,) = target.cloud.take_wakes()
        return complaint(answer.render(wake.output))
    found = complaint(answer)
    if not found and compare and answer.status != 200 and target.stored() != before:
        return "a refused request changed what is stored"
    return found


# --- random parameters ----------------------------------------------------------------------------


def fuzz_parameters(seed: int, count: int) -> list[str]:
    """Calls of every operation with parameters that mostly fit its model."""
    dice = random.Random(seed)  # noqa: S311 - replay, not secrecy
    return _run(dice, count, _random_call)


def _random_call(dice: random.Random) -> HttpRequest:
    service = dice.choice(("sqs", "sqs", "sns", "sns", "sts", "kms"))
    model = load_model(service)
    operation = dice.choice(sorted(model.operations))
    shape = model.operations[operation].input
    params = {} if shape is None else _value(dice, model, {"shape": shape}, 0)
    if service == "kms" or (service == "sqs" and dice.random() < 0.6):
        return json_request(service, operation, params)
    fields = {"Action": operation} | dict(_flat("", params))
    return query_request(service, fields)


def _value(dice: random.Random, model: ServiceModel, reference: dict[str, Any], depth: int) -> Any:
    if dice.random() < 0.03:
        return dice.choice((None, 7, "text", [], {}, True, 1.5, [[]]))
    shape = model.resolve(reference)
    kind = shape["type"]
    if kind == "structure":
        required = set(shape.get("required", ()))
        return {
            name: _value(dice, model, member, depth + 1)
            for name, member in shape["members"].items()
            if dice.random() < (0.95 if name in required else 0.3)
        }
    if kind == "list":
        length = dice.choice((0, 1, 1, 2, 11))
        return [_value(dice, model, shape["member"], depth + 1) for _ in range(length)]
    if kind == "map":
        keys = (*NAMES, *shape_enum(model, shape))
        length = dice.choice((0, 1, 1, 2))
        return {
            dice.choice(keys): _value(dice, model, shape["value"], depth + 1) for _ in range(length)
        }
    if kind in ("integer", "long"):
        return dice.choice((0, 1, 5, -1, 10, 11, 43_201, 2**40))
    if kind == "boolean":
        return dice.random() < 0.5
    return dice.choice((*TEXTS, *shape.get("enum", ())))


def shape_enum(model: ServiceModel, shape: dict[str, Any]) -> tuple[str, ...]:
    """Names that the model lists for a map's keys."""
    return tuple(model.resolve(shape["key"]).get("enum", ()))


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else key, item)
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _flat(f"{prefix}.{number}", item)
    elif value is not None:
        yield prefix, value if isinstance(value, str) else json.dumps(value)


# --- mutated requests -----------------------------------------------------------------------------


def fuzz_requests(seed: int, count: int) -> list[str]:
    """Good requests with octets of their body, path or headers changed."""
    dice = random.Random(seed)  # noqa: S311 - replay, not secrecy
    return _run(dice, count, _mutated)


def _mutated(dice: random.Random) -> HttpRequest:
    request = dice.choice(_GOOD)()
    for _ in range(dice.randint(1, 4)):
        what = dice.random()
        if what < 0.6:
            request.body = _mutate(dice, request.body)
        elif what < 0.8:
            name = dice.choice(sorted(request.headers))
            value = _mutate(dice, request.headers[name].encode("latin-1"))
            request.headers[name] = value.decode("latin-1")
        elif what < 0.9:
            request.path = "/" + _mutate(dice, b"000000000000/q").decode("latin-1")
        else:
            del request.headers[dice.choice(sorted(request.headers))]
            request.headers.setdefault("host", "h")
    return request


def _mutate(dice: random.Random, data: bytes) -> bytes:
    if not data:
        return dice.randbytes(3)
    at = dice.randrange(len(data))
    return dice.choice(
        (
            data[:at],
            data[:at] + dice.randbytes(2) + data[at:],
            data[:at] + data[at + 1 :],
            data[:at] + data[at : at + 20] * 3 + data[at:],
            data[:at] + b'"{[&=%.'[at % 7 : at % 7 + 1] + data[at + 1 :],
        )
    )


def _good(service: str, operation: str, **params: Any) -> Callable[[], HttpRequest]:
    return lambda: json_request(service, operation, params)


_ATTRIBUTE = {"DataType": "String", "StringValue": "v"}
_GOOD: tuple[Callable[[], HttpRequest], ...] = (
    _good(
        "sqs", "SendMessage", QueueUrl=QUEUE, MessageBody="a", MessageAttributes={"n": _ATTRIBUTE}
    ),
    _good("sqs", "SendMessageBatch", QueueUrl=QUEUE, Entries=[{"Id": "1", "MessageBody": "a"}]),
    _good("sqs", "ReceiveMessage", QueueUrl=QUEUE, AttributeNames=["All"], WaitTimeSeconds=1),
    _good("sqs", "SetQueueAttributes", QueueUrl=QUEUE, Attributes={"DelaySeconds": "1"}),
    _good("sqs", "DeleteMessage", QueueUrl=QUEUE, ReceiptHandle="AQEBMToxOjE="),
    _good("kms", "CreateKey", Description="d"),
    lambda: query_request("sqs", {"Action": "SendMessage", "QueueUrl": QUEUE, "MessageBody": "a"}),
    lambda: query_request("sns", {"Action": "Publish", "TopicArn": TOPIC, "Message": "a"}),
    lambda: query_request("sns", {"Action": "CreateTopic", "Name": "t2", "Tags.member.1.Key": "k"}),
    lambda: query_request(
        "sns",
        {
            "Action": "Subscribe",
            "TopicArn": TOPIC,
            "Protocol": "sqs",
            "Endpoint": "arn:aws:sqs:us-east-1:000000000000:q",
            "Attributes.entry.1.key": "FilterPolicy",
            "Attributes.entry.1.value": '{"a": [{"anything-but": ["b"]}]}',
        },
    ),
    lambda: query_request("sts", {"Action": "GetCallerIdentity"}),
)


def _run(
    dice: random.Random, count: int, make: Callable[[random.Random], HttpRequest]
) -> list[str]:
    findings: list[str] = []
    target = Target()
    for number in range(count):
        if number % 500 == 0:
            target = Target()  # or deleted queues would leave nothing to hit
        request = make(dice)
        found = _check(target, request, compare=number % 20 == 0)
        if found:
            shown = {k: request.headers[k] for k in request.headers if k != "authorization"}
            findings.append(f"{found}\n  in answer to {request.path} {shown} {request.body!r}")
    return findings


def main() -> int:
    """Run both kinds and print the findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    findings = fuzz_requests(given.seed, given.count) + fuzz_parameters(given.seed, given.count)
    for finding in findings[:20]:
        sys.stdout.write(f"{finding}\n")
    sys.stdout.write(f"{2 * given.count} requests, {len(findings)} findings\n")
    return min(100, len(findings))


if __name__ == "__main__":
    sys.exit(main())
