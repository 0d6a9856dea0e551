"""What a logger says besides its message: values bound to a logger's name in the current task.

The contexts are one immutable mapping in a context variable, so a task started later sees what its
parent had bound, and what it binds itself never reaches the parent or a sibling. How a line is made of
context and message is in `logger.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tomodachi.helpers.context_variables import get_contextvar

if TYPE_CHECKING:
    from tomodachi.logging.logger import Logger

DEFAULT_NAME = "default"
_NOTHING: Mapping[str, Any] = {}

_contexts: ContextVar[Mapping[str, Mapping[str, Any]] | None] = ContextVar(
    "tomodachi.logging.contexts", default=None
)
# Read by services too, as `tomodachi.context("service.logger")`.
_current_name: ContextVar[str | None] = get_contextvar("service.logger")


class LoggerContext(dict[str, Any]):
    """The values bound to a logger's name, with the name itself under `logger`.

    They are attributes too; one that is not bound is None.
    """

    def __missing__(self, key: str) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    @property
    def name(self) -> str:
        """The logger's name."""
        return str(self["logger"])


def current_name() -> str:
    """The name of this task's logger: that of the last `bind_logger`, else "default"."""
    return _current_name.get() or DEFAULT_NAME


def bound_values(name: str) -> Mapping[str, Any]:
    """What is bound to `name` in this task; not to be changed."""
    contexts = _contexts.get()
    return _NOTHING if contexts is None else contexts.get(name, _NOTHING)


def set_bound_values(name: str, values: Mapping[str, Any]) -> None:
    """Replace what is bound to `name`, in this task and the tasks it starts from now on.

    `values` is kept and must not be changed any more.
    """
    _contexts.set({**(_contexts.get() or _NOTHING), name: values})


def get_context(logger: Logger | Mapping[str, Any] | str) -> LoggerContext:
    """The context of a logger, of a context that names one, or of a logger's name."""
    name = _name_of(logger)
    return LoggerContext({"logger": name, **bound_values(name)})


def bind_logger(logger: Logger | Mapping[str, Any] | str) -> None:
    """Make `logger` the one that `get_logger()` without a name gives in this task.

    A logger or context brings the values bound to it along.

    Raises:
        TypeError: `logger` is none of the three.
    """
    name = _name_of(logger)
    own = logger if isinstance(logger, Mapping) else getattr(logger, "_context", _NOTHING)
    if values := {key: value for key, value in own.items() if key != "logger"}:
        set_bound_values(name, {**bound_values(name), **values})
    _current_name.set(name)


def reset_context() -> None:
    """Forget every bound value and the current logger, in this task."""
    _contexts.set(None)
    _current_name.set(None)


def _name_of(logger: Logger | Mapping[str, Any] | str) -> str:
    if isinstance(logger, str):
        return logger
    name = logger.get("logger") if isinstance(logger, Mapping) else getattr(logger, "name", None)
    if not isinstance(name, str):
        msg = f"not a logger: {logger!r}. Pass a logger, its name, or a dict with the key 'logger'."
        raise TypeError(msg)
    return name
