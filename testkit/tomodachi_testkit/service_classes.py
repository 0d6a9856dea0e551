"""Finds the service classes in what a test hands to `svc.start`: a class, a module or a path."""

from __future__ import annotations

import inspect
import os
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    import tomodachi

__tracebackhide__ = hides


def service_classes(
    service: type[tomodachi.Service] | ModuleType | str | os.PathLike[str],
) -> list[type[tomodachi.Service]]:
    """The service classes to start, alphabetically by name as the runtime does.

    Raises:
        TestkitError: there is none, or the argument is none of the three.
    """
    if inspect.isclass(service):
        return [service]
    if isinstance(service, str | os.PathLike):
        from tomodachi.importer import ServiceImporter

        return _leaves(ServiceImporter.import_service_file(os.fspath(service)))
    return _leaves(service)


def _leaves(module: object) -> list[type[tomodachi.Service]]:
    import tomodachi

    if isinstance(module, tomodachi.Service):
        msg = f"start() makes the instance itself: pass the class, start({type(module).__name__})."
        raise TestkitError(msg)
    if not isinstance(module, ModuleType):
        msg = f"cannot start {module!r}: pass a service class, a module or a path."
        raise TestkitError(msg)
    found: list[type[Any]] = [
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == module.__name__ and cls.__dict__.get(tomodachi.CLASS_ATTRIBUTE)
    ]
    if not found:
        msg = f"{module.__name__} has no tomodachi.Service class to start."
        raise TestkitError(msg)
    return found
