"""Certificates of the TLS port: made once, kept, readable by their owner only."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

from cryptography import x509

from tomodachi_fakes.servers.certificates import certificates_in, server_context


def names_in(path: Path) -> list[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


def test_certificates_are_made_once_and_used_again(tmp_path: Path) -> None:
    first = certificates_in(tmp_path / "new" / "folder", "127.0.0.1")
    before = first.server.read_bytes()
    again = certificates_in(tmp_path / "new" / "folder", "127.0.0.1")
    assert (again, again.server.read_bytes()) == (first, before)


def test_all_are_made_anew_when_one_is_missing(tmp_path: Path) -> None:
    first = certificates_in(tmp_path, "127.0.0.1")
    before = first.server.read_bytes()
    first.client.unlink()
    assert certificates_in(tmp_path, "127.0.0.1").server.read_bytes() != before


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    made = certificates_in(tmp_path / "tls", "127.0.0.1")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (made.server, made.client)}
    assert modes == {0o600}


def test_the_server_is_known_by_its_host_beside_the_loopback_names(tmp_path: Path) -> None:
    made = certificates_in(tmp_path, "broker.test")
    assert names_in(made.server) == ["localhost", "127.0.0.1", "::1", "broker.test"]


def test_a_client_may_show_a_certificate_and_need_not(tmp_path: Path) -> None:
    """https://www.rabbitmq.com/docs/ssl#peer-verification: verify_peer alone."""
    context = server_context(certificates_in(tmp_path, "127.0.0.1"))
    assert context.verify_mode is ssl.CERT_OPTIONAL
    assert [ca["subject"] for ca in context.get_ca_certs()] == [
        ((("commonName", "svc-fake-broker"),),)
    ]
