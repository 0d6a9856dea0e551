"""Which responses get no line in the access log."""

from __future__ import annotations

import pytest

from tomodachi.transport.http.logging_rule import LOG_ALL, LoggingRule


def test_everything_is_logged_by_default() -> None:
    assert LoggingRule.of(False) == LOG_ALL
    assert not LOG_ALL.ignores(200)


def test_row_12_ignore_logging_true_still_logs_status_500() -> None:
    rule = LoggingRule.of(True)
    assert rule.ignores(200)
    assert rule.ignores(404)
    assert not rule.ignores(500)


def test_a_list_names_the_statuses_left_out() -> None:
    rule = LoggingRule.of([200, 500])
    assert rule.ignores(200)
    assert rule.ignores(500)
    assert not rule.ignores(404)


def test_anything_else_is_refused() -> None:
    with pytest.raises(
        TypeError, match="ignore_logging is True, False or a list of statuses: got '200'"
    ):
        LoggingRule.of("200")  # type: ignore[arg-type]
