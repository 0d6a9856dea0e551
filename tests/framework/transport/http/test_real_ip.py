"""Which address a request comes from."""

from __future__ import annotations

import pytest

from tomodachi.transport.http.real_ip import RealIpRule, peer_address

FORWARDED = {"X-Forwarded-For": "203.0.113.7, 10.0.0.1"}


@pytest.mark.parametrize(
    ("networks", "peer", "address"),
    [
        (["10.0.0.0/8"], "10.1.2.3", "203.0.113.7"),
        (["10.1.2.3"], "10.1.2.3", "203.0.113.7"),
        ("10.1.2.3", "10.1.2.3", "203.0.113.7"),
        (("192.168.0.0/16", "10.1.2.3/8"), "10.9.9.9", "203.0.113.7"),
        (["10.0.0.0/8"], "::ffff:10.1.2.3", "203.0.113.7"),
        (["fd00::/8"], "fd00::1", "203.0.113.7"),
        (["10.0.0.0/8"], "11.1.2.3", "11.1.2.3"),
        ([], "10.1.2.3", "10.1.2.3"),
        (None, "10.1.2.3", "10.1.2.3"),
        ("", "10.1.2.3", "10.1.2.3"),
        (["10.0.0.0/8"], "", ""),
    ],
)
def test_only_trusted_proxies_are_believed(networks: object, peer: str, address: str) -> None:
    """Section 5.10."""
    rule = RealIpRule.of_options("X-Forwarded-For", networks)  # type: ignore[arg-type]
    assert rule.client_address(peer, FORWARDED) == address


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 , 198.51.100.1", "203.0.113.7"),
        ("203.0.113.7 via proxy", "203.0.113.7"),
        ("", "10.0.0.1"),
        (",198.51.100.1", "10.0.0.1"),
    ],
)
def test_the_first_address_of_the_header_counts(value: str, address: str) -> None:
    rule = RealIpRule.of_options("X-Real-IP", "10.0.0.1")
    assert rule.client_address("10.0.0.1", {"X-Real-IP": value}) == address


def test_without_a_header_name_the_peer_counts() -> None:
    assert RealIpRule.of_options("", "10.0.0.1").client_address("10.0.0.1", FORWARDED) == "10.0.0.1"


def test_a_network_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"real_ip_from: '10\.0\.0\.300'"):
        RealIpRule.of_options("X", ["10.0.0.300"])


@pytest.mark.parametrize(
    ("peername", "address"),
    [
        (("1.2.3.4", 5), "1.2.3.4"),
        (("::1", 5, 0, 0), "::1"),
        (None, ""),
        ("", ""),
        ("/run/s", "/run/s"),
    ],
)
def test_the_address_of_a_peer(peername: object, address: str) -> None:
    assert peer_address(peername) == address
