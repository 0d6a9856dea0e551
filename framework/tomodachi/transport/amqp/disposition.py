"""What becomes of a message once its handler has ended: acknowledged, put back, or dead-lettered.

A message is acknowledged when its handler returned, when a middleware answered for the handler or
swallowed its exception, and when it is a duplicate of one that was handled. A handler that raised
has it put back if the exception asks for that or `on_exception` is "retry". A message that cannot be
read never can be: it is acknowledged, or with "retry" handed to the queue's dead-letter exchange.
"""

from __future__ import annotations

from enum import Enum

from tomodachi.transport.amqp.errors import AmqpInternalServiceError

HOLD_BEFORE_RETRY_S = 1.0
"""How long a message that failed again is held before it is put back, so that it does not spin."""


class Action(Enum):
    """What the broker is told."""

    ACK = "acked"
    REQUEUE = "requeued"
    DEAD_LETTER = "dead-lettered"


def after_handler(error: BaseException | None, *, on_exception: str) -> Action:
    """What to do with a message whose handler and middlewares have ended.

    Args:
        error: What left the outermost middleware; None if it returned.
        on_exception: "delete" or "retry".
    """
    if error is None:
        return Action.ACK
    if isinstance(error, AmqpInternalServiceError) or on_exception == "retry":
        return Action.REQUEUE
    return Action.ACK


def unreadable(*, on_exception: str) -> Action:
    """What to do with a message that is no text, or that the envelope cannot parse."""
    return Action.DEAD_LETTER if on_exception == "retry" else Action.ACK


def hold_before(action: Action, error: BaseException | None, *, redelivered: bool) -> float:
    """Seconds to wait before the broker is told.

    Only a message that `on_exception` puts back a second time waits; an exception that asks for
    redelivery gets it at once.
    """
    asked_for = isinstance(error, AmqpInternalServiceError)
    return (
        HOLD_BEFORE_RETRY_S if action is Action.REQUEUE and redelivered and not asked_for else 0.0
    )
