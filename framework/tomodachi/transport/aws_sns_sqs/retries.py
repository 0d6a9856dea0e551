"""Which AWS calls are tried again, how often, and what the caller is told in the end.

One place decides for every call of the transport (botocore's own retries are off), so that waits go
through the clock in force. The receive loop never gives up and does its own waiting.

Source: https://docs.aws.amazon.com/general/latest/gr/api-retries.html (exponential back-off, jitter)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

import aiohttp
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as BotocoreConnectionError,
)
from botocore.parsers import ResponseParserError

from tomodachi.helpers import clock, entropy
from tomodachi.transport.aws_sns_sqs.errors import (
    AWSSNSSQSConnectionException,
    AWSSNSSQSException,
)

T = TypeVar("T")


class Trouble(Enum):
    """What kind of failure an exception is."""

    CONNECTION = auto()  # no answer, or none that can be read
    SERVICE = auto()  # AWS answered that it cannot now
    CREDENTIALS = auto()  # the client cannot even sign
    REFUSED = auto()  # AWS answered no


_THROTTLED = frozenset({
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
    "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
    "SlowDown", "BandwidthLimitExceeded", "LimitExceededException", "PriorRequestNotComplete",
    "TransactionInProgressException", "KMSThrottling", "KMS.ThrottlingException", "KmsThrottled",
    "RequestTimeout", "RequestTimeoutException", "InternalError", "InternalFailure",
    "InternalErrorException", "ServiceUnavailable", "OverLimit",
})  # fmt: skip
_CONNECTION_ERRORS = (
    BotocoreConnectionError, HTTPClientError, aiohttp.ClientError, ResponseParserError, TimeoutError, OSError,
)  # fmt: skip
_CREDENTIAL_ERRORS = (NoCredentialsError, PartialCredentialsError, NoRegionError)
_SERVER_ERROR = 500


def error_code(error: BaseException) -> str:
    """AWS's code of an error answer; "" for anything else."""
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_text(error: BaseException) -> str:
    """What an error says, in as many words as a log line takes."""
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        # As botocore says it, but without the retries it was not left to make.
        return (
            f"An error occurred ({told.get('Code', 'Unknown')}) when calling the "
            f"{error.operation_name} operation: {told.get('Message', 'Unknown')}"
        )
    if isinstance(error, TimeoutError) and not str(error):
        return "timed out"
    return str(error) or type(error).__name__


def trouble(error: BaseException) -> Trouble:
    """Classify a failed call; the code of an answer counts more than its HTTP status."""
    if isinstance(error, _CREDENTIAL_ERRORS):
        return Trouble.CREDENTIALS
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        transient = status >= _SERVER_ERROR or status == 429
        known = error_code(error).rpartition("#")[2] in _THROTTLED
        return Trouble.SERVICE if transient or known else Trouble.REFUSED
    if isinstance(error, _CONNECTION_ERRORS):
        return Trouble.CONNECTION
    return Trouble.REFUSED


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a call is made, and how long is waited between.

    Attributes:
        attempts: Most calls in all.
        base_s: Most seconds to wait after the first; doubled each time.
        cap_s: Most seconds to wait ever.
        timeout_s: Seconds that one call may take.
        refused_attempts: Most calls that AWS may answer with a refusal before it is believed: new
            topics and permissions take their time to be known everywhere.
        fraction: Gives the share of that wait, in [0, 1): full jitter.
    """

    attempts: int = 4
    base_s: float = 0.5
    cap_s: float = 10.0
    timeout_s: float = 40.0
    refused_attempts: int = 1
    fraction: Callable[[], float] = entropy.fraction

    def wait_s(self, attempt: int) -> float:
        """Seconds to wait after the attempt of this number (the first is 1)."""
        return min(self.cap_s, self.base_s * 2.0 ** (attempt - 1)) * self.fraction()


async def call(
    operation: Callable[[], Awaitable[T]], what: str, service: str, policy: RetryPolicy
) -> T:
    """Make an AWS call until it succeeds or there is no point in another.

    Args:
        operation: Makes the call once.
        what: What it is for, as the start of an error text ("Unable to publish message").
        service: "sns", "sqs" or "sts".
        policy: How often, and with which waits.

    Raises:
        ClientError: AWS refused; trying again would not help.
        AWSSNSSQSConnectionException: AWS was not reached, or the credentials are incomplete.
        AWSSNSSQSException: AWS went on answering that it cannot now.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            async with asyncio.timeout(policy.timeout_s):
                return await operation()
        except (BotoCoreError, *_CONNECTION_ERRORS, ClientError) as error:
            kind = trouble(error)
            if kind is Trouble.REFUSED and isinstance(error, ClientError):
                if attempt >= policy.refused_attempts:
                    raise
                continue
            if kind in (Trouble.REFUSED, Trouble.CREDENTIALS) or attempt >= policy.attempts:
                raise given_up(error, what, service) from error
        await clock.sleep(policy.wait_s(attempt))


def given_up(error: BaseException, what: str, service: str) -> AWSSNSSQSException:
    """The exception that tells a caller of a failed call; its cause is AWS's or botocore's own."""
    text = error_text(error)
    match trouble(error):
        case Trouble.CREDENTIALS if not isinstance(error, NoCredentialsError):
            return AWSSNSSQSConnectionException(f"Invalid credentials [{service}] to AWS ({text})")
        case Trouble.CREDENTIALS | Trouble.CONNECTION:
            return AWSSNSSQSConnectionException(f"Unable to connect [{service}] to AWS ({text})")
        case _:
            return AWSSNSSQSException(f"{what} [{service}] on AWS ({text})")
