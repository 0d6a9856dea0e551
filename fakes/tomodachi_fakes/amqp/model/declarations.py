"""What may be declared: exchange types and arguments, equivalence of exchanges, replicated queues.

Queue arguments are checked in `arguments.py`.

Source: https://www.rabbitmq.com/docs/exchanges, texts as RabbitMQ answers them
"""

from __future__ import annotations

from tomodachi_fakes.amqp.errors import AmqpChannelError, AmqpConnectionError
from tomodachi_fakes.amqp.fields import FieldType, Table
from tomodachi_fakes.amqp.model import erlang
from tomodachi_fakes.amqp.model.equivalence import compare_argument, inequivalent
from tomodachi_fakes.amqp.model.exchanges import DELAYED, EXCHANGE_TYPES, Exchange
from tomodachi_fakes.amqp.model.profiles import Profile
from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply

# RabbitMQ calls a type unknown that is no word (atom) of its own program, else invalid. These are words that
# people try. Source: RabbitMQ 3.10.8, 4.0.5 and 4.3.6.
_WORDS_OF_RABBITMQ = frozenset({
    "", "a", "bad", "bar", "broadcast", "default", "exchange", "foo", "invalid", "invalid_type",
    "multicast", "none", "null", "queue", "rpc", "system", "test", "type", "unknown", "x",
})  # fmt: skip


def check_exchange_type(kind: str, profile: Profile) -> None:
    """Refuse an unknown exchange type.

    Raises:
        AmqpChannelError: 406.
        AmqpConnectionError: 503, on 3.10.
    """
    if kind in EXCHANGE_TYPES or kind in profile.more_exchange_types:
        return
    known = kind in _WORDS_OF_RABBITMQ or kind in profile.more_words
    explanation = f"{'invalid' if known else 'unknown'} exchange type '{kind}'"
    if profile.unknown_exchange_type_is_hard:
        raise AmqpConnectionError(ConnectionReply.COMMAND_INVALID, explanation)
    raise AmqpChannelError(ChannelReply.PRECONDITION_FAILED, explanation)


def quoted(value: bool) -> str:  # noqa: FBT001 - the value shown
    """A flag as reply texts show it."""
    return "'true'" if value else "'false'"


def check_same_exchange(
    current: Exchange, given: dict[str, str | bool], arguments: Table, where: str
) -> None:
    """Refuse a redeclaration that differs.

    Raises:
        AmqpChannelError: 406.
    """
    present = {
        "type": current.kind,
        "durable": current.durable,
        "auto_delete": current.auto_delete,
        "internal": current.internal,
    }
    for name, value in given.items():
        now = present[name]
        if value == now:
            continue
        if isinstance(value, bool) and isinstance(now, bool):
            raise inequivalent(name, where, quoted(value), quoted(now))
        raise inequivalent(
            name, where, f"'{erlang.atom(str(value))}'", f"'{erlang.atom(str(now))}'"
        )
    name = "alternate-exchange"
    compare_argument(name, arguments.get(name), current.arguments.get(name), where)


def check_exchange_arguments(kind: str, arguments: Table, where: str) -> None:
    """Refuse arguments that RabbitMQ refuses.

    Raises:
        AmqpChannelError: 406.
    """
    field = arguments.get("alternate-exchange")
    if field is not None and field.type is not FieldType.LONGSTR:
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED,
            f"invalid type '{field.type.title}' for arg 'alternate-exchange' in {where}",
        )
    if kind != DELAYED:
        return
    inner = arguments.get("x-delayed-type")
    known = inner is not None and inner.value in [name.encode() for name in EXCHANGE_TYPES]
    if not known or (inner is not None and inner.value == DELAYED.encode()):
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED,
            "Invalid argument, 'x-delayed-type' must be an existing exchange type",
        )


def check_replicated(where: str, *, durable: bool, auto_delete: bool, exclusive: bool) -> None:
    """Refuse a quorum queue or stream that is not durable, or that would go by itself.

    Raises:
        AmqpChannelError: 406.
    """
    for property_name, wrong in (
        ("auto-delete", auto_delete),
        ("exclusive-owner", exclusive),
        ("non-durable", not durable),
    ):
        if wrong:
            raise AmqpChannelError(
                ChannelReply.PRECONDITION_FAILED, f"invalid property '{property_name}' for {where}"
            )
