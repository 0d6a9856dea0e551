"""Log lines as text, with the state of logging put back afterwards."""

from __future__ import annotations

import json
import logging as stdlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tomodachi import logging
from tomodachi.helpers import clock


class StoppedClock:
    """A clock that stands at one time."""

    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        raise AssertionError


@pytest.fixture(autouse=True)
def _clean_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root = stdlib.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    logging.reset_context()
    monkeypatch.setenv("NO_COLOR", "1")
    token = clock.set_clock(StoppedClock(1_700_000_000.25))
    yield
    clock.reset_clock(token)
    logging.remove_handlers()
    logging.set_default_formatter("console")
    logging.set_custom_logger_factory(None)
    logging.reset_context()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """`printed("json")` sets the format up; `printed()` gives the lines written so far."""
    text: list[str] = []

    def lines(logger_type: Any = None) -> list[str]:
        if logger_type is not None:
            logging.set_default_formatter(logger_type)
            logging.configure(log_level="DEBUG", force=True)
        text.append(capsys.readouterr().err)
        return "".join(text).splitlines()

    return lines


@pytest.fixture
def json_lines(printed: Callable[..., list[str]]) -> Callable[[], list[dict[str, Any]]]:
    """JSON is the format; a call gives the lines logged so far, without asyncio's own."""
    printed("json")

    def lines() -> list[dict[str, Any]]:
        found = [json.loads(line) for line in printed()]
        return [line for line in found if line["logger"] != "asyncio"]

    return lines
