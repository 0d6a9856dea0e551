"""The part of a logger that services and helpers rely on, for type annotations."""

from __future__ import annotations

from typing import Any, Protocol, Self, runtime_checkable


@runtime_checkable
class LoggerProtocol(Protocol):
    """A logger: a message and keyword values at a level, and bound values."""

    def debug(self, event: str | None = None, *args: Any, **kw: Any) -> Any:
        """Log at level DEBUG."""
        ...

    def info(self, event: str | None = None, *args: Any, **kw: Any) -> Any:
        """Log at level INFO."""
        ...

    def warning(self, event: str | None = None, *args: Any, **kw: Any) -> Any:
        """Log at level WARNING."""
        ...

    def error(self, event: str | None = None, *args: Any, **kw: Any) -> Any:
        """Log at level ERROR."""
        ...

    def exception(self, event: str | None = None, *args: Any, **kw: Any) -> Any:
        """Log at level ERROR, with the exception being handled."""
        ...

    def critical(self, event: str | None = None, *args: Any, **kw: Any) -> Any:
        """Log at level CRITICAL."""
        ...

    def bind(self, **new_values: Any) -> Self:
        """A logger with more values."""
        ...

    def new(self, **new_values: Any) -> Self:
        """A logger with exactly these values."""
        ...
