"""Queue arguments: one validator each, with RabbitMQ's text; which queue type takes which; equivalence.

Unknown arguments are accepted and never compared.

Source: https://www.rabbitmq.com/docs/queues#optional-arguments, texts as RabbitMQ answers them
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tomodachi_fakes.amqp.errors import AmqpChannelError, AmqpConnectionError
from tomodachi_fakes.amqp.fields import INTEGERS, Field, FieldType, Table
from tomodachi_fakes.amqp.model import erlang
from tomodachi_fakes.amqp.model.profiles import Profile
from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply

CLASSIC, QUORUM, STREAM = "classic", "quorum", "stream"
QUEUE_TYPES = (CLASSIC, QUORUM, STREAM)
OVERFLOWS = ("drop-head", "reject-publish", "reject-publish-dlx")
_MAX_PRIORITY = 255
MAX_EXPIRY_MS = 315_360_000_000  # ten years
_MAX_AGE = re.compile(r"0*[1-9]\d*[YMDhms]\Z")

_MAX_SEGMENT_SIZE = 3_000_000_000
_LEADER_LOCATORS = (b"client-local", b"balanced", b"random", b"least-leaders")

_COMMON = {"x-expires", "x-queue-type", "x-queue-leader-locator"}
_DEAD_LETTERS = {"x-dead-letter-exchange", "x-dead-letter-routing-key"}
_LENGTHS = {"x-max-length", "x-max-length-bytes", "x-overflow"}
_TAKEN_BY = {
    CLASSIC: _COMMON
    | _DEAD_LETTERS
    | _LENGTHS
    | {
        "x-message-ttl",
        "x-max-priority",
        "x-queue-mode",
        "x-queue-version",
        "x-single-active-consumer",
        "x-queue-master-locator",
    },
    QUORUM: _COMMON
    | _DEAD_LETTERS
    | _LENGTHS
    | {
        "x-message-ttl",
        "x-dead-letter-strategy",
        "x-single-active-consumer",
        "x-quorum-initial-group-size",
        "x-delivery-limit",
        "x-max-in-memory-length",
        "x-max-in-memory-bytes",
        "x-quorum-target-group-size",
        "x-consumer-timeout",
    },
    STREAM: {
        "x-queue-type",
        "x-max-length-bytes",
        "x-max-age",
        "x-stream-max-segment-size-bytes",
        "x-stream-filter-size-bytes",
        "x-initial-cluster-size",
        "x-queue-leader-locator",
    },
}
_KNOWN = _TAKEN_BY[CLASSIC] | _TAKEN_BY[QUORUM] | _TAKEN_BY[STREAM]

_Check = Callable[[Field, Table, Profile], str | None]


def _integer(field: Field, arguments: Table, profile: Profile) -> str | None:
    if field.type not in INTEGERS:
        return f'"expected integer, got {field.type.title}"'
    if field.value < 0:
        return f"{{value_negative,{field.value}}}"
    return None


def _ttl(field: Field, arguments: Table, profile: Profile) -> str | None:
    if (refusal := _integer(field, arguments, profile)) is not None:
        return refusal
    return f"{{value_too_large,{field.value}}}" if field.value > MAX_EXPIRY_MS else None


def _expires(field: Field, arguments: Table, profile: Profile) -> str | None:
    if (refusal := _ttl(field, arguments, profile)) is not None:
        return refusal
    return "{value_zero,0}" if field.value == 0 else None


def _priority(field: Field, arguments: Table, profile: Profile) -> str | None:
    if (refusal := _integer(field, arguments, profile)) is not None:
        return refusal
    too_high = field.value > _MAX_PRIORITY
    return f"{{max_value_exceeded,{field.value}}}" if too_high else None


def _string(field: Field) -> str | None:
    if field.type is FieldType.LONGSTR:
        return None
    return f"{{unacceptable_type,{field.type.title}}}"


def _dead_letter_key(field: Field, arguments: Table, profile: Profile) -> str | None:
    missing = "x-dead-letter-exchange" not in arguments
    return _string(field) or ("routing_key_but_no_dlx_defined" if missing else None)


def _dead_letter_strategy(field: Field, arguments: Table, profile: Profile) -> str | None:
    known = field.value in (b"at-most-once", b"at-least-once")
    return _string(field) or (None if known else "invalid_dlx_strategy")


def _overflow(field: Field, arguments: Table, profile: Profile) -> str | None:
    known = _text(field) in OVERFLOWS
    return _string(field) or (None if known else "invalid_overflow")


def _mode(field: Field, arguments: Table, profile: Profile) -> str | None:
    if not profile.queue_mode_checked or field.value in (b"default", b"lazy"):
        return None
    return _string(field) or f"\"unsupported queue mode '{_text(field)}'\""


def _version(field: Field, arguments: Table, profile: Profile) -> str | None:
    if (refusal := _integer(field, arguments, profile)) is not None:
        return refusal
    return None if field.value in (1, 2) else f"\"unsupported queue version '{field.value}'\""


def _type(field: Field, arguments: Table, profile: Profile) -> str | None:
    known = _text(field) in QUEUE_TYPES
    return _string(field) or (None if known else f"\"unsupported queue type '{_text(field)}'\"")


def _flag(field: Field, arguments: Table, profile: Profile) -> str | None:
    boolean = field.type is FieldType.BOOL
    return None if boolean else f"{{unacceptable_type,{field.type.title}}}"


def _age(field: Field, arguments: Table, profile: Profile) -> str | None:
    if (refusal := _string(field)) is not None or _MAX_AGE.match(_text(field)):
        return refusal
    if profile.stream_errors_soft or _text(field)[:1].isdigit():
        return "invalid_max_age"
    raise AmqpConnectionError(ConnectionReply.INTERNAL_ERROR, "", class_id=0, method_id=0)


def _cluster_size(field: Field, arguments: Table, profile: Profile) -> str | None:
    if (refusal := _integer(field, arguments, profile)) is not None:
        return refusal
    return "{value_zero,0}" if field.value == 0 else None


def _delivery_limit(field: Field, arguments: Table, profile: Profile) -> str | None:
    """A negative limit is none; 3.10 takes anything."""
    if not profile.delivery_limit_checked or field.type in INTEGERS:
        return None
    return _integer(field, arguments, profile)


def _leader_locator(field: Field, arguments: Table, profile: Profile) -> str | None:
    known = field.value in _LEADER_LOCATORS
    return _string(field) or (None if known else "invalid_queue_locator_arg")


_CHECKS: dict[str, _Check] = {
    "x-expires": _expires,
    "x-message-ttl": _ttl,
    "x-dead-letter-routing-key": _dead_letter_key,
    "x-dead-letter-strategy": _dead_letter_strategy,
    "x-max-length": _integer,
    "x-max-length-bytes": _integer,
    "x-max-in-memory-length": _integer,
    "x-max-in-memory-bytes": _integer,
    "x-max-priority": _priority,
    "x-overflow": _overflow,
    "x-queue-mode": _mode,
    "x-queue-version": _version,
    "x-single-active-consumer": _flag,
    "x-queue-type": _type,
    "x-quorum-initial-group-size": _cluster_size,
    "x-delivery-limit": _delivery_limit,
    "x-consumer-timeout": _integer,
    "x-max-age": _age,
    "x-stream-max-segment-size-bytes": _integer,
    "x-initial-cluster-size": _cluster_size,
    "x-queue-leader-locator": _leader_locator,
}
_COMPARED = (*list(_CHECKS)[:2], "x-dead-letter-exchange", *list(_CHECKS)[2:])


def _text(field: Field) -> str:
    return field.value.decode("utf-8", "replace") if isinstance(field.value, bytes) else ""


def queue_type_of(arguments: Table) -> str:
    """The queue type that `arguments` ask for; classic when they don't."""
    field = arguments.get("x-queue-type")
    return CLASSIC if field is None or field.type is not FieldType.LONGSTR else _text(field)


def check_queue_arguments(arguments: Table, where: str, profile: Profile) -> None:
    """Refuse what RabbitMQ refuses; `where` is "queue 'q' in vhost '/'".

    Raises:
        AmqpChannelError: 406.
        AmqpConnectionError: 541, where a release crashes or a feature is gone.
    """
    dlx = arguments.get("x-dead-letter-exchange")
    if dlx is not None and dlx.type is not FieldType.LONGSTR:
        msg = f"invalid type '{dlx.type.title}' for arg 'x-dead-letter-exchange' in {where}"
        raise _refused(msg)
    if (kind := arguments.get("x-queue-type")) is not None:
        _check("x-queue-type", kind, arguments, where, profile)
    if profile.master_locator_refused and "x-queue-master-locator" in arguments:
        raise AmqpConnectionError(ConnectionReply.INTERNAL_ERROR, _MASTER_LOCATOR)
    _check_taken(arguments, where, profile)
    for name in _CHECKS:
        if name in arguments and name != "x-queue-type":
            _check(name, arguments[name], arguments, where, profile)
    _check_segment_size(arguments)


def _check_segment_size(arguments: Table) -> None:
    field = arguments.get("x-stream-max-segment-size-bytes")
    if field is not None and field.value > _MAX_SEGMENT_SIZE:
        raise _refused("Exceeded max value for x-stream-max-segment-size-bytes")


_MASTER_LOCATOR = (
    "Feature `queue_master_locator` is deprecated.\n"
    "By default, this feature is not permitted anymore.\n"
    "The feature will be removed from a future major RabbitMQ version, regardless of the "
    "configuration; actual version to be determined.\nTo continue using it, permit it in the settings."
)


def _check_taken(arguments: Table, where: str, profile: Profile) -> None:
    kind = queue_type_of(arguments)
    for name in sorted(arguments):
        if name not in _KNOWN or takes(kind, name, profile):
            continue
        if name == "x-consumer-timeout" and not profile.consumer_timeout_known:
            continue
        msg = f"invalid arg '{name}' for {where} of queue type rabbit_{kind}_queue"
        raise _refused(msg)


def takes(kind: str, name: str, profile: Profile) -> bool:
    """Whether queues of this type know the argument."""
    if name == "x-queue-leader-locator" and kind == CLASSIC:
        return profile.classic_takes_leader_locator
    return name in _TAKEN_BY[kind]


def _check(name: str, field: Field, arguments: Table, where: str, profile: Profile) -> None:
    if name == "x-consumer-timeout" and not profile.consumer_timeout_known:
        return
    if (refusal := _CHECKS[name](field, arguments, profile)) is not None:
        msg = f"invalid arg '{name}' for {where}: {refusal}"
        raise _refused(msg)


def _refused(explanation: str) -> AmqpChannelError:
    return AmqpChannelError(ChannelReply.PRECONDITION_FAILED, explanation)


def check_equivalent(given: Table, current: Table, where: str, profile: Profile) -> None:
    """Refuse a redeclaration whose arguments differ from the queue's.

    Raises:
        AmqpChannelError: 406.
    """
    kind = queue_type_of(current)
    for name in _COMPARED:
        if name != "x-queue-type" and not takes(kind, name, profile):
            continue
        new, old = given.get(name), current.get(name)
        if name == "x-queue-type":
            new, old = _typed_queue(new, old, profile)
        if name == "x-consumer-timeout" and not profile.consumer_timeout_known:
            continue
        compare_argument(name, new, old, where)


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
    return _text(field) if isinstance(field.value, bytes) else erlang.term(field)


def _with_type(field: Field | None) -> str:
    if field is None:
        return "none"
    return f"the value '{_shown(field)}' of type '{field.type.title}'"


def inequivalent(name: str, where: str, received: str, current: str) -> AmqpChannelError:
    """406 for a redeclaration that differs in `name`; values as they are to be shown."""
    return _refused(
        f"inequivalent arg '{name}' for {where}: received {received} but current is {current}"
    )
