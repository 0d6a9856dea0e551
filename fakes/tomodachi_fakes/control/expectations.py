"""Wait until a message is in a queue, or see that none comes.

A message counts when it is there, or when it came after the wait began: one that a fast consumer took at
once counts as well. Pure: the shell keeps the time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.fields import plain_table
from tomodachi_fakes.amqp.model.message import Message
from tomodachi_fakes.control.parameters import Parameter
from tomodachi_fakes.control.queues import (
    OF_A_QUEUE,
    AmqpPlace,
    amqp_message,
    find_queue,
    messages_of,
    sqs_message,
)
from tomodachi_fakes.sqs.message import StoredMessage

if TYPE_CHECKING:
    from tomodachi_fakes.events import Event
    from tomodachi_fakes.servers.fake_broker import FakeBroker

View = dict[str, Any]
CRITERIA = (
    *OF_A_QUEUE,
    Parameter("body", "string", "the whole body"),
    Parameter("body_contains", "string", "a part of the body"),
    Parameter("body_json", "object", "members that a JSON body has, among others"),
    Parameter("attributes", "object", "attributes or headers that it has, among others"),
)
AWAIT = (
    *CRITERIA,
    Parameter("count", "integer", "how many messages", default=1, minimum=1),
    Parameter("timeout_s", "number", "longest wait, in seconds", default=10.0, minimum=0),
)
EXPECT_NONE = (
    *CRITERIA,
    Parameter("within_s", "number", "for how long, in seconds", default=1.0, minimum=0),
)
_ARRIVALS = {"sqs": "sent", "amqp": "enqueued"}
_MOVES = ("dead-lettered", "moved")
_REMEMBERED = 10_000


class Expectation:
    """Messages of one queue that fit, those that were there and those that come.

    Attributes:
        found: The messages.
        on_found: Called when one comes.

    Raises:
        ControlError: there is no such queue.
    """

    def __init__(self, broker: FakeBroker, given: View) -> None:
        self._broker = broker
        self._given = given
        place = find_queue(broker, given)
        amqp = isinstance(place, AmqpPlace)
        self._service = "amqp" if amqp else "sqs"
        self._subject = place.queue.name if isinstance(place, AmqpPlace) else place.arn
        self._published: dict[str, Message] = {}
        self.on_found: Callable[[], None] = lambda: None
        self.found = [view for view in messages_of(broker, place) if fits(view, given)]
        self._stop = broker.events.watch(self._see)

    def close(self) -> None:
        """Look no longer."""
        self._stop()

    def _see(self, event: Event, payload: object) -> None:
        if event.service != self._service:
            return
        if isinstance(payload, Message) and event.message_id is not None:
            # The event of its arrival does not carry the message; that of its publish does.
            if len(self._published) >= _REMEMBERED:
                self._published.clear()
            self._published[event.message_id] = payload
        if not self._is_arrival(event):
            return
        view = self._view(event, payload)
        if view is not None and fits(view, self._given):
            self.found.append(view)
            self.on_found()

    def _is_arrival(self, event: Event) -> bool:
        # SQS tells what was dead-lettered or moved of the queue that it left.
        if self._service == "sqs" and event.kind in _MOVES:
            return bool(event.detail["target"] == self._subject)
        return event.subject == self._subject and event.kind == _ARRIVALS[self._service]

    def _view(self, event: Event, payload: object) -> View | None:
        if isinstance(payload, StoredMessage):
            return sqs_message(payload, "ready")
        message = self._published.get(event.message_id or "")
        if message is None:
            return None
        properties = message.properties
        if "headers" in properties:
            properties["headers"] = plain_table(properties["headers"])
        return amqp_message(
            {
                "message_id": message.message_id,
                "exchange": message.exchange,
                "routing_key": message.routing_key,
                "properties": properties,
                "body": message.body,
            },
            "ready",
        )


def fits(view: View, given: View) -> bool:
    """Whether a message is what a call asks for."""
    body = view["body"]
    if given["body"] is not None and body != given["body"]:
        return False
    if given["body_contains"] is not None and given["body_contains"] not in body:
        return False
    if given["body_json"] is not None and not _json_has(body, given["body_json"]):
        return False
    wanted = given["attributes"] or {}
    has = view["attributes"]
    return all(name in has and str(has[name]) == str(value) for name, value in wanted.items())


def _json_has(body: str, wanted: View) -> bool:
    try:
        content = json.loads(body)
    except ValueError:
        return False
    return isinstance(content, dict) and all(
        name in content and content[name] == value for name, value in wanted.items()
    )
