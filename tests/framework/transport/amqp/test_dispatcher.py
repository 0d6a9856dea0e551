"""One message to its end: envelopes, values for handlers, middlewares, duplicates, exceptions."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from tests.framework.transport.amqp.support_rig import Rig

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.transport.amqp import (
    AmqpInternalServiceError,
    AmqpInternalServiceErrorException,
    AmqpInternalServiceException,
    Properties,
)


def enveloped(data: Any, uuid: str = "service.message-1") -> bytes:
    """A message as `JsonBase` builds it."""
    metadata = {
        "message_uuid": uuid,
        "protocol_version": "tomodachi-json-base--1.0.0",
        "timestamp": 1.5,
        "topic": "a.b",
        "data_encoding": "raw",
    }
    service = {"name": "sender", "uuid": "service"}
    return json.dumps({"service": service, "metadata": metadata, "data": data}).encode()


def service_with(handler: Callable[..., Any], **attributes: Any) -> type[Any]:
    """A service class with one decorated handler called `handle`."""
    return type("S", (tomodachi.Service,), {"name": "s", "handle": handler, **attributes})


async def delivered(rig: Rig, cls: type[Any], body: bytes, *args: Any, **kwargs: Any) -> Any:
    """Start the service and let it handle one message."""
    service = await rig.start(cls)
    rig.peer.deliver(body, *args, **kwargs)
    await rig.settle()
    return service


# --- values -----------------------------------------------------------------------------------------


async def test_a_first_parameter_named_like_something_the_transport_knows_gets_that(
    rig: Rig,
) -> None:
    got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self: Any, routing_key: str, message: str) -> None:
        got.append((routing_key, message))

    await delivered(rig, service_with(handle), b"text", "a.b")
    assert got == [("a.b", "text")]


async def test_without_an_envelope_the_first_parameter_gets_the_text_whatever_its_name(
    rig: Rig,
) -> None:
    got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(
        self: Any, payload: str, routing_key: str, unknown: Any, given: int = 7
    ) -> None:
        got.append((payload, routing_key, unknown, given))

    await delivered(rig, service_with(handle), "smörgås".encode(), "a.b")
    assert got == [("smörgås", "a.b", None, 7)]


async def test_with_an_envelope_the_message_s_keys_are_passed_by_name(rig: Rig) -> None:
    got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=JsonBase)
    async def handle(self: Any, data: Any, metadata: Any, service: Any, message: Any) -> None:
        got.append((data, metadata["topic"], service["name"], sorted(message)))

    await delivered(rig, service_with(handle), enveloped({"n": 1}))
    assert got == [({"n": 1}, "a.b", "sender", ["data", "metadata", "service"])]


async def test_row_15_routing_key_is_the_message_s_own_and_binding_key_the_pattern(
    rig: Rig,
) -> None:
    got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(
        self: Any, message: str, routing_key: str, binding_key: str, exchange_name: str
    ) -> None:
        got.append((routing_key, binding_key, exchange_name))

    service = service_with(handle)
    await rig.start(service, routing_key_prefix="dev.")
    rig.peer.deliver(b"x", "dev.a.sm___c3b6_r", exchange="media")
    await rig.settle()
    assert got == [("a.smör", "a.*", "amq.topic")]
    assert rig.peer.named("Queue.Bind")[0].routing_key == "dev.a.*"


async def test_properties_of_the_message_are_passed_to_who_asks(rig: Rig) -> None:
    got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self: Any, message: str, *, properties: Properties) -> None:
        got.append((properties.content_type, properties.headers, properties.message_id))

    await delivered(rig, service_with(handle), b"x", content_type="a/b", headers={"t": "1"})
    assert got == [("a/b", {"t": "1"}, None)]


async def test_the_queue_a_message_came_from_is_passed_to_who_asks(rig: Rig) -> None:
    got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self: Any, message: str, queue_name: str) -> None:
        got.append((message, queue_name))

    await delivered(rig, service_with(handle), b"x")
    assert got == [("x", "q")]


async def test_message_uuid_comes_from_the_envelope(rig: Rig) -> None:
    got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=JsonBase)
    async def handle(self: Any, message_uuid: str) -> None:
        got.append(message_uuid)

    await delivered(rig, service_with(handle), enveloped(1, "the-uuid"))
    assert got == ["the-uuid"]


async def test_without_an_envelope_there_is_no_message_uuid(rig: Rig) -> None:
    """None, as upstream gives it."""
    got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self: Any, message: str, message_uuid: str | None) -> None:
        got.append(message_uuid)

    await delivered(rig, service_with(handle), b"x")
    assert got == [None]


async def test_the_service_s_envelope_is_used_unless_the_handler_says_otherwise(rig: Rig) -> None:
    got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self: Any, data: Any) -> None:
        got.append(data)

    @tomodachi.amqp("b.*", queue_name="r", message_envelope=None)
    async def other(self: Any, data: Any) -> None:
        got.append(data)

    cls = service_with(handle, other=other, message_envelope=JsonBase)
    await rig.start(cls)
    by_queue = {consumer.queue: consumer for consumer in rig.peer.consumers}
    rig.peer.deliver(enveloped({"n": 1}), consumer=by_queue["q"])
    rig.peer.deliver(b"text", consumer=by_queue["r"])
    await rig.settle()
    assert got == [{"n": 1}, "text"]


async def test_callback_kwargs_replace_the_names_of_the_signature(rig: Rig) -> None:
    got: list[Any] = []

    @tomodachi.amqp("a.*", ("data", "routing_key"), queue_name="q", message_envelope=JsonBase)
    async def handle(self: Any, data: Any, **kwargs: Any) -> None:
        got.append((data, kwargs))

    await delivered(rig, service_with(handle), enveloped(5))
    [(data, values)] = got
    assert (data, values["routing_key"], values["message"]["data"]) == (5, "a.b", 5)
    assert "metadata" not in values


async def test_keywords_of_the_decorator_are_the_envelope_s(rig: Rig) -> None:
    class Picky:
        validated: ClassVar[list[Any]] = []

        @classmethod
        def validate(cls, **kwargs: Any) -> None:
            cls.validated.append(kwargs)

        @classmethod
        async def parse_message(cls, payload: str, **kwargs: Any) -> tuple[Any, str, float]:
            return {"data": (payload, kwargs)}, "", 0.0

    got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=Picky, colour="red")
    async def handle(self: Any, data: Any) -> None:
        got.append(data)

    await delivered(rig, service_with(handle), b"x")
    assert Picky.validated == [{"colour": "red"}]
    assert got == [("x", {"colour": "red"})]


def test_an_envelope_that_misses_a_keyword_is_told_so_at_registration() -> None:
    class Strict:
        @classmethod
        def validate(cls, **kwargs: Any) -> None:
            if "colour" not in kwargs:
                msg = "No colour defined"
                raise ValueError(msg)

    decorate = tomodachi.amqp("a", message_envelope=Strict)
    cls = service_with(decorate(lambda self: None))
    with pytest.raises(ValueError, match="No colour defined"):
        asyncio.run(cls().handle(_tomodachi_invoker_task_start_keyword=True))


async def test_synchronous_handlers_and_wrapped_ones_are_called(rig: Rig) -> None:
    got: list[Any] = []

    def loud(func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        async def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            got.append("before")
            return func(self, *args, **kwargs)

        return wrapper

    @tomodachi.amqp("a.*", queue_name="q")
    @loud
    def handle(self: Any, message: str, routing_key: str) -> None:
        got.append((message, routing_key))

    await delivered(rig, service_with(handle), b"x")
    assert got == ["before", ("x", "a.b")]
    assert rig.peer.acked == [1]


# --- middlewares ------------------------------------------------------------------------------------


async def test_middlewares_run_outermost_first_and_add_values(rig: Rig) -> None:
    got: list[Any] = []

    async def outer(func: Any, service: Any, message: Any, routing_key: str, context: Any) -> Any:
        got.append(("outer", service.name, message, routing_key, func.__name__))
        context["seen"] = True
        return await func(added=1, routing_key="ignored")

    async def inner(func: Any, *, binding_key: str, properties: Any, **kwargs: Any) -> Any:
        got.append(("inner", binding_key, properties.content_type, kwargs["added"]))
        return await func()

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self: Any, message: str, added: int, routing_key: str) -> None:
        got.append(("handler", message, added, routing_key))

    cls = service_with(handle, message_middleware=[outer, inner])
    await delivered(rig, cls, b"x", content_type="t")
    assert got == [
        ("outer", "s", "x", "a.b", "handle"),
        ("inner", "a.*", "t", 1),
        ("handler", "x", 1, "a.b"),
    ]
    assert rig.peer.acked == [1]


async def test_keyword_arguments_get_what_middlewares_add_and_all_that_the_transport_knows(
    rig: Rig,
) -> None:
    got: list[Any] = []

    async def adds(func: Any) -> Any:
        return await func(added=1)

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self: Any, message: str, **kwargs: Any) -> None:
        got.append(kwargs)

    await delivered(rig, service_with(handle, message_middleware=[adds]), b"x")
    assert [sorted(values) for values in got] == [
        [
            "added",
            "binding_key",
            "exchange_name",
            "message_uuid",
            "properties",
            "queue_name",
            "routing_key",
        ]
    ]
    assert got[0]["added"] == 1


async def test_a_middleware_may_replace_what_the_envelope_has(rig: Rig) -> None:
    """Section 9: it can't override what the transport knows; seen with 0.29.0."""
    got: list[Any] = []

    async def changes(func: Any, service: Any, message: Any) -> None:
        await func(data="changed", exchange_name="ignored")

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=JsonBase)
    async def handle(self: Any, data: Any, exchange_name: str) -> None:
        got.append((data, exchange_name))

    cls = service_with(handle, message_middleware=[changes])
    await delivered(rig, cls, enveloped("sent"))
    assert got == [("changed", "amq.topic")]


async def test_row_14_a_middleware_that_answers_without_the_handler_has_its_message_acked(
    rig: Rig,
) -> None:
    async def answers(func: Any) -> None:
        return None

    @tomodachi.amqp("a.*", queue_name="q", on_exception="retry")
    async def handle(self: Any, message: str) -> None:
        raise AssertionError

    await delivered(rig, service_with(handle, message_middleware=[answers]), b"x")
    assert rig.peer.acked == [1]
    assert rig.calls.outcomes == ["acked"]


async def test_row_14_a_middleware_that_swallows_an_exception_has_its_message_acked(
    rig: Rig,
) -> None:
    async def swallows(func: Any) -> None:
        with pytest.raises(AmqpInternalServiceError):
            await func()

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self: Any, message: str) -> None:
        raise AmqpInternalServiceError

    await delivered(rig, service_with(handle, message_middleware=[swallows]), b"x")
    assert rig.peer.acked == [1]
    assert isinstance(rig.calls.finished[0].error, AmqpInternalServiceError)


async def test_an_exception_of_a_middleware_decides_as_a_handler_s_does(rig: Rig) -> None:
    async def fails(func: Any) -> None:
        await func()
        raise AmqpInternalServiceError

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self: Any, message: str) -> None:
        """Succeeds."""

    await delivered(rig, service_with(handle, message_middleware=[fails]), b"x")
    assert rig.peer.nacked == [(1, True)]


# --- exceptions -------------------------------------------------------------------------------------


def failing(error: BaseException, **how: Any) -> type[Any]:
    @tomodachi.amqp("a.*", queue_name="q", **how)
    async def handle(self: Any, message: str) -> None:
        raise error

    return service_with(handle)


class OutOfTheOrdinary(BaseException):
    """What is no `Exception`, as the failures of some test frameworks are."""


@pytest.mark.parametrize("kind", [RuntimeError, OutOfTheOrdinary])
async def test_an_unhandled_exception_is_logged_and_its_message_acked(
    rig: Rig, caplog: pytest.LogCaptureFixture, kind: type[BaseException]
) -> None:
    await delivered(rig, failing(kind("boom")), b"x")
    assert rig.peer.acked == [1]
    assert rig.calls.outcomes == ["acked"]
    [record] = [r for r in caplog.records if r.name == "exception"]
    assert record.getMessage() == "uncaught exception: boom"


async def test_row_13_with_retry_it_is_put_back(rig: Rig) -> None:
    await delivered(rig, failing(RuntimeError("boom"), on_exception="retry"), b"x")
    assert rig.peer.nacked == [(1, True)]
    assert rig.calls.outcomes == ["requeued"]


async def test_row_13_the_option_decides_where_the_decorator_does_not(rig: Rig) -> None:
    await rig.start(failing(RuntimeError("boom")), on_exception="retry")
    rig.peer.deliver(b"x")
    await rig.settle()
    assert rig.peer.nacked == [(1, True)]


async def test_row_13_the_decorator_beats_the_option(rig: Rig) -> None:
    await rig.start(failing(RuntimeError("boom"), on_exception="delete"), on_exception="retry")
    rig.peer.deliver(b"x")
    await rig.settle()
    assert rig.peer.acked == [1]


async def test_a_message_that_fails_again_is_held_for_a_second(rig: Rig) -> None:
    """A message that can never be handled would else spin between broker and service."""
    cls = failing(RuntimeError("boom"), on_exception="retry")
    await delivered(rig, cls, b"x", redelivered=True)
    assert rig.peer.nacked == []
    await rig.clock.advance(1)
    assert rig.peer.nacked == [(1, True)]


async def test_a_message_that_is_held_goes_back_at_once_when_the_service_stops(rig: Rig) -> None:
    cls = failing(RuntimeError("boom"), on_exception="retry")
    await delivered(rig, cls, b"x", redelivered=True)
    began = rig.clock.now()
    await rig.stop()
    assert rig.peer.nacked == [(1, True)]
    assert rig.clock.now() == began


@pytest.mark.parametrize(
    "kind",
    [AmqpInternalServiceError, AmqpInternalServiceErrorException, AmqpInternalServiceException],
)
async def test_an_internal_service_error_is_put_back_at_once(
    rig: Rig, kind: type[Exception]
) -> None:
    await delivered(rig, failing(kind("later")), b"x", redelivered=True)
    assert rig.peer.nacked == [(1, True)]


async def test_a_cancelled_error_of_the_handler_s_own_is_an_exception_like_any(rig: Rig) -> None:
    await delivered(rig, failing(asyncio.CancelledError()), b"x")
    assert rig.peer.acked == [1]


def test_on_exception_takes_two_values() -> None:
    decorate = tomodachi.amqp("a", on_exception="explode")
    cls = service_with(decorate(lambda self: None))
    with pytest.raises(ValueError, match="on_exception='explode' is neither 'delete' nor 'retry'"):
        asyncio.run(cls().handle(_tomodachi_invoker_task_start_keyword=True))


# --- what cannot be read ----------------------------------------------------------------------------

UNREADABLE = [b"\xff\xfe", b"not json", b"[1, 2]"]


def reading(got: list[Any], **how: Any) -> type[Any]:
    @tomodachi.amqp("a.*", queue_name="q", message_envelope=JsonBase, **how)
    async def handle(self: Any, data: Any) -> None:
        got.append(data)

    return service_with(handle)


@pytest.mark.parametrize("body", UNREADABLE)
async def test_an_unreadable_message_is_logged_with_its_body_and_acked(
    rig: Rig, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    got: list[Any] = []
    await delivered(rig, reading(got), body)
    assert got == []
    assert rig.peer.acked == [1]
    [record] = [r for r in caplog.records if r.getMessage() == "Unable to read message [amqp]"]
    assert record.levelname == "ERROR"
    assert record.name == "tomodachi.amqp.handler"
    assert rig.calls.started == []


@pytest.mark.parametrize("body", UNREADABLE)
async def test_with_retry_an_unreadable_message_is_dead_lettered(rig: Rig, body: bytes) -> None:
    await delivered(rig, reading([], on_exception="retry"), body)
    assert rig.peer.nacked == [(1, False)]


async def test_an_envelope_that_makes_no_dict_cannot_be_read(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    class Lists:
        @classmethod
        async def parse_message(cls, payload: str) -> tuple[Any, str, float]:
            return [payload], "uuid", 0.0

    called: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=Lists)
    async def handle(self: Any, data: Any = None) -> None:
        called.append(data)

    await delivered(rig, service_with(handle), b"x")
    assert (rig.peer.acked, called) == ([1], [])
    assert "Unable to read message" in caplog.text


async def test_what_the_envelope_makes_does_not_matter_to_a_handler_that_asks_for_nothing(
    rig: Rig,
) -> None:
    """Seen with 0.29.0."""
    called: list[Any] = []

    class Lists:
        @classmethod
        async def parse_message(cls, payload: str) -> tuple[Any, str, float]:
            return [payload], "uuid", 0.0

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=Lists)
    async def handle(self: Any) -> None:
        called.append(1)

    await delivered(rig, service_with(handle), b"x")
    assert (rig.peer.acked, called) == ([1], [1])


# --- duplicates -------------------------------------------------------------------------------------


async def test_row_14_a_duplicate_is_acked_and_not_handled(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    got: list[Any] = []
    await delivered(rig, reading(got), enveloped(1))
    rig.peer.deliver(enveloped(1))
    await rig.settle()
    assert got == [1]
    assert rig.peer.acked == [1, 2]
    text = "ignored duplicate message already processed in the last minute"
    assert text in [r.getMessage() for r in caplog.records]


async def test_after_a_minute_it_is_no_duplicate(rig: Rig) -> None:
    got: list[Any] = []
    await delivered(rig, reading(got), enveloped(1))
    await rig.clock.advance(61)
    rig.peer.deliver(enveloped(1))
    await rig.settle()
    assert got == [1, 1]


async def test_a_message_that_was_put_back_is_no_duplicate(rig: Rig) -> None:
    attempts: list[int] = []

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=JsonBase, on_exception="retry")
    async def handle(self: Any, data: Any) -> None:
        attempts.append(data)
        if len(attempts) == 1:
            raise RuntimeError

    await delivered(rig, service_with(handle), enveloped(1))
    rig.peer.deliver(enveloped(1), redelivered=True)
    await rig.settle()
    assert attempts == [1, 1]
    assert rig.peer.acked == [2]


async def test_two_handlers_are_both_given_the_same_message(rig: Rig) -> None:
    got: list[str] = []

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=JsonBase)
    async def handle(self: Any, data: Any) -> None:
        got.append("handle")

    @tomodachi.amqp("#", queue_name="r", message_envelope=JsonBase)
    async def other(self: Any, data: Any) -> None:
        got.append("other")

    await rig.start(service_with(handle, other=other))
    for consumer in rig.peer.consumers:
        rig.peer.deliver(enveloped(1), consumer=consumer)
    await rig.settle()
    assert sorted(got) == ["handle", "other"]


async def test_a_handler_with_two_patterns_handles_a_message_once(rig: Rig) -> None:
    gate, got = asyncio.Event(), []

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=JsonBase)
    @tomodachi.amqp("*.b", queue_name="r", message_envelope=JsonBase)
    async def handle(self: Any, data: Any, binding_key: str) -> None:
        got.append(binding_key)
        await gate.wait()

    await rig.start(service_with(handle))
    for consumer in rig.peer.consumers:
        rig.peer.deliver(enveloped(1), consumer=consumer)
    await rig.settle()
    assert len(got) == 1
    gate.set()
    await rig.settle()
    assert len(got) == 1
    assert len(rig.peer.acked) == 2


async def test_a_second_delivery_waits_for_the_first_and_is_acked_if_that_was_handled(
    rig: Rig,
) -> None:
    """As after a lost connection: the broker hands out again what a handler still works on."""
    gate, attempts = asyncio.Event(), []

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=JsonBase)
    async def handle(self: Any, data: Any) -> None:
        attempts.append(data)
        await gate.wait()

    await delivered(rig, service_with(handle), enveloped(1))
    rig.peer.hang_up()
    await rig.clock.advance(1)
    rig.peer.deliver(enveloped(1), redelivered=True)
    await rig.settle()
    assert (attempts, rig.peer.acked) == ([1], [])
    gate.set()
    await rig.settle()
    assert (attempts, rig.peer.acked) == ([1], [1])


async def test_a_second_delivery_is_handled_if_the_first_one_fails(rig: Rig) -> None:
    gate, attempts = asyncio.Event(), []

    @tomodachi.amqp("a.*", queue_name="q", message_envelope=JsonBase, on_exception="retry")
    async def handle(self: Any, data: Any) -> None:
        attempts.append(data)
        await gate.wait()
        if len(attempts) == 1:
            raise RuntimeError

    await delivered(rig, service_with(handle), enveloped(1))
    rig.peer.hang_up()
    await rig.clock.advance(1)
    rig.peer.deliver(enveloped(1), redelivered=True)
    gate.set()
    await rig.settle()
    assert attempts == [1, 1]
    assert rig.peer.acked == [1]


async def test_an_ack_that_never_arrived_does_not_have_its_message_handled_twice(
    rig: Rig,
) -> None:
    got: list[Any] = []
    await rig.start(reading(got))
    rig.peer.deliver(enveloped(1))
    rig.peer.silent = True
    await rig.settle()
    assert got == [1]
    assert rig.calls.outcomes == ["acked"]
    rig.peer.hang_up()
    rig.peer.silent = False
    await rig.clock.advance(1)
    assert rig.peer.acked == []
    rig.peer.deliver(enveloped(1), redelivered=True)
    await rig.settle()
    assert got == [1]
    assert rig.peer.acked == [1]


# --- what is reported -------------------------------------------------------------------------------


async def test_a_call_is_reported_with_what_is_known_of_its_message(rig: Rig) -> None:
    await delivered(rig, reading([]), enveloped(1, "u"), "a.c", redelivered=True)
    [call] = rig.calls.finished
    assert (call.transport, call.handler, call.outcome) == ("amqp", "handle", "acked")
    assert call.detail == {
        "routing_key": "a.c",
        "exchange": "amq.topic",
        "queue": "q",
        "message_uuid": "u",
        "redelivered": True,
    }


async def test_logs_of_a_handler_name_it(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    async def logs(func: Any) -> Any:
        tomodachi.get_logger().info("in the middleware")
        return await func()

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self: Any, message: str) -> None:
        tomodachi.get_logger().info("in the handler")

    await delivered(rig, service_with(handle, message_middleware=[logs]), b"x")
    by_text = {r.getMessage(): r for r in caplog.records}
    middleware = by_text["in the middleware"]
    assert middleware.name == "tomodachi.amqp.middleware"
    context = middleware.__dict__["logger.context"]
    assert (context["middleware"], context["handler"]) == ("logs", "handle")
    handler = by_text["in the handler"]
    assert handler.name == "tomodachi.amqp.handler"
    assert handler.__dict__["logger.context"]["handler"] == "handle"
    assert handler.__dict__["logger.context"]["type"] == "tomodachi.amqp"
