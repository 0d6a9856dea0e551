"""What None, "", False and 0 mean where an option takes effect.

The options keep what they were given; transports ask here. Ranges that can only be judged with other
options beside them (a keep-alive limit without keep-alive) are refused here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tomodachi.options.fields import InvalidOptionValue

if TYPE_CHECKING:
    from tomodachi.options.definitions import Options

DEFAULT_CLIENT_MAX_SIZE = 100 * 1024**2
_UNITS = {"G": 1024**3, "M": 1024**2, "K": 1024, "B": 1}
_LEAST, _MOST = 1024, 1024**3


def parse_size(value: int | str | None) -> int:
    """Octets of a size option: an integer, or a number with a suffix G(B), M(B), K(B) or B.

    Raises:
        ValueError: unparsable ("Bad value"), below 1 KiB ("Too low value") or above 1 GiB
            ("Too high value").
    """
    if not value:
        return DEFAULT_CLIENT_MAX_SIZE
    octets = _octets(value)
    for wrong, text in ((octets < _LEAST, "low"), (octets > _MOST, "high")):
        if wrong:
            msg = f"Too {text} value for http option client_max_size: {value!r}"
            raise ValueError(msg)
    return octets


def _octets(value: int | str) -> int:
    text = str(value).strip().upper()
    unit = text[-2:-1] if text.endswith("B") and text[-2:-1] in "GMK" else text[-1:]
    number = text.rstrip("GMKB").strip() if unit in _UNITS else text
    if isinstance(value, bool) or not number.isdecimal():
        msg = f"Bad value for http option client_max_size: {value!r}"
        raise ValueError(msg)
    return int(number) * _UNITS.get(unit, 1)


def whole_seconds(value: Any) -> int:
    """A number of seconds, or 0 for every way of saying "off" (None, False, 0, negative)."""
    return max(0, int(value or 0))


def milliseconds(value: Any) -> int:
    """A number of seconds in milliseconds, its fraction kept, or 0 for every way of saying "off"."""
    return max(0, int(float(value or 0) * 1000))


class KeepAlive(NamedTuple):
    """How long connections are kept.

    Attributes:
        timeout: Idle seconds; 0 means no keep-alive.
        max_requests: Requests a connection may carry; 0 means any number.
        max_time: Seconds a connection may live; 0 means any time.
    """

    timeout: int
    max_requests: int
    max_time: int


def keep_alive(options: Options) -> KeepAlive:
    """The keep-alive settings of the HTTP server.

    Raises:
        InvalidOptionValue: a limit is set while keep-alive is off.
    """
    http = options.http
    timeout = whole_seconds(http.keepalive_timeout) or whole_seconds(http.keepalive_expiry)
    limits = {
        "max_keepalive_requests": whole_seconds(http.max_keepalive_requests),
        "max_keepalive_time": whole_seconds(http.max_keepalive_time),
    }
    for name, value in limits.items():
        if value and not timeout:
            allowed = (
                "only with http.keepalive_timeout above 0: "
                f"HTTP keep-alive must be enabled to use http option {name}"
            )
            key = f"http.{name}"
            raise InvalidOptionValue(key, value, allowed)
    return KeepAlive(timeout, limits["max_keepalive_requests"], limits["max_keepalive_time"])
