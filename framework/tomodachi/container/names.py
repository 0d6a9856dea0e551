"""Makes up the name of a service that has none, from its module and class."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tomodachi.services.registry import get_service, set_service, unset_service

if TYPE_CHECKING:
    from tomodachi.services.base import Service

# Modules such as `src.app` say nothing of the service in them.
_UNTELLING_PACKAGES = ("service", "src", "code", "app", "example", "test")
_UNTELLING_MODULES = ("service", "app")


def assign_service_name(service: Service) -> str:
    """Name a service after its module and class, and number it where the name is taken.

    The first of several gets its number when the second comes.
    """
    name = _name_of(type(service))
    first = get_service(name)
    if first is not None:
        unset_service(name, first)
        _name(first, f"{name}-0001")
        set_service(first.name, first)
    if first is not None or get_service(f"{name}-0001") is not None:
        number = 2
        while get_service(f"{name}-{number:04d}") is not None:
            number += 1
        name = f"{name}-{number:04d}"
    _name(service, name)
    return name


def _name(service: Service, name: str) -> None:
    service.name = type(service).name = name


def _name_of(cls: type[Service]) -> str:
    words = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
    name = f"{_prefix(cls.__module__)}{words}".replace("_", "-").replace(".", "-")
    return "service" if name == "app" else name


def _prefix(module: str) -> str:
    package, _, last = module.rpartition(".")
    if package.removesuffix("s") in _UNTELLING_PACKAGES and last in _UNTELLING_MODULES:
        return ""
    return ".".join(module.split(".")[-2:]) + "." if module else ""
