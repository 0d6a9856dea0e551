"""The services of the guide do what it says of them."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import tomodachi
from tomodachi.envelope import JsonBase

GUIDE = Path(__file__).parents[2] / "docs" / "services.md"


def service(holding: str) -> Any:
    """The service of the example that holds this text."""
    examples = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.M | re.S)
    (example,) = [text for text in examples if holding in text]
    names: dict[str, Any] = {
        "tomodachi": tomodachi, "json": json, "asyncio": asyncio, "JsonBase": JsonBase
    }  # fmt: skip
    exec(example, names)
    return names["Service"]


async def test_the_first_service(svc: Any, capsys: pytest.CaptureFixture[str]) -> None:
    orders = await svc.start(service('name = "orders"'))
    answer = await orders.http.post("/orders", json={"id": 7})
    assert (answer.status, answer.json()) == (202, {"accepted": 7})
    await svc.sns.publish("invoice-sent", {"order_id": 7})
    await svc.amqp.publish("amq.topic", "order.created", {"id": 7})
    await svc.drain()
    svc.sns.published.one(topic="order-created", data={"id": 7})
    await svc.clock.advance(timedelta(days=1))
    said = capsys.readouterr().out
    assert "invoice for 7" in said
    assert "order.created {'id': 7}" in said
    assert said.count("three in the morning") == 1


async def test_publishing_as_the_guide_does(svc: Any) -> None:
    orders = (await svc.start(service('name = "orders"'))).service
    await svc.sqs.create_queue("billing-orders")
    calls = re.findall(r"^await (tomodachi\.\w+\(service, .*\))$", GUIDE.read_text("utf-8"), re.M)
    assert len(calls) == 5
    for call in calls:
        await eval(call, {"tomodachi": tomodachi, "service": orders})
    await svc.drain()
    svc.sns.published.count(3, topic="order-created")
    svc.amqp.published.count(2, topic="order.created")
    assert len(svc.sqs["billing-orders"].ready) == 1


async def test_forms_of_http(svc: Any) -> None:
    http = await svc.start(service('name = "http-forms"'))
    assert (await http.http.get("/orders/7")).json() == {"number": 7, "part": None}
    assert (await http.http.get("/orders/7/lines")).json() == {"number": 7, "part": "lines"}
    gone = await http.http.delete("/orders/7")
    assert (gone.status, gone.headers["X-Order"]) == (410, "7")
    uploaded = await http.http.put("/files/x", data=b"x" * 100_000)
    assert (uploaded.status, uploaded.text()) == (201, "100000")
    assert (await http.http.get("/nowhere")).json() == {"error": "not-found"}
    feed = await http.ws("/feed")
    await feed.send_str("hello")
    assert await feed.receive_str() == "hello"
    await feed.close()


async def test_what_a_middleware_passes_is_an_argument(
    svc: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    class Timed(service('name = "middleware"')):  # type: ignore[misc]
        @tomodachi.http("GET", r"/")
        async def ask(self, request: Any, request_started: float) -> str:
            return str(request_started >= 0)

    timed = await svc.start(Timed)
    assert (await timed.http.get("/")).text() == "True"
    assert "took 0.0" in capsys.readouterr().out
