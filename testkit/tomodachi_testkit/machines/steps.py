"""Rules whose steps are kept, so that a failure comes with a plain pytest function that repeats it.

`rule`, `initialize` and `invariant` are Hypothesis's, for functions of either kind: an `async def` is
run by the machine (`async_machine.py`). Values of steps are written as source by `source.py`; draw
values, never `st.data()`, or a step cannot be written down.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from hypothesis import stateful
from hypothesis.errors import HypothesisException
from hypothesis.stateful import RuleBasedStateMachine

from tomodachi_testkit.machines.source import Source, snake_case

Function = Callable[..., Any]
M = TypeVar("M", bound="ReproducibleMachine")
_INVARIANT = "svc_invariant"


class ReproducibleMachine(RuleBasedStateMachine):
    """A state machine that writes down its steps, and notes them on whatever a step raises.

    Attributes:
        failed: A step or an invariant raised; what holds at the end need not hold any more.
    """

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[str] = []
        self._source = Source()
        self._replaying = False
        self.failed = False

    @classmethod
    @contextmanager
    def replay(cls: type[M]) -> Iterator[M]:
        """A machine to take steps by hand; every invariant is checked after each of them."""
        machine = cls()
        machine._replaying = True
        try:
            machine.check_all()
            yield machine
        finally:
            machine.teardown()

    def history(self) -> str:
        """What happened, for the note; nothing unless the machine has a log."""
        return ""

    def check_all(self) -> None:
        """Check every invariant now."""
        for name, member in inspect.getmembers(type(self)):
            if hasattr(member, _INVARIANT):
                getattr(self, name)()

    def execute(self, function: Function, arguments: dict[str, Any]) -> Any:
        """Run one rule or invariant; `AsyncRuleBasedStateMachine` runs coroutines too."""
        return function(self, **arguments)

    def perform(self, function: Function, arguments: dict[str, Any]) -> Any:
        """Take one step, and check the invariants where nobody else does."""
        self._steps.append(f"state.{function.__name__}({self._source.arguments(arguments)})")
        result = self.noting(function, arguments)
        if self._replaying:
            self.check_all()
        return result

    def noting(self, function: Function, arguments: dict[str, Any]) -> Any:
        """Run, and put the reproduction and the history on whatever is raised."""
        try:
            return self.execute(function, arguments)
        except BaseException as error:
            self.failed = True
            if isinstance(error, Exception) and not isinstance(error, HypothesisException):
                self.annotate(error)
            raise

    def annotate(self, error: BaseException) -> None:
        """Add the reproduction, then the history, to an error."""
        error.add_note("reproduce it with this test:\n\n" + self.reproduction())
        if history := self.history():
            error.add_note("what happened:\n\n" + history)

    def reproduction(self) -> str:
        """The steps so far as the source of a pytest function."""
        cls = type(self)
        self._source.name(cls)
        body = "".join(f"        {step}\n" for step in self._steps) or "        pass\n"
        return (
            f"{self._source.imports()}\n\n\n"
            f"def test_{snake_case(cls.__name__)}_reproduced() -> None:\n"
            f"    with {cls.__qualname__}.replay() as state:\n{body}"
        )


def rule(**strategies: Any) -> Callable[[Function], Any]:
    """`hypothesis.stateful.rule`, for plain and async functions."""
    decorate: Callable[[Function], Any] = stateful.rule(**strategies)
    return lambda function: decorate(_step(function))


def initialize(**strategies: Any) -> Callable[[Function], Any]:
    """`hypothesis.stateful.initialize`, for plain and async functions."""
    decorate: Callable[[Function], Any] = stateful.initialize(**strategies)
    return lambda function: decorate(_step(function))


def invariant() -> Callable[[Function], Any]:
    """`hypothesis.stateful.invariant`, for plain and async functions."""

    def decorate(function: Function) -> Any:
        @wraps(function)
        def check(self: ReproducibleMachine) -> None:
            self.noting(function, {})

        decorated = stateful.invariant()(check)
        setattr(decorated, _INVARIANT, True)
        return decorated

    return decorate


def _step(function: Function) -> Function:
    @wraps(function)
    def step(self: ReproducibleMachine, **arguments: Any) -> Any:
        return self.perform(function, arguments)

    return step
