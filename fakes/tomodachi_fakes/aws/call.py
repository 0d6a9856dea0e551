"""What the wire hands to a service core, and what a core may hand back.

`ServiceCore.call` gets an operation name and its decoded parameters (wire names, as in botocore:
`{"QueueUrl": ..., "MaxNumberOfMessages": 10}`, blobs as bytes) and returns the output members as a
dict of the same kind, raises `AwsError`, or returns `LongPoll` for an answer that comes later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from tomodachi_fakes.aws.arn import partition_of
from tomodachi_fakes.aws.sessions import Session


class CallContext(NamedTuple):
    """Who calls, where, and when.

    Attributes:
        account: The caller's 12-digit account.
        region: Region of the request's credential scope ("eu-west-1").
        now: Unix time in seconds.
        request_id: Id of this request, as in the response's metadata.
        base_url: Scheme and authority the client used ("http://127.0.0.1:4566"), no slash at the end.
        access_key_id: The caller's access key, or "" for an unsigned request.
        protocol: "json" or "query"; a few error texts differ between the two.
        source_ip: The client's address, for policy conditions; "" when unknown.
        headers: Request headers with lower-case names (X-Ray's passes through).
        session: The caller with temporary credentials; None for the account itself.
    """

    account: str
    region: str
    now: float
    request_id: str
    base_url: str
    access_key_id: str = ""
    protocol: str = "json"
    source_ip: str = ""
    headers: dict[str, str] | None = None
    session: Session | None = None

    @property
    def principal(self) -> str:
        """The ARN of the caller: the root of its account, since the fake has no users."""
        if self.session is not None:
            return self.session.arn
        return f"arn:{partition_of(self.region)}:iam::{self.account}:root"

    @property
    def user_id(self) -> str:
        """The caller's unique id, which is an account's number for its root."""
        return self.account if self.session is None else self.session.user_id

    @property
    def role_arn(self) -> str:
        """The ARN of the role that the caller assumed; "" for none."""
        return "" if self.session is None else self.session.role_arn


@dataclass(frozen=True, slots=True)
class LongPoll:
    """The call waits: its answer arrives as `Wake(waiter_id, ...)` no later than `deadline`."""

    waiter_id: int
    deadline: float


@dataclass(frozen=True, slots=True)
class Wake:
    """Effect: answer the call that waits as `waiter_id` with these output members."""

    waiter_id: int
    output: dict[str, Any]


class ServiceCore(Protocol):
    """A fake AWS service: pure, single-threaded, told the time."""

    def call(
        self, operation: str, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any] | LongPoll:
        """Run one operation.

        Raises:
            AwsError: the answer is an error.
        """
        ...

    def cancel(self, waiter_id: int) -> None:
        """The client of a waiting call left; nothing may be delivered to it any more."""
        ...

    def next_deadline(self) -> float | None:
        """Unix time at which `advance` has something to do; None when nothing waits for time."""
        ...

    def advance(self, *, now: float) -> None:
        """Let everything that is due by `now` happen."""
        ...
