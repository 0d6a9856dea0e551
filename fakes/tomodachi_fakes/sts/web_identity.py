"""What a web identity token says: who issued it, for whom, and to whom.

An OpenID Connect token is a JSON Web Token, whose signature and times are not checked. A token of an
OAuth 2.0 provider, which the request names then, says nothing to anybody but that provider.

Sources: STS API reference, AssumeRoleWithWebIdentity; https://www.rfc-editor.org/rfc/rfc7519
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any

from tomodachi_fakes.sts.errors import InvalidIdentityToken

_PARTS = 3


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """Who has a web identity, in the words of the answer.

    Attributes:
        subject: The user, as the provider calls it.
        audience: The application that the token is for.
        provider: The issuer's URL, or the OAuth 2.0 provider that the request names.
    """

    subject: str
    audience: str
    provider: str


def read_web_identity(token: str, provider_id: str | None) -> WebIdentity:
    """Read a `WebIdentityToken`.

    Raises:
        InvalidIdentityToken: no provider is named, and it is no JSON Web Token.
    """
    if provider_id is not None:
        return WebIdentity(token[:255], "", provider_id)
    claims = _claims(token)
    audience = claims.get("aud")
    if isinstance(audience, list):
        audience = next(iter(audience), None)
    found = (claims.get("sub"), audience, claims.get("iss"))
    if not all(isinstance(value, str) and value for value in found):
        raise InvalidIdentityToken()
    subject, audience, issuer = map(str, found)
    return WebIdentity(subject, audience, issuer)


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise InvalidIdentityToken()
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidIdentityToken() from error
    if not isinstance(claims, dict):
        raise InvalidIdentityToken()
    return claims
