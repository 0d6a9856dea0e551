"""ElasticMQ's `.conf`: the queues that it creates when it starts.

Lengths of time are HOCON's ("10 seconds"; a number alone is milliseconds). What the file says about
ElasticMQ itself (ports, storage) is passed over.

Source: https://github.com/softwaremill/elasticmq#automatically-creating-queues-on-startup,
https://github.com/lightbend/config/blob/main/HOCON.md#duration-format
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from tomodachi_fakes.definitions.declared import Declared, QueueDeclaration
from tomodachi_fakes.definitions.place import Place, Table

# What is on Java's class path is ElasticMQ's own, and the parser does not know such a line.
_CLASSPATH = re.compile(r"^\s*include\s+(required\()?\s*classpath\(.*$", re.MULTILINE)
_TIMES = {
    "defaultVisibilityTimeout": "VisibilityTimeout",
    "delay": "DelaySeconds",
    "receiveMessageWait": "ReceiveMessageWaitTimeSeconds",
}
_FIFO = ".fifo"
_ACCOUNT_DIGITS = 12


def read(place: Place, octets: bytes) -> Declared:
    """What a file asks for.

    Raises:
        DefinitionsError: it is no HOCON, pyhocon is not installed, or a queue is not as it has to be.
    """
    content = _parse(place, octets)
    aws = Table(place.at("aws"), content.get("aws") or {})
    declared = Declared(account=_account(aws), region=str(aws.anything("region", "")))
    where = place.at("queues")
    rows = {key: Table(where.at(key), row) for key, row in (content.get("queues") or {}).items()}
    names = {key: _name(key, row) for key, row in rows.items()}
    declared.queues = [_queue(key, row, names, declared.notes) for key, row in rows.items()]
    return declared


def _parse(place: Place, octets: bytes) -> dict[str, Any]:
    try:
        from pyhocon import ConfigFactory  # type: ignore[import-untyped]  # it ships no types
    except ImportError as error:
        place.refuse(
            "reading ElasticMQ's format needs pyhocon: pip install 'tomodachi-testkit[import]'",
            error,
        )
    from pyhocon.exceptions import ConfigException  # type: ignore[import-untyped]
    from pyparsing import ParseBaseException

    text = _CLASSPATH.sub("", octets.decode("utf-8", "replace"))
    try:
        content: dict[str, Any] = ConfigFactory.parse_string(text).as_plain_ordered_dict()
    except ParseBaseException as error:
        place.refuse(
            f"this is no HOCON: line {error.lineno}, column {error.column}: {error.line.strip()!r}",
            error,
        )
    except ConfigException as error:
        place.refuse(f"this is no HOCON: {error}", error)
    return content


def _account(aws: Table) -> str:
    # Written without quotes it is read as a number, and loses its zeros.
    account = aws.anything("accountId", "")
    return str(account).zfill(_ACCOUNT_DIGITS) if account != "" else ""


def _name(key: str, row: Table) -> str:
    """A queue's name: ElasticMQ ends those of FIFO queues as SQS wants them ended."""
    fifo = row.flag("fifo", default=key.endswith(_FIFO))
    return f"{key}{_FIFO}" if fifo and not key.endswith(_FIFO) else key


def _queue(key: str, row: Table, names: dict[str, str], notes: list[str]) -> QueueDeclaration:
    attributes = {
        wire: _seconds(value, row.place.at(theirs))
        for theirs, wire in _TIMES.items()
        if (value := row.anything(theirs)) is not None
    }
    if row.flag("contentBasedDeduplication", default=False):
        attributes["ContentBasedDeduplication"] = "true"
    notes.extend(
        f"{row.place.at(theirs)}: SQS has no such thing; nothing is done for it"
        for theirs in ("copyTo", "moveTo")
        if row.text(theirs)
    )
    tags = {tag: str(value) for tag, value in row.mapping("tags").items()}
    target, count = _dead_letters(row.table("deadLettersQueue"))
    row.end()
    return QueueDeclaration(
        row.place, names[key], attributes, tags, names.get(target, target), count
    )


def _dead_letters(row: Table) -> tuple[str, int]:
    target, count = row.text("name"), row.integer("maxReceiveCount")
    row.end()
    if bool(target) != bool(count):
        row.place.refuse("name and maxReceiveCount belong together; give both")
    return target, count


def _seconds(value: Any, place: Place) -> str:
    """A length of time in whole seconds, as SQS has them."""
    try:
        seconds = _length(value).total_seconds()
    except (AttributeError, TypeError, ValueError) as error:
        place.refuse(f"{value!r} is no length of time; one is 10 seconds", error)
    if seconds != int(seconds):
        place.refuse(f"{seconds:g} seconds is no whole number of seconds, as SQS wants one")
    return str(int(seconds))


def _length(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float):
        return timedelta(milliseconds=value)
    # A relativedelta: what pyhocon makes of whole seconds, minutes, hours and days.
    if value.months or value.years:
        msg = "months and years have no length of their own"
        raise ValueError(msg)
    return timedelta(
        days=value.days, hours=value.hours, minutes=value.minutes, seconds=value.seconds
    )
