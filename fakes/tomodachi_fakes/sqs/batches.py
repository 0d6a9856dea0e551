"""What the three batch operations share: rules for the list of entries, and partial failure.

Source: SQS API reference, SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.overlay import query_code_of
from tomodachi_fakes.sqs.errors import (
    BatchEntryIdsNotDistinct,
    EmptyBatchRequest,
    InvalidBatchEntryId,
    NotForQueueType,
    TooManyEntriesInBatchRequest,
)
from tomodachi_fakes.sqs.limits import MAX_BATCH_ENTRIES

_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


def check_entries(entries: Sequence[dict[str, Any]], kind: str) -> None:
    """Let a batch pass whose list of entries is well-formed.

    Raises:
        AwsError: it is empty or too long, or its ids are invalid or not distinct.
    """
    if not entries:
        raise EmptyBatchRequest(kind)
    if len(entries) > MAX_BATCH_ENTRIES:
        raise TooManyEntriesInBatchRequest(len(entries))
    ids = [entry["Id"] for entry in entries]
    if not all(map(_ENTRY_ID.fullmatch, ids)):
        raise InvalidBatchEntryId()
    seen = set()
    for entry_id in ids:
        if entry_id in seen:
            raise BatchEntryIdsNotDistinct(entry_id)
        seen.add(entry_id)


def run_batch(
    entries: Sequence[dict[str, Any]], run: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Run every entry; a failure of one is reported and leaves the others alone."""
    successful: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in entries:
        try:
            successful.append({"Id": entry["Id"], **run(entry)})
        except AwsError as error:
            text = error.in_batch if isinstance(error, NotForQueueType) else error.message
            failed.append(
                {
                    "Id": entry["Id"],
                    "SenderFault": error.sender_fault,
                    "Code": query_code_of(error),
                    "Message": text,
                }
            )
    # A list without elements is left out, as AWS does.
    lists = {"Successful": successful, "Failed": failed}
    return {name: items for name, items in lists.items() if items}
