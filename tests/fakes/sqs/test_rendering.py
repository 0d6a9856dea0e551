"""Which attributes of a message a receive gets: those that it asks for, by name or by pattern."""

from __future__ import annotations

import pytest
from tests.fakes.sqs.support_sqs import Core

from tomodachi_fakes.aws.errors import AwsError

API = (
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"
)
EVERY = ["bar", "bar.x", "barn", "foo"]


@pytest.mark.source(API)
@pytest.mark.source("https://github.com/localstack/localstack/issues/8566")
@pytest.mark.source("https://github.com/getmoto/moto/pull/9939")
@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ([], []),
        (["All"], EVERY),
        ([".*"], EVERY),
        (["*"], EVERY),
        (["bar"], ["bar"]),
        (["bar.*"], ["bar", "bar.x", "barn"]),
        (["fo.*", "barn", "barn"], ["barn", "foo"]),
        (["Foo", "oo", "other"], []),
    ],
)
def test_message_attributes_are_chosen_by_name_or_prefix(asked: list[str], got: list[str]) -> None:
    """The page: all with All or .*, those that begin with a prefix with bar.*; else by their names."""
    sqs = Core()
    value = {"DataType": "String", "StringValue": "v"}
    sqs.send(sqs.create(), "a", MessageAttributes=dict.fromkeys(EVERY, value))

    (message,) = sqs.receive("q", MessageAttributeNames=asked)

    assert sorted(message.get("MessageAttributes", {})) == got
    assert ("MD5OfMessageAttributes" in message) is bool(got)


@pytest.mark.source(API)
@pytest.mark.parametrize("parameter", ["AttributeNames", "MessageSystemAttributeNames"])
def test_system_attributes_are_chosen_by_the_old_parameter_and_the_new(parameter: str) -> None:
    sqs = Core()
    sqs.send(sqs.create(VisibilityTimeout=0), "a", MessageGroupId="g")

    def attributes(*names: str) -> set[str]:
        (message,) = sqs.receive("q", **{parameter: list(names)})
        return set(message.get("Attributes", {}))

    assert attributes() == set()
    assert attributes("SenderId", "SenderId", "SequenceNumber", "VisibilityTimeout") == {"SenderId"}
    assert attributes("All", "SenderId") == {
        "ApproximateFirstReceiveTimestamp",
        "ApproximateReceiveCount",
        "MessageGroupId",
        "SenderId",
        "SentTimestamp",
    }
    with pytest.raises(AwsError, match="Unknown Attribute Nonsense"):
        attributes("Nonsense")


def test_both_parameters_together_ask_for_both() -> None:
    sqs = Core()
    sqs.send(sqs.create(), "a")
    asked = {"AttributeNames": ["SenderId"], "MessageSystemAttributeNames": ["SentTimestamp"]}

    (message,) = sqs.receive("q", **asked)

    assert set(message["Attributes"]) == {"SenderId", "SentTimestamp"}
