"""`@tomodachi.service`, the older way to make a class a service."""

from __future__ import annotations

from typing import TypeVar, cast

from tomodachi.helpers.deprecation import warn_deprecated
from tomodachi.services.base import Service
from tomodachi.services.meta import TomodachiServiceMeta

C = TypeVar("C", bound=type)


def service(cls: C) -> C:
    """Make a class a service; deprecated, extend `tomodachi.Service` instead."""
    warn_deprecated(
        "The decorator 'tomodachi.service' is deprecated: extend tomodachi.Service instead."
    )
    if isinstance(cls, TomodachiServiceMeta):
        return cls
    own = {
        key: value for key, value in cls.__dict__.items() if key not in ("__dict__", "__weakref__")
    }
    # The new class extends the decorated one, so it can stand wherever that one is asked for.
    return cast("C", TomodachiServiceMeta(cls.__name__, (Service, cls), own))
