"""What shall go wrong in a test: planned faults of the brokers, as data.

Operations are "<service>.<Operation>" for AWS ("sqs.DeleteMessage", "sns.*") and
"amqp.<class>.<method>" for RabbitMQ ("amqp.basic.publish"). A fault that never took a call is a leak
of the test (`unused_faults`): it says that the test does not test what it seems to.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_testkit.errors import NotOnRealBrokers, TestkitError

if TYPE_CHECKING:
    from tomodachi_testkit.harness import Harness

# What each service answers when it is asked too often.
# Source: SNS API reference, common errors (Throttled, 429); SQS API reference (RequestThrottled, 403).
_THROTTLED: dict[str, tuple[str, int]] = {
    "sns": ("Throttled", 429),
    "sqs": ("RequestThrottled", 403),
}
_OTHER_THROTTLED = ("ThrottlingException", 400)


@dataclass(frozen=True, slots=True)
class ChaosProfile:
    """Which accidents a profile draws from, and how many of each.

    Attributes:
        points: Operations that fail.
        kinds: How they fail.
        faults: How many faults are drawn.
        within: Each fault takes one of the first so many calls of its operation.
    """

    points: tuple[str, ...]
    kinds: tuple[FaultKind, ...]
    faults: int
    within: int


CHAOS: dict[str, ChaosProfile] = {
    "replies": ChaosProfile(
        ("sqs.DeleteMessage*", "sqs.ReceiveMessage", "sns.Publish*", "sqs.SendMessage*"),
        (FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER),
        faults=6,
        within=12,
    ),
    "errors": ChaosProfile(
        ("sqs.*", "sns.Publish*"),
        (FaultKind.ERROR,),
        faults=6,
        within=12,
    ),
}
"""The profiles of `Faults.chaos`: "replies" loses requests and answers, "errors" gives 5xx answers."""


class Faults:
    """Plans faults; the first planned one that matches a call takes it."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness

    def throttle(self, op: str, *, times: int | None = 1, after: int = 0) -> Fault:
        """The service says that it is asked too often.

        Args:
            op: The operation, for example "sqs.ReceiveMessage".
            times: How many calls; None for every one.
            after: How many calls go well first.
        """
        code, status = _THROTTLED.get(op.partition(".")[0], _OTHER_THROTTLED)
        return self.error(op, code, status=status, times=times, after=after)

    def error(
        self,
        op: str,
        code: str | int,
        *,
        status: int | None = None,
        times: int | None = 1,
        after: int = 0,
    ) -> Fault:
        """The call answers with an error instead of being run.

        Args:
            op: The operation.
            code: AWS error code ("KMS.AccessDeniedException"), or AMQP reply code (541).
            status: HTTP status; None for the error's own.
            times: How many calls; None for every one.
            after: How many calls go well first.
        """
        return self._add(Fault(op, FaultKind.ERROR, times, after, code=code, status=status))

    def latency(
        self, op: str, seconds: float, jitter: float = 0.0, *, times: int | None = None
    ) -> Fault:
        """Each answer comes `seconds` later, plus a part of `jitter` seconds, drawn from the seed."""
        seed = f"{self._harness.seed}:latency:{op}"
        fault = Fault(op, FaultKind.LATENCY, times, seconds=seconds, jitter=jitter, seed=seed)
        return self._add(fault)

    def drop(
        self,
        where: str,
        *,
        at: Literal["before", "after"] = "after",
        times: int | None = 1,
        after: int = 0,
    ) -> Fault:
        """The connection closes without an answer, before or after the call is run.

        Raises:
            TestkitError: `at` is neither "before" nor "after".
        """
        kinds = {"before": FaultKind.DROP_BEFORE, "after": FaultKind.DROP_AFTER}
        if at not in kinds:
            msg = f"drop(at={at!r}): use 'before' (the call is not run) or 'after' (it is)."
            raise TestkitError(msg)
        return self._add(Fault(where, kinds[at], times, after))

    def reset(
        self, where: str, *, after_bytes: int = 0, times: int | None = 1, after: int = 0
    ) -> Fault:
        """The connection is reset after the first `after_bytes` octets of the answer."""
        return self._add(Fault(where, FaultKind.RESET, times, after, after_bytes=after_bytes))

    def duplicate(self, queue: str, *, times: int | None = 1, after: int = 0) -> Fault:
        """A message of `queue` is delivered once more than it should be."""
        return self._add(Fault(queue, FaultKind.DUPLICATE, times, after))

    def reorder(self, queue: str, window: int = 10, *, times: int | None = 1) -> Fault:
        """Messages of `queue` come out of order, drawn from the first `window`."""
        return self._add(Fault(queue, FaultKind.REORDER, times, window=window))

    def nack_confirm(self, exchange: str, *, times: int | None = 1, after: int = 0) -> Fault:
        """The broker refuses (`basic.nack`) what is published to `exchange`."""
        return self._add(Fault(exchange, FaultKind.NACK, times, after))

    def block_connection(self, seconds: float) -> None:
        """RabbitMQ is out of memory for `seconds`: it sends `connection.blocked`, then unblocks.

        At once, to every connection that there is; what they publish meanwhile waits.
        """
        self._harness.amqp.block(seconds)

    def chaos(self, profile: str = "replies") -> list[Fault]:
        """Plan the faults of a profile, drawn from the harness's seed.

        Faults that a test does not reach are no leak: nobody chose them one by one.

        Raises:
            TestkitError: there is no such profile.
        """
        if profile not in CHAOS:
            msg = f"unknown chaos profile {profile!r}: use one of {', '.join(map(repr, CHAOS))}."
            raise TestkitError(msg)
        chosen, draw = CHAOS[profile], self._random("chaos", profile)
        self._harness.allow |= {"unused_faults"}
        return [
            self._add(
                Fault(
                    draw.choice(chosen.points),
                    kind := draw.choice(chosen.kinds),
                    after=draw.randrange(chosen.within),
                    code="InternalError" if kind is FaultKind.ERROR else None,
                    status=500 if kind is FaultKind.ERROR else None,
                )
            )
            for _ in range(chosen.faults)
        ]

    def clear(self) -> None:
        """Everything goes well from here on."""
        self._harness.broker.faults.clear()

    def unused(self) -> list[str]:
        """Faults that took no call, described."""
        broker = self._harness.started_broker
        unused = [] if broker is None else broker.faults.unused()
        return [
            f"{fault.kind.name.lower()} of {fault.point!r} was never reached" for fault in unused
        ]

    def _add(self, fault: Fault) -> Fault:
        if self._harness.brokers.kind == "real":
            raise NotOnRealBrokers("faults")
        return self._harness.broker.faults.add(fault)

    def _random(self, *salt: str) -> random.Random:
        return random.Random(":".join((str(self._harness.seed), *salt)))  # noqa: S311 - replay
