"""Keeps messages invisible for as long as their handlers run.

Every third of the queue's visibility timeout, the timeout of each running message starts anew; so a
call may fail once without a message becoming visible.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException
from tomodachi.transport.aws_sns_sqs.retries import RetryPolicy, error_text

if TYPE_CHECKING:
    from tomodachi.transport.aws_sns_sqs.clients import Clients

MOST_A_CALL = 10
BEATS_A_TIMEOUT = 3


class VisibilityHeartbeat:
    """The running messages of one queue.

    Args:
        clients: Of the service.
        queue_url: The queue.
        timeout_s: The queue's visibility timeout.
    """

    def __init__(self, clients: Clients, queue_url: str, timeout_s: int) -> None:
        self._clients = clients
        self._queue_url = queue_url
        self._timeout_s = timeout_s
        self._handles: set[str] = set()
        self._beating: asyncio.Task[None] | None = None
        self._logger = logging.get_logger("tomodachi.awssnssqs")

    def begin(self, receipt_handle: str) -> None:
        """A handler starts on a message."""
        self._handles.add(receipt_handle)
        if self._beating is None and self._timeout_s > 0:
            self._beating = asyncio.ensure_future(self._beat())

    def end(self, receipt_handle: str) -> None:
        """The handler is through."""
        self._handles.discard(receipt_handle)
        if not self._handles and self._beating is not None:
            self._beating.cancel()
            self._beating = None

    async def _beat(self) -> None:
        interval_s = self._timeout_s / BEATS_A_TIMEOUT
        while True:
            await clock.sleep(interval_s)
            handles = iter(list(self._handles))
            while batch := list(islice(handles, MOST_A_CALL)):
                await self._extend(batch, interval_s)

    async def _extend(self, handles: list[str], interval_s: float) -> None:
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": self._timeout_s}
            for number, handle in enumerate(handles)
        ]
        policy = RetryPolicy(attempts=2, timeout_s=interval_s)
        try:
            answer = await self._clients.sqs(
                lambda sqs: sqs.change_message_visibility_batch(
                    QueueUrl=self._queue_url,
                    Entries=entries,  # type: ignore[arg-type]  # a list of dicts of the right shape
                ),
                "Unable to change message visibility",
                policy,
            )
        except (ClientError, AWSSNSSQSException) as error:
            self._warn(error_text(error))
            return
        for failed in answer.get("Failed", []):
            # A message that ended meanwhile is no news; one that did not may be delivered twice.
            if handles[int(failed["Id"])] in self._handles:
                self._warn(failed.get("Message", failed["Code"]))

    def _warn(self, reason: str) -> None:
        text = f"Unable to change message visibility [sqs] on AWS ({reason})"
        self._logger.warning(text, queue_url=self._queue_url)
