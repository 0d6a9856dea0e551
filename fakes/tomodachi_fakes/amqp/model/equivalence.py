"""Whether a redeclaration has the same arguments as what it declares again, and what is said when it has not.

Source: https://www.rabbitmq.com/docs/queues#property-equivalence, texts as RabbitMQ answers them
"""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.fields import INTEGERS, Field, FieldType, Table
from tomodachi_fakes.amqp.model import erlang
from tomodachi_fakes.amqp.model.ages import age_in_ms
from tomodachi_fakes.amqp.model.arguments import (
    CLASSIC,
    compared,
    is_known,
    queue_type_of,
    refused,
    takes,
    text_of,
)
from tomodachi_fakes.amqp.model.profiles import Profile


def check_equivalent(given: Table, current: Table, where: str, profile: Profile) -> None:
    """Refuse a redeclaration whose arguments differ from the queue's.

    Raises:
        AmqpChannelError: 406.
    """
    kind = queue_type_of(current)
    for name in compared(kind):
        if name != "x-queue-type" and not (takes(kind, name, profile) and is_known(name, profile)):
            continue
        new, old = given.get(name), current.get(name)
        if name == "x-queue-type":
            new, old = _typed_queue(new, old, profile)
        elif name == "x-max-age" and profile.ages_in_ms:
            new, old = _age_in_ms(new), _age_in_ms(old)
        compare_argument(name, new, old, where)


def _age_in_ms(field: Field | None) -> Field | None:
    """An age as 4.3 compares it; what is none stays as it is."""
    ms = None if field is None else age_in_ms(text_of(field))
    return field if ms is None else Field(FieldType.LONGSTR, str(ms).encode())


def _typed_queue(
    new: Field | None, old: Field | None, profile: Profile
) -> tuple[Field | None, Field | None]:
    """x-queue-type as it is compared: "classic" and nothing are the same."""
    classic = Field(FieldType.LONGSTR, CLASSIC.encode())
    if (new or classic) == (old or classic):
        return None, None
    return (new, old) if profile.default_type_unset else (new or classic, old or classic)


def compare_argument(name: str, new: Field | None, old: Field | None, where: str) -> None:
    """Refuse two values of one argument that are not the same.

    Raises:
        AmqpChannelError: 406.
    """
    if new is None and old is None:
        return
    if new is not None and old is not None:
        if _comparable(new) == _comparable(old):
            return
        received, present = f"'{_shown(new)}'", f"'{_shown(old)}'"
    else:
        received, present = _with_type(new), _with_type(old)
    raise inequivalent(name, where, received, present)


def _comparable(field: Field) -> tuple[str, Any]:
    return ("integer" if field.type in INTEGERS else field.type.title, field.value)


def _shown(field: Field) -> str:
    return text_of(field) if isinstance(field.value, bytes) else erlang.term(field)


def _with_type(field: Field | None) -> str:
    if field is None:
        return "none"
    return f"the value '{_shown(field)}' of type '{field.type.title}'"


def inequivalent(name: str, where: str, received: str, current: str) -> AmqpChannelError:
    """406 for a redeclaration that differs in `name`; values as they are to be shown."""
    return refused(
        f"inequivalent arg '{name}' for {where}: received {received} but current is {current}"
    )
