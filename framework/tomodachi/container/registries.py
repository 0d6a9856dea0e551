"""Tells a service's discovery registries (deprecated) that it has started or stops."""

from __future__ import annotations

from typing import Any

from tomodachi.container.hooks import awaited


async def add_to_registries(service: Any) -> None:
    """Call `_register_service` of each registry that has it."""
    await _tell(service, "_register_service")


async def remove_from_registries(service: Any) -> None:
    """Call `_deregister_service` of each registry that has it."""
    await _tell(service, "_deregister_service")


async def _tell(service: Any, method: str) -> None:
    for registry in getattr(service, "discovery", None) or ():
        function = getattr(registry, method, None)
        if function is not None:
            await awaited(function(service))
