"""What goes wrong before anything is instrumented."""

from __future__ import annotations

from tomodachi.errors import TomodachiError


class MissingExtraError(TomodachiError, ImportError):
    """The packages of the extra `opentelemetry` or `prometheus` are not installed."""

    def __init__(self, name: str | None, extra: str = "opentelemetry") -> None:
        super().__init__(
            f"the package that provides '{name}' is not installed: run "
            f"python -m pip install 'tomodachi-testkit[{extra}]'"
        )


class ComponentNotFoundError(TomodachiError, RuntimeError):
    """An exporter or reader that the environment names is not installed."""

    def __init__(self, variable: str, name: str, group: str) -> None:
        super().__init__(
            f"{variable} names '{name}', but no installed package provides it as an entry point of "
            f"the group '{group}'. Install its package, or use 'none' or 'console'."
        )
