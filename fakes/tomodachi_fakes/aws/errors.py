"""AWS errors as values: a code, a text and a fault, independent of the protocol that carries them.

Services raise subclasses of `AwsError`; `json10.py` and `query.py` write them to the wire. Codes and
texts are AWS's letter for letter, since users' code matches on them.
"""

from __future__ import annotations

from typing import ClassVar


class AwsError(Exception):
    """An error answer of an AWS service.

    A subclass sets the class attributes; an instance may give its own `message`.

    Attributes:
        code: The modelled shape name ("QueueDoesNotExist"), used by the JSON protocol.
        query_code: The legacy code of the query protocol; empty means the same as `code`.
        status: HTTP status code.
        sender_fault: True for `Sender` (the client's fault), False for `Receiver`.
        message: AWS's text.
        namespace: What stands before `#` in the JSON protocol's `__type`; empty means the service's.
        detail: Members of the error shape beside the message, as they go on the wire.
    """

    code: ClassVar[str] = "InternalFailure"
    query_code: ClassVar[str] = ""
    namespace: ClassVar[str] = ""
    status: int = 400
    sender_fault: bool = True
    message: str = ""

    def __init__(self, message: str | None = None, **detail: object) -> None:
        if message is not None:
            self.message = message
        self.detail = detail
        super().__init__(self.message)


class InternalFailure(AwsError):
    """The fake itself failed; a defect, reported without a stack trace."""

    code = "InternalFailure"
    status = 500
    sender_fault = False
    message = "The request processing has failed because of an unknown error, exception or failure."


class NotImplementedByFake(AwsError):
    """The operation exists in AWS's model but this fake does not have it."""

    code = "NotImplemented"
    status = 501
    sender_fault = False

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(f"{service}.{operation} is not implemented by tomodachi_fakes.")


class ServiceNotServed(AwsError):
    """The request was signed for a service that is not here."""

    code = "NotImplemented"
    status = 501
    sender_fault = False

    def __init__(self, service: str, served: str) -> None:
        super().__init__(
            f"The service {service!r} is not served by tomodachi_fakes, which has {served}. "
            f"Start `svc-fake-broker --aws-extra {service}`, or give that client its own endpoint."
        )


class InjectedError(AwsError):
    """An error that a fault plan asked for: any code, text and status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.injected_code = code
        self.status = status
        self.sender_fault = status < 500
