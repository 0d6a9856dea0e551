"""Which AWS calls are tried again, and what the caller is told in the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ReadTimeoutError,
)

from tomodachi.helpers import clock
from tomodachi.transport.aws_sns_sqs import retries
from tomodachi.transport.aws_sns_sqs.errors import (
    AWSSNSSQSConnectionException,
    AWSSNSSQSException,
)
from tomodachi.transport.aws_sns_sqs.retries import RetryPolicy, Trouble

URL = "http://127.0.0.1:1"


def answer(code: str, status: int = 400, message: str = "no") -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "Publish")


class Sleeper(clock.SystemClock):
    __slots__ = ("slept",)

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    sleeper = Sleeper()
    token = clock.set_clock(sleeper)
    yield sleeper
    clock.reset_clock(token)


class Operation:
    """Fails with each of `errors` in turn, then answers."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


POLICY = RetryPolicy(attempts=3, base_s=1, cap_s=10, fraction=lambda: 1.0)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (EndpointConnectionError(endpoint_url=URL), Trouble.CONNECTION),
        (ReadTimeoutError(endpoint_url=URL), Trouble.CONNECTION),
        (ConnectionClosedError(endpoint_url=URL), Trouble.CONNECTION),
        (TimeoutError(), Trouble.CONNECTION),
        (ConnectionResetError(), Trouble.CONNECTION),
        (answer("InternalFailure", 500), Trouble.SERVICE),
        (answer("Anything", 503), Trouble.SERVICE),
        (answer("Anything", 429), Trouble.SERVICE),
        (answer("RequestThrottled", 403), Trouble.SERVICE),
        (answer("com.amazonaws.sqs#RequestThrottled", 400), Trouble.SERVICE),
        (answer("KMSThrottling", 400), Trouble.SERVICE),
        (answer("AuthorizationError", 403), Trouble.REFUSED),
        (NoCredentialsError(), Trouble.CREDENTIALS),
        (ParamValidationError(report="x"), Trouble.REFUSED),
        (KeyError("x"), Trouble.REFUSED),
    ],
)
def test_failures_are_of_four_kinds(error: BaseException, kind: Trouble) -> None:
    assert retries.trouble(error) is kind


async def test_a_call_is_made_again_after_trouble_that_may_pass(sleeper: Sleeper) -> None:
    operation = Operation(EndpointConnectionError(endpoint_url=URL), answer("Throttling"))
    assert await retries.call(operation, "Unable", "sns", POLICY) == "done"
    assert operation.calls == 3
    assert sleeper.slept == [1, 2]


async def test_a_refusal_is_raised_at_once(sleeper: Sleeper) -> None:
    operation = Operation(answer("AuthorizationError", 403))
    with pytest.raises(ClientError):
        await retries.call(operation, "Unable", "sns", POLICY)
    assert operation.calls == 1
    assert sleeper.slept == []


async def test_connection_trouble_ends_in_a_connection_exception(sleeper: Sleeper) -> None:
    cause = EndpointConnectionError(endpoint_url=URL)
    operation = Operation(*[cause] * 3)
    with pytest.raises(AWSSNSSQSConnectionException, match=r"Unable to connect \[sns\]") as raised:
        await retries.call(operation, "Unable", "sns", POLICY)
    assert raised.value.__cause__ is cause
    assert operation.calls == 3


async def test_throttling_without_end_is_an_exception_with_aws_s_text(sleeper: Sleeper) -> None:
    operation = Operation(*[answer("Throttling", message="Rate exceeded")] * 3)
    with pytest.raises(
        AWSSNSSQSException, match=r"Unable \[sns\] on AWS \(.*\(Throttling\).*: Rate exceeded\)"
    ) as raised:
        await retries.call(operation, "Unable", "sns", POLICY)
    assert not isinstance(raised.value, AWSSNSSQSConnectionException)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NoCredentialsError(), "Unable to connect"),
        (PartialCredentialsError(provider="explicit", cred_var="x"), "Invalid credentials"),
    ],
)
async def test_missing_credentials_are_not_asked_for_again(
    sleeper: Sleeper, error: Exception, text: str
) -> None:
    """The texts are upstream's."""
    operation = Operation(error)
    with pytest.raises(AWSSNSSQSConnectionException, match=rf"{text} \[sns\] to AWS"):
        await retries.call(operation, "Unable", "sns", POLICY)
    assert operation.calls == 1


async def test_other_errors_are_nobody_s_to_handle_here(sleeper: Sleeper) -> None:
    with pytest.raises(KeyError):
        await retries.call(Operation(KeyError("x")), "Unable", "sns", POLICY)


def test_waits_double_up_to_a_cap_and_are_jittered_in_full() -> None:
    policy = RetryPolicy(base_s=1, cap_s=5, fraction=lambda: 1.0)
    assert [policy.wait_s(attempt) for attempt in (1, 2, 3, 4)] == [1, 2, 4, 5]
    assert RetryPolicy(fraction=lambda: 0.0).wait_s(1) == 0
    assert all(0 <= RetryPolicy(base_s=1).wait_s(1) < 1 for _ in range(100))


def test_errors_are_told_in_aws_s_words() -> None:
    assert retries.error_code(answer("A")) == "A"
    assert retries.error_code(KeyError()) == ""
    refused = retries.error_text(answer("A", message="text"))
    assert refused == "An error occurred (A) when calling the Publish operation: text"
    assert retries.error_text(TimeoutError()) == "timed out"
    assert retries.error_text(KeyError()) == "KeyError"
