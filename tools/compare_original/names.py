"""Names of topics, routing keys and queues, and message attributes, there and back.

The rules as class methods of the transports, which services and their tests call.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from tools.compare_original.answers import result_of

import tomodachi
from tomodachi.transport.amqp import AmqpTransport
from tomodachi.transport.aws_sns_sqs import AWSSNSSQSTransport

_PIECES = (*"abcXYZ019_-.*# /:åß€😀\n\t", "___2e_", ".fifo", "___zz_", "___e282ac_", "___ff_")
_TEXTS = ("1", "1.5", "x", "", "[1]", "null", "/w==", "-3", "1e3", '["a"]')
_TYPES = ("String", "Number", "Binary", "String.Array", "Number.int", "", "Odd")
# By name, as JSON has no words for some of them.
_VALUES: dict[str, Any] = {
    "text": "x",
    "empty text": "",
    "one": 1,
    "minus five": -5,
    "one and a half": 1.5,
    "huge": 1e300,
    "infinite": float("inf"),
    "true": True,
    "false": False,
    "none": None,
    "octets": b"\xff",
    "no octets": b"",
    "list": [],
    "mixed list": [1, "a", None],
    "dict": {"a": 1},
    "decimal": Decimal("1.10"),
    "tuple": ("a",),
    "class": object,
}
_OPTIONS = {
    "aws_sns_sqs": {"topic_prefix": "p.", "queue_name_prefix": "q-"},
    "amqp": {"routing_key_prefix": "r.", "queue_name_prefix": "z-"},
}


def generate(dice: random.Random) -> dict[str, Any]:
    """Mostly a name; sometimes an attribute as AWS gives it, or a value that is to become one."""
    what = dice.random()
    if what < 0.1:
        return {"value": dice.choice(tuple(_VALUES))}
    if what < 0.3:
        type_key = dice.choice(("DataType", "Type", "dataType", "type"))
        value_key = dice.choice(
            ("StringValue", "BinaryValue", "Value", "stringValue", "binaryValue", "value")
        )
        return {"attribute": {type_key: dice.choice(_TYPES), value_key: dice.choice(_TEXTS)}}
    pieces = [dice.choice(_PIECES) for _ in range(dice.randint(1, 8))]
    return {"pieces": pieces, "fifo": dice.random() < 0.5, "competing": dice.random() < 0.5}


async def answer(case: dict[str, Any]) -> Any:
    """Every rule's result, by the rule's name."""
    # The original's class lacks what ours declares, and the other way round.
    sqs: Any = AWSSNSSQSTransport
    if "value" in case:
        given = {"k": _VALUES[case["value"]]}
        return {
            "to AWS": result_of(lambda: sqs.transform_message_attributes_to_botocore(given)),
            "to a body": result_of(
                lambda: sqs.transform_message_attributes_to_message_body_metadata(given)
            ),
        }
    if "attribute" in case:
        attribute = {"k": case["attribute"]}
        return result_of(lambda: sqs.transform_message_attributes_from_response(attribute))
    text = "".join(case["pieces"])
    fifo, competing = case.get("fifo", False), case.get("competing", False)
    rules = (*_rules_of_sqs(sqs, text, fifo, competing), *_rules_of_amqp(text, competing))
    return {name: result_of(rule) for name, rule in rules}


_Rules = Iterator[tuple[str, Callable[[], object]]]


def _rules_of_sqs(sqs: Any, text: str, fifo: bool, competing: bool) -> _Rules:  # noqa: FBT001
    context = {"options": tomodachi.Options(**_OPTIONS)}
    yield "encode_topic", lambda: sqs.encode_topic(text)
    yield "decode_topic", lambda: sqs.decode_topic(text)
    yield "decoded again", lambda: sqs.decode_topic(sqs.encode_topic(text))
    yield "topic", lambda: sqs.get_topic_name(text, context, fifo)
    yield "topic without prefix", lambda: sqs.get_topic_name_without_prefix(f"p.{text}", context)
    yield "topic of ARN", lambda: sqs.get_topic_from_arn(f"arn:aws:sns:r:1:{text}")
    yield "queue", lambda: sqs.get_queue_name(text, "f", "u", competing, context, fifo)
    yield "queue of URL", lambda: sqs.get_queue_name_from_queue_url(f"http://h/1/{text}")
    yield "queue with prefix", lambda: sqs.prefix_queue_name(text, context)
    yield "queue without prefix", lambda: sqs.get_queue_name_without_prefix(f"q-{text}", context)


def _rules_of_amqp(text: str, competing: bool) -> _Rules:  # noqa: FBT001
    amqp: Any = AmqpTransport
    context = {"options": tomodachi.Options(**_OPTIONS)}
    yield "encode_routing_key", lambda: amqp.encode_routing_key(text)
    yield "decode_routing_key", lambda: amqp.decode_routing_key(text)
    yield "routing key", lambda: amqp.get_routing_key(text, context)
    yield "key without prefix", lambda: amqp.get_routing_key_without_prefix(f"r.{text}", context)
    yield "AMQP queue", lambda: amqp.get_queue_name(text, "f", "u", competing, context)
    yield "AMQP queue with prefix", lambda: amqp.prefix_queue_name(text, context)
