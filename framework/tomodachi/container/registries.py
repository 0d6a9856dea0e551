"""Tells a service's discovery registries (deprecated) that it has started or stops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tomodachi import logging
from tomodachi.container.hooks import awaited
from tomodachi.helpers.isolation import Isolated
from tomodachi.transport.failures import log_uncaught


async def add_to_registries(service: Any) -> None:
    """Call `_register_service` of each registry that has it."""
    for registry, register in _having(service, "_register_service"):
        await Isolated(_tell(service, registry, register, "register"))


async def remove_from_registries(service: Any) -> None:
    """Call `_deregister_service` of each registry that has it; what one raises is logged."""
    for registry, deregister in _having(service, "_deregister_service"):
        try:
            await Isolated(_tell(service, registry, deregister, "deregister"))
        except Exception as error:  # noqa: BLE001 - a registry may raise anything
            log_uncaught(error)


def _having(service: Any, method: str) -> Iterator[tuple[Any, Any]]:
    for registry in getattr(service, "discovery", None) or ():
        function = getattr(registry, method, None)
        if function is not None:
            yield registry, function


async def _tell(service: Any, registry: Any, function: Any, operation: str) -> None:
    names = (getattr(registry, "name", None), getattr(registry, "__name__", None))
    name = next(filter(None, names), type(registry).__name__)
    logger = logging.get_logger("tomodachi.discovery")
    logging.bind_logger(logger.bind(registry=name, operation=operation))
    await awaited(function(service))
