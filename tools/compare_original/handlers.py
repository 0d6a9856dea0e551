"""Message handlers of any signature: what they are called with, and what becomes of the message.

One message of SQS or AMQP goes through an envelope and middlewares to a handler. The answer is what was
called, in order and with what, and whether the message was deleted or acknowledged.
"""

from __future__ import annotations

import json
import random
from typing import Any

from tools.compare_original import functions
from tools.compare_original.handling import Handling
from tools.compare_original.insides import insides

import tomodachi
from tomodachi.envelope import JsonBase

_POOLS = {
    "sqs": (
        *("data", "metadata", "service", "message", "topic", "message_uuid", "queue_url"),
        *("message_attributes", "sns_message_id", "message_type", "receipt_handle"),
        *("approximate_receive_count", "raw_message_body", "foo", "extra"),
    ),
    "amqp": (
        *("data", "metadata", "service", "message", "routing_key", "message_uuid"),
        *("exchange_name", "properties", "foo", "extra"),
    ),
}
_MIDDLEWARE_TAKES = {
    "sqs": ("service", "message", "topic", "context"),
    "amqp": ("service", "message", "routing_key", "context"),
}
# What only ours hands over.
_OURS_ALONE = ("binding_key", "queue_name")
_JSON_MESSAGE = {
    "service": {"name": "other", "uuid": "its-uuid"},
    "metadata": {
        "message_uuid": "message-uuid",
        "protocol_version": "tomodachi-json-base--1.0.0",
        "timestamp": 1.0,
        "topic": "t",
        "data_encoding": "raw",
    },
    "data": {"a": 1},
}


class _Dict:
    @classmethod
    async def parse_message(cls, payload: str, **_: Any) -> Any:
        return {"data": "its data", "foo": "its foo", "bar": "its bar"}, "uuid", 1.0


class _Text:
    @classmethod
    async def parse_message(cls, payload: str, **_: Any) -> Any:
        return "its text", None, 1.0


class _Keywords:
    @classmethod
    async def parse_message(cls, payload: str, **kwargs: Any) -> Any:
        return {"data": " ".join(sorted(kwargs))}, "uuid", 1.0


class _Failing:
    @classmethod
    async def parse_message(cls, payload: str, **_: Any) -> Any:
        raise ValueError("unreadable")


class _False:
    @classmethod
    async def parse_message(cls, payload: str, **_: Any) -> Any:
        return False, None, 1.0


_ENVELOPES: dict[str, Any] = {
    "json": JsonBase,
    "dict": _Dict,
    "text": _Text,
    "keywords": _Keywords,
    "failing": _Failing,
    "false": _False,
    "none": None,
}


def generate(dice: random.Random) -> dict[str, Any]:
    """A handler, its decorator's arguments, up to two middlewares and a message."""
    transport = dice.choice(("sqs", "amqp"))
    envelope = dice.choice(("json", *_ENVELOPES))
    kwargs = {"option": 1} if envelope == "keywords" and dice.random() < 0.7 else {}
    pool = _POOLS[transport]
    return {
        "transport": transport,
        "parameters": functions.parameters(dice, pool),
        "is_coroutine": dice.random() < 0.8,
        "raises": dice.choice(("", "", "", "ValueError", "internal service error")),
        "middlewares": [_middleware(dice, transport) for _ in range(dice.choice((0, 0, 1, 2)))],
        "envelope": envelope,
        "envelope_kwargs": kwargs,
        "callback_kwargs": dice.sample(pool, dice.randint(1, 3)) if dice.random() < 0.15 else None,
        "topic": "" if transport == "sqs" and dice.random() < 0.3 else "t",
    }


def _middleware(dice: random.Random, transport: str) -> dict[str, Any]:
    gives = ("extra", "foo", "message", "unheard")
    return {
        "takes": list(_MIDDLEWARE_TAKES[transport][: dice.randint(0, 4)]),
        "kwargs": dice.random() < 0.3,
        "gives": {name: f"given {name}" for name in gives if dice.random() < 0.3},
        "acts": dice.choice(("calls",) * 6 + ("skips", "swallows", "raises")),
    }


async def answer(case: dict[str, Any]) -> Any:
    """What was called with what, and how the message ended."""
    side, calls = insides(), list[Any]()
    transport = case["transport"]

    def called(who: str, values: dict[str, Any]) -> None:
        calls.append([who, _shown(values)])

    class Service(tomodachi.Service):
        name = "own"
        uuid = "own-uuid"
        options = tomodachi.Options()
        message_middleware = [  # noqa: RUF012 - as a service writes it
            _make_middleware(f"middleware {number}", made, called)
            for number, made in enumerate(case.get("middlewares", ()))
        ]

    callback_kwargs = case.get("callback_kwargs")
    handling = Handling(
        service=Service(),
        function=_make_handler(case, called, side.internal_service_error(transport)),
        payload=json.dumps(_JSON_MESSAGE) if case.get("envelope") == "json" else "payload",
        topic=case.get("topic", "t"),
        envelope=_ENVELOPES[case.get("envelope", "none")],
        envelope_kwargs=case.get("envelope_kwargs", {}),
        callback_kwargs=None if callback_kwargs is None else tuple(callback_kwargs),
    )
    handle = side.handle_sqs if transport == "sqs" else side.handle_amqp
    ends = await handle(handling)
    return {"calls": calls, "ends": sorted(set(ends))}


def _make_handler(case: dict[str, Any], called: Any, internal: type[Exception]) -> Any:
    given = case.get("parameters", {})
    error = {"": "", "ValueError": "raise ValueError", "internal service error": "raise Internal"}
    source = (
        f"{'async ' if case.get('is_coroutine') else ''}def handler({functions.signature(given, 'self')}):\n"
        f"    called('handler', {functions.values(given)})\n"
        f"    {error[case.get('raises', '')] or 'return 7'}\n"
    )
    return functions.define(source, "handler", called=called, Internal=internal)


def _make_middleware(name: str, made: dict[str, Any], called: Any) -> Any:
    given = {"positional": [[taken, False] for taken in made.get("takes", ())]}
    given["kwargs"] = made.get("kwargs", False)
    call = f"await func({', '.join(f'{key}={value!r}' for key, value in made.get('gives', {}).items())})"
    body = {
        "calls": f"    return {call}\n",
        "skips": "    return 1\n",
        "swallows": f"    try:\n        {call}\n    except Exception: pass\n",
        "raises": f"    {call}\n    raise KeyError\n",
    }[made.get("acts", "calls")]
    source = f"async def middleware({functions.signature(given, 'func')}):\n    called({name!r}, {{}})\n{body}"
    return functions.define(source, "middleware", called=called)


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    shown = {name: functions.shown(value) for name, value in values.items()}
    if "kwargs" in values:
        rest = values["kwargs"].items()
        shown["kwargs"] = {
            name: functions.shown(value) for name, value in rest if name not in _OURS_ALONE
        }
    return shown
