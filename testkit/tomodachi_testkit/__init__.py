"""Test tomodachi services in-process, against in-memory brokers, under one virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomodachi_testkit.clock import Clock as Clock
    from tomodachi_testkit.conformance import TransportConformance as TransportConformance
    from tomodachi_testkit.drain import DrainResult as DrainResult
    from tomodachi_testkit.errors import TestkitError as TestkitError
    from tomodachi_testkit.event_log import Event as Event
    from tomodachi_testkit.event_log import EventLog as EventLog
    from tomodachi_testkit.harness import Harness as Harness
    from tomodachi_testkit.http_stubs import Reply as Reply
    from tomodachi_testkit.loop import VirtualLoop as VirtualLoop
    from tomodachi_testkit.messages import Message as Message
    from tomodachi_testkit.messages import MessageList as MessageList
    from tomodachi_testkit.runner import run as run
    from tomodachi_testkit.running import Running as Running
    from tomodachi_testkit.settings import Settings as Settings
    from tomodachi_testkit.snapshots import Snapshot as Snapshot

_HOMES = {
    "Clock": "clock",
    "DrainResult": "drain",
    "Event": "event_log",
    "EventLog": "event_log",
    "Harness": "harness",
    "Message": "messages",
    "MessageList": "messages",
    "Reply": "http_stubs",
    "Running": "running",
    "Settings": "settings",
    "Snapshot": "snapshots",
    "TestkitError": "errors",
    "TransportConformance": "conformance",
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
