"""What becomes of a received message once its handler is through: deleted, or kept.

Pure. A kept message is not touched: it becomes visible again after the queue's visibility timeout,
and the redrive policy moves it when that has happened too often.
"""

from __future__ import annotations

from enum import Enum

from tomodachi.transport.aws_sns_sqs.errors import (
    AWSSNSSQSException,
    AWSSNSSQSInternalServiceError,
)


class Disposition(Enum):
    """What is done with a message; the values are the outcomes that observers are told."""

    DELETE = "deleted"
    KEEP = "kept"


class OnException(Enum):
    """What an exception in a handler means for its message."""

    DELETE = "delete"
    RETRY = "retry"

    @staticmethod
    def of(value: object, where: str) -> OnException:
        """The member of a text.

        Raises:
            AWSSNSSQSException: it is neither "delete" nor "retry".
        """
        for member in OnException:
            if value == member.value:
                return member
        msg = f"Invalid value for {where}: {value!r}. Give 'delete' or 'retry'."
        raise AWSSNSSQSException(msg)


def of_handler(
    error: BaseException | None, on_exception: OnException, *, cancelled: bool = False
) -> Disposition:
    """After a handler, and the middlewares around it, returned or raised."""
    if error is None:
        return Disposition.DELETE
    # Of what was cancelled, nobody decided anything.
    if cancelled or isinstance(error, AWSSNSSQSInternalServiceError):
        return Disposition.KEEP
    return Disposition.KEEP if on_exception is OnException.RETRY else Disposition.DELETE


def of_unreadable(*, has_redrive_policy: bool) -> Disposition:
    """A message that nothing can be read from, or that its envelope refuses."""
    return Disposition.KEEP if has_redrive_policy else Disposition.DELETE
