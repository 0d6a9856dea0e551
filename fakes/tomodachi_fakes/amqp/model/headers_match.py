"""Headers matching: `x-match` all, any, all-with-x, any-with-x.

A void value in the binding asks only for the header's presence; values are compared without their
types: before 4.0 1 and 1.0 are the same, and an empty table and an empty array are.

Source: https://www.rabbitmq.com/docs/exchanges#headers; AMQP 0-9-1 spec 3.1.3.4
"""

from __future__ import annotations

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.fields import Field, FieldType, Table
from tomodachi_fakes.amqp.model import erlang
from tomodachi_fakes.amqp.reply_codes import ChannelReply

_LISTS = (FieldType.ARRAY, FieldType.TABLE)
_MODES = (b"all", b"any", b"all-with-x", b"any-with-x")


def check_match_argument(arguments: Table) -> None:
    """Refuse a binding whose `x-match` RabbitMQ refuses.

    Raises:
        AmqpChannelError: 406.
    """
    field = arguments.get("x-match")
    if field is None:
        return
    if field.type is not FieldType.LONGSTR:
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED,
            f"Invalid x-match field type {field.type.title} (value {erlang.term(field)}); "
            "expected longstr",
        )
    if field.value not in _MODES:
        raise AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED,
            f"Invalid x-match field value {erlang.term(field)}; "
            "expected all, any, all-with-x, or any-with-x",
        )


def headers_match(arguments: Table, headers: Table, *, numbers_match: bool) -> bool:
    """Whether a message with `headers` takes a binding with `arguments`.

    Args:
        arguments: Of the binding.
        headers: Of the message.
        numbers_match: 1 and 1.0 are the same.
    """
    field = arguments.get("x-match")
    mode = field.value.decode("utf-8", "surrogateescape") if field is not None else "all"
    wanted = {
        name: value
        for name, value in arguments.items()
        if name != "x-match" and (mode.endswith("with-x") or not name.startswith("x-"))
    }
    hits = (
        name in headers and _same(value, headers[name], numbers_match)
        for name, value in wanted.items()
    )
    return any(hits) if mode.startswith("any") else all(hits)


def _same(wanted: Field, given: Field, numbers_match: bool) -> bool:  # noqa: FBT001 - private
    if wanted.type is FieldType.VOID:
        return True
    if FieldType.BOOL in (wanted.type, given.type):
        return wanted == given
    if wanted.type in _LISTS and given.type in _LISTS:
        return (not wanted.value and not given.value) or wanted == given
    same_kind = numbers_match or isinstance(wanted.value, float) == isinstance(given.value, float)
    return same_kind and bool(wanted.value == given.value)
