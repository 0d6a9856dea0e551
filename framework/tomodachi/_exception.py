"""Cuts from a traceback the frames that called a service's code; for transports of others.

Our own transports ask `transport/failures.py`, which knows whose frames ours are.
"""

from __future__ import annotations

from collections.abc import Collection


def limit_exception_traceback(
    exc: BaseException, ignored_modules: Collection[str] | None = None
) -> None:
    """Let the traceback of `exc` begin where code of other modules was called last.

    An exception with a cause keeps its whole traceback.

    Args:
        exc: The exception, whose traceback is replaced.
        ignored_modules: Names of the modules whose frames to leave out.
    """
    if not ignored_modules or exc.__cause__ is not None:
        return
    begin = called = None
    frame = exc.__traceback__
    while frame is not None:
        if frame.tb_frame.f_globals.get("__name__") in ignored_modules:
            called = frame.tb_next
        else:
            begin = called
        frame = frame.tb_next
    if begin is not None:
        exc.with_traceback(begin)
