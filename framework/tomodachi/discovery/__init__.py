"""Service discovery (deprecated): registries that a service's `discovery` attribute lists.

A registry is any object or class with some of the async functions `_register_service(service)`,
`_deregister_service(service)` and `add_http_endpoint(service, host, port, method, pattern)`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomodachi.discovery import (
        aws_sns_registration as aws_sns_registration,
    )
    from tomodachi.discovery import (
        dummy_registry as dummy_registry,
    )
    from tomodachi.discovery.aws_sns_registration import AWSSNSRegistration as AWSSNSRegistration
    from tomodachi.discovery.dummy_registry import DummyRegistry as DummyRegistry

__all__ = ["AWSSNSRegistration", "DummyRegistry", "aws_sns_registration", "dummy_registry"]

_CLASSES = {
    "AWSSNSRegistration": "aws_sns_registration",
    "awssns": "aws_sns_registration",
    "aws_sns": "aws_sns_registration",
    "DummyRegistry": "dummy_registry",
    "dummy": "dummy_registry",
    "example": "dummy_registry",
}
_OWN_NAMES = {"aws_sns_registration": "AWSSNSRegistration", "dummy_registry": "DummyRegistry"}


def __getattr__(name: str) -> Any:
    """Resolve a class, its short name, or a module, when it is first asked for."""
    if name in _OWN_NAMES:
        return importlib.import_module(f"{__name__}.{name}")
    module = _CLASSES.get(name)
    if module is None:
        msg = f"module '{__name__}' has no attribute '{name}'"
        raise AttributeError(msg, name=name)
    home = importlib.import_module(f"{__name__}.{module}")
    value = globals()[name] = getattr(home, _OWN_NAMES[module])
    return value
