"""Errors of STS.

Sources: https://github.com/physera/onelogin-aws-cli/issues/12,
https://github.com/mmmorris1975/aws-runas/issues/11, https://github.com/aws/aws-sdk-php/issues/1876 and
https://github.com/fwdcloudsec/granted/issues/151 (the texts)
"""

from __future__ import annotations

from tomodachi_fakes.aws.errors import AwsError


class InvalidRequest(AwsError):
    """A parameter has a value that makes no sense there."""

    code = "ValidationError"

    @classmethod
    def role_arn(cls) -> InvalidRequest:
        """`RoleArn` is no role's."""
        return cls("Request ARN is invalid")

    @classmethod
    def chained_duration(cls) -> InvalidRequest:
        """More than an hour was asked for with temporary credentials."""
        return cls(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining."
        )


class AccessDenied(AwsError):
    """Temporary credentials may not do this."""

    code = "AccessDenied"
    status = 403

    def __init__(self, operation: str) -> None:
        super().__init__(f"Cannot call {operation} with session credentials")


class InvalidIdentityToken(AwsError):
    """A web identity token is no JSON Web Token; the text is the fake's own."""

    code = "InvalidIdentityToken"
    message = "The web identity token is no JSON Web Token with the claims iss, sub and aud."
