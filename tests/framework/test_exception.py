"""`limit_exception_traceback`, as transports written for tomodachi 0.29.0 call it."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, FunctionType

import pytest

from tomodachi._exception import limit_exception_traceback


def step(module: str, following: Callable[[], None]) -> Callable[[], None]:
    """A function of `module` that calls `following`."""

    def call() -> None:
        following()

    code: CodeType = call.__code__
    return FunctionType(code, {"__name__": module}, call.__name__, None, call.__closure__)


def failure(*modules: str) -> LookupError:
    """What is raised through functions of these modules, outermost first."""

    def fail() -> None:
        raise LookupError

    code = fail.__code__
    call: Callable[[], None] = FunctionType(
        code, {"__name__": modules[-1], "LookupError": LookupError}
    )
    for module in reversed(modules[:-1]):
        call = step(module, call)
    with pytest.raises(LookupError) as raised:
        call()
    # Without the frames of this file and of pytest.
    error = raised.value
    while error.__traceback__ and error.__traceback__.tb_frame.f_globals["__name__"] != modules[0]:
        error.__traceback__ = error.__traceback__.tb_next
    return error


def modules_of(error: BaseException) -> str:
    names, frame = [], error.__traceback__
    while frame is not None:
        names.append(str(frame.tb_frame.f_globals["__name__"]))
        frame = frame.tb_next
    return " ".join(names)


@pytest.mark.parametrize(
    ("frames", "kept"),
    [
        ("ours ours user user", "user user"),
        ("ours user ours", "user ours"),
        ("ours user ours user", "user"),
        ("user user", "user user"),
        ("ours ours", "ours ours"),
    ],
)
def test_the_traceback_begins_where_the_ignored_modules_called_last(frames: str, kept: str) -> None:
    error = failure(*frames.split())
    limit_exception_traceback(error, ("ours",))
    assert modules_of(error) == kept


def test_an_exception_with_a_cause_keeps_its_traceback() -> None:
    error = failure("ours", "user")
    error.__cause__ = KeyError()
    limit_exception_traceback(error, ["ours"])
    limit_exception_traceback(failure("ours", "user"))
    assert modules_of(error) == "ours user"
