"""Values that tools add to every line of our loggers, such as the ids of a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Enricher = Callable[[], Mapping[str, Any]]

enrichers: list[Enricher] = []
"""Called for every line that is logged; what they give follows the line's own values."""


def add_enricher(enricher: Enricher) -> None:
    """Add what `enricher` gives to every line from now on; adding it twice adds it once."""
    if enricher not in enrichers:
        enrichers.append(enricher)


def remove_enricher(enricher: Enricher) -> None:
    """Undo `add_enricher`; one that was not added is ignored."""
    if enricher in enrichers:
        enrichers.remove(enricher)
