"""How many messages were published, delivered, acknowledged: `message_stats`, counted from the event log.

Counting begins with the first question, which counts what the log still holds. Which numbers are shown where
is a RabbitMQ's with `rates_mode` basic: a queue's `publish` counts what publishers sent and no dead letters;
numbers of publishers, and those of consumers, are shown where there was one.

Source: https://www.rabbitmq.com/docs/management#http-api-stats; a RabbitMQ 3.10.8's answers
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.model.arguments import CLASSIC
from tomodachi_fakes.management.tally import Tally, detailed

if TYPE_CHECKING:
    from tomodachi_fakes.events import EventLog

View = dict[str, Any]
Detail = dict[str, Any]
PUBLISHED = ("publish", "confirm", "return_unroutable", "drop_unroutable")
DELIVERED = (
    "deliver", "deliver_no_ack", "get", "get_no_ack", "deliver_get", "get_empty", "ack", "redeliver",
)  # fmt: skip
# Numbers that are shown together, once one of them was counted.
_OF_BOTH = (PUBLISHED, DELIVERED)
_OF_QUEUES = (("publish",), DELIVERED)
_OF_EXCHANGES = (("publish_in",), ("publish_out",))
_CHURN = {
    "connected": "connection_created",
    "disconnected": "connection_closed",
    "channel-opened": "channel_created",
    "channel-closed": "channel_closed",
    "queue-deleted": "queue_deleted",
}
CHURN = (*_CHURN.values(), "queue_declared", "queue_created")
# What numbers belong to: the whole broker, or one of its objects.
_ALL: Hashable = ()


class Statistics:
    """Counts of the AMQP broker's events; a reader of the event log.

    Args:
        log: What happened.
        default_exchange_sends_on: The default exchange counts a message as sent on before it looks for the
            queue, as RabbitMQ 3.10 does.

    Attributes:
        seq: The last event that was counted.
    """

    def __init__(self, log: EventLog, *, default_exchange_sends_on: bool = True) -> None:
        self.seq = 0
        self._default_exchange_sends_on = default_exchange_sends_on
        self._log = log
        self._tallies: dict[Hashable, dict[str, Tally]] = {}
        self._types: dict[Hashable, str] = {}
        self._see: dict[str, Callable[[float, str, Detail], None]] = {
            "published": self._see_publish,
            "enqueued": self._see_enqueued,
            "delivered": self._see_delivery,
            "get-empty": self._see_empty,
            "acked": self._see_ack,
            "returned": self._see_return,
            "unroutable": self._see_unroutable,
            "queue-declared": self._see_declared,
        }
        log.read_with(self)

    # --- counting ------------------------------------------------------------------------------------

    def see(self, at: float, service: str, kind: str, subject: str, detail: Detail) -> None:
        """Count an event."""
        if service != "amqp":
            return
        see = self._see.get(kind)
        if see is not None:
            see(at, subject, detail)
        elif kind in _CHURN:
            self._add(at, (_ALL,), (_CHURN[kind],))

    def _see_publish(self, at: float, exchange: str, detail: Detail) -> None:
        names = ("publish", "confirm") if detail.get("confirm") else ("publish",)
        self._add(at, _places(detail), names)
        self._add(at, (_exchange(exchange, detail),), ("publish_in",))

    def _see_enqueued(self, at: float, queue: str, detail: Detail) -> None:
        exchange = detail["exchange"]
        if exchange is None:
            return  # a dead letter, which nobody published
        self._add(at, (_queue(queue, detail),), ("publish",))
        self._add(at, (_ALL,), ("routed",))
        self._add(at, (_exchange(exchange, detail),), ("publish_out",))

    def _see_delivery(self, at: float, queue: str, detail: Detail) -> None:
        kind = "deliver" if "consumer_tag" in detail else "get"
        names = [f"{kind}_no_ack" if detail.get("no_ack") else kind, "deliver_get"]
        if detail.get("redelivered"):
            names.append("redeliver")
        self._add(at, self._places_of(queue, detail), names)

    def _see_empty(self, at: float, queue: str, detail: Detail) -> None:
        self._add(at, self._places_of(queue, detail), ("get_empty",))

    def _see_ack(self, at: float, queue: str, detail: Detail) -> None:
        self._add(at, self._places_of(queue, detail), ("ack",))

    def _see_return(self, at: float, exchange: str, detail: Detail) -> None:
        self._add(at, _places(detail), ("return_unroutable",))

    def _see_unroutable(self, at: float, exchange: str, detail: Detail) -> None:
        if not detail.get("mandatory"):
            self._add(at, _places(detail), ("drop_unroutable",))
        if not exchange and self._default_exchange_sends_on:
            self._add(at, (_exchange(exchange, detail),), ("publish_out",))

    def _see_declared(self, at: float, queue: str, detail: Detail) -> None:
        self._types[_queue(queue, detail)] = detail.get("queue_type", CLASSIC)
        names = ("queue_declared", "queue_created") if detail["created"] else ("queue_declared",)
        self._add(at, (_ALL,), names)

    def _places_of(self, name: str, detail: Detail) -> tuple[Hashable, ...]:
        """What a delivery belongs to: as well the queue, and all queues of its type."""
        queue = _queue(name, detail)
        return *_places(detail), queue, _all_of(self._types.get(queue, CLASSIC))

    def _add(self, at: float, places: Iterable[Hashable], names: Iterable[str]) -> None:
        for place in places:
            tallies = self._tallies.setdefault(place, {})
            for name in names:
                tally = tallies.get(name)
                if tally is None:
                    tally = tallies[name] = Tally()
                tally.add(at)

    def clear(self) -> None:
        """Begin anew."""
        self._log.read()
        self._tallies.clear()

    # --- what is shown -------------------------------------------------------------------------------

    def total(self, name: str) -> int:
        """How often something happened since the start."""
        return self._count(_ALL, name)

    def total_of_type(self, queue_type: str, name: str) -> int:
        """How often something happened to the queues of a type since the start."""
        return self._count(_all_of(queue_type), name)

    def of_queue(self, vhost: str, name: str, now: float) -> View:
        """`message_stats` of a queue."""
        return self._stats(("queue", vhost, name), _OF_QUEUES, now)

    def of_exchange(self, vhost: str, name: str, now: float) -> View:
        """`message_stats` of an exchange."""
        return self._stats(("exchange", vhost, name), _OF_EXCHANGES, now)

    def of_channel(self, name: str, now: float) -> View:
        """`message_stats` of a channel, by the name that events give it."""
        return self._stats(("channel", name), _OF_BOTH, now)

    def of_vhost(self, name: str, now: float) -> View:
        """`message_stats` of a virtual host."""
        return self._stats(("vhost", name), _OF_BOTH, now)

    def of_everything(self, now: float) -> View:
        """`message_stats` of the whole broker; nothing before the first message."""
        shown: View = self._stats(_ALL, _OF_BOTH, now).get("message_stats", {})
        return shown

    def _stats(self, place: Hashable, groups: Iterable[tuple[str, ...]], now: float) -> View:
        """The groups of which something was counted; nothing where none was."""
        known = self._tallies_of(place).keys()
        names = [name for group in groups if not known.isdisjoint(group) for name in group]
        return {"message_stats": self._detailed(place, names, now)} if names else {}

    def churn(self, now: float) -> View:
        """`churn_rates`: connections, channels and queues that came and went."""
        return self._detailed(_ALL, CHURN, now)

    def _detailed(self, place: Hashable, names: Iterable[str], now: float) -> View:
        tallies = self._tallies_of(place)
        shown: View = {}
        for name in names:
            tally = tallies.get(name, _NEVER)
            shown |= detailed(name, tally.count, tally.rate(now))
        return shown

    def _count(self, place: Hashable, name: str) -> int:
        return self._tallies_of(place).get(name, _NEVER).count

    def _tallies_of(self, place: Hashable) -> dict[str, Tally]:
        self._log.read()
        return self._tallies.get(place, {})


_NEVER = Tally()


def _places(detail: Detail) -> tuple[Hashable, ...]:
    """The broker, the virtual host, and the channel where there is one."""
    vhost = ("vhost", detail.get("vhost", "/"))
    if "channel" not in detail:
        return _ALL, vhost
    return _ALL, vhost, ("channel", detail["channel"])


def _all_of(queue_type: str) -> Hashable:
    return "type", queue_type


def _queue(name: str, detail: Detail) -> Hashable:
    return "queue", detail.get("vhost", "/"), name


def _exchange(name: str, detail: Detail) -> Hashable:
    return "exchange", detail.get("vhost", "/"), name
