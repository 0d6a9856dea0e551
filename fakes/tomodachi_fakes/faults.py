"""Faults are data that a core is given, not patches: which call, how often, and what happens to it.

A core or shell asks `FaultPlan.take(point, now=...)` at a named point and obeys the answer. Points
are "<service>.<Operation>" for AWS ("sqs.SendMessage", "sns.Publish") and "amqp.<class>.<method>"
for AMQP ("amqp.basic.publish"); a pattern may use `*` ("sqs.*").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from fnmatch import fnmatchcase
from hashlib import sha256


class FaultKind(Enum):
    """What happens to a call that a fault takes."""

    ERROR = auto()  # answer with an error instead of running the operation
    LATENCY = auto()  # run it, answer later
    DROP_BEFORE = auto()  # do not run it, close the connection without an answer
    DROP_AFTER = auto()  # run it, then lose the answer
    RESET = auto()  # send the first `after_bytes` of the answer, then reset the connection
    DUPLICATE = auto()  # deliver the message again although it was not asked for
    REORDER = auto()  # deliver messages out of order within `window`
    NACK = auto()  # refuse the publisher confirm


@dataclass(slots=True)
class Fault:
    """One planned fault.

    Attributes:
        point: Pattern over fault points, or a queue or exchange name for DUPLICATE, REORDER, NACK.
        kind: What happens.
        times: How many matching calls it takes; None means every one.
        after: How many matching calls pass unharmed first.
        code: AWS error code or AMQP reply code for ERROR ("KMS.AccessDeniedException", 541).
        status: HTTP status for ERROR; None means the error's own.
        message: Error text; None means the service's own.
        seconds: Delay for LATENCY.
        jitter: Most seconds that LATENCY adds to that, another part of it for each call.
        seed: What the parts are drawn from.
        after_bytes: Octets sent before a RESET.
        window: Messages among which REORDER may choose.
    """

    point: str
    kind: FaultKind
    times: int | None = 1
    after: int = 0
    code: str | int | None = None
    status: int | None = None
    message: str | None = None
    seconds: float = 0.0
    jitter: float = 0.0
    seed: str = ""
    after_bytes: int = 0
    window: int = 10
    seen: int = field(default=0, init=False)
    taken: int = field(default=0, init=False)

    @property
    def delay_s(self) -> float:
        """How late the answer to the call is that was taken last."""
        if not self.jitter:
            return self.seconds
        drawn = sha256(f"{self.seed}:{self.taken}".encode()).digest()
        return self.seconds + self.jitter * int.from_bytes(drawn[:4]) / 2**32


class FaultPlan:
    """The faults in force, in the order they were added; the first that matches is taken."""

    __slots__ = ("_faults",)

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force."""
        self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Take a fault out of force."""
        self._faults.remove(fault)

    def clear(self) -> None:
        """Take every fault out of force."""
        self._faults.clear()

    def unused(self) -> list[Fault]:
        """Faults that never took a call."""
        return [fault for fault in self._faults if not fault.taken]

    def all(self) -> list[Fault]:
        """Every fault in force, with its counts."""
        return list(self._faults)

    def take(self, point: str, *kinds: FaultKind) -> Fault | None:
        """The fault that hits this call, counted as taken; None for a call that goes unharmed."""
        for fault in self._faults:
            if fault.kind not in kinds or not fnmatchcase(point, fault.point):
                continue
            fault.seen += 1
            if fault.seen <= fault.after:
                continue
            if fault.times is not None and fault.taken >= fault.times:
                continue
            fault.taken += 1
            return fault
        return None
