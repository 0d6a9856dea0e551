"""Dead letters: what a message looks like when it leaves a queue for its dead-letter exchange.

One `x-death` entry for each queue and reason, newest first (on 3.10 only the first is sure), with a count; `x-first-death-*` once;
`x-last-death-*` on 4.x; headers come in the order of their names. The message's own expiration moves into the entry. A letter that would come
back to a queue it died in, with no rejection since, is dropped.

Source: https://www.rabbitmq.com/docs/dlx
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.fields import Field, FieldType, Table, text
from tomodachi_fakes.amqp.model.message import Entry, Message, route_octets
from tomodachi_fakes.amqp.model.profiles import Profile
from tomodachi_fakes.amqp.properties import encode_header

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.queue import Queue


class Reason(StrEnum):
    """Why a message left its queue."""

    REJECTED = "rejected"
    EXPIRED = "expired"
    MAXLEN = "maxlen"
    DELIVERY_LIMIT = "delivery_limit"


EVENTS = {
    Reason.REJECTED: "rejected",
    Reason.EXPIRED: "expired",
    Reason.MAXLEN: "dropped",
    Reason.DELIVERY_LIMIT: "rejected",
}


def letter_of(queue: Queue, entry: Entry, reason: Reason, time: int, profile: Profile) -> Message:
    """The message that goes to the dead-letter exchange. `time` is in Unix seconds."""
    message, rules = entry.message, queue.rules
    properties = message.properties
    headers: Table = dict(properties.get("headers", {}))
    if profile.client_deaths_ignored and not message.is_letter:
        headers.pop("x-death", None)
    keys = message.routing_keys
    if rules.dead_letter_routing_key is not None:
        keys = (rules.dead_letter_routing_key,)
        if not profile.copies_stay:
            headers.pop("CC", None)
    death = _death(message, queue.name, reason, time, properties.pop("expiration", None), profile)
    facts = {"exchange": message.exchange, "queue": queue.name, "reason": reason.value}
    if "x-death" not in headers:
        headers |= {f"x-first-death-{name}": text(value) for name, value in facts.items()}
    if profile.last_death_headers:
        headers |= {f"x-last-death-{name}": text(value) for name, value in facts.items()}
    headers["x-death"] = Field(FieldType.ARRAY, _recorded(headers, death, profile))
    properties["headers"] = dict(sorted(headers.items()))
    exchange = rules.dead_letter_exchange or ""
    letter = Message(
        exchange,
        keys,
        route_octets(exchange, keys[0]),
        encode_header(len(message.body), properties),
        message.body,
        message.number,
    )
    letter.is_letter = True
    return letter


def _death(
    message: Message, queue: str, reason: str, time: int, expiration: Any, profile: Profile
) -> Table:
    shown = [text(key) for key in message.routing_keys if key not in message.hidden_keys]
    death: Table = {
        "count": Field(FieldType.LONG, 1),
        "reason": text(reason),
        "queue": text(queue),
        "time": Field(FieldType.TIMESTAMP, time),
        "exchange": text(message.exchange),
        "routing-keys": Field(FieldType.ARRAY, shown),
    }
    if expiration is not None:
        own = {"original-expiration": text(expiration)}
        death = {**own, **death} if profile.death_expiration_first else {**death, **own}
    return death


def _recorded(headers: Table, death: Table, profile: Profile) -> list[Field]:
    """The x-death array with one death more: of a queue and reason seen before, counted up."""
    others: list[Field] = []
    for field in deaths_of(headers):
        table: Table = field.value
        if all(table.get(key) == death[key] for key in ("queue", "reason")):
            count = table.get("count", Field(FieldType.LONG, 1)).value
            death = {**table, "count": Field(FieldType.LONG, count + 1)}
        else:
            others.append(field)
    known = headers.get("x-death")
    if known is not None and known.type is FieldType.ARRAY and not profile.death_expiration_first:
        death = dict(sorted(death.items()))  # 3.10 writes every entry but the first in key order
    if profile.deaths_turn_over:
        others.reverse()
    return [Field(FieldType.TABLE, death), *others]


def deaths_of(headers: Table) -> list[Field]:
    """The entries of x-death, newest first; what a client wrote there instead is ignored."""
    field = headers.get("x-death")
    if field is None or field.type is not FieldType.ARRAY:
        return []
    return [item for item in field.value if item.type is FieldType.TABLE]


def is_cycle(letter: Message, target: str, reason: Reason) -> bool:
    """Whether the letter died in `target` before and nobody rejected it since.

    Source: https://www.rabbitmq.com/docs/dlx#routing
    """
    if reason is Reason.REJECTED:
        return False
    for field in deaths_of(letter.headers):
        death: Table = field.value
        if death.get("reason") == text(Reason.REJECTED):
            return False
        if death.get("queue") == text(target):
            return True
    return False
