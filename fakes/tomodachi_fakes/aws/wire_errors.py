"""Errors of the wire itself: a request that never becomes an operation's parameters.

Sources: the common errors of the SQS and SNS API references; the answers of AWS's JSON front end
for bodies that do not fit the model.
"""

from __future__ import annotations

from tomodachi_fakes.aws.errors import AwsError


class SerializationError(AwsError):
    """A JSON body is malformed, or a value has another type than the model says."""

    code = "SerializationException"
    namespace = "com.amazon.coral.service"


class MalformedInput(AwsError):
    """A query parameter cannot be read as the model's type."""

    code = "MalformedInput"


class MalformedQueryString(AwsError):
    """The query string or form is no list of parameters."""

    code = "MalformedQueryString"
    status = 404
    message = "The query string contains a syntax error."


class UnknownOperation(AwsError):
    """The request names no operation, or one that no service has."""

    code = "UnknownOperationException"
    namespace = "com.amazon.coral.service"
    status = 404


class InvalidAction(AwsError):
    """The query protocol's `Action` is unknown, or not valid for this address."""

    code = "InvalidAction"

    @classmethod
    def for_endpoint(cls, action: str) -> InvalidAction:
        """SQS's wording."""
        return cls(f"The action {action} is not valid for this endpoint.")

    @classmethod
    def for_version(cls, action: str, version: str) -> InvalidAction:
        """The wording of SNS and STS."""
        return cls(f"Could not find operation {action} for version {version}")


class MissingParameter(AwsError):
    """SQS: a required parameter is absent."""

    code = "MissingRequiredParameterException"
    query_code = "MissingParameter"
    namespace = "com.amazon.coral.service"

    def __init__(self, parameter: str) -> None:
        super().__init__(f"The request must contain the parameter {parameter}.")


# Path to a member, its value (None for a missing one), and what it has to satisfy.
Violation = tuple[str, object, str]


class ValidationError(AwsError):
    """SNS, STS and KMS: the model does not allow some of the parameters."""

    code = "ValidationException"
    query_code = "ValidationError"
    namespace = "com.amazon.coral.validate"

    def __init__(self, violations: list[Violation]) -> None:
        count = len(violations)
        plural = "s" if count > 1 else ""
        texts = "; ".join(
            f"Value {_shown(value)} at '{path}' failed to satisfy constraint: {rule}"
            for path, value, rule in violations
        )
        super().__init__(f"{count} validation error{plural} detected: {texts}")


class ModelledValidationError(ValidationError):
    """The same of an operation whose errors have one for it."""

    query_code = "ValidationException"


def _shown(value: object) -> str:
    return "null" if value is None else f"'{value}'"
