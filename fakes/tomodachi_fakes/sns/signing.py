"""Signatures of notifications: what is signed, and the key and certificate that do it.

Version 1 signs with SHA-1, version 2 with SHA-256, both RSA with PKCS #1 v1.5 padding. The key is
made once a process, on the first signature, so that a run without SNS pays nothing; it is the one
thing in the fake that does not follow from the seed. It guards nothing, so it is as short as the
library makes them: 1,024 bits sign four times as fast as AWS's 2,048.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import base64
import datetime
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_KEY_BITS = 1024
_PUBLIC_EXPONENT = 65537
_NOTIFICATION_FIELDS = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION_FIELDS = (
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)


class Signer(Protocol):
    """What the core needs to sign a notification."""

    def sign(self, text: str, version: str) -> str:
        """The base64 signature of `text` under signature version "1" or "2"."""
        ...

    def certificate_name(self) -> str:
        """File name of the certificate, last part of `SigningCertURL`."""
        ...

    def certificate_pem(self) -> bytes:
        """The certificate whose key signs."""
        ...


def string_to_sign(fields: dict[str, str]) -> str:
    """The signed text of a message: its signed fields in order, name and value a line each.

    A `Subject` that is absent is left out.
    """
    signed = _NOTIFICATION_FIELDS if fields["Type"] == "Notification" else _CONFIRMATION_FIELDS
    return "".join(f"{name}\n{fields[name]}\n" for name in signed if name in fields)


class RsaSigner:
    """Signs with the process's own key."""

    __slots__ = ()

    def sign(self, text: str, version: str) -> str:
        """The base64 signature of `text` under signature version "1" or "2"."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        digest = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303 - AWS's version 1
        signature = _key().sign(text.encode(), padding.PKCS1v15(), digest)
        return base64.b64encode(signature).decode()

    def certificate_name(self) -> str:
        """File name of the certificate, last part of `SigningCertURL`."""
        return _certificate_name()

    def certificate_pem(self) -> bytes:
        """The certificate whose key signs."""
        return _certificate_pem()


@cache
def _key() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=_PUBLIC_EXPONENT, key_size=_KEY_BITS)


@cache
def _certificate_name() -> str:
    digest = hashlib.sha256(_certificate_pem()).hexdigest()[:32]
    return f"SimpleNotificationService-{digest}.pem"


@cache
def _certificate_pem() -> bytes:
    """A self-signed certificate, valid at any time that a test may set its clock to."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    key = _key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2200, 1, 1, tzinfo=datetime.UTC))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
