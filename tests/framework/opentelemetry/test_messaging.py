from __future__ import annotations

from types import SimpleNamespace

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from tomodachi.helpers.middleware import MiddlewareChain
from tomodachi.opentelemetry.messaging import AMQPTracing, SQSTracing

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
QUEUE_URL = "http://sqs/000000000000/orders-queue"


async def handle(tracing, handler, positional, values):
    async def routine(**_added):
        return await handler()

    return await MiddlewareChain(handler, [tracing]).run(routine, positional, values)


def sqs_values(**more):
    return {
        "message": "m",
        "topic": "orders",
        "queue_url": QUEUE_URL,
        "message_attributes": {"traceparent": TRACEPARENT, "count": 3},
        "sns_message_id": "sns-1",
        "sqs_message_id": "sqs-1",
        **more,
    }


async def test_an_sqs_message_is_a_consumer_span_that_continues_its_trace(telemetry):
    """Source: semantic conventions for messaging spans; the attribute is `traceparent`."""

    async def on_order():
        return "handled"

    tracing = SQSTracing(telemetry.tracer, telemetry.meter)
    result = await handle(tracing, on_order, (object(), "m", "orders"), sqs_values())

    (span,) = telemetry.spans()
    assert result == "handled"
    assert (span.name, span.kind) == ("orders process", SpanKind.CONSUMER)
    assert f"{span.context.trace_id:032x}" == TRACEPARENT.split("-")[1]
    assert f"{span.parent.span_id:016x}" == TRACEPARENT.split("-")[2]
    assert dict(span.attributes) == {
        "messaging.system": "aws_sqs",
        "messaging.operation": "process",
        "messaging.destination.name": "orders-queue",
        "messaging.destination.kind": "queue",
        "messaging.destination_publish.name": "orders",
        "messaging.destination_publish.kind": "topic",
        "messaging.message.id": "sns-1",
        "code.function": "on_order",
    }


async def test_a_message_without_a_topic_is_named_after_its_queue(telemetry):
    async def on_order():
        return None

    values = sqs_values(sns_message_id="", message_attributes={})
    del values["topic"]
    await handle(
        SQSTracing(telemetry.tracer, telemetry.meter), on_order, (object(), "m", ""), values
    )

    (span,) = telemetry.spans()
    assert (span.name, span.parent) == ("orders-queue process", None)
    assert span.attributes["messaging.message.id"] == "sqs-1"
    assert span.attributes["messaging.destination_publish.name"] == "orders-queue"
    assert span.attributes["messaging.destination_publish.kind"] == "queue"


async def test_an_amqp_message_is_a_consumer_span_that_continues_its_trace(telemetry):
    async def on_thumbnail():
        return None

    values = {
        "message": "m",
        "routing_key": "thumbnail.made",
        "exchange_name": "amq.topic",
        "properties": SimpleNamespace(headers={"traceparent": TRACEPARENT.encode(), "n": 1}),
        "message_uuid": "u-1",
    }
    tracing = AMQPTracing(telemetry.tracer, telemetry.meter)
    await handle(tracing, on_thumbnail, (object(), "m", "thumbnail.made"), values)

    (span,) = telemetry.spans()
    assert (span.name, span.kind) == ("thumbnail.made process", SpanKind.CONSUMER)
    assert f"{span.context.trace_id:032x}" == TRACEPARENT.split("-")[1]
    assert dict(span.attributes) == {
        "messaging.system": "rabbitmq",
        "messaging.operation": "process",
        "messaging.destination.name": "amq.topic",
        "messaging.rabbitmq.destination.routing_key": "thumbnail.made",
        "messaging.message.id": "u-1",
        "code.function": "on_thumbnail",
    }


async def test_messages_are_measured_by_success(telemetry):
    async def well():
        return None

    async def badly():
        raise ValueError("no such order")

    tracing = SQSTracing(telemetry.tracer, telemetry.meter)
    await handle(tracing, well, (object(), "m", "orders"), sqs_values())
    with pytest.raises(ValueError, match="no such order"):
        await handle(tracing, badly, (object(), "m", "orders"), sqs_values())

    points = telemetry.points("messaging.aws_sqs.duration")
    assert {
        (p.attributes["code.function"], p.attributes["function.success"]): p.count for p in points
    } == {("well", True): 1, ("badly", False): 1}
    # The labels that 0.29.0's metrics have.
    assert set(points[0].attributes) == {
        "code.function",
        "function.success",
        "messaging.destination.name",
        "messaging.destination.kind",
        "messaging.destination_publish.name",
        "messaging.destination_publish.kind",
    }
    assert [p.value for p in telemetry.points("messaging.aws_sqs.active_tasks")] == [0, 0]
    failed = telemetry.spans()[-1]
    assert failed.status.status_code is StatusCode.ERROR
    assert failed.events[0].attributes["exception.message"] == "no such order"
