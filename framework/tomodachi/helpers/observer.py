"""Lets a tool watch handlers run: which, for what, and how it ended.

Transports report every call of a user's handler here: HTTP and websocket handlers, message
consumers, schedules. The testkit listens to fail a test on a handler's error and to draw its
timeline; nothing in the runtime's behaviour depends on anybody listening. The observer in force is a
context variable, inherited by the tasks of a service from the code that started it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol


@dataclass(slots=True)
class HandlerCall:
    """One call of a user's handler.

    Attributes:
        transport: "http", "websocket", "aws_sns_sqs", "amqp" or "schedule".
        service: The service instance.
        handler: The method's name.
        detail: Facts known when the call starts (topic, queue, message id, path, invocation time).
        error: The exception that ended the handler, also when the transport answers for it.
        result: What the outermost middleware or else the handler returned.
        outcome: What the transport did with the message or request ("deleted", "kept", "acked",
            "requeued", "status 500"); empty while it runs and where there is nothing to decide.
    """

    transport: str
    service: object
    handler: str
    detail: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None
    result: Any = None
    outcome: str = ""


class PublishedMessage(NamedTuple):
    """A message that a service published, and that the broker took.

    Attributes:
        transport: "aws_sns_sqs" or "amqp".
        destination: ARN of the topic, or name of the exchange.
        body: As on the wire.
        routing_key: AMQP routing key as on the wire; "" elsewhere.
        message_id: The broker's id; "" where it gives none.
        attributes: SNS message attributes, as on the wire.
        header: AMQP content header.
        group: Message group of a FIFO topic.
    """

    transport: str
    destination: str
    body: str | bytes
    routing_key: str = ""
    message_id: str = ""
    attributes: Mapping[str, Any] = MappingProxyType({})
    header: bytes = b""
    group: str | None = None


class Observer(Protocol):
    """Something that is told about handler calls; must not raise and must not block."""

    def handler_started(self, call: HandlerCall) -> None:
        """The handler is about to run."""
        ...

    def handler_finished(self, call: HandlerCall) -> None:
        """The handler ended and its message or request was disposed of."""
        ...


_observer: ContextVar[Observer | None] = ContextVar("tomodachi.observer", default=None)


def tell_published(message: Callable[[], PublishedMessage]) -> None:
    """Report a publish to an observer that has a method `message_published`; `message` makes it."""
    told = getattr(_observer.get(), "message_published", None)
    if told is not None:
        told(message())


def set_observer(observer: Observer | None) -> Token[Observer | None]:
    """Put `observer` in force for this context and the tasks started from it."""
    return _observer.set(observer)


def reset_observer(token: Token[Observer | None]) -> None:
    """Go back to the observer that was in force before."""
    _observer.reset(token)


def is_observed() -> bool:
    """Whether anybody would be told of a handler's call; for callers that spare themselves `observed`."""
    return _observer.get() is not None


@contextmanager
def observed(transport: str, service: object, handler: str, **detail: Any) -> Iterator[HandlerCall]:
    """Report one handler call; the body sets `error` and `outcome` on what it is given.

    An exception that leaves the body is recorded as the call's error and propagates.
    """
    call = HandlerCall(transport, service, handler, detail)
    observer = _observer.get()
    if observer is not None:
        observer.handler_started(call)
    try:
        yield call
    except BaseException as error:
        call.error = error
        raise
    finally:
        if observer is not None:
            observer.handler_finished(call)
