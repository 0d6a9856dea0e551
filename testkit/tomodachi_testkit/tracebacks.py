"""Keeps the testkit's own frames out of tracebacks: the line of the test is what its reader looks for.

Modules that tests call say `__tracebackhide__ = hides` at their top; pytest then leaves their frames out,
unless `--full-trace` is given. What goes wrong inside of the testkit itself is shown whole.

Source: https://docs.pytest.org/en/stable/example/simple.html#writing-well-integrated-assertion-helpers
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

_HERE = str(Path(__file__).parent)
# What the testkit says to the test, and not because of a defect of its own.
_SAID = frozenset(("AssertionError", "UsageError", "Skipped"))


def hides(caught: Any) -> bool:
    """Whether pytest leaves our frames out of a traceback (`caught` is its `ExceptionInfo`)."""
    from tomodachi_testkit.errors import TestkitError

    error = caught.value
    is_said = isinstance(error, TestkitError) or type(error).__name__ in _SAID
    return is_said or not is_ours(caught.traceback[-1].frame.raw.f_code.co_filename)


def is_ours(filename: str) -> bool:
    """Whether a file is one of the testkit's."""
    return filename.startswith(_HERE)


def to_the_point(error: BaseException, test: Callable[..., Any]) -> BaseException:
    """An error of a test with a traceback that leads through the test.

    What is found out after the test's end (leaks, errors of handlers that nobody looked at) leads to the
    line on which the test begins.
    """
    code, traceback = getattr(inspect.unwrap(test), "__code__", None), error.__traceback__
    if code is None:
        return error  # no function: a partial, say
    if not _leads_through(traceback, code):
        return _raised_at(error, code)
    if isinstance(error, BaseExceptionGroup):
        return error.with_traceback(without_ours(traceback))
    return error


def _leads_through(traceback: TracebackType | None, code: CodeType) -> bool:
    while traceback is not None:
        if traceback.tb_frame.f_code is code:
            return True
        traceback = traceback.tb_next
    return False


def _raised_at(error: BaseException, code: CodeType) -> BaseException:
    # A line of the test's file, compiled to raise, makes a frame that every tool understands.
    raising = compile("raise error", code.co_filename, "exec").replace(
        co_firstlineno=code.co_firstlineno, co_name=code.co_name
    )
    try:
        exec(raising, {"error": error.with_traceback(None)})  # noqa: S102 - our own line
    except type(error) as raised:
        outer = raised.__traceback__
        return raised.with_traceback(None if outer is None else outer.tb_next)
    return error


def of_frames(frames: Iterable[FrameType]) -> TracebackType | None:
    """A traceback of suspended frames, outermost first: where somebody waits."""
    traceback: TracebackType | None = None
    for frame in reversed(list(frames)):
        traceback = TracebackType(traceback, frame, frame.f_lasti, frame.f_lineno)
    return traceback


def without_ours(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without our frames, for what pytest shows as Python does: groups of errors."""
    if traceback is None:
        return None
    rest = without_ours(traceback.tb_next)
    if is_ours(traceback.tb_frame.f_code.co_filename):
        return rest
    return TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)
