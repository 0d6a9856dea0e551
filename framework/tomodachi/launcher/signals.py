"""SIGINT and SIGTERM, while services run: said in the log, and asked of the launcher."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tomodachi import logging

_TEXTS = {
    signal.SIGINT: "interrupt signal <ctrl+c>",
    signal.SIGTERM: "received termination signal",
}


@contextmanager
def handled_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` for each such signal, as often as they come."""

    def on_signal(number: signal.Signals) -> None:
        if number == signal.SIGINT and sys.stdout.isatty():
            sys.stdout.write("\b\b\r")  # over the ^C that the terminal shows
            sys.stdout.flush()
        logging.get_logger("tomodachi.signal").warning(
            _TEXTS[number], signal=number.name, process_id=os.getpid()
        )
        stop()

    handled: list[signal.Signals] = []
    for number in _TEXTS:
        try:
            loop.add_signal_handler(number, on_signal, number)
        except (NotImplementedError, RuntimeError, ValueError):
            # Not on Windows, and not outside the main thread.
            continue
        handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
