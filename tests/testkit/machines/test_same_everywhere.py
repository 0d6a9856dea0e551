"""24 and 25: a service's envelope gives back what it was given, and its options do not depend on the start."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi_testkit.machines import ServiceMachine
from tomodachi_testkit.machines.same_everywhere import differing_options


class Discounting(JsonBase):
    """Gives a discount of 1, each time."""

    @classmethod
    async def build_message(cls, service: Any, topic: str, data: Any, **kwargs: Any) -> str:
        text = await super().build_message(service, topic, data, **kwargs)
        message = json.loads(text)
        message["data"].update({k: n - 1 for k, n in message["data"].items() if k == "total"})
        return json.dumps(message)


class Billing(tomodachi.Service):
    name = "billing"
    message_envelope = JsonBase

    @tomodachi.aws_sns_sqs("order-created", queue_name="billing-orders")
    async def bill(self, data: Any) -> None:
        bill = {"id": data["id"], "total": 12}
        await tomodachi.aws_sns_sqs_publish(self, bill, topic="bill-sent", wait=True)


class DiscountingBilling(Billing):
    message_envelope = Discounting


started = 0


class Wavering(Billing):
    def __init__(self) -> None:
        global started
        started += 1
        self.options = tomodachi.Options(aws_sns_sqs={"queue_name_prefix": f"run-{started}-"})


def send_one(cls: type[tomodachi.Service], *, restart: bool = False) -> None:
    machine = type("Machine", (ServiceMachine,), {"service": cls})
    with machine.replay() as state:
        state.send(which=0)
        state.advance(seconds=1.0)
        if restart:
            state.restart()


@pytest.mark.slow
def test_a_service_that_keeps_to_itself_passes() -> None:
    send_one(Billing, restart=True)


@pytest.mark.slow
def test_an_envelope_that_changes_what_it_was_given_is_found() -> None:
    with pytest.raises(AssertionError, match=r"bill-sent: .* becomes"):
        send_one(DiscountingBilling)


@pytest.mark.slow
def test_options_that_depend_on_the_start_are_found() -> None:
    with pytest.raises(AssertionError, match=r"option aws_sns_sqs\.queue_name_prefix differs"):
        send_one(Wavering, restart=True)


def test_differing_options_are_named_without_their_values() -> None:
    assert differing_options({"a": 1, "secret": "x"}, {"a": 1, "secret": "y"}) == ["secret"]
