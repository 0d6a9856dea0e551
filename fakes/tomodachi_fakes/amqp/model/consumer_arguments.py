"""Arguments of `basic.consume`: which queue type takes which, and which values they have.

Whether a stream has the offset that is asked for is the stream's own matter; unknown arguments are taken.

Source: https://www.rabbitmq.com/docs/consumers, texts as RabbitMQ 3.10.8, 4.0.5 and 4.3.6 answer them
"""

from __future__ import annotations

from tomodachi_fakes.amqp.fields import INTEGERS, Table
from tomodachi_fakes.amqp.model.arguments import CLASSIC, QUORUM, STREAM, refused
from tomodachi_fakes.amqp.model.profiles import Profile

_TAKEN_BY = {
    CLASSIC: ("x-priority", "x-cancel-on-ha-failover"),
    QUORUM: ("x-priority", "x-consumer-timeout"),
    STREAM: ("x-stream-offset", "x-stream-filter", "x-stream-match-unfiltered"),
}
_NUMBERS = ("x-priority", "x-consumer-timeout")


def check_numbers(kind: str, arguments: Table, where: str, profile: Profile) -> None:
    """Refuse what should be a number and is none, of what the queue type takes.

    Raises:
        AmqpChannelError: 406.
    """
    for name in _NUMBERS:
        field = arguments.get(name)
        if field is None or name not in _TAKEN_BY[kind] or name not in profile.consumer_arguments:
            continue
        if field.type not in INTEGERS:
            expected = f'"expected integer, got {field.type.title}"'
            msg = f"invalid arg '{name}' for {where}: {expected}"
            raise refused(msg)


def check_taken(kind: str, arguments: Table, where: str, profile: Profile) -> None:
    """Refuse what the release knows and the queue type does not take.

    Raises:
        AmqpChannelError: 406.
    """
    for name in arguments:
        if name in profile.consumer_arguments and name not in _TAKEN_BY[kind]:
            msg = f"invalid arg '{name}' for {where} of queue type rabbit_{kind}_queue"
            raise refused(msg)


def priority_of(kind: str, arguments: Table) -> int:
    """The consumer's priority."""
    field = arguments.get("x-priority")
    return 0 if field is None or kind == STREAM else int(field.value)
