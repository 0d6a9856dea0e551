"""What one event of a message's life means, in a sentence: the answer to "why is it here?".

`timeline.py` finds the events; this decides their words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomodachi_fakes.events import Event

Detail = dict[str, Any]


def sentence(event: Event) -> str:
    """What happened, for people."""
    told = _SENTENCES.get((event.service, event.kind))
    if told is None:
        return f"{event.kind.capitalize().replace('-', ' ')}: {short(event.subject)}"
    return told(short(event.subject), event.detail)


def arrival(event: Event) -> str | None:
    """The queue that a message came into with this event; None when it came into none."""
    if (event.service, event.kind) in (("sqs", "sent"), ("amqp", "enqueued")):
        return event.subject
    if event.service == "sqs" and event.kind in ("dead-lettered", "moved"):
        return str(event.detail["target"])
    return None


def short(name: str) -> str:
    """The last part of an ARN, or the name itself; of a subscription its topic."""
    parts = name.split(":")
    if parts[0] != "arn" or len(parts) < 6:
        return name
    return parts[5] if parts[2] == "sns" else parts[-1]


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _received(queue: str, detail: Detail) -> str:
    count = detail["receive_count"]
    return f"Received from {queue}" + (f", for the {_ordinal(count)} time" if count > 1 else "")


def _ordinal(number: int) -> str:
    last = (
        "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{last}"


def _dead_lettered_by_sqs(queue: str, detail: Detail) -> str:
    return (
        f"Received {_times(detail['receive_count'])} from {queue} and never deleted: the redrive policy "
        f"moves it to {short(detail['target'])}"
    )


_REASONS = {
    "rejected": "a consumer rejected it",
    "expired": "its time to live had passed",
    "maxlen": "the queue was full",
    "delivery_limit": "it was delivered too often",
}


def _dead_lettered_by_amqp(queue: str, detail: Detail) -> str:
    why = _REASONS.get(detail["reason"], detail["reason"])
    to = ", ".join(detail["queues"]) or "no queue: it is gone"
    exchange = _exchange(detail["exchange"])
    return f"Dead-lettered from {queue} because {why}, through {exchange} to {to}"


def _exchange(name: str) -> str:
    return f"exchange {name}" if name else "the default exchange"


def _published(exchange: str, detail: Detail) -> str:
    return f"Published to {_exchange(exchange)} with routing key {detail['routing_key']!r}"


def _delivered(queue: str, detail: Detail) -> str:
    tag = detail.get("consumer_tag")
    how = "fetched with basic.get" if tag is None else f"delivered to consumer {tag}"
    settled = "; nobody has to acknowledge it" if detail.get("no_ack") else ""
    return f"From {queue}, {how}{settled}"


def _to_endpoint(detail: Detail) -> str:
    return f"{detail.get('protocol', '')} {short(detail.get('endpoint', ''))}".strip()


def _failed(topic: str, detail: Detail) -> str:
    return f"Delivery failed: {detail.get('reason', 'no reason given')}"


def _given_up(topic: str, detail: Detail) -> str:
    return f"Given up, and no dead-letter queue takes it: {detail.get('reason', '')}"


def _dead_lettered_by_sns(topic: str, detail: Detail) -> str:
    return (
        f"Could not be delivered ({detail['reason']}): the subscription's dead-letter queue "
        f"{short(detail['queue'])} gets it"
    )


def _rejected(queue: str, detail: Detail) -> str:
    why = _REASONS.get(detail["reason"], detail["reason"])
    return f"Left {queue}: {why}"


_SENTENCES: dict[tuple[str, str], Callable[[str, Detail], str]] = {
    ("sns", "published"): lambda topic, d: f"Published to topic {topic}",
    ("sns", "routed"): lambda topic, d: f"Subscribed, and let through: on to {_to_endpoint(d)}",
    ("sns", "filtered"): lambda topic, d: f"Filter policy holds it back from {_to_endpoint(d)}",
    ("sns", "deduplicated"): lambda topic, d: f"A duplicate for {topic}: not published again",
    ("sns", "sent"): lambda topic, d: "Posted, and taken by the endpoint",
    ("sns", "failed"): _failed,
    ("sns", "discarded"): _given_up,
    ("sns", "dead-lettered"): _dead_lettered_by_sns,
    ("sqs", "sent"): lambda queue, d: (
        f"Sent to {queue}" + (f", hidden for {d['delay_s']:g} s" if d.get("delay_s") else "")
    ),
    ("sqs", "received"): _received,
    ("sqs", "deleted"): lambda queue, d: f"Deleted from {queue}: done",
    ("sqs", "expired"): lambda queue, d: f"Retention period of {queue} ended: gone",
    ("sqs", "delay-ended"): lambda queue, d: f"Its delay ended: ready in {queue}",
    ("sqs", "visibility-timeout-ended"): lambda queue, d: (
        f"Nobody deleted it within the visibility timeout: ready in {queue} again"
    ),
    ("sqs", "visibility-changed"): lambda queue, d: (
        f"Its receiver changed the visibility timeout to {d['timeout_s']:g} s"
    ),
    ("sqs", "dead-lettered"): _dead_lettered_by_sqs,
    ("sqs", "moved"): lambda queue, d: f"Redriven from {queue} to {short(d['target'])}",
    ("amqp", "published"): _published,
    ("amqp", "enqueued"): lambda queue, d: f"Routed to queue {queue}",
    ("amqp", "unroutable"): lambda name, d: f"No binding of {_exchange(name)} takes it: dropped",
    ("amqp", "returned"): lambda name, d: f"No binding of {_exchange(name)} takes it: returned",
    ("amqp", "delivered"): _delivered,
    ("amqp", "acked"): lambda queue, d: f"Acknowledged: done with {queue}",
    ("amqp", "requeued"): lambda queue, d: f"Given back to {queue} by its consumer",
    ("amqp", "rejected"): _rejected,
    ("amqp", "expired"): _rejected,
    ("amqp", "dropped"): _rejected,
    ("amqp", "dead-lettered"): _dead_lettered_by_amqp,
}  # fmt: skip
