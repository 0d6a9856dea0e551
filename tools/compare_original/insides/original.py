"""The original's: the closure that its transports call for a message, and their class attributes.

Nothing of it is typed, and nothing of it is here when our own framework is: hence `Any`.
"""

from __future__ import annotations

import asyncio
import importlib
import json
from typing import Any

from tools.compare_original.handling import ATTRIBUTES, Handling, sqs_body

_SQS: Any = importlib.import_module("tomodachi.transport.aws_sns_sqs")
_AMQP: Any = importlib.import_module("tomodachi.transport.amqp")


class _Channel:
    """Writes down what the broker is told."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    async def basic_client_ack(self, _delivery_tag: int) -> None:
        self.ends.append("acknowledged")

    async def basic_client_nack(self, _delivery_tag: int) -> None:
        self.ends.append("requeued")


async def _nothing(*_: Any) -> None:
    """In place of what would connect to a broker."""


class _Original:
    def internal_service_error(self, transport: str) -> type[Exception]:
        error: type[Exception] = (
            _SQS.AWSSNSSQSInternalServiceError
            if transport == "sqs"
            else _AMQP.AmqpInternalServiceError
        )
        return error

    async def handle_sqs(self, handling: Handling) -> list[str]:
        transport, ends = _SQS.AWSSNSSQSTransport, list[str]()

        async def delete_message(*_: Any) -> None:
            ends.append("deleted")

        transport.subscribe, before = _nothing, transport.subscribe
        transport.delete_message, deleting = delete_message, transport.delete_message
        try:
            handle = await self._registered(transport, "_aws_sns_sqs_subscribers", 4, handling, "q")
            body = sqs_body(handling)
            await handle(
                *(handling.payload, "receipt-handle", "queue-url", handling.topic, ATTRIBUTES, 2),
                *(body["MessageId"] if handling.topic else "", "sqs-id", body["Type"]),
                *(json.dumps(body), body["Timestamp"], None, None),
            )
        finally:
            transport.subscribe, transport.delete_message = before, deleting
        return ends or ["kept"]

    async def handle_amqp(self, handling: Handling) -> list[str]:
        transport, channel = _AMQP.AmqpTransport, _Channel()
        transport.channel, transport.subscribe, before = channel, _nothing, transport.subscribe
        try:
            handle = await self._registered(transport, "_amqp_subscribers", 5, handling)
            properties = _AMQP.aioamqp.properties.Properties()
            await handle(handling.payload, 1, handling.topic, properties)
        finally:
            transport.subscribe = before
        return channel.ends

    async def _registered(
        self, transport: Any, key: str, at: int, handling: Handling, queue_name: str | None = None
    ) -> Any:
        service = handling.service
        context: dict[str, Any] = {
            "options": service.options,
            "message_middleware": service.message_middleware,
        }
        own = {} if queue_name is None else {"competing": None, "queue_name": queue_name}
        await transport.subscribe_handler(
            *(service, context, handling.function, handling.topic or "t"),
            handling.callback_kwargs,
            **own,
            message_envelope=handling.envelope,
            **handling.envelope_kwargs,
        )
        return context[key][-1][at]

    async def forget(self, _context: dict[str, Any], begun: set[asyncio.Task[Any]]) -> None:
        # Topics and queues are remembered for the process; its receive loops are never awaited.
        transport = _SQS.AWSSNSSQSTransport
        transport.topics = transport.queues = None
        for task in begun:
            task.cancel()
        if begun:
            await asyncio.wait(begun, timeout=1)


INSIDES = _Original()
