"""Tracing, metrics and logs of services with OpenTelemetry; needs the extra `opentelemetry`.

    from tomodachi.opentelemetry import TomodachiInstrumentor
    TomodachiInstrumentor().instrument()

or `tomodachi run --opentelemetry-instrument`. The spans are in `http.py`, `messaging.py` and
`schedule.py`, metrics in `instruments.py`, providers from the environment in `providers.py`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tomodachi.opentelemetry.errors import ComponentNotFoundError, MissingExtraError

if TYPE_CHECKING:
    from tomodachi.opentelemetry.instrumentation import (
        TomodachiInstrumentor as TomodachiInstrumentor,
    )
    from tomodachi.opentelemetry.logging import (
        OpenTelemetryLoggingHandler as OpenTelemetryLoggingHandler,
    )

__all__ = [
    "ComponentNotFoundError",
    "MissingExtraError",
    "OpenTelemetryLoggingHandler",
    "TomodachiInstrumentor",
]

_HOMES = {
    "TomodachiInstrumentor": "instrumentation",
    "OpenTelemetryLoggingHandler": "logging",
}


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first asked for.

    Raises:
        MissingExtraError: the extra is not installed.
    """
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        module = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("opentelemetry", "wrapt"):
            raise MissingExtraError(error.name) from error
        raise
    return getattr(module, name)
