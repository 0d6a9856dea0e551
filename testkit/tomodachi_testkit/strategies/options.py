"""Options, and every way of giving one: left out, None, "", 0, False, a value, a wrong value.

Which of them an option accepts is its rule's to say (`tomodachi.options.KEYS`); what the accepted ones
mean is decided where the option takes effect. Tests that hold for the whole lattice hold for users.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from tomodachi.options import KEYS, Options


class Unset(Enum):
    """The option is left out."""

    UNSET = "UNSET"


UNSET = Unset.UNSET
FALSY: tuple[Any, ...] = (None, "", 0, False)

# Each option refuses at least one of these, whatever its type.
_WRONG: tuple[Any, ...] = ({1, 2.5}, ("a", 1), "not a value: \0", -1.5, True, object)


def lattice(key: str) -> tuple[Any, ...]:
    """Every kind of value for an option: UNSET, the four falsy ones, valid ones, invalid ones.

    Args:
        key: Dotted name ("http.port").

    Raises:
        KeyError: there is no such option.
    """
    return (UNSET, *FALSY, *KEYS[key].rule.sample, *invalid_values(key))


def accepts(key: str, value: object) -> bool:
    """Whether an option may be given this value; it may always be left out."""
    return value is UNSET or KEYS[key].rule.accepts(value)


def invalid_values(key: str) -> tuple[Any, ...]:
    """Values that an option refuses."""
    return tuple(value for value in _WRONG if not KEYS[key].rule.accepts(value))


def option_values(key: str, *, valid: bool | None = True) -> st.SearchStrategy[Any]:
    """Values of one option, out of its lattice.

    Args:
        key: Dotted name.
        valid: Only those it accepts, only those it refuses, or (None) all.
    """
    values = [v for v in lattice(key) if valid is None or accepts(key, v) == valid]
    return st.sampled_from(values)


def falsy_options(
    keys: Iterable[str] = (), *, valid: bool | None = True
) -> st.SearchStrategy[dict[str, Any]]:
    """Settings by dotted key, one point of the lattice each; options left out are left out.

    Args:
        keys: The options to draw for; all if none are named.
        valid: As in `option_values`.
    """
    each = {key: option_values(key, valid=valid) for key in (keys or KEYS)}
    return st.fixed_dictionaries(each).map(_without_unset)


def options(keys: Iterable[str] = ()) -> st.SearchStrategy[Options]:
    """`tomodachi.Options` in which some options are set, to anything they accept.

    Args:
        keys: The options that may be set; all if none are named.
    """
    return falsy_options(keys).map(lambda settings: Options(**settings))


def _without_unset(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if value is not UNSET}
