"""Running services: one (`runner.py`), or all those of a module side by side (`container.py`)."""

from __future__ import annotations

from tomodachi.container.container import ServiceContainer
from tomodachi.container.runner import ServiceRunner

__all__ = ["ServiceContainer", "ServiceRunner"]
