"""A message's whole life: from its publish through topics, queues and dead letters, as one tree.

Every event names the one that led to it, so a message is followed across SNS, SQS and dead-letter queues,
and across exchanges, queues and dead-letter exchanges, though its id may change on the way. What an event
means is `story.py`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.control.parameters import ControlError, Parameter
from tomodachi_fakes.control.story import arrival, sentence, short

if TYPE_CHECKING:
    from tomodachi_fakes.events import Event
    from tomodachi_fakes.servers.fake_broker import FakeBroker

View = dict[str, Any]
TIMELINE = (
    Parameter("message_id", "string", "the broker's id of the message", required=True),
    Parameter("queue", "string", "name or ARN of the queue where it lies: tells why it is there"),
)
RECENT = (
    Parameter("limit", "integer", "how many messages", default=50, minimum=0),
    Parameter("search", "string", "a part of its id, or of a queue, topic or exchange it was in"),
)
_MOST_EVENTS = 500
_LOOKED_AT = 20_000


def timeline(broker: FakeBroker, given: View) -> View:
    """What happened to a message, and to its copies, with causes; and why it is where it is.

    Raises:
        ControlError: 404, the event log tells of no such message.
    """
    events = list(broker.events)
    story = _story(events, given["message_id"])
    if not story:
        raise ControlError(
            404,
            f"no event tells of a message {given['message_id']!r}. It may be older than the event "
            "log, which keeps the latest 100,000 events and forgets all with a reset.",
        )
    shown = story[:_MOST_EVENTS]
    return {
        "message_id": given["message_id"],
        "why": _why(story, given["message_id"], given["queue"]),
        "left_out": len(story) - len(shown),
        "events": _tree(shown, given["message_id"]),
    }


def origin(broker: FakeBroker, message_id: str) -> Event | None:
    """The event that a message's life began with; None when the log tells of no such message."""
    story = _story(list(broker.events), message_id)
    return story[0] if story else None


def why(broker: FakeBroker, message_id: str, queue: str | None) -> list[str]:
    """The steps that brought a message where it is; none when the log tells of no such message."""
    story = _story(list(broker.events), message_id)
    return _why(story, message_id, queue) if story else []


def _story(events: list[Event], message_id: str) -> list[Event]:
    """Events of the message, all that led to them, and all that came of that."""
    by_seq = {event.seq: event for event in events}
    chosen = {_root(event, by_seq).seq for event in events if _is_about(event, message_id)}
    story: list[Event] = []
    for event in events:  # a cause is always older than what it caused
        if event.seq in chosen or event.cause in chosen:
            chosen.add(event.seq)
            story.append(event)
    return story


def _is_about(event: Event, message_id: str) -> bool:
    # A redriven message gets a new id, which its move tells.
    return message_id in (event.message_id, event.detail.get("new_message_id"))


def _root(event: Event, by_seq: dict[int, Event]) -> Event:
    while event.cause is not None and event.cause in by_seq:
        event = by_seq[event.cause]
    return event


def _tree(story: list[Event], message_id: str) -> list[View]:
    """The events in order, each with its level: what branches off is one deeper than its cause."""
    levels: dict[int, int] = {}
    branches: dict[int | None, int] = {}
    for event in story:
        branches[event.cause] = branches.get(event.cause, 0) + 1
    rows = []
    for event in story:
        level = levels.get(event.cause or 0, 0)
        if event.cause in levels and branches[event.cause] > 1:
            level += 1
        levels[event.seq] = level
        rows.append(
            {
                "seq": event.seq,
                "at": event.at,
                "service": event.service,
                "kind": event.kind,
                "subject": event.subject,
                "message_id": event.message_id,
                "own": _is_about(event, message_id),
                "cause": event.cause,
                "level": level,
                "text": sentence(event),
                "detail": event.detail,
            }
        )
    return rows


def _why(story: list[Event], message_id: str, queue: str | None) -> list[str]:
    """The steps that brought a message where it is, each the cause of the next."""
    by_seq = {event.seq: event for event in story}
    own = [event for event in story if _is_about(event, message_id)]
    arrivals = [event for event in own if _arrives(event, queue)]
    step: Event | None = (arrivals or own)[-1]
    steps: list[str] = []
    while step is not None:
        steps.append(sentence(step))
        step = by_seq.get(step.cause) if step.cause is not None else None
    return steps[::-1]


def _arrives(event: Event, queue: str | None) -> bool:
    target = arrival(event)
    return target is not None and (queue is None or queue in (target, short(target)))


def recent(broker: FakeBroker, given: View) -> list[View]:
    """Messages that something happened to lately, the latest first, with what it was."""
    wanted = given["search"]
    found: dict[str, View] = {}
    for event in reversed(list(broker.events.after(broker.events.seq - _LOOKED_AT))):
        if event.message_id is None or event.message_id in found:
            continue
        if wanted is None or wanted in event.message_id or wanted in event.subject:
            found[event.message_id] = {
                "message_id": event.message_id,
                "at": event.at,
                "service": event.service,
                "kind": event.kind,
                "subject": event.subject,
                "text": sentence(event),
            }
        if len(found) == given["limit"]:
            break
    return list(found.values())
