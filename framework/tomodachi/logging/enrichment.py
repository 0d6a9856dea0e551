"""Values that tools add to lines: the ids of a trace, structlog's context variables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

Enricher = Callable[[], Mapping[str, Any]]


def structlog_values() -> Mapping[str, Any]:
    """What was bound with `structlog.contextvars.bind_contextvars`; every line has it.

    Source: https://www.structlog.org/en/stable/contextvars.html
    """
    # Nobody has bound anything as long as nobody has imported it.
    contextvars = sys.modules.get("structlog.contextvars")
    return {} if contextvars is None else contextvars.get_contextvars()


enrichers: list[Enricher] = [structlog_values]
"""Called for every line that is logged; what they give follows the line's own values."""


def add_enricher(enricher: Enricher) -> None:
    """Add what `enricher` gives to every line from now on; adding it twice adds it once."""
    if enricher not in enrichers:
        enrichers.append(enricher)


def remove_enricher(enricher: Enricher) -> None:
    """Undo `add_enricher`; one that was not added is ignored."""
    if enricher in enrichers:
        enrichers.remove(enricher)
