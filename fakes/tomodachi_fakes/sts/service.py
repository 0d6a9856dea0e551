"""STS: who calls, and temporary credentials for those who take a role or a session first.

Any role can be assumed by anybody, since roles and their trust policies do not exist here; the
credentials act in the role's account, as AWS's do.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from tomodachi_fakes.aws.arn import partition_of, role_at
from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.errors import NotImplementedByFake
from tomodachi_fakes.aws.sessions import Session, write_token
from tomodachi_fakes.ids import IdSource
from tomodachi_fakes.sts.errors import AccessDenied, InvalidRequest
from tomodachi_fakes.sts.web_identity import read_web_identity

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ROLE_DURATION_S = 3600
_CHAINED_DURATION_S = 3600
_SESSION_DURATION_S = 43_200

Handler = Callable[[dict[str, Any], CallContext], dict[str, Any]]


class StsService:
    """The fake STS; it keeps no state."""

    def __init__(self, *, ids: IdSource) -> None:
        self._ids = ids
        self._handlers: dict[str, Handler] = {
            "AssumeRole": self._assume_role,
            "AssumeRoleWithWebIdentity": self._assume_role_with_web_identity,
            "GetCallerIdentity": _get_caller_identity,
            "GetFederationToken": self._get_federation_token,
            "GetSessionToken": self._get_session_token,
        }

    def call(self, operation: str, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """Run one operation.

        Raises:
            AwsError: the answer is an error.
            NotImplementedByFake: the operation is none of these.
        """
        handler = self._handlers.get(operation)
        if handler is None:
            msg = "sts"
            raise NotImplementedByFake(msg, operation)
        return handler(params, context)

    # --- operations ------------------------------------------------------------------------------

    def _assume_role(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        duration = params.get("DurationSeconds", _ROLE_DURATION_S)
        if context.session is not None and duration > _CHAINED_DURATION_S:
            raise InvalidRequest.chained_duration()
        output = self._take_role(params, duration, now=context.now)
        if "SourceIdentity" in params:
            output["SourceIdentity"] = params["SourceIdentity"]
        return output

    def _assume_role_with_web_identity(
        self, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any]:
        identity = read_web_identity(params["WebIdentityToken"], params.get("ProviderId"))
        duration = params.get("DurationSeconds", _ROLE_DURATION_S)
        output = self._take_role(params, duration, now=context.now)
        output["SubjectFromWebIdentityToken"] = identity.subject
        output["Provider"] = identity.provider
        if identity.audience:
            output["Audience"] = identity.audience
        return output

    def _get_session_token(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        if context.session is not None:
            msg = "GetSessionToken"
            raise AccessDenied(msg)
        session = Session(context.account, context.user_id, context.principal)
        duration = params.get("DurationSeconds", _SESSION_DURATION_S)
        return {"Credentials": self._credentials(session, context.now + duration)}

    def _get_federation_token(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        if context.session is not None:
            msg = "GetFederationToken"
            raise AccessDenied(msg)
        name = params["Name"]
        user_id = f"{context.account}:{name}"
        partition = partition_of(context.region)
        arn = f"arn:{partition}:sts::{context.account}:federated-user/{name}"
        duration = params.get("DurationSeconds", _SESSION_DURATION_S)
        session = Session(context.account, user_id, arn)
        return {
            "Credentials": self._credentials(session, context.now + duration),
            "FederatedUser": {"FederatedUserId": user_id, "Arn": arn},
        }

    # --- credentials -----------------------------------------------------------------------------

    def _take_role(self, params: dict[str, Any], duration_s: int, *, now: float) -> dict[str, Any]:
        session = _role_session(params["RoleArn"], params["RoleSessionName"])
        return {
            "Credentials": self._credentials(session, now + duration_s),
            "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        }

    def _credentials(self, session: Session, expires_at: float) -> dict[str, Any]:
        return {
            "AccessKeyId": "ASIA" + self._ids.token(16, _BASE32),
            "SecretAccessKey": self._ids.token(40, _BASE64),
            "SessionToken": write_token(session),
            "Expiration": float(int(expires_at)),
        }

    # --- time: nothing waits for it --------------------------------------------------------------

    def cancel(self, waiter_id: int) -> None:
        """No call ever waits."""

    def next_deadline(self) -> float | None:
        """Nothing waits for time."""
        return None

    def advance(self, *, now: float) -> None:
        """Nothing waits for time."""


def _get_caller_identity(params: dict[str, Any], context: CallContext) -> dict[str, Any]:
    return {"UserId": context.user_id, "Account": context.account, "Arn": context.principal}


def _role_session(role_arn: str, session_name: str) -> Session:
    arn = role_at(role_arn)
    if arn is None:
        raise InvalidRequest.role_arn()
    # The path of a role is not in the names of its sessions.
    name = arn.resource.rpartition("/")[2]
    return Session(
        account=arn.account,
        user_id=f"{_role_id(role_arn)}:{session_name}",
        arn=f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{name}/{session_name}",
        role_arn=role_arn,
    )


def _role_id(role_arn: str) -> str:
    """The id that IAM would have given the role: always the same one for the same ARN."""
    return "AROA" + b32encode(sha256(role_arn.encode()).digest()).decode("ascii")[:17]
