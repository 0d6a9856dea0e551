"""The transports' decorators: what they are called with, and where mistakes show."""

from __future__ import annotations

import inspect

import pytest

import tomodachi


@pytest.mark.parametrize(
    ("decorator", "parameters"),
    [
        (tomodachi.http_error, ["status_code"]),
        (tomodachi.websocket, ["url"]),
        (tomodachi.schedule, ["interval", "timestamp", "timezone", "immediately"]),
    ],
)
def test_the_signature_is_what_a_service_writes(decorator: object, parameters: list[str]) -> None:
    assert list(inspect.signature(decorator).parameters) == parameters  # type: ignore[arg-type]


def test_a_missing_argument_is_an_error_where_the_decorator_is_written() -> None:
    with pytest.raises(TypeError, match="missing a required argument: 'url'"):
        tomodachi.http("GET")  # type: ignore[call-overload]


def test_an_unknown_argument_is_an_error_where_the_decorator_is_written() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'every'"):
        tomodachi.schedule(every=5)  # type: ignore[call-overload]


def test_publish_is_in_its_transports_module_too() -> None:
    from tomodachi.transport import amqp, aws_sns_sqs

    assert amqp.publish == tomodachi.amqp_publish
    assert aws_sns_sqs.publish == tomodachi.aws_sns_sqs_publish
    assert aws_sns_sqs.send_message == tomodachi.sqs_send_message


async def test_lifecycle_lines_say_the_state(caplog: pytest.LogCaptureFixture) -> None:
    from tomodachi.container import ServiceRunner
    from tomodachi.logging.event import CONTEXT_ATTRIBUTE

    class Plain(tomodachi.Service):
        name = "plain"

    caplog.set_level("INFO")
    runner = ServiceRunner(Plain)
    await runner.start()
    await runner.stop()
    lines = [getattr(record, CONTEXT_ATTRIBUTE, {}) for record in caplog.records]
    states = [line["state"] for line in lines if "state" in line]
    assert states == ["starting", "initialized", "ready", "stopping", "terminated"]
    assert caplog.records[0].name == "tomodachi.service"
