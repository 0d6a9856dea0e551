"""What is put on the wire is looked at where the transports hand it to their clients."""

from __future__ import annotations

import pytest
from opentelemetry.trace import SpanKind, StatusCode

import tomodachi
from tomodachi.opentelemetry import TomodachiInstrumentor
from tomodachi.transport.amqp.transport import AmqpTransport
from tomodachi.transport.aws_sns_sqs import publisher
from tomodachi.transport.aws_sns_sqs.publish_api import PublishApi
from tomodachi.transport.aws_sns_sqs.send_api import SendApi
from tomodachi.transport.aws_sns_sqs.transport import AWSSNSSQSTransport


@pytest.fixture
def service():
    class Publishing(tomodachi.Service):
        name = "publishing"

    return Publishing()


@pytest.fixture
def sent(monkeypatch):
    """Replaces the innermost methods; what they were called with."""
    calls: list[dict[str, object]] = []

    async def sns(cls, topic_arn, message, message_attributes, context, *, group_id=None,
                  deduplication_id=None, service=None):  # fmt: skip
        calls.append(dict(message_attributes))
        return "id"

    async def sqs(cls, queue_url, message_body, message_attributes, context, *, group_id=None,
                  deduplication_id=None, delay_seconds=None, service=None,
                  formatter_context=None):  # fmt: skip
        calls.append(dict(message_attributes))
        return "id"

    async def amqp(cls, service, routing_key, exchange_name, payload, properties, *, mandatory,
                   confirm):  # fmt: skip
        if payload == b"refused":
            raise ValueError("refused")
        calls.append(properties)

    monkeypatch.setattr(PublishApi, "_publish_message", classmethod(sns))
    monkeypatch.setattr(SendApi, "_send_raw_message", classmethod(sqs))
    monkeypatch.setattr(AmqpTransport, "_publish_message", classmethod(amqp))
    return calls


def traceparent(span) -> str:
    context = span.context
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


async def publish_to_topic(service, attributes):
    return await AWSSNSSQSTransport._publish_message(
        "arn:aws:sns:eu-west-1:000000000000:orders___2e_made", "m", attributes, {}, service=service
    )


async def test_a_message_to_a_topic_carries_the_producer_spans_context(
    sent, instrument, telemetry, service
):
    instrument()
    assert await publish_to_topic(service, {"mine": 1}) == "id"

    (span,) = telemetry.spans()
    assert (span.name, span.kind) == ("orders.made publish", SpanKind.PRODUCER)
    assert dict(span.attributes) == {
        "messaging.operation": "publish",
        "messaging.system": "aws_sqs",
        "messaging.destination.name": "orders___2e_made",
        "messaging.destination.kind": "topic",
        "messaging.message.id": "id",
    }
    assert sent == [{"mine": 1, "traceparent": traceparent(span)}]


async def publish_two(monkeypatch, service):
    """The attributes that two messages of a batch go out with."""

    async def publish_batch(clients, topic_arn, outgoing):
        sent.extend(dict(one.message_attributes) for one in outgoing)
        return ["1", "2"]

    sent = []
    monkeypatch.setattr(publisher, "publish_batch", publish_batch)
    mine = {"DataType": "Number", "StringValue": "1"}
    outgoing = [publisher.Outgoing("a", {"mine": mine}), publisher.Outgoing("b", {})]
    arn = "arn:aws:sns:eu-west-1:000000000000:orders"
    ids = await AWSSNSSQSTransport._publish_messages(arn, outgoing, {}, service=service)
    assert ids == ["1", "2"]
    return sent


async def test_every_message_of_a_batch_carries_it(monkeypatch, telemetry, service, instrument):
    instrument()
    first, second = await publish_two(monkeypatch, service)

    (span,) = telemetry.spans()
    assert (span.name, span.attributes["messaging.batch.message_count"]) == ("orders publish", 2)
    carried = {"DataType": "String", "StringValue": traceparent(span)}
    assert first == {"mine": {"DataType": "Number", "StringValue": "1"}, "traceparent": carried}
    assert second == {"traceparent": carried}


async def test_a_message_to_a_queue_carries_it_too(sent, instrument, telemetry, service):
    instrument()
    await AWSSNSSQSTransport._send_raw_message(
        "http://sqs/000000000000/orders", "m", {}, {}, service=service
    )

    (span,) = telemetry.spans()
    assert span.name == "orders publish"
    assert span.attributes["messaging.destination.kind"] == "queue"
    assert sent == [{"traceparent": traceparent(span)}]


async def test_an_amqp_message_carries_it_in_its_headers(sent, instrument, telemetry, service):
    instrument()
    await AmqpTransport._publish_message(
        service, "thumbnail.made", "amq.topic", b"m", {"headers": {"mine": 1}},
        mandatory=False, confirm=True,
    )  # fmt: skip

    (span,) = telemetry.spans()
    assert (span.name, span.kind) == ("thumbnail.made publish", SpanKind.PRODUCER)
    assert span.attributes["messaging.rabbitmq.destination.routing_key"] == "thumbnail.made"
    assert sent == [{"headers": {"mine": 1, "traceparent": traceparent(span)}}]


async def test_an_amqp_span_names_the_routing_key_as_the_service_gave_it(
    sent, instrument, telemetry, service
):
    """0.29.0: without the prefix of the options, and not as it is encoded on the wire."""
    service.context = {"options": tomodachi.Options(amqp={"routing_key_prefix": "dev."})}
    instrument()
    await AmqpTransport._publish_message(
        service, "dev.caf___c3a9_", "amq.topic", b"m", {}, mandatory=False, confirm=True
    )

    (span,) = telemetry.spans()
    assert span.name == "café publish"
    assert dict(span.attributes) == {
        "messaging.operation": "publish",
        "messaging.system": "rabbitmq",
        "messaging.destination.name": "amq.topic",
        "messaging.rabbitmq.destination.routing_key": "café",
    }


async def test_a_publish_that_fails_fails_its_span(sent, instrument, telemetry, service):
    instrument()
    with pytest.raises(ValueError, match="refused"):
        await AmqpTransport._publish_message(
            service, "key", "amq.topic", b"refused", {}, mandatory=False, confirm=True
        )

    assert telemetry.spans()[0].status.status_code is StatusCode.ERROR


async def test_a_message_with_ten_attributes_goes_without(sent, instrument, telemetry, service):
    """SQS takes ten message attributes at most; an eleventh would have the message refused."""
    instrument()
    attributes = {f"a{number}": number for number in range(10)}
    await publish_to_topic(service, dict(attributes))

    assert sent == [attributes]
    assert len(telemetry.spans()) == 1


async def test_uninstrumenting_puts_the_methods_back(sent, instrument, telemetry, service):
    before = PublishApi.__dict__["_publish_message"]
    instrumentor = instrument()
    assert PublishApi.__dict__["_publish_message"] is not before
    instrumentor.uninstrument()

    assert PublishApi.__dict__["_publish_message"] is before
    await publish_to_topic(service, {})
    assert telemetry.spans() == ()


async def test_only_the_instrumented_services_messages_are_traced(
    sent, monkeypatch, telemetry, service
):
    other = type(service)()
    TomodachiInstrumentor.instrument_service(service, telemetry.tracer_provider)
    try:
        await publish_to_topic(service, {})
        await publish_to_topic(other, {})
        of_service = await publish_two(monkeypatch, service)
        of_other = await publish_two(monkeypatch, other)
    finally:
        TomodachiInstrumentor._publishing.uninstall()

    assert [list(attributes) for attributes in sent] == [["traceparent"], []]
    assert ["traceparent" in attributes for attributes in of_service] == [True, True]
    assert ["traceparent" in attributes for attributes in of_other] == [False, False]
