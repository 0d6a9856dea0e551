"""What becomes of a message once its handler has ended."""

import pytest

from tomodachi.transport.amqp import errors
from tomodachi.transport.amqp.disposition import Action, after_handler, hold_before, unreadable

ASKING_FOR_REDELIVERY = [
    errors.AmqpInternalServiceError,
    errors.AmqpInternalServiceErrorException,
    errors.AmqpInternalServiceException,
]


@pytest.mark.parametrize("on_exception", ["delete", "retry"])
def test_a_handled_message_is_acked(on_exception: str) -> None:
    assert after_handler(None, on_exception=on_exception) is Action.ACK


def test_row_13_an_unhandled_exception_acks_by_default_and_requeues_with_retry() -> None:
    error = RuntimeError("boom")
    assert after_handler(error, on_exception="delete") is Action.ACK
    assert after_handler(error, on_exception="retry") is Action.REQUEUE


@pytest.mark.parametrize("kind", ASKING_FOR_REDELIVERY)
@pytest.mark.parametrize("on_exception", ["delete", "retry"])
def test_an_internal_service_error_always_requeues(
    kind: type[errors.AmqpException], on_exception: str
) -> None:
    assert after_handler(kind("later"), on_exception=on_exception) is Action.REQUEUE


def test_other_amqp_exceptions_are_exceptions_like_any() -> None:
    assert after_handler(errors.AmqpConnectionException("x"), on_exception="delete") is Action.ACK


def test_an_unreadable_message_is_acked_or_with_retry_dead_lettered() -> None:
    assert unreadable(on_exception="delete") is Action.ACK
    assert unreadable(on_exception="retry") is Action.DEAD_LETTER


def test_only_a_repeated_retry_is_held_back() -> None:
    boom = RuntimeError("boom")
    assert hold_before(Action.REQUEUE, boom, redelivered=False) == 0
    assert hold_before(Action.REQUEUE, boom, redelivered=True) == 1.0
    assert hold_before(Action.ACK, boom, redelivered=True) == 0
    asked = errors.AmqpInternalServiceError("now")
    assert hold_before(Action.REQUEUE, asked, redelivered=True) == 0
