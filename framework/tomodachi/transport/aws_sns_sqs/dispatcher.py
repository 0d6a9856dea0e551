"""One received message from its body to its handler, and the decision what becomes of it.

Reading, envelope, duplicates, keyword arguments, middlewares, exceptions: in that order. Receiving,
limits and deleting are the consumer's business. Nothing that a message or a handler does raises here,
except a cancellation.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.helpers.context_variables import get_contextvar
from tomodachi.helpers.execution_context import (
    decrease_execution_context_value,
    increase_execution_context_value,
)
from tomodachi.helpers.middleware import MiddlewareChain
from tomodachi.helpers.observer import HandlerCall, observed
from tomodachi.transport.aws_sns_sqs import disposition, messages
from tomodachi.transport.aws_sns_sqs.disposition import Disposition
from tomodachi.transport.aws_sns_sqs.duplicates import RecentMessages, Seen
from tomodachi.transport.aws_sns_sqs.messages import Received, UnreadableMessage
from tomodachi.transport.failures import END_OF_PROGRAM, is_being_cancelled, log_uncaught

if TYPE_CHECKING:
    from tomodachi.transport.aws_sns_sqs.handler_settings import HandlerSettings
    from tomodachi.transport.aws_sns_sqs.queues import Queue

# Carries out a decision, and says what came of it.
Settle = Callable[[Disposition], Awaitable[Disposition]]

_CONTEXTVARS = (
    "aws_sns_sqs.receipt_handle",
    "aws_sns_sqs.queue_url",
    "aws_sns_sqs.approximate_receive_count",
)


@dataclass(slots=True)
class _Parsed:
    """A message after its envelope, if it has one, and its id for de-duplication."""

    message: Any
    message_uuid: Any
    has_envelope: bool


class Dispatcher:
    """Hands the messages of one handler's queue to the handler.

    Args:
        service: The instance.
        handler: What is called and how.
        queue: Where the messages come from.
        topic_prefix: What is taken off a topic's name before the handler sees it.
        has_redrive_policy: Whether the queue moves messages that are not deleted to another queue.
        set_contextvars: Whether handlers find three values in context variables (deprecated).
    """

    def __init__(
        self,
        service: Any,
        handler: HandlerSettings,
        queue: Queue,
        *,
        topic_prefix: str | None,
        has_redrive_policy: bool,
        set_contextvars: bool = False,
    ) -> None:
        self._service = service
        self._handler = handler
        self.queue = queue
        self._prefix = topic_prefix
        self._has_redrive_policy = has_redrive_policy
        self._set_contextvars = set_contextvars
        self._recent = RecentMessages()
        self._middlewares: tuple[Any, ...] = ()
        self._chain = MiddlewareChain(handler.func, ())
        self._logger = logging.get_logger("tomodachi.awssnssqs")
        self._context = {
            "logger": "tomodachi.awssnssqs.handler",
            "handler": handler.name,
            "type": "tomodachi.awssnssqs",
        }

    async def dispatch(self, message: Mapping[str, Any], settle: Settle) -> None:
        """Handle one message of a ReceiveMessage answer.

        Args:
            message: As botocore gives it.
            settle: Called once with the decision, when the handler is through.
        """
        logging.bind_logger(self._context)
        try:
            received = messages.read(message, self._prefix)
        except UnreadableMessage as error:
            await self._unreadable(message, str(error), settle)
            return
        if received.is_to_be_skipped:
            self._log_skipped(received)
            await settle(Disposition.DELETE)
            return
        parsed = await self._parse(message, received, settle)
        if parsed is not None:
            await self._once(received, parsed, settle)

    # --- reading --------------------------------------------------------------------------------

    async def _unreadable(self, message: Mapping[str, Any], reason: str, settle: Settle) -> None:
        decision = disposition.of_unreadable(has_redrive_policy=self._has_redrive_policy)
        kept = decision is Disposition.KEEP
        self._logger.error(
            "message left for the dead-letter queue" if kept else "discarded message",
            reason=reason,
            message_id=message.get("MessageId"),
            queue=self.queue.name,
            message_body=messages.shown_body(message),
        )
        await settle(decision)

    def _log_skipped(self, received: Received) -> None:
        if not received.payload:
            self._logger.warning(
                "discarded message without a payload",
                message_id=received.sqs_message_id,
                queue=self.queue.name,
                message_body=received.raw_body[: messages.SHOWN_OF_BODY],
            )

    async def _parse(
        self, message: Mapping[str, Any], received: Received, settle: Settle
    ) -> _Parsed | None:
        parse = getattr(self._handler.envelope, "parse_message", None)
        if parse is None:
            has_envelope = self._handler.envelope is not None
            return _Parsed(received.payload, None, has_envelope=has_envelope)
        kwargs: dict[str, Any] = {}
        if self._handler.envelope_kwargs:
            kwargs = {"message_attributes": received.message_attributes}
            kwargs |= self._handler.envelope_kwargs
        try:
            parsed, message_uuid, _ = await parse(received.payload, **kwargs)
        except Exception as error:  # noqa: BLE001 - the user's envelope may raise anything
            log_uncaught(error)
            await self._unreadable(message, _reason(error), settle)
            return None
        if parsed is False and message_uuid:
            await settle(Disposition.KEEP)
            return None
        return _Parsed(parsed, message_uuid, has_envelope=True)

    # --- handling -------------------------------------------------------------------------------

    async def _once(self, received: Received, parsed: _Parsed, settle: Settle) -> None:
        if not parsed.message_uuid:
            await self._handle(received, parsed, settle)
            return
        # It may be whatever JSON can hold: the envelope takes what the sender wrote.
        uuid = str(parsed.message_uuid)
        seen = self._recent.begin(uuid, now=clock.monotonic())
        if seen is not Seen.NEW:
            self._logger.warning(
                "ignored duplicate message already processed in the last minute", message_uuid=uuid
            )
            # Only what has been handled for good may go; the first delivery may yet fail.
            await settle(Disposition.DELETE if seen is Seen.HANDLED else Disposition.KEEP)
            return
        decision = Disposition.KEEP
        try:
            decision = await self._handle(received, parsed, settle)
        finally:
            if decision is Disposition.DELETE:
                self._recent.handled(uuid)
            else:
                self._recent.forget(uuid)

    async def _handle(self, received: Received, parsed: _Parsed, settle: Settle) -> Disposition:
        with observed(
            "aws_sns_sqs",
            self._service,
            self._handler.name,
            topic=received.topic,
            queue=self.queue.name,
            message_id=received.sqs_message_id,
        ) as call:
            decision = await self._call(received, parsed, call)
            call.outcome = Disposition.KEEP.value
            call.outcome = (await settle(decision)).value
        return decision

    async def _call(self, received: Received, parsed: _Parsed, call: HandlerCall) -> Disposition:
        if self._set_contextvars:
            self._publish_contextvars(received)
        increase_execution_context_value("aws_sns_sqs_current_tasks")
        increase_execution_context_value("aws_sns_sqs_total_tasks")
        try:
            call.result = await self._run(received, parsed)
        except asyncio.CancelledError as error:
            if is_being_cancelled():
                raise
            call.error = error
            log_uncaught(error)
        except END_OF_PROGRAM:
            raise
        except BaseException as error:  # noqa: BLE001 - the handler may raise anything
            call.error = error
            log_uncaught(error)
        finally:
            decrease_execution_context_value("aws_sns_sqs_current_tasks")
        cancelled = isinstance(call.error, asyncio.CancelledError)
        return disposition.of_handler(call.error, self._handler.on_exception, cancelled=cancelled)

    async def _run(self, received: Received, parsed: _Parsed) -> Any:
        values = self._values(received, parsed)
        by_position = (parsed.message, received.topic)
        chain = self._current_chain()
        if not len(chain):
            return await self._invoke(parsed, values, {}, by_position)

        async def routine(**added: Any) -> Any:
            # The last middleware's logger was the current one.
            logging.bind_logger(self._context)
            return await self._invoke(parsed, values, added, by_position)

        return await chain.run(routine, (self._service, *by_position), values)

    async def _invoke(
        self,
        parsed: _Parsed,
        known: Mapping[str, Any],
        added: Mapping[str, Any],
        by_position: tuple[Any, str],
    ) -> Any:
        is_dict = parsed.has_envelope and isinstance(parsed.message, dict)
        keys = parsed.message if is_dict else {}
        if "topic" in keys and not known["topic"]:
            # It came by none, whatever the envelope says.
            keys = {**keys, "topic": ""}
        first = () if parsed.has_envelope else (parsed.message,)
        args, kwargs = self._handler.arguments.bind_message(
            known, keys, first, by_position, added=added
        )
        result = self._handler.func(self._service, *args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    def _values(self, received: Received, parsed: _Parsed) -> dict[str, Any]:
        return {
            "message": parsed.message,
            "topic": received.topic,
            "message_uuid": parsed.message_uuid,
            "receipt_handle": received.receipt_handle,
            "queue_url": self.queue.url,
            "message_attributes": received.message_attributes,
            "approximate_receive_count": received.approximate_receive_count,
            "sns_message_id": received.sns_message_id,
            "sqs_message_id": received.sqs_message_id,
            "message_type": received.message_type,
            "raw_message_body": received.raw_body,
            "message_timestamp": received.message_timestamp,
            "message_deduplication_id": received.message_deduplication_id,
            "message_group_id": received.message_group_id,
        }

    def _current_chain(self) -> MiddlewareChain:
        own = getattr(self._service, "message_middleware", None) or ()
        tracing = getattr(self._service, "_awssnssqs_message_pre_middleware", None) or ()
        middlewares = (*tracing, *own)
        if middlewares != self._middlewares:
            self._middlewares = middlewares
            self._chain = MiddlewareChain(
                self._handler.func, middlewares, entering=self._enter_middleware
            )
        return self._chain

    def _enter_middleware(self, name: str) -> None:
        bound = {"middleware": name, **self._context, "logger": "tomodachi.awssnssqs.middleware"}
        logging.bind_logger(bound)

    def _publish_contextvars(self, received: Received) -> None:
        values = (
            received.receipt_handle,
            self.queue.url,
            received.approximate_receive_count,
        )
        for key, value in zip(_CONTEXTVARS, values, strict=True):
            get_contextvar(key).set(value)


def _reason(error: Exception) -> str:
    return f"discarded message due to exception: {type(error).__name__}: {error}"
