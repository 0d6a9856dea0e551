"""What services catch: the exceptions of SNS and SQS.

A handler that raises one of the internal service errors keeps its message: the message is not deleted
and comes back after the queue's visibility timeout.
"""

from __future__ import annotations

from typing import Any

from tomodachi.errors import TomodachiError


class AWSSNSSQSException(TomodachiError):
    """Root of everything that goes wrong with SNS and SQS.

    Args:
        *args: The text.
        log_level: Level at which a service logs the error ("INFO").
    """

    def __init__(self, *args: Any, log_level: str = "INFO", **_: Any) -> None:
        super().__init__(*args)
        self._log_level = log_level


class AWSSNSSQSConnectionException(AWSSNSSQSException):
    """SNS, SQS or STS could not be reached, or refused the credentials."""


class AWSSNSSQSInternalServiceError(AWSSNSSQSException):
    """Raised by a handler to leave its message for another try."""


class AWSSNSSQSInternalServiceErrorException(AWSSNSSQSInternalServiceError):
    """The same, under an older name."""


class AWSSNSSQSInternalServiceException(AWSSNSSQSInternalServiceError):
    """The same, under an older name."""


class QueueDoesNotExistError(AWSSNSSQSException):
    """There is no queue of that name, or this account may not see it."""


class InvalidName(AWSSNSSQSException, ValueError):
    """A topic or queue cannot have this name or ARN."""


class InvalidHandlerArgument(AWSSNSSQSException, ValueError):
    """An argument of the decorator has a value it cannot have; found when the service starts."""


class PublishBatchFailed(AWSSNSSQSException):
    """Some messages of a batch were not published.

    Attributes:
        message_ids: SNS message ids in the order of the batch; None where publishing failed.
        failures: What SNS said, by position in the batch.
    """

    def __init__(self, message_ids: list[str | None], failures: dict[int, str]) -> None:
        self.message_ids = message_ids
        self.failures = failures
        first = next(iter(failures.items()), (0, ""))
        super().__init__(
            f"{len(failures)} of {len(message_ids)} messages were not published; "
            f"the first is number {first[0]}: {first[1]}. "
            "The others have their ids in `message_ids`; publish again what has None there."
        )
