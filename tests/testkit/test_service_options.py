"""Options of a run: the test's over the service's over the defaults, and the harness's own endpoints."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tomodachi
from tomodachi.options import KEYS
from tomodachi_testkit import Harness, run, strategies
from tomodachi_testkit.service_options import POINTED, point_at_brokers
from tomodachi_testkit.strategies.options import changed

AWS_URL, AMQP_URL = "http://127.0.0.1:1111", "amqp://me:secret@127.0.0.1:2222/%2Fhost"
FILLED_IN = {
    "aws_sns_sqs.region_name": "us-east-1",
    "aws_sns_sqs.aws_access_key_id": "test",
    "aws_sns_sqs.aws_secret_access_key": "test",
}


class Shop(tomodachi.Service):
    name = "shop"
    options = tomodachi.Options(amqp={"queue_name_prefix": "shop-", "heartbeat": 7})


def resolved(options: Any, given_: Any) -> dict[str, Any]:
    service = Shop()
    service.options = options
    point_at_brokers(service, AWS_URL, AMQP_URL, given_)
    return service.options.asdict()


@settings(max_examples=40, deadline=None)
@given(own=strategies.options(), overrides=strategies.falsy_options())
def test_precedence_is_a_function_of_what_was_given(own: Any, overrides: dict[str, Any]) -> None:
    """Invariant 25: the test's value, or the harness's endpoint, or the service's, or the default."""
    found, given_ = resolved(own, overrides), tomodachi.Options(**overrides)
    for key in KEYS:
        if key in overrides:
            assert found[key] == given_[key]
        elif key not in POINTED:
            assert found[key] == (own[key] or FILLED_IN.get(key, own[key]))
    assert resolved(own, dict(reversed(overrides.items()))) == found


@settings(max_examples=40, deadline=None)
@given(own=strategies.options(), whole=strategies.options())
def test_whole_options_take_the_place_of_the_services(own: Any, whole: Any) -> None:
    assert resolved(own, whole) == resolved(whole, None)


@given(own=strategies.options())
def test_the_harness_points_at_its_brokers_whatever_the_service_says(own: Any) -> None:
    before = own.asdict()
    found = resolved(own, None)
    assert own.asdict() == before
    assert {key for key in KEYS if found[key] != before[key]} <= POINTED | set(FILLED_IN)
    assert {found[f"aws_endpoint_urls.{name}"] for name in ("sns", "sqs", "sts")} == {AWS_URL}
    assert (found["amqp.host"], found["amqp.port"]) == ("127.0.0.1", 2222)
    assert (found["amqp.login"], found["amqp.password"]) == ("me", "secret")
    assert (found["amqp.virtualhost"], found["amqp.ssl"]) == ("/host", False)
    assert (found["http.host"], found["http.port"]) == ("127.0.0.1", 0)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_options_of_a_service_are_its_own_but_for_what_is_drawn(data: st.DataObject) -> None:
    drawn = data.draw(strategies.falsy_options(Shop))
    assert not POINTED & drawn.keys()
    assert Shop.options["amqp.heartbeat"] == 7
    given_, found = tomodachi.Options(**drawn), changed(Shop.options, drawn)
    for key in KEYS:
        assert found[key] == (given_ if key in drawn else Shop.options)[key]
    assert isinstance(data.draw(strategies.options(Shop)), tomodachi.Options)


class Echo(Shop):
    """Every transport, so that every option has somebody to mean something to."""

    def __init__(self) -> None:
        self.got: list[str] = []

    @tomodachi.http("GET", r"/hello")
    async def hello(self, request: Any) -> str:
        return "hej då"

    @tomodachi.aws_sns_sqs("said", queue_name="said")
    async def from_sqs(self, message: str) -> None:
        self.got.append(message)

    @tomodachi.amqp("said", queue_name="said")
    async def from_rabbitmq(self, message: str) -> None:
        self.got.append(message)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(options=strategies.options(Echo))
def test_a_service_starts_with_whatever_options_are_drawn_for_it(options: Any) -> None:
    """testkit.md, Strategies: `options(Service)`."""

    async def example() -> None:
        async with Harness() as svc:
            echo = await svc.start(Echo, options=options)
            assert (await echo.http.get("/hello")).status == 200
            await svc.sns.publish("said", "one", envelope=None)
            exchange = options.amqp.exchange_name or "amq.topic"
            key = f"{options.amqp.routing_key_prefix or ''}said"
            await svc.amqp.publish(exchange, key, "two", envelope=None)
            await svc.drain()
            assert sorted(echo.service.got) == ["one", "two"]

    run(example())
