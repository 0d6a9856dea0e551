"""Snapshots of a harness: what the brokers hold, what time it is, where ids go on, what was seen.

Services, connections and the event log are not part of one: a service that runs when a snapshot is
restored goes on, with the brokers as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tomodachi_testkit.clock import Clock
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import BrokersSnapshot
    from tomodachi_testkit.harness import Harness

__tracebackhide__ = hides


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A harness's state, picklable.

    Attributes:
        brokers: Queues, topics, messages, exchanges, and where the brokers' ids go on.
        at: The clock's time, Unix seconds.
        seed: The seed.
        ids: Where the test's own ids go on.
        seen: What was published, received and acknowledged until then, by view.
    """

    brokers: BrokersSnapshot
    at: float
    seed: int
    ids: object
    # Messages as the views keep them: whatever their data is.
    seen: dict[str, Any]


def take(harness: Harness) -> Snapshot:
    """What a harness holds now."""
    seen = {name: view.seen() for name, view in _views(harness)}
    return Snapshot(
        harness.broker.snapshot(), harness.clock.unix(), harness.seed, harness.ids.getstate(), seen
    )


def restore(harness: Harness, snapshot: Snapshot) -> None:
    """Go back to what a snapshot has.

    Raises:
        TestkitError: the harness has not started, or its clock is real.
    """
    harness.virtual_loop("restored snapshots")
    if isinstance(harness.clock, Clock):
        harness.clock.set(snapshot.at)
    harness.seed = snapshot.seed
    harness.ids.setstate(snapshot.ids)
    harness.broker.restore(snapshot.brokers)
    for name, view in _views(harness):
        view.see_again(snapshot.seen[name])
    harness.log.add("restore", "test")


def _views(harness: Harness) -> list[tuple[str, Any]]:
    return [("sqs", harness.sqs), ("sns", harness.sns), ("amqp", harness.amqp)]
