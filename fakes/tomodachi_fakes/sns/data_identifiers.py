"""Sensitive data in a text: what each data identifier finds, and where.

Those of AWS's managed identifiers are here that a pattern tells: where AWS asks for a keyword nearby, so
does this. The others (names, addresses, licences of many countries) find nothing; AWS uses machine
learning for some of them.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-managed-data-identifiers.html
and the pages of each sensitive data type
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ARN_PREFIX = "arn:aws:dataprotection::aws:data-identifier/"
# How many characters before the data a keyword may be; AWS says "in proximity".
_PROXIMITY = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """Sensitive data at `text[start:end]`, found by the identifier of this name."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Identifier:
    """A pattern, what else has to be true of a match, and the keywords of which one has to be near.

    Attributes:
        needs_keyword: Whether a match counts only beside a keyword; () as keywords means never.
    """

    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = lambda match: True
    keywords: tuple[str, ...] = ()
    needs_keyword: Callable[[str], bool] = lambda match: True

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the data is."""
        for match in self.pattern.finditer(text):
            if self.holds(match[0]) and self._keyword_is_near(text, match):
                yield match.span()

    def _keyword_is_near(self, text: str, match: re.Match[str]) -> bool:
        if not self.keywords or not self.needs_keyword(match[0]):
            return True
        before = text[max(0, match.start() - _PROXIMITY) : match.start()].lower()
        return any(keyword in before for keyword in self.keywords)


def find(names: frozenset[str], text: str) -> list[Finding]:
    """Everything that the identifiers of these names find, in the order of the text."""
    found = [
        Finding(name, start, end)
        for name in sorted(names & _IDENTIFIERS.keys())
        for start, end in _IDENTIFIERS[name].find(text)
    ]
    return sorted(found, key=lambda finding: (finding.start, -finding.end))


def _passes_luhn(match: str) -> bool:
    """Whether the digits have the check digit of payment cards (ISO/IEC 7812-1)."""
    digits = [int(character) for character in match if character.isdecimal()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_ip_address(match: str) -> bool:
    try:
        ipaddress.ip_address(match)
    except ValueError:
        return False
    return True


def _private_key(kind: str) -> _Identifier:
    return _Identifier(
        re.compile(rf"-----BEGIN {kind}-----[A-Za-z0-9+/=\s:,.()\-]+?-----END {kind}-----")
    )


_PHONE_KEYWORDS = ("cell", "contact", "fax", "mobile", "phone", "tel")
_IDENTIFIERS = {
    "CreditCardNumber": _Identifier(
        re.compile(r"(?<![\d-])[3-6]\d{3}(?:[ -]?\d{2,6}){1,3}[ -]?\d{1,6}(?![\d-])"),
        holds=lambda match: 13 <= sum(map(str.isdecimal, match)) <= 19 and _passes_luhn(match),
    ),
    "EmailAddress": _Identifier(
        re.compile(r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,63}")
    ),
    "IpAddress": _Identifier(
        re.compile(
            r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w.:])"
        ),
        holds=_is_ip_address,
    ),
    "OpenSshPrivateKey": _private_key("OPENSSH PRIVATE KEY"),
    "PgpPrivateKey": _private_key("PGP PRIVATE KEY BLOCK"),
    "PkcsPrivateKey": _private_key("(?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY"),
    "PhoneNumber-US": _Identifier(
        re.compile(
            r"(?<![\w+])(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-]?)[2-9]\d{2}[ .-]?\d{4}(?!\w)"
        ),
        keywords=_PHONE_KEYWORDS,
        needs_keyword=lambda match: not match.startswith("+1"),
    ),
    "Ssn-US": _Identifier(
        re.compile(r"(?<![\w-])(?!000|666|9)\d{3}([ -]?)(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])"),
        keywords=("social security", "ss#", "ssn"),
    ),
    "ZipCode-US": _Identifier(
        re.compile(r"(?<![\w-])\d{5}(?:-\d{4})?(?![\w-])"), keywords=("zip code", "zip+4")
    ),
}
