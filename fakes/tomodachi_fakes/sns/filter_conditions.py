"""The conditions of a filter policy: which single values they accept.

A value is what a JSON scalar is in Python: a string, a number, a boolean or None. `exists` looks at
the name, not at a value, and is decided in `filter_policy.py`.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html,
subscription-filter-policy-constraints.html (numbers of up to 10^9, "with five digits of accuracy after the
decimal point")
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Protocol

LARGEST_NUMBER = 1e9
_ACCURACY = 5


class Condition(Protocol):
    """Accepts or refuses one value."""

    def accepts(self, value: Any) -> bool:
        """True when the value satisfies the condition."""
        ...


def is_number(value: Any) -> bool:
    """True for a JSON number; Python's booleans are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(expected: Any, value: Any) -> bool:
    """Equality of JSON scalars: `1` is `1.0`, and neither is `true`."""
    if is_number(expected):
        return is_number(value) and _compared(expected) == _compared(value)
    return type(expected) is type(value) and bool(expected == value)


def _compared(number: float) -> float:
    """A number as SNS compares it: what comes after the fifth decimal does not count."""
    return round(number, _ACCURACY)


@dataclass(frozen=True, slots=True)
class Exactly:
    """The value itself; null is accepted only where the scope has nulls."""

    expected: Any

    def accepts(self, value: Any) -> bool:
        """True when the value satisfies the condition."""
        return same(self.expected, value)


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """Any value that is none of these."""

    refused: tuple[Any, ...]

    def accepts(self, value: Any) -> bool:
        """True when the value satisfies the condition."""
        return not any(same(refused, value) for refused in self.refused)


@dataclass(frozen=True, slots=True)
class AnythingButPrefix:
    """Any value that does not start so."""

    prefix: str

    def accepts(self, value: Any) -> bool:
        """True when the value satisfies the condition."""
        return not (isinstance(value, str) and value.startswith(self.prefix))


@dataclass(frozen=True, slots=True)
class Prefix:
    """A string that starts so."""

    prefix: str

    def accepts(self, value: Any) -> bool:
        """True when the value satisfies the condition."""
        return isinstance(value, str) and value.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class Suffix:
    """A string that ends so."""

    suffix: str

    def accepts(self, value: Any) -> bool:
        """True when the value satisfies the condition."""
        return isinstance(value, str) and value.endswith(self.suffix)


@dataclass(frozen=True, slots=True)
class EqualsIgnoreCase:
    """A string that is the same but for case."""

    folded: str

    def accepts(self, value: Any) -> bool:
        """True when the value satisfies the condition."""
        return isinstance(value, str) and value.casefold() == self.folded


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number between two bounds; a bound that is None is open.

    Numbers beyond a billion either way are not compared: they lie in no range.

    Attributes:
        above: Lower bound; `includes_lower` says whether it belongs to the range.
        below: Upper bound; `includes_upper` likewise.
    """

    lower: float | None
    upper: float | None
    includes_lower: bool = True
    includes_upper: bool = True

    def accepts(self, value: Any) -> bool:
        """True when the value satisfies the condition."""
        if not is_number(value) or abs(value) > LARGEST_NUMBER:
            return False
        number = _compared(value)
        return self._above_lower(number) and self._below_upper(number)

    def _above_lower(self, number: float) -> bool:
        if self.lower is None:
            return True
        lower = _compared(self.lower)
        return number >= lower if self.includes_lower else number > lower

    def _below_upper(self, number: float) -> bool:
        if self.upper is None:
            return True
        upper = _compared(self.upper)
        return number <= upper if self.includes_upper else number < upper


@dataclass(frozen=True, slots=True)
class Cidr:
    """An IP address, as a string, inside a network."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network

    def accepts(self, value: Any) -> bool:
        """True when the value satisfies the condition."""
        if not isinstance(value, str):
            return False
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return False
        return address in self.network


@dataclass(frozen=True, slots=True)
class Exists:
    """The name is there, with any value, or is not there at all."""

    wanted: bool

    def accepts(self, value: Any) -> bool:
        """True for any value when the name shall be there."""
        return self.wanted
