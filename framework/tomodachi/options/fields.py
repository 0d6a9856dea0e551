"""What a single option may hold: a default, a rule that values are checked against, secrecy.

A rule keeps the value exactly as it was given: None, "", False and 0 are different things, and what
they mean is decided where they take effect (`resolve.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tomodachi.errors import TomodachiError

MAX_PORT = 65_535


class InvalidOptionValue(TomodachiError, ValueError):
    """A value was given to an option that the option cannot have.

    Attributes:
        key: The option's dotted name.
        value: What was given.
        allowed: What may be given, in words.
    """

    def __init__(
        self, key: str, value: object, allowed: str, *, verdict: str = "Bad value"
    ) -> None:
        self.key = key
        self.value = value
        self.allowed = allowed
        super().__init__(f"{verdict} for option {key}: {value!r}. Allowed: {allowed}.")


class Rule(NamedTuple):
    """Which values an option accepts.

    Attributes:
        allowed: The same in words, for the error message.
        accepts: Says whether a value may be set.
        sample: Values that are accepted and mean something each; tests draw from them.
        verdict: Says of a value that may not be set what is wrong with it.
    """

    allowed: str
    accepts: Callable[[Any], bool]
    sample: tuple[Any, ...]
    verdict: Callable[[Any], str] = lambda _value: "Bad value"


class KeySpec(NamedTuple):
    """One option key.

    Attributes:
        key: Dotted name ("http.port").
        default: Value when nothing is set; lists are copied.
        rule: Which values it accepts.
        secret: Whether its value is hidden in `repr`.
    """

    key: str
    default: Any
    rule: Rule
    secret: bool = False

    def check(self, value: Any) -> Any:
        """The value as it is stored.

        Raises:
            InvalidOptionValue: the option cannot have this value.
        """
        if not self.rule.accepts(value):
            shown = "****" if self.secret else value
            raise InvalidOptionValue(
                self.key, shown, self.rule.allowed, verdict=self.rule.verdict(value)
            )
        return value


def is_integer(value: Any) -> bool:
    """Whether a value is an int that is not a bool in disguise."""
    return isinstance(value, int) and not isinstance(value, bool)


def _integral(value: Any) -> bool:
    """Whether `int(value)` works and the value is not True."""
    if value is None or value is False:
        return True
    if isinstance(value, bool):
        return False
    try:
        int(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return isinstance(value, int | float | str)


def _is_strings(value: Any) -> bool:
    return isinstance(value, list | tuple | set) and all(isinstance(item, str) for item in value)


def _is_size(value: Any) -> bool:
    if not value:
        return value is None or value is False or value in (0, "")
    return not _size_verdict(value)


def _size_verdict(value: Any) -> str:
    from tomodachi.options.resolve import parse_size

    try:
        parse_size(value)
    except ValueError as error:
        verdict, _, _ = str(error).partition(" for ")
        return verdict
    return ""


TEXT = Rule("a string", lambda value: isinstance(value, str), ("", "some-text"))
OPTIONAL_TEXT = Rule(
    "a string, or None", lambda value: value is None or isinstance(value, str), (None, "", "text")
)
PORT = Rule(
    f"an integer 0..{MAX_PORT}, or None; 0 and None take a free port",
    lambda value: value is None or (is_integer(value) and 0 <= value <= MAX_PORT),
    (None, 0, 1, 8080, MAX_PORT),
)
SERVER_PORT = Rule(
    f"an integer 1..{MAX_PORT}",
    lambda value: is_integer(value) and 1 <= value <= MAX_PORT,
    (1, 5672, MAX_PORT),
)
SWITCH = Rule("True or False", lambda value: isinstance(value, bool), (True, False))
OPTIONAL_SWITCH = Rule(
    "True, False or None",
    lambda value: value is None or isinstance(value, bool),
    (None, True, False),
)
SECONDS = Rule(
    "whole seconds; 0, False and None turn it off",
    _integral,
    (None, False, 0, 1, 20, "5"),
)
COUNT = Rule(
    "an integer; 0, False and None mean no limit",
    _integral,
    (None, False, 0, 1, 20),
)
GRACE = Rule(
    "seconds, 0 or more",
    lambda value: not isinstance(value, bool) and isinstance(value, int | float) and value >= 0,
    (0, 2, 30),
)
SIZE = Rule(
    "octets as an integer, or a number with a suffix G, GB, M, MB, K, KB or B; "
    "1 KiB to 1 GiB; None, False, 0 and '' mean 100 MiB",
    _is_size,
    (None, 0, "", 1024, "5M", "1G", 100 * 1024**2),
    _size_verdict,
)
LOG_TARGET = Rule(
    "True, False, or a file name",
    lambda value: isinstance(value, bool) or (isinstance(value, str) and bool(value)),
    (True, False, "access.log"),
)
NETWORKS = Rule(
    "an IP address or CIDR network, or a list of them; None and '' mean none",
    lambda value: value is None or isinstance(value, str) or _is_strings(value),
    ([], None, "", "127.0.0.1/32", ["10.0.0.0/8"]),
)
STRINGS = Rule("a list of strings", _is_strings, ([], ["a", "b"]))
KMS_KEY = Rule(
    "a key id, alias or ARN; '' or False to turn encryption off; None to change nothing",
    lambda value: value is None or value is False or isinstance(value, str),
    (None, "", False, "alias/aws/sqs"),
)
POLICY = Rule(
    "an IAM policy's source ARN condition as a string or dict; None for the default",
    lambda value: value is None or value is False or isinstance(value, str | dict),
    (None, "", "arn:aws:sns:eu-west-1:123456789012:*"),
)
TLS = Rule(
    "True, False, None, or an ssl.SSLContext",
    lambda value: (
        value is None
        or isinstance(value, bool)
        or type(value).__name__ in ("SSLContext", "TruststoreSSLContext")
    ),
    (True, False, None),
)
ON_EXCEPTION = Rule(
    "'delete' or 'retry'", lambda value: value in ("delete", "retry"), ("delete", "retry")
)
PREFETCH = Rule(
    "an integer 0..65535; 0 means no limit",
    lambda value: is_integer(value) and 0 <= value <= MAX_PORT,
    (0, 1, 100),
)
