"""Test tomodachi services in-process, against in-memory brokers, under one virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomodachi_testkit.clock import Clock as Clock
    from tomodachi_testkit.errors import TestkitError as TestkitError
    from tomodachi_testkit.harness import Harness as Harness
    from tomodachi_testkit.loop import VirtualLoop as VirtualLoop
    from tomodachi_testkit.runner import run as run

_HOMES = {
    "Clock": "clock",
    "Harness": "harness",
    "TestkitError": "errors",
    "VirtualLoop": "loop",
    "run": "runner",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that the pytest plugin costs nothing to start."""
    home = _HOMES.get(name)
    if home is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
