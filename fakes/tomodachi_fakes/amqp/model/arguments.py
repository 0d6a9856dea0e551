"""Queue arguments: one validator each, with RabbitMQ's text; which queue type takes which.

Unknown arguments are accepted. How a redeclaration is compared is in `equivalence.py`.

Source: https://www.rabbitmq.com/docs/queues#optional-arguments, texts as RabbitMQ answers them
"""

from __future__ import annotations

from collections.abc import Callable

from tomodachi_fakes.amqp.errors import AmqpChannelError, AmqpConnectionError
from tomodachi_fakes.amqp.fields import INTEGERS, Field, FieldType, Table
from tomodachi_fakes.amqp.model.ages import age_in_ms
from tomodachi_fakes.amqp.model.profiles import Profile
from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply

CLASSIC, QUORUM, STREAM = "classic", "quorum", "stream"
QUEUE_TYPES = (CLASSIC, QUORUM, STREAM)
OVERFLOWS = ("drop-head", "reject-publish", "reject-publish-dlx")
_MAX_PRIORITY = 255
MAX_EXPIRY_MS = 315_360_000_000  # ten years

_MAX_SEGMENT_SIZE = 3_000_000_000
_FILTER_SIZES = (16, 255)
_LEADER_LOCATORS = (b"client-local", b"balanced", b"random", b"least-leaders")

RETRIES = ("x-delayed-retry-type", "x-delayed-retry-min", "x-delayed-retry-max")
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
        "x-consumer-timeout",
        "x-consumer-disconnected-timeout",
        *RETRIES,
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
_DEAD_LETTER_NAMES = (
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-dead-letter-strategy",
)
_LATE_OF_QUORUM = (
    "x-message-ttl",
    "x-queue-leader-locator",
    "x-consumer-disconnected-timeout",
    "x-consumer-timeout",
    *RETRIES,
)
_KNOWN = _TAKEN_BY[CLASSIC] | _TAKEN_BY[QUORUM] | _TAKEN_BY[STREAM]

_NEW_IN_4_3 = (
    "x-consumer-timeout",
    "x-consumer-disconnected-timeout",
    "x-stream-filter-size-bytes",
    *RETRIES,
)

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
    known = text_of(field) in OVERFLOWS
    return _string(field) or (None if known else "invalid_overflow")


def _mode(field: Field, arguments: Table, profile: Profile) -> str | None:
    if not profile.queue_mode_checked or field.value in (b"default", b"lazy"):
        return None
    return _string(field) or f"\"unsupported queue mode '{text_of(field)}'\""


def _version(field: Field, arguments: Table, profile: Profile) -> str | None:
    if (refusal := _integer(field, arguments, profile)) is not None:
        return refusal
    known = field.value in range(profile.first_queue_version, 3)
    return None if known else f"\"unsupported queue version '{field.value}'\""


def _type(field: Field, arguments: Table, profile: Profile) -> str | None:
    known = text_of(field) in QUEUE_TYPES or (profile.empty_queue_type and field.value == b"")
    return _string(field) or (None if known else f"\"unsupported queue type '{text_of(field)}'\"")


def _flag(field: Field, arguments: Table, profile: Profile) -> str | None:
    boolean = field.type is FieldType.BOOL
    return None if boolean else f"{{unacceptable_type,{field.type.title}}}"


def _age(field: Field, arguments: Table, profile: Profile) -> str | None:
    if (refusal := _string(field)) is not None or age_in_ms(text_of(field)):
        return refusal
    if profile.stream_errors_soft or text_of(field)[:1].isdigit():
        return "invalid_max_age"
    raise AmqpConnectionError(ConnectionReply.INTERNAL_ERROR, "", class_id=0, method_id=0)


def _cluster_size(field: Field, arguments: Table, profile: Profile) -> str | None:
    if (refusal := _integer(field, arguments, profile)) is not None:
        return refusal
    return "{value_zero,0}" if field.value == 0 else None


def _anything(field: Field, arguments: Table, profile: Profile) -> str | None:
    """Taken whatever it is, and compared."""
    return None


def _leader_locator(field: Field, arguments: Table, profile: Profile) -> str | None:
    known = field.value in (*_LEADER_LOCATORS, *profile.more_leader_locators)
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
    "x-delivery-limit": _anything,
    "x-consumer-timeout": _integer,
    "x-consumer-disconnected-timeout": _integer,
    **dict.fromkeys(RETRIES, _anything),
    "x-max-age": _age,
    "x-stream-max-segment-size-bytes": _integer,
    "x-stream-filter-size-bytes": _integer,
    "x-initial-cluster-size": _cluster_size,
    "x-queue-leader-locator": _leader_locator,
}
_COMPARED = (*list(_CHECKS)[:2], "x-dead-letter-exchange", *list(_CHECKS)[2:])
_COMPARED_OF_QUORUM = (
    *_DEAD_LETTER_NAMES,
    "x-expires",
    *(
        name
        for name in _COMPARED
        if name not in (*_DEAD_LETTER_NAMES, *_LATE_OF_QUORUM, "x-expires")
    ),
    *_LATE_OF_QUORUM,
)


def compared(kind: str) -> tuple[str, ...]:
    """The arguments that a redeclaration of a queue of this type compares, in order."""
    return _COMPARED_OF_QUORUM if kind == QUORUM else _COMPARED


def text_of(field: Field) -> str:
    """A string's text; "" of anything else."""
    return field.value.decode("utf-8", "replace") if isinstance(field.value, bytes) else ""


def queue_type_of(arguments: Table) -> str:
    """The queue type that `arguments` ask for; classic when they don't."""
    field = arguments.get("x-queue-type")
    return (
        CLASSIC
        if field is None or field.type is not FieldType.LONGSTR
        else text_of(field) or CLASSIC
    )


def check_queue_arguments(arguments: Table, where: str, profile: Profile) -> None:
    """Refuse what RabbitMQ refuses; `where` is "queue 'q' in vhost '/'".

    The values of what the queue type takes are looked at first, in RabbitMQ's order, and what it does not take
    afterwards, mostly in the client's. Source: RabbitMQ 3.10.8, 4.0.5 and 4.3.6.

    Raises:
        AmqpChannelError: 406.
        AmqpConnectionError: 541, where a release crashes or a feature is gone.
    """
    dlx = arguments.get("x-dead-letter-exchange")
    if dlx is not None and dlx.type is not FieldType.LONGSTR:
        msg = f"invalid type '{dlx.type.title}' for arg 'x-dead-letter-exchange' in {where}"
        raise refused(msg)
    if (kind := arguments.get("x-queue-type")) is not None:
        _check("x-queue-type", kind, arguments, where, profile)
    taken = [name for name in arguments if takes(queue_type_of(arguments), name, profile)]
    for name in _CHECKS:
        if name in taken and name != "x-queue-type":
            _check(name, arguments[name], arguments, where, profile)
    _check_taken(arguments, taken, where, profile)
    if profile.master_locator_refused and "x-queue-master-locator" in arguments:
        raise AmqpConnectionError(ConnectionReply.INTERNAL_ERROR, _MASTER_LOCATOR)


def check_stream_sizes(arguments: Table, profile: Profile) -> None:
    """Refuse sizes that a stream cannot have.

    Raises:
        AmqpChannelError: 406.
    """
    field = arguments.get("x-stream-max-segment-size-bytes")
    if field is not None and field.value > _MAX_SEGMENT_SIZE:
        raise refused("Exceeded max value for x-stream-max-segment-size-bytes")
    field = arguments.get("x-stream-filter-size-bytes")
    if field is None or not profile.filter_size_refusal:
        return
    if field.type not in INTEGERS or not _FILTER_SIZES[0] <= field.value <= _FILTER_SIZES[1]:
        raise refused(profile.filter_size_refusal)


def check_named_by_server(arguments: Table, profile: Profile) -> None:
    """Refuse a queue type that has no queues with names of the server's; of one that is none, releases crash.

    Raises:
        AmqpChannelError: 406.
        AmqpConnectionError: 541.
    """
    field = arguments.get("x-queue-type")
    if field is None or (field.type is FieldType.VOID and profile.void_queue_type_is_none):
        return
    kind = text_of(field)
    if kind in (QUORUM, STREAM):
        msg = f"Cannot declare a server-named queue for type rabbit_{kind}_queue"
        raise refused(msg)
    if kind == CLASSIC or (field.value == b"" and profile.empty_queue_type):
        return
    if profile.unknown_queue_type_is_told and (kind or field.type is FieldType.BOOL):
        msg = f"unknown queue type '{kind or str(field.value).lower()}'"
        raise refused(msg)
    raise AmqpConnectionError(ConnectionReply.INTERNAL_ERROR, "", class_id=0, method_id=0)


_MASTER_LOCATOR = (
    "Feature `queue_master_locator` is deprecated.\n"
    "By default, this feature is not permitted anymore.\n"
    "The feature will be removed from a future major RabbitMQ version, regardless of the "
    "configuration; actual version to be determined.\nTo continue using it, permit it in the settings."
)


def _check_taken(arguments: Table, taken: list[str], where: str, profile: Profile) -> None:
    as_given = (
        profile.default_type_unset or "x-queue-type" in arguments
    )  # else it is put in, and all sorted
    for name in arguments if as_given else sorted(arguments):
        if name not in taken and is_known(name, profile):
            kind = queue_type_of(arguments)
            msg = f"invalid arg '{name}' for {where} of queue type rabbit_{kind}_queue"
            raise refused(msg)


def is_known(name: str, profile: Profile) -> bool:
    """Whether the release knows the argument; others are taken by every queue and never compared."""
    return name in _KNOWN and (profile.quorum_timeouts or name not in _NEW_IN_4_3)


def takes(kind: str, name: str, profile: Profile) -> bool:
    """Whether queues of this type know the argument."""
    if name == "x-queue-leader-locator" and kind == CLASSIC:
        return profile.classic_takes_leader_locator
    return name in _TAKEN_BY[kind]


def _check(name: str, field: Field, arguments: Table, where: str, profile: Profile) -> None:
    if not is_known(name, profile):
        return
    if (refusal := _CHECKS[name](field, arguments, profile)) is not None:
        msg = f"invalid arg '{name}' for {where}: {refusal}"
        raise refused(msg)


def refused(explanation: str) -> AmqpChannelError:
    """406."""
    return AmqpChannelError(ChannelReply.PRECONDITION_FAILED, explanation)
