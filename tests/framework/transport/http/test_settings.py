"""The `http.*` options as the server's settings."""

from __future__ import annotations

from typing import Any

import pytest

from tomodachi.options import Options
from tomodachi.transport.http.settings import HttpSettings


def settings(**http: Any) -> HttpSettings:
    return HttpSettings.of_options(Options(http=http))


def test_defaults() -> None:
    made = settings()
    assert (made.host, made.port) == ("0.0.0.0", 9700)
    assert made.client_max_size == 100 * 1024**2
    assert made.grace_period_s == 30
    assert (made.access_log, made.access_log_file) == (True, None)
    assert not made.keep_alive.enabled
    assert made.server_header == "tomodachi"
    assert made.defaults.header == "text/plain; charset=utf-8"


@pytest.mark.parametrize("host", [None, ""])
def test_no_host_means_every_interface(host: str | None) -> None:
    assert settings(host=host).host is None


@pytest.mark.parametrize("port", [None, 0])
def test_no_port_means_a_random_one(port: int | None) -> None:
    assert settings(port=port).port == 0


@pytest.mark.parametrize(
    ("options", "timeout"),
    [
        ({"keepalive_timeout": 7}, 7),
        ({"keepalive_timeout": 0, "keepalive_expiry": 8}, 8),
        ({"keepalive_timeout": 7, "keepalive_expiry": 8}, 7),
        ({"keepalive_timeout": "9"}, 9),
        ({"keepalive_timeout": None}, 0),
    ],
)
def test_keep_alive_timeout(options: dict[str, Any], timeout: int) -> None:
    assert settings(**options).keep_alive.timeout_s == timeout


@pytest.mark.parametrize("option", ["max_keepalive_requests", "max_keepalive_time"])
def test_a_limit_of_keep_alive_needs_keep_alive(option: str) -> None:
    with pytest.raises(
        ValueError, match=f"HTTP keep-alive must be enabled to use http option {option}"
    ):
        settings(**{option: 5})


def test_access_log_file() -> None:
    made = settings(access_log="/var/log/a")
    assert (made.access_log, made.access_log_file) == (True, "/var/log/a")
    assert not settings(access_log=False).access_log
