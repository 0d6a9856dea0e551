"""Decides which classes of a module are services to start."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tomodachi.services.meta import CLASS_ATTRIBUTE

if TYPE_CHECKING:
    from tomodachi.services.base import Service


def service_classes(module: ModuleType) -> list[type[Service]]:
    """The leaf service classes among a module's attributes, alphabetically by attribute."""
    # To mypy, `isclass` says no more than type[object]; the mark says that these are services.
    found: list[Any] = []
    for _, cls in inspect.getmembers(module, inspect.isclass):
        # One class may have several names in its module.
        if cls.__dict__.get(CLASS_ATTRIBUTE) and cls not in found:
            found.append(cls)
    return found
