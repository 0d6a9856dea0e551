"""Signature Version 4 of a POST without a query.

Pure. The signing key changes once a day, so that it is kept; the rest is three hashes.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

ALGORITHM = "AWS4-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=[^,]+/(\d{{8}})/([^/,]+)/([^/,]+)/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=[0-9a-f]{64}"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signature is for.

    Attributes:
        region: "eu-west-1".
        service: "sns".
        signed_headers: Lower-case names, sorted.
    """

    region: str
    service: str
    signed_headers: Sequence[str]

    @classmethod
    def of(cls, authorization: str) -> Scope | None:
        """That of an Authorization header; None if it is none of this algorithm."""
        found = _AUTHORIZATION.fullmatch(authorization)
        return cls(found[2], found[3], tuple(found[4].split(";"))) if found else None


class Signer:
    """Signs requests of one scope.

    Args:
        scope: What for.
        path: The requests' path, encoded as it is sent.
    """

    def __init__(self, scope: Scope, path: str) -> None:
        self._scope = scope
        self._path = path
        self._names = ";".join(scope.signed_headers)
        self._key: tuple[str, str, bytes] = ("", "", b"")

    def authorization(
        self, credentials: Any, at: str, headers: Mapping[str, str], body: bytes
    ) -> str:
        """The Authorization header.

        Args:
            credentials: With `access_key` and `secret_key`.
            at: The date header: "20261125T120000Z".
            headers: By lower-case name, with at least the signed ones.
            body: What is posted.
        """
        scope = f"{at[:8]}/{self._scope.region}/{self._scope.service}/aws4_request"
        lines = [f"{name}:{headers[name]}" for name in self._scope.signed_headers]
        request = "\n".join(
            ["POST", self._path, "", *lines, "", self._names, sha256(body).hexdigest()]
        )
        text = f"{ALGORITHM}\n{at}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        key = self._signing_key(credentials.secret_key, at[:8])
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        return (
            f"{ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={self._names}, Signature={signature}"
        )

    def _signing_key(self, secret: str, date: str) -> bytes:
        known_secret, known_date, key = self._key
        if secret == known_secret and date == known_date:
            return key
        key = f"AWS4{secret}".encode()
        for part in (date, self._scope.region, self._scope.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        self._key = (secret, date, key)
        return key
