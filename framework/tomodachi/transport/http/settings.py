"""Reads the `http.*` options into values that the server works with, and refuses bad ones.

Which values mean "off" and which are refused is decided here; the errors surface when a service
starts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tomodachi.transport.http.keep_alive import KeepAlivePolicy
from tomodachi.transport.http.real_ip import RealIpRule
from tomodachi.transport.http.response import ContentTypeDefaults

if TYPE_CHECKING:
    from tomodachi.options import Options

DEFAULT_CLIENT_MAX_SIZE = 100 * 1024**2
LOWEST_CLIENT_MAX_SIZE = 1024
HIGHEST_CLIENT_MAX_SIZE = 1024**3
_SIZE = re.compile(r"\s*(\d+)\s*(G|GB|M|MB|K|KB|B)?\s*", re.IGNORECASE)
_UNITS = {"G": 1024**3, "M": 1024**2, "K": 1024, "B": 1}


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """The options of one service's HTTP server, checked.

    Attributes:
        host: None binds every interface.
        port: 0 lets the system choose.
        access_log_file: Where access log lines also go, as JSON; None for nowhere.
        grace_period_s: How long running requests may take at stop.
    """

    host: str | None
    port: int
    reuse_port: bool
    defaults: ContentTypeDefaults
    client_max_size: int
    grace_period_s: float
    access_log: bool
    access_log_file: str | None
    real_ip: RealIpRule
    keep_alive: KeepAlivePolicy
    server_header: str

    @classmethod
    def of_options(cls, options: Options) -> HttpSettings:
        """Check every `http.*` option.

        Raises:
            ValueError: an option's value is out of range or of a wrong kind.
        """
        http = options.http
        return cls(
            host=http.host or None,
            port=port_number(http.port),
            reuse_port=bool(http.reuse_port),
            defaults=ContentTypeDefaults.of_options(
                http.content_type or "text/plain", http.charset
            ),
            client_max_size=client_max_size(http.client_max_size),
            grace_period_s=_seconds(
                "termination_grace_period_seconds", http.termination_grace_period_seconds
            ),
            access_log=bool(http.access_log),
            access_log_file=http.access_log if isinstance(http.access_log, str) else None,
            real_ip=RealIpRule.of_options(http.real_ip_header, http.real_ip_from),
            keep_alive=keep_alive_policy(
                http.keepalive_timeout or http.keepalive_expiry,
                http.max_keepalive_requests,
                http.max_keepalive_time,
            ),
            server_header=http.server_header or "",
        )


def port_number(value: object) -> int:
    """A port to bind; None and 0 become 0, a port of the system's choice.

    Raises:
        ValueError: not an integer in 0..65535.
    """
    port = 0 if value is None else _integer("port", value)
    if not 0 <= port <= 65535:
        raise bad_value("port", value, "an integer in 0..65535")
    return port


def client_max_size(value: object) -> int:
    """Bytes from an integer or text such as "10MB" (1024-based); falsy is 100 MiB.

    Raises:
        ValueError: unreadable, below 1 KiB or above 1 GiB.
    """
    if not value:
        return DEFAULT_CLIENT_MAX_SIZE
    size = _bytes_of(value)
    if size < LOWEST_CLIENT_MAX_SIZE:
        msg = f"Too low value for http option client_max_size: {value!r} (at least 1024 bytes)"
        raise ValueError(msg)
    if size > HIGHEST_CLIENT_MAX_SIZE:
        msg = f"Too high value for http option client_max_size: {value!r} (at most 1 GiB)"
        raise ValueError(msg)
    return size


def _bytes_of(value: object) -> int:
    expected = "an integer or text such as '10MB'"
    if isinstance(value, str):
        match = _SIZE.fullmatch(value)
        if match is None:
            raise bad_value("client_max_size", value, expected)
        return int(match.group(1)) * _UNITS[(match.group(2) or "B")[0].upper()]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad_value("client_max_size", value, expected)
    return int(value)


def keep_alive_policy(timeout: object, max_requests: object, max_time: object) -> KeepAlivePolicy:
    """Keep-alive by its options; None, False, 0 and negative numbers turn each off.

    Raises:
        ValueError: True or something that is no integer, or a limit without keep-alive.
    """
    policy = KeepAlivePolicy(
        _positive("keepalive_timeout", timeout) or 0,
        _positive("max_keepalive_requests", max_requests),
        _positive("max_keepalive_time", max_time),
    )
    for name, limit in (
        ("max_keepalive_requests", policy.max_requests),
        ("max_keepalive_time", policy.max_time_s),
    ):
        if limit and not policy.enabled:
            msg = (
                f"HTTP keep-alive must be enabled to use http option {name}: set "
                "http.keepalive_timeout to the number of seconds to keep idle connections"
            )
            raise ValueError(msg)
    return policy


def _positive(name: str, value: object) -> int | None:
    if not value:
        return None
    number = _integer(name, value)
    return number if number > 0 else None


def _integer(name: str, value: object) -> int:
    if value is True or not isinstance(value, int | float | str):
        raise bad_value(name, value, "an integer")
    try:
        return int(value)
    except ValueError as error:
        raise bad_value(name, value, "an integer") from error


def _seconds(name: str, value: object) -> float:
    if not value:
        return 0.0
    if value is True or not isinstance(value, int | float | str):
        raise bad_value(name, value, "a number of seconds")
    try:
        return max(float(value), 0.0)
    except ValueError as error:
        raise bad_value(name, value, "a number of seconds") from error


def bad_value(name: str, value: object, expected: str) -> ValueError:
    """The error for an option's value that can't be used."""
    return ValueError(f"Bad value for http option {name}: {value!r} (expected {expected})")
