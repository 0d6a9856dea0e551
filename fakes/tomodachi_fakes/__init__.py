"""In-memory SNS + SQS and AMQP 0-9-1 brokers that real, unmodified clients talk to over the wire.

`run_brokers()` runs both in a thread of their own, for any test or program; `FakeBroker` runs them on the event
loop of the caller. `svc-fake-broker` is the same as a program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomodachi_fakes.background import BackgroundBrokers as BackgroundBrokers
    from tomodachi_fakes.background import run_brokers as run_brokers
    from tomodachi_fakes.servers.fake_broker import BrokerSettings as BrokerSettings
    from tomodachi_fakes.servers.fake_broker import FakeBroker as FakeBroker

_HOMES = {
    "BackgroundBrokers": "background",
    "BrokerSettings": "servers.fake_broker",
    "FakeBroker": "servers.fake_broker",
    "run_brokers": "background",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Load a public name on first use: a core alone needs none of the servers."""
    home = _HOMES.get(name)
    if home is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{home}"), name)
