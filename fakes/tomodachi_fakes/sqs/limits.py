"""Quotas of SQS, and which of its waits are in force.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html,
.../quotas-queues.html and .../quotas-policies.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_MESSAGE_BYTES: Final = 1_048_576
MAX_BATCH_ENTRIES: Final = 10
MAX_MESSAGES_PER_RECEIVE: Final = 10
MAX_WAIT_S: Final = 20
MAX_DELAY_S: Final = 900
MAX_VISIBILITY_TIMEOUT_S: Final = 43_200
MAX_MESSAGE_ATTRIBUTES: Final = 10
MAX_ATTRIBUTE_NAME_CHARACTERS: Final = 256
MAX_IN_FLIGHT: Final = 120_000
MAX_TAGS: Final = 50
MAX_TAG_KEY_LENGTH: Final = 128
MAX_TAG_VALUE_LENGTH: Final = 256
MAX_POLICY_BYTES: Final = 8192
MAX_STATEMENTS: Final = 20
MAX_ACTIONS: Final = 7
MAX_PRINCIPALS: Final = 50
MAX_NUMBER_DIGITS: Final = 38
MAX_LISTED_QUEUES: Final = 1000
DEDUPLICATION_WINDOW_S: Final = 300.0
MAX_STORED: Final = 1_073_741_824
PURGE_WAIT_S: Final = 60.0
RECREATE_WAIT_S: Final = 60.0
MOVE_TASK_HISTORY: Final = 10
MAX_MOVES_PER_SECOND: Final = 500


@dataclass(frozen=True, slots=True)
class SqsOptions:
    """Rules that a test suite may want to be without, or with.

    Attributes:
        purge_wait: A second PurgeQueue within 60 s is refused, as AWS does.
        recreate_wait: CreateQueue within 60 s of DeleteQueue is refused, as AWS does; off by
            default, since every suite that cleans up and starts again would meet it.
        max_in_flight: Messages a queue may have in flight.
        max_stored: Characters of message bodies that all queues may hold together; a bound on this
            process's memory that AWS does not have.
        enforce_policies: Queue policies decide who may do what; off by default, as in most tests
            the caller is everybody.
    """

    purge_wait: bool = True
    recreate_wait: bool = False
    max_in_flight: int = MAX_IN_FLIGHT
    max_stored: int = MAX_STORED
    enforce_policies: bool = False
