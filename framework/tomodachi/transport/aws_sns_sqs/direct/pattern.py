"""The pattern of an operation's requests, taken from one that botocore built and signed.

Pure. Everything that does not change from call to call is botocore's own: address, headers, region and
service to sign for, which headers are signed. A header that is not known to stay the same, or a request
that cannot be reproduced exactly, gives no pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tomodachi.transport.aws_sns_sqs.direct.sigv4 import Scope, Signer

_DATE = "x-amz-date"
_TOKEN = "x-amz-security-token"  # noqa: S105 - the name of a header
_INVOCATION = "amz-sdk-invocation-id"
_CHANGING = frozenset({_DATE, _TOKEN, _INVOCATION, "authorization", "content-length"})
# `amz-sdk-request` counts attempts, and botocore makes one only.
_LASTING = frozenset(
    {"content-type", "user-agent", "x-amz-target", "x-amzn-query-mode", "amz-sdk-request"}
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Pattern:
    """Makes requests of one operation of one client.

    Attributes:
        url: Where they go.
    """

    def __init__(self, url: str, lasting: Mapping[str, str], scope: Scope) -> None:
        self.url = url
        self._lasting = dict(lasting)
        self._host = _host(url)
        self._has_token = _TOKEN in scope.signed_headers
        self._signer = Signer(scope, urlsplit(url).path or "/")

    @classmethod
    def learn(
        cls, url: str, sent: Mapping[str, str | bytes], body: bytes, credentials: Any
    ) -> Pattern | None:
        """The pattern of a request, if it reproduces it.

        Args:
            url: Where the request went.
            sent: Its headers.
            body: Its body, encoded by `operations.py`.
            credentials: What it was signed with: `access_key`, `secret_key`, `token`.
        """
        headers = {name.lower(): _text(value) for name, value in sent.items()}
        scope = Scope.of(headers.get("authorization", ""))
        date = headers.get(_DATE)
        if scope is None or date is None or not headers.keys() <= _CHANGING | _LASTING:
            return None
        if urlsplit(url).query or not scope.signed_headers:
            return None
        lasting = {name: headers[name] for name in headers.keys() & _LASTING}
        pattern = cls(url, lasting, scope)
        if not pattern.fits(credentials) or not headers.keys() >= {_INVOCATION, "content-length"}:
            return None
        again = pattern.headers(body, credentials, at=date, invocation_id=headers[_INVOCATION])
        return pattern if again == headers else None

    def fits(self, credentials: Any) -> bool:
        """Whether requests with these credentials look like this: with a session token, or without."""
        return bool(credentials.token) == self._has_token

    def headers(
        self, body: bytes, credentials: Any, *, at: str, invocation_id: str
    ) -> dict[str, str]:
        """Headers of a request.

        Args:
            body: What is posted.
            credentials: That fit.
            at: Date and time, as "20261125T120000Z".
            invocation_id: Of this call alone.
        """
        headers = {**self._lasting, _DATE: at, "host": self._host}
        if self._has_token:
            headers[_TOKEN] = credentials.token
        headers["authorization"] = self._signer.authorization(credentials, at, headers, body)
        del headers["host"]  # the HTTP client's own
        headers[_INVOCATION] = invocation_id
        headers["content-length"] = str(len(body))
        return headers


def _host(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    if parts.port is not None and parts.port != _DEFAULT_PORTS.get(parts.scheme):
        return f"{host}:{parts.port}"
    return host


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
