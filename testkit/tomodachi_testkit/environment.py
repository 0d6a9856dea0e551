"""The process that a test runs in: its environment variables, and what is installed in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

from tomodachi_testkit.errors import TestkitError


@contextmanager
def environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Inside, these environment variables are set; None unsets one."""
    before = {name: os.environ.get(name) for name in variables}
    _put(variables)
    try:
        yield
    finally:
        _put(before)


def _put(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def refuse_conflicting_distributions() -> None:
    """Refuse to test a mixture of two distributions that both provide `tomodachi`.

    Raises:
        TestkitError: another one is installed.
    """
    text = _conflict()
    if text:
        raise TestkitError(text)


@lru_cache(maxsize=1)
def _conflict() -> str:
    # What is installed does not change while the tests run.
    from tomodachi.helpers.distribution_conflict import conflict_text, conflicting_distributions

    others = conflicting_distributions()
    return conflict_text(others) if others else ""
