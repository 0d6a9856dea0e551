"""How many messages were published, delivered, acknowledged: `message_stats`, counted from the event log.

Counting begins with the first question, which counts what the log still holds. Rates are always 0: who
draws curves compares two answers. Events name queues and exchanges without their
virtual host, so where two virtual hosts use one name, both are counted under it.

Source: https://www.rabbitmq.com/docs/management#http-api-stats
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomodachi_fakes.events import EventLog

_QUEUE = ("publish", "deliver", "deliver_no_ack", "get", "get_no_ack", "deliver_get", "ack")
_SIMPLE = {
    "acked": ("ack",),
    "enqueued": ("publish",),
    "requeued": ("redeliver",),
    "published": ("publish_in",),
    "returned": ("return_unroutable",),
    "unroutable": ("drop_unroutable",),
    "dead-lettered": ("dead_letter",),
    "connected": ("connection_created",),
    "disconnected": ("connection_closed",),
    "queue-deleted": ("queue_deleted",),
}


def detailed(name: str, value: float) -> dict[str, Any]:
    """A number with the rate that RabbitMQ shows beside it."""
    return {name: value, f"{name}_details": {"rate": 0.0}}


class Statistics:
    """Counts of the AMQP broker's events; a reader of the event log.

    Attributes:
        seq: The last event that was counted.
    """

    def __init__(self, log: EventLog) -> None:
        self.seq = 0
        self._log = log
        self._total: Counter[str] = Counter()
        self._by_subject: dict[str, Counter[str]] = {}
        log.read_with(self)

    def see(self, service: str, kind: str, subject: str, detail: dict[str, Any]) -> None:
        """Count an event."""
        if service != "amqp":
            return
        names = _delivery(detail) if kind == "delivered" else _SIMPLE.get(kind, ())
        if not names:
            return
        counts = self._by_subject.get(subject)
        if counts is None:
            counts = self._by_subject[subject] = Counter()
        for name in names:
            self._total[name] += 1
            counts[name] += 1

    def total(self, name: str) -> int:
        """How often something happened since the start."""
        self._log.read()
        return self._total[name]

    def of_queue(self, name: str) -> dict[str, Any]:
        """`message_stats` of a queue; nothing for one that saw no message."""
        counts = self._counts(name)
        if not any(counts[key] for key in _QUEUE):
            return {}
        shown: dict[str, Any] = {}
        for key in (*_QUEUE, "redeliver"):
            shown |= detailed(key, counts[key])
        return {"message_stats": shown}

    def of_exchange(self, name: str) -> dict[str, Any]:
        """`message_stats` of an exchange; nothing for one that saw no message."""
        published = self._counts(name)["publish_in"]
        return {"message_stats": detailed("publish_in", published)} if published else {}

    def of_everything(self) -> dict[str, Any]:
        """`message_stats` of the whole broker."""
        self._log.read()
        if not self._total["publish_in"]:
            return {}
        shown = detailed("publish", self._total["publish_in"])
        for key in (*_QUEUE[1:], "redeliver", "return_unroutable", "drop_unroutable"):
            shown |= detailed(key, self._total[key])
        return shown

    def _counts(self, subject: str) -> Counter[str]:
        self._log.read()
        return self._by_subject.get(subject, Counter())


def _delivery(detail: dict[str, Any]) -> tuple[str, str]:
    kind = "deliver" if "consumer_tag" in detail else "get"
    return (f"{kind}_no_ack" if detail.get("no_ack") else kind), "deliver_get"
