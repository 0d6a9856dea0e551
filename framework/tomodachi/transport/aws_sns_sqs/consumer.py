"""Receives the messages of one handler's queue for as long as the service runs.

The next receive starts as soon as a slot is free, and asks for as many messages as there are free
slots. Stopping loses nothing: a poll that has been answered is handled, a poll that waits is given up,
running handlers are awaited, and their messages are deleted before the service goes on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.transport.aws_sns_sqs.deletes import Deletes
from tomodachi.transport.aws_sns_sqs.disposition import Disposition
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException
from tomodachi.transport.aws_sns_sqs.queues import is_missing_queue
from tomodachi.transport.aws_sns_sqs.retries import (
    RetryPolicy,
    Trouble,
    error_code,
    error_text,
    trouble,
)
from tomodachi.transport.aws_sns_sqs.slots import Slots
from tomodachi.transport.failures import is_being_cancelled

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from tomodachi.transport.aws_sns_sqs.clients import Clients
    from tomodachi.transport.aws_sns_sqs.dispatcher import Dispatcher
    from tomodachi.transport.aws_sns_sqs.handler_settings import HandlerSettings
    from tomodachi.transport.aws_sns_sqs.heartbeat import VisibilityHeartbeat

    # Sets the queue up again, and answers with it.
    Recover = Callable[[], Awaitable[None]]

T = TypeVar("T")

LONG_POLL_S = 20
RECEIVE_TIMEOUT_S = 40.0
MISSING_QUEUE_PAUSE_S = 20.0
FIRST_REMINDER_S = 2.0
_BACK_OFF = RetryPolicy(base_s=1.0, cap_s=10.0)
# An answer that is in the socket when the service stops needs a few turns of the loop to come up
# through the HTTP client; a poll that still waits after these is one that the queue has not answered.
_TURNS_FOR_AN_ANSWER = 25
_SYSTEM_ATTRIBUTES: Final = (
    "ApproximateReceiveCount",
    "MessageDeduplicationId",
    "MessageGroupId",
)


class Consumer:
    """The receive loop of one handler.

    Args:
        clients: Of the service.
        handler: How many messages at a time, and how.
        dispatcher: Handles one message; knows the queue.
        recover: Sets everything up again after the queue was deleted.
        heartbeat: Keeps running messages invisible; None without.
    """

    def __init__(
        self,
        clients: Clients,
        handler: HandlerSettings,
        dispatcher: Dispatcher,
        *,
        recover: Recover,
        heartbeat: VisibilityHeartbeat | None = None,
    ) -> None:
        self._clients = clients
        self._handler = handler
        self._dispatcher = dispatcher
        self._recover = recover
        self._heartbeat = heartbeat
        self._deletes = Deletes(clients, dispatcher.queue.url)
        self._slots = Slots(handler.concurrency)
        self._handling: set[asyncio.Task[None]] = set()
        self._loop_task: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[Any] | None = None
        self._stopping = False
        self._failures = 0
        self._disconnected = False
        self._logger = logging.get_logger("tomodachi.awssnssqs").new(**handler.log_values)

    def start(self) -> None:
        """Begin to receive."""
        name = f"tomodachi.aws_sns_sqs/{self._handler.name}"
        self._loop_task = asyncio.create_task(self._receive_until_stopped(), name=name)

    async def stop(self) -> None:
        """Receive no more, await running handlers however long they take, delete what they handled."""
        await self._stop_receiving()
        await self._await_handlers()
        await self._deletes.close()

    # --- receiving ------------------------------------------------------------------------------

    async def _receive_until_stopped(self) -> None:
        while True:
            free = await self._slots.wait()
            if self._stopping:
                return
            for message in await self._receive(free):
                self._begin(message)

    async def _receive(self, most: int) -> list[Any]:
        try:
            messages = await self._until_stopped(self._call_receive(most))
        except Exception as error:  # noqa: BLE001 - the loop outlives whatever a receive raises
            self._failures += 1
            await self._until_stopped(self._after_failure(error))
            return []
        self._after_success()
        return messages or []

    async def _call_receive(self, most: int) -> list[Any]:
        sqs = await self._clients.direct("sqs")
        params = {
            "QueueUrl": self._dispatcher.queue.url,
            "WaitTimeSeconds": LONG_POLL_S,
            "MaxNumberOfMessages": most,
            "AttributeNames": _SYSTEM_ATTRIBUTES,
            "MessageAttributeNames": ("All",),
        }
        async with asyncio.timeout(RECEIVE_TIMEOUT_S):
            answer = await sqs.call("ReceiveMessage", params)
        return answer.get("Messages") or []

    def _after_success(self) -> None:
        self._failures = 0
        if self._disconnected:
            self._disconnected = False
            self._logger.warning("Reconnected - receiving messages")

    async def _after_failure(self, error: Exception) -> None:
        kind = trouble(error)
        unexpected = kind is Trouble.REFUSED and not error_code(error)
        start = "Unexpected error while receiving" if unexpected else "Unable to receive"
        text = f"{start} message from queue [sqs] on AWS ({error_text(error)})"
        if kind is Trouble.CONNECTION:
            self._disconnected = True
            text += " - reconnecting"
        self._logger.warning(text, exc_info=error if unexpected else None)
        pause_s = _BACK_OFF.wait_s(self._failures)
        if is_missing_queue(error) and not await self._set_up_again():
            pause_s = MISSING_QUEUE_PAUSE_S
        await clock.sleep(pause_s)

    async def _set_up_again(self) -> bool:
        try:
            await self._recover()
        except (AWSSNSSQSException, ValueError) as error:
            text = f"Unable to set up queue [sqs] on AWS again ({error})"
            self._logger.warning(text)
            return False
        self._deletes.queue_url = self._dispatcher.queue.url
        self._logger.warning("Resuming message receiving after trying to recover from fatal error")
        return True

    async def _until_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Await `work` in a task of its own, so that stopping gives up that and nothing else."""
        self._waiting = task = asyncio.ensure_future(work)
        try:
            return await task
        except asyncio.CancelledError:
            if self._stopping and task.cancelled() and not is_being_cancelled():
                return None
            raise

    # --- handling -------------------------------------------------------------------------------

    def _begin(self, message: Mapping[str, Any]) -> None:
        self._slots.take()
        task = asyncio.create_task(self._handle(message))
        self._handling.add(task)
        task.add_done_callback(self._handled)

    def _handled(self, task: asyncio.Task[None]) -> None:
        self._handling.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._logger.error("message could not be handled, and is kept", exc_info=error)

    async def _handle(self, message: Mapping[str, Any]) -> None:
        receipt_handle: str = message.get("ReceiptHandle", "")
        running = True

        def end() -> None:
            nonlocal running
            if running:
                running = False
                self._ended(receipt_handle)

        async def settle(decision: Disposition) -> Disposition:
            deleted = None
            if decision is Disposition.DELETE:
                deleted = self._deletes.delete(receipt_handle)
            if deleted is not None and self._handler.in_order:
                # The group is locked until the message is gone: receive again only then.
                self._deletes.flush()
                await deleted
            end()
            gone = deleted is not None and await deleted
            return Disposition.DELETE if gone else Disposition.KEEP

        if self._heartbeat is not None:
            self._heartbeat.begin(receipt_handle)
        try:
            await self._dispatcher.dispatch(message, settle)
        finally:
            end()

    def _ended(self, receipt_handle: str) -> None:
        if self._heartbeat is not None:
            self._heartbeat.end(receipt_handle)
        self._slots.give_back()
        if not self._slots.taken:
            self._deletes.flush()

    # --- stopping -------------------------------------------------------------------------------

    async def _stop_receiving(self) -> None:
        self._stopping = True
        if self._loop_task is None:
            return
        for _ in range(_TURNS_FOR_AN_ANSWER):
            if self._loop_task.done():
                break
            await asyncio.sleep(0)
        if self._waiting is not None:
            self._waiting.cancel()
        if self._slots.free <= 0:
            # The loop waits for a slot, and there is nothing to receive any more.
            self._loop_task.cancel()
        await asyncio.wait((self._loop_task,))

    async def _await_handlers(self) -> None:
        self._deletes.flush()
        if not self._handling:
            return
        reminder = asyncio.ensure_future(self._remind())
        try:
            while self._handling:
                await asyncio.wait(self._handling)
        finally:
            reminder.cancel()

    async def _remind(self) -> None:
        await clock.sleep(FIRST_REMINDER_S)
        self._logger.warning("awaiting running tasks", task_count=len(self._handling))
