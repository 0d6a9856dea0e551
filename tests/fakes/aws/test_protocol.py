"""Every operation's decoder inverts botocore's serialiser, and botocore's parser our encoder."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes.aws.support_shapes import model_of, operations, parse, request_of, values_of

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.protocol import ServiceWire
from tomodachi_fakes.aws.query import tree_of
from tomodachi_fakes.aws.wire_errors import SerializationError

WIRES = {service: ServiceWire(service) for service in ("sqs", "sns", "sts", "kms")}
FEW = settings(
    max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def form_of(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode(), keep_blank_values=True)


def comparable(value: Any) -> Any:
    """Timestamps as Unix seconds, everything else as it is."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return value


@pytest.mark.parametrize(("service", "protocol", "operation"), operations())
def test_decoder_inverts_botocores_serialiser(service: str, protocol: str, operation: str) -> None:
    shape = model_of(service, protocol).operation_model(operation).input_shape

    @FEW
    @given(st.just({}) if shape is None else values_of(shape))
    def check(params: dict[str, Any]) -> None:
        request = request_of(service, protocol, operation, params)
        wire = WIRES[service]
        if protocol == "json":
            assert wire.decode_json(operation, request.body) == params
        else:
            assert wire.decode_query(operation, tree_of(form_of(request.body))) == params
        wire.check(operation, params)

    check()


@pytest.mark.parametrize(("service", "protocol", "operation"), operations())
def test_botocores_parser_inverts_encoder(service: str, protocol: str, operation: str) -> None:
    shape = model_of(service, protocol).operation_model(operation).output_shape

    @FEW
    @given(st.just({}) if shape is None else values_of(shape))
    def check(output: dict[str, Any]) -> None:
        response = WIRES[service].success(operation, output, protocol, "request-1")
        parsed = comparable(parse(service, protocol, operation, response))
        metadata = parsed.pop("ResponseMetadata")
        assert parsed == output
        assert metadata["HTTPStatusCode"] == 200
        assert metadata["RequestId"] == "request-1"

    check()


@pytest.mark.parametrize(("service", "protocol", "operation"), operations())
def test_missing_required_parameters_are_refused(
    service: str, protocol: str, operation: str
) -> None:
    shape = model_of(service, protocol).operation_model(operation).input_shape
    if shape is None or not shape.required_members:
        WIRES[service].check(operation, {})
        return
    with pytest.raises(AwsError) as caught:
        WIRES[service].check(operation, {})
    name = shape.required_members[0]
    expected = name if service == "sqs" else name[0].lower() + name[1:]
    if service != "sqs":
        assert f"Value null at '{expected}' failed" in caught.value.message
    else:
        assert caught.value.message.startswith("The request must contain the parameter ")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "Unable to parse the request body as JSON."),
        (b"[]", "Start of structure or map found where not expected."),
        (b"\xff", "Unable to parse the request body as JSON."),
        (b'{"QueueUrl": 7}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"MaxNumberOfMessages": "1"}', "STRING_VALUE can not be converted to an Integer"),
        (b'{"AttributeNames": "All"}', "Expected list or null"),
        (b'{"QueueUrl": {}}', "Start of structure or map found where not expected."),
    ],
)
def test_json_bodies_that_do_not_fit_the_model(body: bytes, text: str) -> None:
    with pytest.raises(SerializationError) as caught:
        WIRES["sqs"].decode_json("ReceiveMessage", body)
    assert caught.value.message == text


def test_json_members_that_are_null_or_unknown_are_passed_by() -> None:
    body = b'{"QueueUrl": "u", "WaitTimeSeconds": null, "Unheard": {"of": 1}}'

    assert WIRES["sqs"].decode_json("ReceiveMessage", body) == {"QueueUrl": "u"}
