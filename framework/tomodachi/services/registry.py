"""The running services of this process, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomodachi.services.base import Service

# Name to instance, in the order in which the services were registered.
_services: dict[str, Service] = {}


def set_service(name: str, service: Any) -> None:
    """Register a service; one of the same name that is there already is replaced."""
    _services.pop(name, None)
    _services[name] = service


def unset_service(name: str, service: Any = None) -> None:
    """Forget a service; nothing happens if `name` belongs to another instance than `service`."""
    if service is None or _services.get(name) is service:
        _services.pop(name, None)


def clear_services() -> None:
    """Forget every service."""
    _services.clear()


def get_service(name: str | None = None) -> Service | None:
    """A running service: the one of that name, or the one registered last; None if there is none."""
    if name is None:
        return next(reversed(_services.values()), None)
    return _services.get(name)


def get_services() -> list[Service]:
    """The running services, in the order in which they were registered."""
    return list(_services.values())
