"""Putting the same logger in force again and again."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context

import pytest

from tomodachi import logging
from tomodachi.transport.repeated_binding import RepeatedBinding

VALUES = {"logger": "tests.repeated", "handler": "h"}


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    logging.reset_context()
    yield
    logging.reset_context()


def bound_by(bind: RepeatedBinding) -> tuple[str, dict[str, object]]:
    bind()
    return logging.get_logger().name, dict(logging.get_context("tests.repeated"))


def test_every_call_binds_what_bind_logger_binds() -> None:
    bind = RepeatedBinding(VALUES)
    for _ in range(3):
        assert copy_context().run(bound_by, bind) == ("tests.repeated", VALUES)
    assert logging.get_logger().name == "default"


def test_a_call_in_another_context_keeps_what_is_bound_there() -> None:
    def with_more(bind: RepeatedBinding) -> tuple[str, dict[str, object]]:
        logging.bind_logger({"logger": "tests.repeated", "request_id": 7})
        return bound_by(bind)

    bind = RepeatedBinding(VALUES)
    plain = ("tests.repeated", VALUES)
    assert copy_context().run(bound_by, bind) == plain
    assert copy_context().run(with_more, bind) == (
        "tests.repeated",
        {"logger": "tests.repeated", "request_id": 7, "handler": "h"},
    )
    assert copy_context().run(bound_by, bind) == plain
