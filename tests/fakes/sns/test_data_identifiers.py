"""What is found in a text, by data identifier.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-sensitive-data-types-pii.html,
-financial.html, -device.html, -credentials.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.sns.data_identifiers import find

KEY = "-----BEGIN {0}-----\nbG9yZW0=\n-----END {0}-----"


def found(name: str, text: str) -> list[str]:
    return [text[item.start : item.end] for item in find(frozenset((name,)), text)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("EmailAddress", "write to jane.doe@example.co.uk.", ["jane.doe@example.co.uk"]),
        ("EmailAddress", "jane@localhost", []),
        ("CreditCardNumber", "4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("CreditCardNumber", '{"card": "5555555555554444"}', ["5555555555554444"]),
        ("CreditCardNumber", "378282246310005", ["378282246310005"]),
        ("CreditCardNumber", "4111111111111112", []),
        ("CreditCardNumber", "411111", []),
        ("IpAddress", "from 192.0.2.7 to 2001:db8::1", ["192.0.2.7", "2001:db8::1"]),
        ("IpAddress", "999.1.1.1 and 12:34", []),
        ("PhoneNumber-US", "+1 425-555-0100", ["+1 425-555-0100"]),
        ("PhoneNumber-US", "phone: (425) 555-0100", ["(425) 555-0100"]),
        ("PhoneNumber-US", "425-555-0100", []),
        ("Ssn-US", "ssn: 123-45-6789", ["123-45-6789"]),
        ("Ssn-US", "Social Security 123456789", ["123456789"]),
        ("Ssn-US", "123-45-6789", []),
        ("Ssn-US", "ssn 666-45-6789 000-45-6789 123-00-6789", []),
        ("ZipCode-US", "zip code 98109-5210", ["98109-5210"]),
        ("ZipCode-US", "98109", []),
        ("OpenSshPrivateKey", KEY.format("OPENSSH PRIVATE KEY"), None),
        ("PgpPrivateKey", KEY.format("PGP PRIVATE KEY BLOCK"), None),
        ("PkcsPrivateKey", KEY.format("RSA PRIVATE KEY"), None),
        ("PkcsPrivateKey", KEY.format("PUBLIC KEY"), []),
        ("Name", "Jane Doe", []),
    ],
)
def test_what_an_identifier_finds(name: str, text: str, expected: list[str] | None) -> None:
    """A None stands for the whole text."""
    assert found(name, text) == ([text] if expected is None else expected)


@given(st.integers(10**13, 10**14 - 1))
def test_exactly_one_check_digit_in_ten_makes_a_card_number(payload: int) -> None:
    numbers = [f"4{payload}{last}" for last in range(10)]

    assert sum(bool(found("CreditCardNumber", number)) for number in numbers) == 1


@given(st.text(alphabet="0123456789-. :@+()ab", max_size=80))
def test_findings_lie_in_the_text_and_come_in_its_order(text: str) -> None:
    names = frozenset({"CreditCardNumber", "EmailAddress", "IpAddress", "PhoneNumber-US", "Ssn-US"})

    findings = find(names, text)

    assert all(0 <= item.start < item.end <= len(text) for item in findings)
    assert [item.start for item in findings] == sorted(item.start for item in findings)
