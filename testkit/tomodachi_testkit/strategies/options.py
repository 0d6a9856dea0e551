"""Options, and every way of giving one: left out, None, "", 0, False, a value, a wrong value.

Which of them an option accepts is its rule's to say (`tomodachi.options.KEYS`); what the accepted ones
mean is decided where the option takes effect. Tests that hold for the whole lattice hold for users.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tomodachi.options import KEYS, Options
from tomodachi.options.fields import InvalidOptionValue
from tomodachi.options.resolve import keep_alive
from tomodachi_testkit.service_options import POINTED

if TYPE_CHECKING:
    from tomodachi import Service


class Unset(Enum):
    """The option is left out."""

    UNSET = "UNSET"


UNSET = Unset.UNSET
# What an option accepts may still be refused where it takes effect; these are not.
# Source: SQS API reference, SetQueueAttributes (60 to 86,400 s).
_IN_A_RUN: dict[str, tuple[Any, ...]] = {
    "aws_sns_sqs.sqs_kms_data_key_reuse_period": (UNSET, None, False, 60, 300),
    "http.charset": (UNSET, None, "", "utf-8", "latin-1"),
}
# It would write a file; nothing is watched in a test.
_NOT_OF_A_RUN = frozenset(
    ("http.access_log", "watcher.ignored_dirs", "watcher.watched_file_endings")
)
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
    of: type[Service] | Iterable[str] = (), *, valid: bool | None = True
) -> st.SearchStrategy[dict[str, Any]]:
    """Settings by dotted key, one point of the lattice each; options left out are left out.

    Args:
        of: The options to draw for; or a service, for those that it may be started with in a
            harness (`svc.start(Service, options=drawn)`). All options by default.
        valid: As in `option_values`.
    """
    if not isinstance(of, type):
        each = {key: option_values(key, valid=valid) for key in (list(of) or KEYS)}
    else:
        keys = [key for key in KEYS if key not in POINTED | _NOT_OF_A_RUN]
        each = {key: _of_a_run(key, valid=valid) for key in keys}
    return st.fixed_dictionaries(each).map(_without_unset)


def options(of: type[Service] | Iterable[str] = ()) -> st.SearchStrategy[Options]:
    """`tomodachi.Options` in which some options are set, to anything they accept.

    Args:
        of: The options that may be set; or a service: its own options, some of which are set
            otherwise, for `svc.start(Service, options=drawn)`. All options by default.
    """
    if not isinstance(of, type):
        return falsy_options(of).map(lambda settings: Options(**settings))
    own = of.options
    return falsy_options(of).map(lambda settings: changed(own, settings)).filter(_go_together)


def changed(options: Options, settings: Mapping[str, Any]) -> Options:
    """A copy of options in which some, by dotted key, are set otherwise."""
    other = copy.deepcopy(options)
    for key, value in settings.items():
        other[key] = value
    return other


def _of_a_run(key: str, *, valid: bool | None) -> st.SearchStrategy[Any]:
    if valid and key in _IN_A_RUN:
        return st.sampled_from(_IN_A_RUN[key])
    return option_values(key, valid=valid)


def _go_together(drawn: Options) -> bool:
    # Each value is accepted; what a limit of keep-alive means without it is judged at the start.
    try:
        keep_alive(drawn)
    except InvalidOptionValue:
        return False
    return True


def _without_unset(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if value is not UNSET}
