"""Decides what two nested dicts are together: configuration files, and options given twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge_dicts(
    first: Mapping[str, Any] | None, second: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Both, as a new dict: dicts are merged, lists joined, anything else is the second's."""
    merged = dict(first or {})
    for key, value in (second or {}).items():
        current = merged.get(key)
        if isinstance(current, Mapping) and isinstance(value, Mapping):
            merged[key] = merge_dicts(current, value)
        elif isinstance(current, list) and isinstance(value, list):
            merged[key] = current + value
        else:
            merged[key] = value
    return merged
