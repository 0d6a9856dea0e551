"""Planned faults that hit a method: delayed, answered by an error, or lost with the connection.

Faults that hit a message (refused confirms, doubled or reordered deliveries) act where the message is
handled; what a fault is, and which one is next, is in `tomodachi_fakes/faults.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.spec import BY_KEY, FRAME_METHOD
from tomodachi_fakes.amqp.states import End
from tomodachi_fakes.faults import Fault, FaultKind

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel

_KINDS = (
    FaultKind.ERROR,
    FaultKind.LATENCY,
    FaultKind.DROP_BEFORE,
    FaultKind.DROP_AFTER,
    FaultKind.RESET,
)


def sabotage(channel: Channel, kind: int, payload: bytes) -> bool:
    """Whether a planned fault took the place of a method; it is delayed or lost then."""
    if kind != FRAME_METHOD:
        return False
    method = BY_KEY.get(int.from_bytes(payload[:4]))
    if method is None:
        return False
    fault = channel.broker.faults.take(f"amqp.{method.name}", *_KINDS)
    if fault is None:
        return False
    _obey(fault, channel, payload)
    return True


def _obey(fault: Fault, channel: Channel, payload: bytes) -> None:
    connection, broker = channel.connection, channel.broker
    if fault.kind is FaultKind.LATENCY:
        frame = (FRAME_METHOD, channel.number, payload)
        connection.backlog.delay(frame, until=broker.now + fault.delay_s)
        return
    if fault.kind is FaultKind.ERROR:
        channel.fail_with(fault)
        return
    if fault.kind is not FaultKind.DROP_BEFORE:
        channel.frame(FRAME_METHOD, payload)
    if fault.kind is FaultKind.DROP_AFTER:
        connection.out.clear()
    if fault.kind is FaultKind.RESET:
        connection.out[:] = [b"".join(connection.out)[: fault.after_bytes]]
    connection.finish(End.RESET if fault.kind is FaultKind.RESET else End.CLEAN)
