"""Certificates for a TLS port of our own: an authority, the server's, and one for a client.

Where the folder has them they are used as they are, so that clients can go on trusting the authority
from one start to the next. The client's certificate names `guest`, who may log in with it (EXTERNAL).
`cryptography` is imported when certificates have to be made, never on the way to a plain port.

Source: https://www.rabbitmq.com/docs/ssl
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

CLIENT_NAME = "guest"
_VALID_DAYS = 365


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files of one folder; those of server and client hold the key as well.

    Attributes:
        authority: What clients have to trust.
        server: For the TLS port.
        client: For a client that logs in with EXTERNAL.
    """

    authority: Path
    server: Path
    client: Path


def certificates_in(folder: Path, host: str) -> Certificates:
    """The certificates in `folder`; all are made anew when one is missing.

    Args:
        folder: Made where it is missing; readable by its owner only.
        host: Address that clients connect to, named beside localhost and the loopback addresses.
    """
    found = Certificates(*(folder / f"{name}.pem" for name in ("ca", "server", "client")))
    if not all(path.is_file() for path in (found.authority, found.server, found.client)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(found, host)
    return found


def server_context(certificates: Certificates) -> ssl.SSLContext:
    """TLS as RabbitMQ's `verify_peer` without `fail_if_no_peer_cert`: client certificates are welcome."""
    context = ssl.create_default_context(
        ssl.Purpose.CLIENT_AUTH, cafile=str(certificates.authority)
    )
    context.load_cert_chain(certificates.server)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


@dataclass(frozen=True, slots=True)
class _Signer:
    name: x509.Name
    key: ec.EllipticCurvePrivateKey


def _make(paths: Certificates, host: str) -> None:
    authority = _certify(paths.authority, "svc-fake-broker", None, host)
    _certify(paths.server, "localhost", authority, host)
    _certify(paths.client, CLIENT_NAME, authority, host)


def _certify(path: Path, name: str, signer: _Signer | None, host: str) -> _Signer:
    """Write a certificate signed by `signer`, or by itself; the authority's key is not kept."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    own = _Signer(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key)
    issuer = signer or own
    builder = _builder(own, issuer)
    if signer is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
    octets = builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    if signer is not None:
        octets += key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    _write(path, octets)
    return own


def _builder(own: _Signer, issuer: _Signer) -> x509.CertificateBuilder:
    from cryptography import x509

    now, authority = datetime.datetime.now(datetime.UTC), own is issuer
    public, issuers = own.key.public_key(), issuer.key.public_key()
    by_issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers)
    return (
        x509.CertificateBuilder()
        .subject_name(own.name)
        .issuer_name(issuer.name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=_VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(by_issuer, critical=False)
        .add_extension(_usage(certifies=authority), critical=True)
    )


def _usage(*, certifies: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )


def _names(host: str) -> list[x509.GeneralName]:
    from cryptography import x509

    names: dict[x509.GeneralName, None] = {x509.DNSName("localhost"): None}
    for address in ("127.0.0.1", "::1", host):
        try:
            names[x509.IPAddress(ipaddress.ip_address(address))] = None
        except ValueError:
            names[x509.DNSName(address)] = None
    return list(names)


def _write(path: Path, octets: bytes) -> None:
    """Write a file that only its owner can read."""
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(octets)
