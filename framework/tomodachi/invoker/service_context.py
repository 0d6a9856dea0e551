"""A service instance's context: the dict in which transports find its settings and keep their state."""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

_METHODS = (FunctionType, MethodType, BuiltinFunctionType, staticmethod, classmethod)


def service_context(service: Any) -> dict[str, Any]:
    """The context of a service instance, brought up to date with the instance's attributes.

    It is made once per instance and kept as `service.context`; a `context` of the class is a start for
    each instance's own. Attributes are copied in, but for methods and dunder names; properties, which
    may be costly, once.
    """
    own: dict[str, Any] | None = service.__dict__.get("context")
    is_new = own is None
    if own is None:
        own = service.context = dict(getattr(service, "context", None) or {})
    for name in dir(service):
        if name.startswith("__") or name == "context":
            continue
        if not is_new and isinstance(getattr(type(service), name, None), property):
            continue
        value = getattr(service, name)
        if not isinstance(value, _METHODS):
            own[name] = value
    return own
