"""Handles one message to the end: reads it, calls middlewares and handler, tells the broker.

What a handler's outcome means for the message is decided in `disposition.py`, which deliveries count
as the same message in `seen_messages.py`. How many run at once is `consumer.py`'s business.

Handlers and middlewares may ask by name for `message`, `routing_key` (the message's own, decoded and
without prefix), `binding_key` (the decorator's pattern), `exchange_name` (the decorator's), `queue_name`, `properties` and
`message_uuid`; with an envelope also for the keys of the parsed message (`data`, `metadata`, ...).
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tomodachi import logging
from tomodachi.helpers.execution_context import (
    decrease_execution_context_value,
    increase_execution_context_value,
)
from tomodachi.helpers.middleware import MiddlewareChain
from tomodachi.helpers.observer import HandlerCall, observed
from tomodachi.transport.amqp.connection import Delivery
from tomodachi.transport.amqp.disposition import Action, after_handler, hold_before, unreadable
from tomodachi.transport.amqp.names import decode_routing_key, without_prefix
from tomodachi.transport.amqp.properties import Properties
from tomodachi.transport.amqp.seen_messages import SeenMessages
from tomodachi.transport.failures import END_OF_PROGRAM, is_being_cancelled, log_uncaught
from tomodachi.transport.handler_arguments import HandlerArguments

SHOWN_OF_BODY = 500


@dataclass(frozen=True, slots=True)
class Handler:
    """A user's handler and how it wants its messages.

    Attributes:
        service: The instance.
        function: The method, unbound.
        name: Its name.
        arguments: What it asks for.
        binding_key: The pattern it was given.
        routing_key_prefix: Taken off the keys it sees.
        exchange_name: That its queue is bound to.
        queue_name: Where its messages come from.
        on_exception: "delete" or "retry".
        envelope: Parses messages; None hands them over as text.
        envelope_kwargs: Keywords of the decorator that are the envelope's.
    """

    # Services, handlers and envelopes are the user's own.
    service: Any
    function: Callable[..., Any]
    name: str
    arguments: HandlerArguments
    binding_key: str
    routing_key_prefix: str
    exchange_name: str
    queue_name: str
    on_exception: str
    envelope: Any
    envelope_kwargs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Message:
    """A message that was read: its value, its uuid as the envelope gave it, and its own keys."""

    value: Any
    uuid: Any
    keys: Mapping[str, Any]


class UnreadableMessageError(ValueError):
    """The body is no text, or the envelope cannot parse it."""


class Dispatcher:
    """Handles the messages of one handler.

    Args:
        handler: Whom to call.
        middlewares: Around every call, the first outermost.
        seen: Which messages the service has handled.
        stopping: Set once the service stops.
    """

    def __init__(
        self,
        handler: Handler,
        middlewares: list[Callable[..., Any]],
        *,
        seen: SeenMessages,
        stopping: asyncio.Event,
    ) -> None:
        self._handler = handler
        self._seen = seen
        self._stopping = stopping
        self._logger = logging.get_logger("tomodachi.amqp.handler")
        self._logger_context = {
            "logger": "tomodachi.amqp.handler",
            "handler": handler.name,
            "type": "tomodachi.amqp",
        }
        self._chain = MiddlewareChain(handler.function, middlewares, entering=self._in_middleware)
        asked_for = handler.arguments
        self._wants_properties = (
            bool(middlewares) or asked_for.takes_any_keyword or "properties" in asked_for.names
        )

    async def __call__(self, delivery: Delivery) -> None:
        """Handle one delivery; raises nothing but cancellation."""
        logging.bind_logger(self._logger_context)
        try:
            message = await self._read(delivery.body)
            values = self._values(delivery, message)
        except UnreadableMessageError as error:
            action = unreadable(on_exception=self._handler.on_exception)
            self._logger.error(  # noqa: TRY400 - the envelope's own exception was logged
                "Unable to read message [amqp]",
                reason=str(error),
                outcome=action.value,
                routing_key=delivery.routing_key,
                queue_name=self._handler.queue_name,
                body=delivery.body[:SHOWN_OF_BODY].decode(errors="backslashreplace"),
            )
            self._tell(delivery, action)
            return
        if not message.uuid:
            await self._handle(delivery, message, values)
            return
        key = f"{message.uuid}:{self._handler.name}"
        if not await self._seen.is_first(key):
            self._logger.warning(
                "ignored duplicate message already processed in the last minute",
                message_uuid=str(message.uuid),
            )
            self._tell(delivery, Action.ACK)
            return
        handled = False
        try:
            handled = await self._handle(delivery, message, values)
        finally:
            self._seen.finish(key, handled=handled)

    # --- reading ----------------------------------------------------------------------------------

    async def _read(self, body: bytes) -> _Message:
        envelope = self._handler.envelope
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise UnreadableMessageError(str(error)) from error
        if envelope is None:
            return _Message(text, None, {})
        try:
            value, uuid, _ = await envelope.parse_message(text, **self._handler.envelope_kwargs)
        except Exception as error:
            log_uncaught(error)
            msg = f"{type(error).__name__}: {error}"
            raise UnreadableMessageError(msg) from error
        if isinstance(value, dict):
            return _Message(value, uuid, value)
        if self._handler.arguments.names:
            msg = f"the envelope made a {type(value).__name__} of it, not a dict"
            raise UnreadableMessageError(msg)
        return _Message(value, uuid, {})

    def _values(self, delivery: Delivery, message: _Message) -> dict[str, Any]:
        handler = self._handler
        values = {
            "message": message.value,
            "routing_key": without_prefix(
                decode_routing_key(delivery.routing_key), handler.routing_key_prefix
            ),
            "binding_key": handler.binding_key,
            "exchange_name": handler.exchange_name,
            "queue_name": handler.queue_name,
            "message_uuid": message.uuid,
        }
        if self._wants_properties:
            try:
                values["properties"] = Properties.read(delivery.header)
            except ValueError as error:
                raise UnreadableMessageError(str(error)) from error
        return values

    # --- handling ---------------------------------------------------------------------------------

    async def _handle(
        self, delivery: Delivery, message: _Message, values: Mapping[str, Any]
    ) -> bool:
        """Call the handler and tell the broker; whether the message is done with."""
        handler = self._handler
        with observed(
            "amqp",
            handler.service,
            handler.name,
            routing_key=values["routing_key"],
            exchange=delivery.exchange,
            queue=handler.queue_name,
            message_uuid=str(message.uuid or ""),
            redelivered=delivery.redelivered,
        ) as call:
            error = await self._call(call, message, values)
            action = after_handler(error, on_exception=handler.on_exception)
            await self._hold(hold_before(action, error, redelivered=delivery.redelivered))
            told = self._tell(delivery, action)
            call.outcome = action.value if told else "unacked"
        return action is Action.ACK

    async def _call(
        self, call: HandlerCall, message: _Message, values: Mapping[str, Any]
    ) -> BaseException | None:
        """Run middlewares and handler; what left the outermost, or None."""

        async def routine(**added: Any) -> Any:
            try:
                return await self._invoke(message, values, added)
            except BaseException as error:
                call.error = error
                raise

        arguments = (self._handler.service, message.value, values["routing_key"])
        increase_execution_context_value("amqp_current_tasks")
        increase_execution_context_value("amqp_total_tasks")
        try:
            call.result = await self._chain.run(routine, arguments, values)
        except asyncio.CancelledError as error:
            if is_being_cancelled():
                raise
            return _logged(call, error)
        except END_OF_PROGRAM:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a handler raises decides its message
            return _logged(call, error)
        finally:
            decrease_execution_context_value("amqp_current_tasks")
        return None

    async def _invoke(
        self, message: _Message, values: Mapping[str, Any], added: Mapping[str, Any]
    ) -> Any:
        handler = self._handler
        if len(self._chain):
            # The last middleware's logger was the current one.
            logging.bind_logger(self._logger_context)
        first = () if handler.envelope is not None else (message.value,)
        by_position = (message.value, values["routing_key"])
        args, kwargs = handler.arguments.bind_message(
            values, message.keys, first, by_position, added=added
        )
        result = handler.function(handler.service, *args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    async def _hold(self, seconds: float) -> None:
        if not seconds:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _tell(self, delivery: Delivery, action: Action) -> bool:
        """Write ack or nack; False if the channel is gone and the message comes again."""
        if action is Action.ACK:
            return delivery.channel.ack(delivery.delivery_tag)
        return delivery.channel.nack(delivery.delivery_tag, requeue=action is Action.REQUEUE)

    def _in_middleware(self, name: str) -> None:
        logging.bind_logger(
            {"middleware": name, **self._logger_context, "logger": "tomodachi.amqp.middleware"}
        )


def _logged(call: HandlerCall, error: BaseException) -> BaseException:
    call.error = call.error or error
    log_uncaught(error)
    return error
