"""Deletes handled messages, up to ten in a call.

A deletion waits for others as long as the consumer still has handlers running, but not for long: what
is due is sent when ten have come together, when the consumer says that nothing else is coming, or
after a tenth of a second. A single one goes out as DeleteMessage.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException
from tomodachi.transport.aws_sns_sqs.retries import RetryPolicy, error_text

if TYPE_CHECKING:
    from tomodachi.transport.aws_sns_sqs.clients import Clients

MOST_A_CALL = 10
DELAY_S = 0.1
POLICY = RetryPolicy(attempts=4, timeout_s=12.0)
_WHAT = "Unable to delete message"

# A receipt handle, and the future that is told whether its message is deleted.
_Entry = tuple[str, "asyncio.Future[bool]"]


class Deletes:
    """The deletions of one queue."""

    def __init__(self, clients: Clients, queue_url: str, policy: RetryPolicy = POLICY) -> None:
        self._clients = clients
        self._policy = policy
        self.queue_url = queue_url
        self._pending: list[_Entry] = []
        self._timer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._logger = logging.get_logger("tomodachi.awssnssqs")

    def delete(self, receipt_handle: str) -> asyncio.Future[bool]:
        """Delete a message, soon; the future says whether it worked and never raises."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[bool] = loop.create_future()
        self._pending.append((receipt_handle, done))
        if len(self._pending) >= MOST_A_CALL:
            self.flush()
        elif self._timer is None:
            self._timer = loop.call_later(DELAY_S, self.flush)
        return done

    def flush(self) -> None:
        """Send what is due now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._pending = self._pending, []
        if batch:
            task = asyncio.ensure_future(self._send(batch))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, batch: list[_Entry]) -> None:
        try:
            if len(batch) == 1:
                await self._delete_one(batch[0])
            else:
                await self._delete_batch(batch)
        except (ClientError, AWSSNSSQSException) as error:
            self._warn(error_text(error), messages=len(batch))
        finally:
            for _, done in batch:
                _tell(done, deleted=False)

    async def _delete_one(self, entry: _Entry) -> None:
        receipt_handle, done = entry
        await self._call("DeleteMessage", {"ReceiptHandle": receipt_handle})
        _tell(done, deleted=True)

    async def _delete_batch(self, batch: list[_Entry]) -> None:
        attempt = 0
        while batch:
            attempt += 1
            failed = await self._call_batch(batch)
            for number, (_, done) in enumerate(batch):
                if number not in failed:
                    _tell(done, deleted=True)
            for entry in failed.values():
                if entry.get("SenderFault"):
                    self._warn(_reason(entry))
            batch = [batch[n] for n, entry in failed.items() if not entry.get("SenderFault")]
            if batch and attempt >= self._policy.attempts:
                self._warn(_reason(next(iter(failed.values()))), messages=len(batch))
                return
            if batch:
                await clock.sleep(self._policy.wait_s(attempt))

    async def _call_batch(self, batch: Sequence[_Entry]) -> dict[int, Any]:
        entries = [
            {"Id": str(number), "ReceiptHandle": handle} for number, (handle, _) in enumerate(batch)
        ]
        answer = await self._call("DeleteMessageBatch", {"Entries": entries})
        return {int(entry["Id"]): entry for entry in answer.get("Failed") or []}

    async def _call(self, operation: str, params: dict[str, Any]) -> Any:
        params = {"QueueUrl": self.queue_url, **params}
        return await self._clients.call_directly("sqs", operation, params, _WHAT, self._policy)

    def _warn(self, reason: str, **values: Any) -> None:
        text = f"{_WHAT} [sqs] on AWS ({reason})"
        self._logger.warning(text, queue_url=self.queue_url, **values)

    async def close(self) -> None:
        """Send what is due, and return when every answer is there."""
        self.flush()
        while self._sending:
            await asyncio.wait(self._sending)


def _reason(entry: dict[str, Any]) -> str:
    return f"{entry.get('Code', '')}: {entry.get('Message', '')}"


def _tell(done: asyncio.Future[bool], *, deleted: bool) -> None:
    # The waiting consumer may have been cancelled, and its future with it.
    if not done.done():
        done.set_result(deleted)
