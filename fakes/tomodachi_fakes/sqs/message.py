"""One message in one queue, and what it can be: delayed, available, in flight, or gone.

Whether a *sent* message is acceptable is decided in `validation.py`; where it waits in `store.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Visibility(Enum):
    """State of a stored message, in the developer guide's words; GONE has left its queue."""

    DELAYED = auto()
    AVAILABLE = auto()
    IN_FLIGHT = auto()
    GONE = auto()


@dataclass(slots=True)
class NewMessage:
    """What a sender hands in, validated.

    Attributes:
        body: The text.
        attributes: Message attributes as on the wire (`{"DataType": ..., "StringValue": ...}`).
        system_attributes: Message system attributes, in the same form.
        delay_s: Delay of this message; None means the queue's.
        group_id: Message group; None without one.
        deduplication_id: Deduplication id; None without one.
    """

    body: str
    attributes: dict[str, Any] | None = None
    system_attributes: dict[str, Any] | None = None
    delay_s: int | None = None
    group_id: str | None = None
    deduplication_id: str | None = None


@dataclass(slots=True)
class StoredMessage:
    """One message in one queue. `visible_at` covers both delay and visibility timeout.

    Attributes:
        seq: Order of arrival in this queue, from 1.
        message_id: The id that the sender got.
        body: The text.
        sent_at: Enqueue time; kept when the message is dead-lettered from a standard queue.
        sender_id: Who sent it.
        visible_at: When a delayed or in-flight message becomes available.
        state: Where it is.
        receive_count: Deliveries so far, in this queue and those it was dead-lettered from.
        receives_before: The part of `receive_count` from other queues.
        first_received_at: First delivery; 0.0 before it.
        received_at: Latest delivery; 0.0 before it.
        handle_number: Number of the receipt handle given last.
        attributes: Message attributes; None without any.
        system_attributes: Message system attributes; None without any.
        group_id: Message group; None without one.
        deduplication_id: Deduplication id; None in a standard queue.
        sequence_number: Sequence number in a FIFO queue; None in a standard one.
        dead_letter_source: ARN of the queue it was dead-lettered from.
        event: Number of the event that last happened to it.
    """

    seq: int
    message_id: str
    body: str
    sent_at: float
    sender_id: str
    visible_at: float
    state: Visibility = Visibility.AVAILABLE
    receive_count: int = 0
    receives_before: int = 0
    first_received_at: float = 0.0
    received_at: float = 0.0
    handle_number: int = 0
    attributes: dict[str, Any] | None = None
    system_attributes: dict[str, Any] | None = None
    group_id: str | None = None
    deduplication_id: str | None = None
    sequence_number: str | None = None
    dead_letter_source: str | None = None
    event: int = 0
