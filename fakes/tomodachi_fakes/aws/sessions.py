"""Temporary credentials: whom a session token stands for.

The token says it itself, so that credentials need no table: they outlive resets, snapshots and restarts,
as everything else does that a client holds. It is not signed, since requests are not either, and does not
stop to work when the credentials expire: the fake's clock may be moved, and the client's stays.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (the principal
table: the id and ARN of each kind of session)
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

_HEADER = "x-amz-security-token"
_PARAMETER = "X-Amz-Security-Token"
_PREFIX = "IQoJb3JpZ2luX2Vj"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody with temporary credentials.

    Attributes:
        account: The 12-digit account that the session acts in.
        user_id: Unique id of the principal ("AROAEXAMPLE:session" of a role), `aws:userid`.
        arn: ARN of the principal ("arn:aws:sts::123456789012:assumed-role/name/session").
        role_arn: ARN of the role that was assumed; "" for other sessions.
    """

    account: str
    user_id: str
    arn: str
    role_arn: str = ""


def session_of_request(headers: Mapping[str, str], query: str) -> Session | None:
    """The session whose token a request has in a header, or in the query string of a presigned URL."""
    token = headers.get(_HEADER, "")
    if not token and _PARAMETER in query:
        token = dict(parse_qsl(query)).get(_PARAMETER, "")
    return read_token(token) if token else None


def write_token(session: Session) -> str:
    """The session token of `session`."""
    content = json.dumps(astuple(session), separators=(",", ":"))
    return _PREFIX + b64encode(content.encode()).decode("ascii")


@lru_cache(maxsize=1024)
def read_token(token: str) -> Session | None:
    """Whom a session token stands for; None for one that was not written here."""
    if not token.startswith(_PREFIX):
        return None
    try:
        fields = json.loads(b64decode(token.removeprefix(_PREFIX), validate=True))
        return Session(*map(str, fields))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        return None
