"""Chains of middlewares of any signature: what each is called with, and what it can hand on."""

from __future__ import annotations

import functools
import random
from typing import Any

from tools.compare_original import functions

from tomodachi.helpers.middleware import execute_middlewares

_POOL = (
    *("service", "message", "topic", "context", "receipt_handle", "queue_url"),
    *("extra", "foo", "middleware_context"),
)


def generate(dice: random.Random) -> dict[str, Any]:
    """One to three middlewares, of every kind that can be called."""
    return {"middlewares": [_one(dice) for _ in range(dice.randint(1, 3))]}


def _one(dice: random.Random) -> dict[str, Any]:
    gives = ("extra", "foo", "topic", "message", "unheard")
    return {
        "is": dice.choice(("function", "method", "object", "wrapper")),
        "first": dice.choice(("func", "call_next")),
        "parameters": functions.parameters(dice, _POOL),
        "gives": {name: f"given {name}" for name in gives if dice.random() < 0.25},
    }


async def answer(case: dict[str, Any]) -> Any:
    """What was called with what, down to the handler."""
    calls: list[Any] = []

    def called(who: str, values: dict[str, Any]) -> None:
        calls.append([who, _shown(values)])

    async def handler(self: Any) -> None:
        """Stands for the service's function; the routine below is what is called."""

    async def routine(*args: Any, **kwargs: Any) -> str:
        called("routine", {"args": args, "kwargs": kwargs})
        return "result"

    chain = [_make(str(number), made, called) for number, made in enumerate(case["middlewares"])]
    keywords = {"message": "M", "topic": "T", "receipt_handle": "R", "queue_url": "Q"}
    result = await execute_middlewares(handler, routine, chain, "S", "M", "T", **keywords)
    return {"calls": calls, "result": functions.shown(result)}


def _make(name: str, made: dict[str, Any], called: Any) -> Any:
    given, first, what = made.get("parameters", {}), made.get("first", "func"), made.get("is")
    is_method = what in ("method", "object")
    gives = ", ".join(f"{key}={value!r}" for key, value in made.get("gives", {}).items())
    source = (
        f"async def made({functions.signature(given, *(['self'] if is_method else []), first)}):\n"
        f"    called({name!r}, {functions.values(given)})\n"
        f"    return ({name!r}, await {first}({gives}))\n"
    )
    made_function = functions.define(source, "made", called=called)
    if is_method:
        instance = type("Made", (), {"__call__": made_function, "made": made_function})()
        return instance if what == "object" else instance.made
    return _wrapped(made_function) if what == "wrapper" else made_function


def _wrapped(function: Any) -> Any:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return wrapper


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    shown = {name: functions.shown(value) for name, value in values.items()}
    if "kwargs" in values:
        shown["kwargs"] = {name: functions.shown(value) for name, value in values["kwargs"].items()}
    return shown
