"""What becomes of a message once its handler is through."""

from __future__ import annotations

import pytest

from tomodachi.transport.aws_sns_sqs import disposition, errors
from tomodachi.transport.aws_sns_sqs.disposition import Disposition, OnException


@pytest.mark.parametrize("mode", OnException)
def test_a_handled_message_is_deleted(mode: OnException) -> None:
    assert disposition.of_handler(None, mode) is Disposition.DELETE


@pytest.mark.parametrize("mode", OnException)
@pytest.mark.parametrize(
    "error",
    [
        errors.AWSSNSSQSInternalServiceError(),
        errors.AWSSNSSQSInternalServiceErrorException(),
        errors.AWSSNSSQSInternalServiceException(),
        type("Own", (errors.AWSSNSSQSInternalServiceError,), {})(),
    ],
)
def test_an_internal_service_error_keeps_the_message(
    error: BaseException, mode: OnException
) -> None:
    assert disposition.of_handler(error, mode) is Disposition.KEEP


@pytest.mark.parametrize("mode", list(OnException))
def test_a_cancelled_handler_keeps_its_message(mode: OnException) -> None:
    assert disposition.of_handler(BaseException(), mode, cancelled=True) is Disposition.KEEP


@pytest.mark.parametrize("error", [ValueError(), BaseException()])
def test_any_other_exception_deletes_the_message_by_default(error: BaseException) -> None:
    assert disposition.of_handler(error, OnException.DELETE) is Disposition.DELETE
    assert disposition.of_handler(error, OnException.RETRY) is Disposition.KEEP


def test_an_unreadable_message_is_kept_for_the_dead_letter_queue_if_there_is_one() -> None:
    assert disposition.of_unreadable(has_redrive_policy=True) is Disposition.KEEP
    assert disposition.of_unreadable(has_redrive_policy=False) is Disposition.DELETE


def test_on_exception_is_delete_or_retry() -> None:
    assert OnException.of("retry", "on_exception") is OnException.RETRY
    with pytest.raises(errors.AWSSNSSQSException, match=r"'ignore'\. Give 'delete' or 'retry'"):
        OnException.of("ignore", "on_exception")
