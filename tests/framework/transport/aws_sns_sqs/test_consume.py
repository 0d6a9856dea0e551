"""Receiving: what a handler is called with, and what becomes of its message."""

from __future__ import annotations

import asyncio
import json
from typing import Any, ClassVar

import pytest

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.transport import aws_sns_sqs as transport

DRAIN = transport.DRAIN_MESSAGE_PAYLOAD


def body(message: Any, **more: Any) -> str:
    return json.dumps({"Type": "Message", "Message": message} | more)


async def enveloped(data: Any) -> str:
    sender = type("Sender", (), {"name": "sender", "uuid": "u-1"})
    return await JsonBase.build_message(sender, "topic", data)


class Plain(tomodachi.Service):
    """A service that remembers what its handler was called with."""

    seen: list[Any]

    def __init__(self) -> None:
        self.seen = []


async def test_a_published_message_reaches_the_handler_and_is_deleted(aws: Any) -> None:
    class Service(Plain):
        message_envelope = JsonBase

        @tomodachi.aws_sns_sqs("order-created", queue_name="orders")
        async def handler(self, data: Any, topic: str) -> None:
            self.seen.append((data, topic))

    service = await aws.start(Service, topic_prefix="dev-", queue_name_prefix="dev-")
    await tomodachi.aws_sns_sqs_publish(service, {"id": 7}, topic="order-created")
    await aws.until(lambda: aws.calls.finished)
    assert service.seen == [({"id": 7}, "order-created")]
    assert aws.calls.outcomes == ["deleted"]
    assert aws.left("dev-orders") == 0


# --- arguments ----------------------------------------------------------------------------------


async def test_without_an_envelope_the_first_parameter_gets_the_payload(aws: Any) -> None:
    class Service(Plain):
        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, whatever: Any, message: Any, missing: Any, other: int = 3) -> None:
            self.seen.append((whatever, message, missing, other))

    service = await aws.start(Service)
    await aws.send("q", body("payload"))
    await aws.until(lambda: service.seen)
    assert service.seen == [("payload", "payload", None, 3)]


async def test_every_value_of_a_message_is_passed_by_name(aws: Any) -> None:
    names = (
        "message", "topic", "message_uuid", "receipt_handle", "queue_url", "message_attributes",
        "approximate_receive_count", "sns_message_id", "sqs_message_id", "message_type",
        "raw_message_body", "message_timestamp", "message_deduplication_id", "message_group_id",
    )  # fmt: skip

    class Service(Plain):
        message_envelope = JsonBase

        @tomodachi.aws_sns_sqs("t", queue_name="q.fifo", fifo=True)
        async def handler(
            self, data: Any, metadata: Any, service: Any, message: Any, topic: Any,
            message_uuid: Any, receipt_handle: Any, queue_url: Any, message_attributes: Any,
            approximate_receive_count: Any, sns_message_id: Any, sqs_message_id: Any,
            message_type: Any, raw_message_body: Any, message_timestamp: Any,
            message_deduplication_id: Any, message_group_id: Any,
        ) -> None:  # fmt: skip
            self.seen.append(locals())

    service = await aws.start(Service)
    message_id = await tomodachi.sns_publish(
        service,
        {"id": 7},
        topic="t",
        group_id="g",
        deduplication_id="d",
        message_attributes={"n": 1},
    )
    await aws.until(lambda: service.seen)
    (seen,) = service.seen
    assert all(seen[name] is not None for name in names)
    assert seen["data"] == {"id": 7}
    assert seen["metadata"]["topic"] == "t"
    assert seen["message"]["data"] == {"id": 7}
    assert seen["topic"] == "t.fifo"
    assert seen["message_type"] == "Notification"
    assert seen["approximate_receive_count"] == 1
    assert seen["sns_message_id"] == message_id
    assert seen["message_attributes"] == {"n": 1}
    assert (seen["message_group_id"], seen["message_deduplication_id"]) == ("g", "d")
    assert seen["queue_url"].endswith("/q.fifo")
    assert json.loads(seen["raw_message_body"])["MessageId"] == message_id


async def test_keyword_only_parameters_and_defaults_work(aws: Any) -> None:
    class Service(Plain):
        message_envelope = JsonBase

        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, *, data: Any, absent: int = 5) -> None:
            self.seen.append((data, absent))

    service = await aws.start(Service)
    await aws.send("q", body(await enveloped(1)))
    await aws.until(lambda: service.seen)
    assert service.seen == [(1, 5)]


async def test_the_topic_is_empty_for_a_message_that_came_by_none(aws: Any) -> None:
    """Whatever its parameter's place, default or kind, and for middlewares: seen with 0.29.0."""

    async def note(func: Any, service: Any, message: Any, *, topic: Any) -> None:
        service.seen.append(topic)
        await func()

    class Service(Plain):
        message_middleware: ClassVar[list[Any]] = [note]

        @tomodachi.aws_sns_sqs(queue_name="q1")
        async def required(self, message: Any, topic: Any) -> None:
            self.seen.append(topic)

        @tomodachi.aws_sns_sqs(queue_name="q2")
        async def optional(self, message: Any, topic: Any = "default") -> None:
            self.seen.append(topic)

        @tomodachi.aws_sns_sqs(queue_name="q3")
        async def by_name(self, message: Any, *, topic: Any = "default") -> None:
            self.seen.append(topic)

        @tomodachi.aws_sns_sqs(queue_name="q4")
        async def any_name(self, message: Any, **kwargs: Any) -> None:
            self.seen.append(kwargs["topic"])

    service = await aws.start(Service)
    for queue in ("q1", "q2", "q3", "q4"):
        await aws.send(queue, body("x"))
    await aws.until(lambda: len(aws.calls.finished) == 4)
    assert service.seen == [""] * 8


async def test_a_middleware_may_replace_what_the_envelope_has(aws: Any) -> None:
    """Section 9: it can't override what the transport knows; seen with 0.29.0."""

    async def changes(func: Any, service: Any, message: Any) -> None:
        await func(data=message["data"] + 1, queue_url="ignored", more=5)

    class Service(Plain):
        message_envelope = JsonBase
        message_middleware: ClassVar[list[Any]] = [changes]

        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, data: Any, queue_url: Any, more: Any) -> None:
            self.seen.append((data, queue_url.endswith("/q"), more))

    service = await aws.start(Service)
    await aws.send("q", body(await enveloped(1)))
    await aws.until(lambda: service.seen)
    assert service.seen == [(2, True, 5)]


async def test_a_message_that_its_envelope_makes_no_dict_of_is_passed_by_name_alone(
    aws: Any,
) -> None:
    """Only without an envelope does the first parameter get it: seen with 0.29.0."""

    class Lists:
        @classmethod
        async def parse_message(cls, payload: str, **_: Any) -> Any:
            return [payload], None, 0.0

    class Service(Plain):
        message_envelope = Lists

        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, data: Any, message: Any) -> None:
            self.seen.append((data, message))

    service = await aws.start(Service)
    await aws.send("q", body("x"))
    await aws.until(lambda: service.seen)
    assert service.seen == [(None, ["x"])]


class TellsKeys:
    """An envelope whose messages have a key for what the transport knows, too."""

    @classmethod
    async def parse_message(cls, payload: str, **_: Any) -> Any:
        return {"topic": "key", "queue_url": "key", "data": payload}, None, 0.0


async def test_a_key_of_the_message_beats_what_the_transport_knows_but_for_no_topic(
    aws: Any,
) -> None:
    """Specification 6.5, step 3: by name, unless the message has the key; a topic it came by none."""

    class Service(Plain):
        message_envelope = TellsKeys

        @tomodachi.aws_sns_sqs("t", queue_name="q")
        async def handler(self, data: Any, queue_url: Any, topic: Any) -> None:
            self.seen.append((data, queue_url, topic))

    service = await aws.start(Service)
    await aws.publish("t", "by topic")
    await aws.until(lambda: service.seen)
    await aws.send("q", body("straight"))
    await aws.until(lambda: len(service.seen) == 2)
    assert service.seen == [("by topic", "key", "key"), ("straight", "key", "")]


async def test_without_an_envelope_a_first_parameter_is_passed_what_its_name_says(aws: Any) -> None:
    """Only a name that stands for nothing else means the payload: seen with 0.29.0."""

    class Service(Plain):
        @tomodachi.aws_sns_sqs("t", queue_name="q1")
        async def by_topic(self, topic: Any, message: Any) -> None:
            self.seen.append((topic, message))

        @tomodachi.aws_sns_sqs(queue_name="q2")
        async def raw(self, raw_message_body: Any) -> None:
            self.seen.append(raw_message_body)

    service = await aws.start(Service)
    await aws.publish("t", "payload")
    await aws.until(lambda: service.seen)
    await aws.send("q2", body("payload"))
    await aws.until(lambda: len(service.seen) == 2)
    assert service.seen == [("t", "payload"), body("payload")]


@pytest.mark.parametrize("uuid", [["a"], {"a": 1}, 7])
async def test_row_5_a_message_whose_uuid_is_no_text_is_handled_like_any_other(
    aws: Any, uuid: Any
) -> None:
    class Service(Plain):
        message_envelope = JsonBase

        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, data: Any, message_uuid: Any) -> None:
            self.seen.append((data, message_uuid))

    service = await aws.start(Service)
    message = json.loads(await enveloped(1))
    message["metadata"]["message_uuid"] = uuid
    for _ in range(2):
        await aws.send("q", body(json.dumps(message)))
    await aws.until(lambda: not aws.left("q"))
    assert service.seen == [(1, uuid)]


async def test_callback_kwargs_say_what_a_handler_is_called_with(aws: Any) -> None:
    class Service(Plain):
        message_envelope = JsonBase

        @tomodachi.aws_sns_sqs(None, ("data", "message_type"), queue_name="q")
        async def handler(self, *args: Any, **kwargs: Any) -> None:
            self.seen.append((args, kwargs))

    service = await aws.start(Service)
    await aws.send("q", body(await enveloped(1)))
    await aws.until(lambda: service.seen)
    [(args, values)] = service.seen
    assert (args[0]["data"], args[1]) == (1, "")
    assert (values["data"], values["message_type"]) == (1, "Message")
    assert "metadata" not in values


async def test_a_handler_may_be_an_ordinary_function(aws: Any) -> None:
    class Service(Plain):
        @tomodachi.aws_sns_sqs(queue_name="q")
        def handler(self, message: Any) -> None:
            self.seen.append(message)

    service = await aws.start(Service)
    await aws.send("q", body("x"))
    await aws.until(lambda: aws.calls.finished)
    assert service.seen == ["x"]
    assert aws.left("q") == 0


async def test_the_sqs_message_s_attributes_reach_the_handler(aws: Any) -> None:
    class Service(Plain):
        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, message: Any, message_attributes: Any) -> None:
            self.seen.append(message_attributes)

    service = await aws.start(Service)
    sent = {"s": "x", "i": 1, "f": 1.5, "b": b"\x00", "l": [1, None], "n": None, "t": True}
    await tomodachi.sqs_send_message(service, "x", "q", message_attributes=sent)
    await aws.until(lambda: service.seen)
    assert service.seen == [sent]


async def test_several_decorators_on_one_method_register_it_several_times(aws: Any) -> None:
    class Service(Plain):
        @tomodachi.aws_sns_sqs(queue_name="q1")
        @tomodachi.awssnssqs(queue_name="q2")
        async def handler(self, message: Any) -> None:
            self.seen.append(message)

    service = await aws.start(Service)
    await aws.send("q1", body("1"))
    await aws.send("q2", body("2"))
    await aws.until(lambda: len(service.seen) == 2)
    assert sorted(service.seen) == ["1", "2"]


# --- envelopes ----------------------------------------------------------------------------------


class Recording:
    """An envelope that records what it is called with."""

    calls: ClassVar[list[Any]] = []

    @classmethod
    def validate(cls, **kwargs: Any) -> None:
        cls.calls.append(("validate", kwargs))

    @classmethod
    async def build_message(cls, service: Any, topic: str, data: Any, **kwargs: Any) -> str:
        return str(data)

    @classmethod
    async def parse_message(cls, payload: str, **kwargs: Any) -> Any:
        cls.calls.append(("parse", payload, kwargs))
        if payload == "later":
            return False, "uuid", 0.0
        return payload, None, 0.0


async def test_extra_keywords_go_to_the_envelope(aws: Any) -> None:
    Recording.calls.clear()

    class Service(Plain):
        @tomodachi.aws_sns_sqs(queue_name="q", message_envelope=Recording, kind="x")
        async def handler(self, message: Any) -> None:
            self.seen.append(message)

    service = await aws.start(Service)
    await tomodachi.sqs_send_message(service, "p", "q", message_attributes={"n": 1})
    await aws.until(lambda: service.seen)
    assert Recording.calls == [
        ("validate", {"kind": "x"}),
        ("parse", "p", {"message_attributes": {"n": 1}, "kind": "x"}),
    ]
    assert service.seen == ["p"]


async def test_a_message_that_its_envelope_puts_off_is_kept(aws: Any) -> None:
    class Service(Plain):
        message_envelope = Recording

        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, message: Any) -> None:
            self.seen.append(message)

    service = await aws.start(Service)
    await aws.send("q", body("later"))
    await aws.pass_time(10)
    assert service.seen == []
    assert aws.left("q") == 1


async def test_an_envelope_may_do_without_half_of_its_methods(aws: Any) -> None:
    """Upstream looks for each method: without it, the text goes as it is."""

    class Silent:
        """Neither builds nor parses."""

    class Service(Plain):
        message_envelope = Silent

        @tomodachi.aws_sns_sqs("t", queue_name="q")
        async def handler(self, message: Any) -> None:
            self.seen.append(message)

    service = await aws.start(Service)
    await tomodachi.sns_publish(service, "a", "t")
    await tomodachi.sqs_send_message(service, "b", "q")
    await aws.until(lambda: len(service.seen) == 2)
    assert sorted(service.seen) == ["a", "b"]


async def test_message_protocol_is_the_envelope_s_older_name(aws: Any) -> None:
    class Service(Plain):
        @tomodachi.aws_sns_sqs("t", queue_name="q", message_protocol=JsonBase)
        async def handler(self, data: Any) -> None:
            self.seen.append(data)

    warns = "message_protocol is deprecated, use message_envelope"
    with pytest.warns(DeprecationWarning, match=warns):
        service = await aws.start(Service)
    with pytest.warns(DeprecationWarning, match=warns):
        await tomodachi.sns_publish(service, 1, "t", message_protocol=JsonBase)
    with pytest.warns(DeprecationWarning, match=warns):
        await tomodachi.sqs_send_message(service, 2, "q", message_protocol=JsonBase)
    await aws.until(lambda: len(service.seen) == 2)
    assert sorted(service.seen) == [1, 2]


async def test_the_decorator_s_envelope_beats_the_service_s(aws: Any) -> None:
    class Service(Plain):
        message_envelope = JsonBase

        @tomodachi.aws_sns_sqs(queue_name="q", message_envelope=None)
        async def handler(self, message: Any) -> None:
            self.seen.append(message)

    service = await aws.start(Service)
    await aws.send("q", body("text"))
    await aws.until(lambda: service.seen)
    assert service.seen == ["text"]


# --- duplicates ---------------------------------------------------------------------------------


async def test_a_message_that_has_been_handled_is_not_handled_again_within_a_minute(
    aws: Any,
) -> None:
    class Service(Plain):
        message_envelope = JsonBase

        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, data: Any) -> None:
            self.seen.append(data)

    service = await aws.start(Service)
    text = body(await enveloped(1))
    await aws.send("q", text)
    await aws.until(lambda: aws.calls.finished)
    await aws.send("q", text)
    await aws.until(lambda: aws.left("q") == 0)
    assert service.seen == [1]


async def test_a_duplicate_of_a_running_message_is_left_in_the_queue(aws: Any) -> None:
    class Service(Plain):
        message_envelope = JsonBase

        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, data: Any) -> None:
            self.seen.append(data)
            await self.go_on.wait()
            raise transport.AWSSNSSQSInternalServiceError

    Service.go_on = asyncio.Event()
    service = await aws.start(Service)
    text = body(await enveloped(1))
    await aws.send("q", text)
    await aws.until(lambda: service.seen)
    await aws.send("q", text)
    await aws.settle()
    assert aws.left("q") == 2
    Service.go_on.set()
    await aws.until(lambda: len(service.seen) > 1)
    assert aws.left("q") == 2


# --- middlewares --------------------------------------------------------------------------------


async def test_logs_of_middlewares_and_of_the_handler_name_each(
    aws: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """0.29.0: `get_logger()` without a name is the middleware's there, and the handler's here."""
    caplog.set_level("INFO")

    async def logs(func: Any) -> Any:
        tomodachi.get_logger().info("in the middleware")
        return await func()

    class Service(Plain):
        message_middleware: ClassVar[list[Any]] = [logs]

        @tomodachi.aws_sns_sqs("t", queue_name="q")
        async def handler(self, message: Any) -> None:
            tomodachi.get_logger().info("in the handler")

    service = await aws.start(Service)
    await tomodachi.sns_publish(service, "x", topic="t")
    await aws.until(lambda: aws.calls.finished)
    by_text = {record.getMessage(): record for record in caplog.records}
    middleware, handler = by_text["in the middleware"], by_text["in the handler"]
    assert middleware.name == "tomodachi.awssnssqs.middleware"
    assert middleware.__dict__["logger.context"]["middleware"] == "logs"
    assert handler.name == "tomodachi.awssnssqs.handler"
    assert handler.__dict__["logger.context"] == {
        "handler": "handler",
        "type": "tomodachi.awssnssqs",
    }


async def test_middlewares_wrap_the_handler_first_outermost(aws: Any) -> None:
    order: list[Any] = []

    async def outer(func: Any, service: Any, message: Any, topic: str, context: Any) -> Any:
        order.append(("outer", func.__name__, message, topic))
        context["seen"] = True
        await func(extra=1)
        order.append("out")

    async def inner(func: Any, *args: Any, message_attributes: Any, **kwargs: Any) -> Any:
        order.append(("inner", args[-1], message_attributes, kwargs["extra"]))
        return await func()

    class Service(Plain):
        message_middleware: ClassVar[list[Any]] = [outer, inner]

        @tomodachi.aws_sns_sqs("t", queue_name="q")
        async def handler(self, message: Any, extra: Any, **kwargs: Any) -> None:
            order.append(("handler", message, extra, kwargs["topic"]))

    service = await aws.start(Service)
    await tomodachi.sns_publish(service, "x", topic="t", message_attributes={"n": 1})
    await aws.until(lambda: aws.calls.finished)
    assert order == [
        ("outer", "handler", "x", "t"),
        ("inner", {"seen": True}, {"n": 1}, 1),
        ("handler", "x", 1, "t"),
        "out",
    ]


async def test_row_14_a_middleware_that_answers_without_the_handler_deletes_the_message(
    aws: Any,
) -> None:
    async def answers(func: Any, service: Any, message: Any) -> None:
        service.seen.append(message)

    class Service(Plain):
        message_middleware: ClassVar[list[Any]] = [answers]

        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, message: Any) -> None:
            raise AssertionError

    service = await aws.start(Service)
    await aws.send("q", body("x"))
    await aws.until(lambda: aws.left("q") == 0)
    assert service.seen == ["x"]


async def test_a_middleware_that_swallows_the_exception_deletes_the_message(aws: Any) -> None:
    async def swallows(func: Any) -> None:
        with pytest.raises(ZeroDivisionError):
            await func()

    class Service(Plain):
        message_middleware: ClassVar[list[Any]] = [swallows]

        @tomodachi.aws_sns_sqs(queue_name="q", on_exception="retry")
        async def handler(self, message: Any) -> None:
            1 / 0  # noqa: B018 - raises

    await aws.start(Service)
    await aws.send("q", body("x"))
    await aws.until(lambda: aws.calls.finished)
    assert aws.calls.outcomes == ["deleted"]


# --- exceptions ---------------------------------------------------------------------------------


def failing(error: BaseException, **arguments: Any) -> type[Plain]:
    class Service(Plain):
        @tomodachi.aws_sns_sqs(queue_name="q", **arguments)
        async def handler(self, message: Any) -> None:
            self.seen.append(message)
            raise error

    return Service


class OutOfTheOrdinary(BaseException):
    """What is no `Exception`, as the failures of some test frameworks are."""


@pytest.mark.parametrize("kind", [ValueError, OutOfTheOrdinary])
async def test_by_default_an_exception_deletes_the_message(
    aws: Any, caplog: Any, kind: type[BaseException]
) -> None:
    await aws.start(failing(kind("broken")))
    await aws.send("q", body("x"))
    await aws.until(lambda: aws.calls.finished)
    assert aws.calls.outcomes == ["deleted"]
    assert aws.left("q") == 0
    assert isinstance(aws.calls.finished[0].error, kind)
    assert "uncaught exception: broken" in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        transport.AWSSNSSQSInternalServiceError,
        transport.AWSSNSSQSInternalServiceErrorException,
        transport.AWSSNSSQSInternalServiceException,
    ],
)
async def test_an_internal_service_error_brings_the_message_back(
    aws: Any, error: type[Exception]
) -> None:
    service = await aws.start(failing(error("later"), visibility_timeout=20))
    await aws.send("q", body("x"))
    await aws.until(lambda: len(service.seen) == 1)
    await aws.pass_time(19)
    assert len(service.seen) == 1
    await aws.pass_time(2)
    assert len(service.seen) == 2
    assert set(aws.calls.outcomes) == {"kept"}


async def test_row_13_on_exception_retry_moves_the_message_to_the_dead_letter_queue(
    aws: Any,
) -> None:
    service = await aws.start(
        failing(
            ValueError("x"),
            on_exception="retry",
            visibility_timeout=30,
            dead_letter_queue_name="dlq",
            max_receive_count=3,
        )
    )
    await aws.send("q", body("x"))
    await aws.pass_time(100)
    assert service.seen == ["x"] * 3
    assert (aws.left("q"), aws.left("dlq")) == (0, 1)


async def test_row_13_on_exception_is_an_option_too_and_the_decorator_beats_it(aws: Any) -> None:
    class Service(failing(ValueError("x"))):  # type: ignore[misc]  # made at run time
        @tomodachi.aws_sns_sqs(queue_name="other", on_exception="delete")
        async def second(self, message: Any) -> None:
            raise ValueError

    await aws.start(Service, on_exception="retry")
    await aws.send("q", body("x"))
    await aws.send("other", body("x"))
    await aws.until(lambda: len(aws.calls.finished) == 2)
    assert (aws.left("q"), aws.left("other")) == (1, 0)


async def test_a_cancellation_raised_by_a_handler_keeps_the_message(aws: Any) -> None:
    service = await aws.start(failing(asyncio.CancelledError()))
    await aws.send("q", body("x"))
    await aws.until(lambda: aws.calls.finished)
    assert aws.calls.outcomes == ["kept"]
    await aws.pass_time(31)
    assert len(service.seen) == 2


# --- row 5: poison ------------------------------------------------------------------------------

POISON = ["text", "[1, 2]", "5", '"text"', "null"]


@pytest.mark.parametrize("poison", [*POISON, body("no envelope")])
async def test_row_5_a_poison_message_is_deleted_and_logged_and_spares_its_batch(
    aws: Any, caplog: Any, poison: str
) -> None:
    class Service(Plain):
        message_envelope = JsonBase

        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, data: Any) -> None:
            self.seen.append(data)

    (await aws.client("sqs"), await (await aws.client("sqs")).create_queue(QueueName="q"))
    await aws.send("q", body(await enveloped(1)))
    message_id = await aws.send("q", poison)
    await aws.send("q", body(await enveloped(2)))
    service = await aws.start(Service)
    await aws.until(lambda: aws.left("q") == 0)
    assert sorted(service.seen) == [1, 2]
    errors = [r for r in caplog.records if r.levelname == "ERROR"]
    (record,) = [r for r in errors if r.name != "exception"]
    logged = str(record.__dict__)
    assert "discarded message" in record.getMessage()
    assert message_id in logged
    assert poison[:10] in logged


@pytest.mark.parametrize("poison", [*POISON, body("no envelope")])
async def test_row_5_a_poison_message_is_left_for_the_dead_letter_queue_if_there_is_one(
    aws: Any, caplog: Any, poison: str
) -> None:
    class Service(Plain):
        message_envelope = JsonBase

        @tomodachi.aws_sns_sqs(
            queue_name="q", dead_letter_queue_name="dlq", max_receive_count=2, visibility_timeout=10
        )
        async def handler(self, data: Any) -> None:
            raise AssertionError

    await aws.start(Service)
    await aws.send("q", poison)
    await aws.pass_time(60)
    assert (aws.left("q"), aws.left("dlq")) == (0, 1)
    assert "message left for the dead-letter queue" in caplog.text


@pytest.mark.parametrize("text", [body(DRAIN), json.dumps({"Type": "Message"})])
async def test_the_drain_payload_and_no_payload_are_deleted_unhandled(aws: Any, text: str) -> None:
    class Service(Plain):
        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, message: Any) -> None:
            raise AssertionError

    await aws.start(Service)
    await aws.send("q", text)
    await aws.until(lambda: aws.left("q") == 0)
    assert aws.calls.finished == []


# --- concurrency --------------------------------------------------------------------------------


class Slow(Plain):
    """A service whose handlers wait until they are let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: dict[str, asyncio.Event] = {}

    async def work(self, message: str) -> None:
        self.seen.append(message)
        gate = self.gates.setdefault(message, asyncio.Event())
        await gate.wait()


@pytest.mark.parametrize(("asked", "most"), [(3, 3), (10, 10), (11, 10), (0, 10), (None, 10)])
async def test_at_most_so_many_messages_are_handled_at_a_time(
    aws: Any, asked: int | None, most: int
) -> None:
    class Service(Slow):
        @tomodachi.aws_sns_sqs(queue_name="q", max_number_of_consumed_messages=asked)
        async def handler(self, message: Any) -> None:
            await self.work(message)

    service = await aws.start(Service)
    for number in range(15):
        await aws.send("q", body(str(number)))
    await aws.settle()
    assert len(service.seen) == most
    for gate in service.gates.values():
        gate.set()
    await aws.settle()
    assert len(service.seen) == min(15, 2 * most)
    await release(service, aws)


async def release(service: Any, aws: Any) -> None:
    while aws.left("q"):
        for gate in service.gates.values():
            gate.set()
        await aws.settle()
    assert aws.left("q") == 0


async def test_row_17_the_next_receive_starts_when_a_slot_is_free(aws: Any) -> None:
    class Service(Slow):
        @tomodachi.aws_sns_sqs(queue_name="q", max_number_of_consumed_messages=2)
        async def handler(self, message: Any) -> None:
            await self.work(message)

    service = await aws.start(Service)
    for number in range(3):
        await aws.send("q", body(str(number)))
    await aws.settle()
    assert sorted(service.seen) == ["0", "1"]
    service.gates["1"].set()
    await aws.settle()
    assert service.seen[-1] == "2"
    assert not service.gates["0"].is_set()
    await release(service, aws)


async def test_a_fifo_queue_is_handled_one_at_a_time_in_order(aws: Any) -> None:
    class Service(Slow):
        @tomodachi.aws_sns_sqs("t", queue_name="q.fifo", fifo=True)
        async def handler(self, message: Any, message_group_id: Any) -> None:
            await asyncio.sleep(1)  # noqa: TID251 - virtual
            self.seen.append((message_group_id, message))

    service = await aws.start(Service)
    for number in range(4):
        await tomodachi.sns_publish(service, str(number), topic="t", group_id="g")
    await aws.until(lambda: len(service.seen) == 4)
    assert service.seen == [("g", str(number)) for number in range(4)]
    await aws.settle()
    assert aws.left("q.fifo") == 0


# --- counters and context variables -------------------------------------------------------------


async def test_running_and_total_messages_are_counted(aws: Any) -> None:
    class Service(Slow):
        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, message: Any) -> None:
            await self.work(message)

    service = await aws.start(Service)
    context = tomodachi.get_execution_context()
    assert context["aws_sns_sqs_enabled"] is True
    total = context["aws_sns_sqs_total_tasks"]
    await aws.send("q", body("x"))
    await aws.until(lambda: service.seen)
    assert context["aws_sns_sqs_current_tasks"] == 1
    await release(service, aws)
    assert context["aws_sns_sqs_current_tasks"] == 0
    assert context["aws_sns_sqs_total_tasks"] == total + 1
    await aws.send("q", "unreadable, and so not handled")
    await aws.until(lambda: not aws.left("q"))
    assert context["aws_sns_sqs_total_tasks"] == total + 1


async def test_three_values_are_in_context_variables_if_asked_for(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "SET_CONTEXTVAR_VALUES", True)

    class Service(Plain):
        @tomodachi.aws_sns_sqs(queue_name="q")
        async def handler(self, message: Any, receipt_handle: Any, queue_url: Any) -> None:
            expected = (receipt_handle, queue_url, 1)
            names = ("receipt_handle", "queue_url", "approximate_receive_count")
            got = tuple(tomodachi.context(f"aws_sns_sqs.{name}") for name in names)
            self.seen.append(got == expected)

    service = await aws.start(Service)
    await aws.send("q", body("x"))
    await aws.until(lambda: service.seen)
    assert service.seen == [True]
