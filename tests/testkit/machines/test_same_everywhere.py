"""24 and 25: a service's envelope gives back what it was given, and its options do not depend on the start."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from google.protobuf.struct_pb2 import Struct
from google.protobuf.wrappers_pb2 import Int64Value

import tomodachi
from tomodachi.envelope import JsonBase, ProtobufBase
from tomodachi_testkit.machines import Sample, ServiceMachine
from tomodachi_testkit.machines.same_everywhere import (
    WatchedEnvelope,
    differing_options,
    watch_envelope,
)
from tomodachi_testkit.views.envelope import Sender


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


class Losing(JsonBase):
    """Loses totals; the second trip loses nothing more."""

    @classmethod
    async def build_message(cls, service: Any, topic: str, data: Any, **kwargs: Any) -> str:
        kept = {name: value for name, value in data.items() if name != "total"}
        return await super().build_message(service, topic, kept, **kwargs)


class LosingProtobuf(ProtobufBase):
    """Keeps an octet of each number."""

    @classmethod
    async def build_message(cls, service: Any, topic: str, data: Any, **kwargs: Any) -> str:
        kept = Int64Value(value=data.value % 256) if isinstance(data, Int64Value) else data
        return await super().build_message(service, topic, kept, **kwargs)


class Dates:
    """An envelope that is nobody's but the user's: the time of day, as text."""

    @classmethod
    async def build_message(cls, service: Any, topic: str, data: Any, **kwargs: Any) -> str:
        return data.isoformat() if isinstance(data, datetime) else str(data)

    @classmethod
    async def parse_message(cls, payload: str, **kwargs: Any) -> tuple[str, str, float]:
        return payload, "", 0.0


class GrowingDates(Dates):
    @classmethod
    async def parse_message(cls, payload: str, **kwargs: Any) -> tuple[str, str, float]:
        return f"{payload}Z", "", 0.0


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("envelope", "data", "change"),
    [
        (JsonBase, {"id": 1, "total": (1, 2), 3: None}, None),
        (JsonBase, None, None),
        (Losing, {"id": 1, "total": 12}, "{'id': 1, 'total': 12} becomes {'id': 1}"),
        (ProtobufBase, Int64Value(value=300), None),
        (LosingProtobuf, Int64Value(value=300), "value: 300 becomes value: 44"),
        (Dates, NOON, None),
        (GrowingDates, NOON, "00:00Z' becomes "),
    ],
)
def test_what_a_receiver_reads_is_what_the_service_gave(
    envelope: Any, data: Any, change: str | None
) -> None:
    """24, for the runtime's envelopes and users' own."""
    service, peer = Sender("billing", "1"), Sender("test", "2")
    watched = WatchedEnvelope(envelope, service)

    async def main() -> list[str]:
        await watched.build_message(service, "topic", data)
        await watched.build_message(peer, "somebody else's", data)
        return await watched.changes()

    changes = asyncio.run(main())
    assert [what.startswith("topic: ") for what in changes] == [True] * (change is not None)
    assert all(change in what for what in changes if change)


def test_a_service_without_an_envelope_is_not_watched() -> None:
    assert watch_envelope(tomodachi.Service(), {}) is None


class ProtobufBilling(tomodachi.Service):
    name = "protobuf-billing"
    message_envelope = ProtobufBase

    @tomodachi.aws_sns_sqs("order-created", queue_name="billing-orders", proto_class=Struct)
    async def bill(self, data: Struct) -> None:
        bill = Int64Value(value=int(data["id"]))
        await tomodachi.aws_sns_sqs_publish(self, bill, topic="bill-sent", wait=True)


class LosingProtobufBilling(ProtobufBilling):
    message_envelope = LosingProtobuf


class Numbered:
    """A protobuf message with a field `id`, which no ready-made one has."""

    def __init__(self) -> None:
        self.id = 0

    def SerializeToString(self) -> bytes:  # noqa: N802 - protobuf's
        struct = Struct()
        struct.update({"id": self.id + 300})
        return struct.SerializeToString()


class ProtobufMachine(ServiceMachine):
    service = ProtobufBilling
    samples: ClassVar = {"order-created": [Sample(data=Numbered())]}


class LosingProtobufMachine(ProtobufMachine):
    service = LosingProtobufBilling


def send_two(machine: type[ServiceMachine]) -> None:
    with machine.replay() as state:
        state.send(which=0)
        state.send(which=0)
        state.restart()


@pytest.mark.slow
def test_a_service_of_protobuf_messages_is_examined_too() -> None:
    send_two(ProtobufMachine)
    with pytest.raises(AssertionError, match="bill-sent: value: 300 becomes value: 44"):
        send_two(LosingProtobufMachine)
