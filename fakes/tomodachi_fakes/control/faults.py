"""Faults as JSON: planned, listed, cleared."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.spec import BY_NAME
from tomodachi_fakes.cloud import SERVICES
from tomodachi_fakes.control.parameters import ControlError, Parameter
from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_fakes.sns.protocols import PROTOCOLS

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import FakeBroker

View = dict[str, Any]
KINDS = tuple(kind.name.lower() for kind in FaultKind)
_LAST_STATUS = 599
# These hit calls; the others hit queues and exchanges, which have any name.
_OF_CALLS = ("error", "latency", "drop_before", "drop_after", "reset")
ADD = (
    Parameter(
        "point",
        "string",
        "operations it hits, such as sqs.SendMessage, sns.* or amqp.basic.publish; a queue or exchange "
        "for duplicate, reorder and nack",
        required=True,
    ),
    Parameter("kind", "string", "what happens", required=True, choices=KINDS),
    Parameter(
        "times", "integer", "how many calls it takes; 0 takes every one", default=1, minimum=0
    ),
    Parameter("after", "integer", "how many calls pass unharmed first", default=0, minimum=0),
    Parameter("code", "string", "AWS error code, or AMQP reply code, of an error"),
    Parameter("status", "integer", "HTTP status of an error", minimum=400),
    Parameter("message", "string", "text of an error"),
    Parameter("seconds", "number", "delay of a latency", default=0.0, minimum=0),
    Parameter("after_bytes", "integer", "octets sent before a reset", default=0, minimum=0),
    Parameter(
        "window", "integer", "messages among which reorder may choose", default=10, minimum=1
    ),
)


def add(broker: FakeBroker, given: View) -> View:
    """Plan a fault."""
    if given["kind"] in _OF_CALLS:
        _check_point(broker, given["point"])
    code: str | int | None = given["code"]
    if given["point"].startswith("amqp.") and code is not None:
        if not str(code).isdecimal():
            raise ControlError(400, f"code: {code!r} is no AMQP reply code, such as 541")
        code = int(code)
    if given["status"] is not None and given["status"] > _LAST_STATUS:
        raise ControlError(400, f"status: {given['status']} is no HTTP status of an error")
    if given["kind"] == "latency" and not given["seconds"]:
        raise ControlError(400, "seconds is missing: a latency needs to know how long it is")
    fault = Fault(
        given["point"],
        FaultKind[given["kind"].upper()],
        times=given["times"] or None,
        after=given["after"],
        code=code,
        status=given["status"],
        message=given["message"],
        seconds=given["seconds"],
        after_bytes=given["after_bytes"],
        window=given["window"],
    )
    return _view(broker.faults.add(fault))


def _check_point(broker: FakeBroker, point: str) -> None:
    """See that something can be hit: a fault at a misspelt point would never be noticed."""
    service, _, operation = point.partition(".")
    if any(sign in service for sign in "*?["):
        return
    if service not in (*SERVICES, "amqp") or not operation:
        known = ", ".join((*SERVICES, "amqp"))
        raise ControlError(
            400, f"point: {point!r} names no operation of {known}; one is sqs.SendMessage"
        )
    names = _operations(broker, service)
    if any(fnmatchcase(name, operation) for name in names):
        return
    close = get_close_matches(operation, names, 1)
    hint = f"; did you mean {service}.{close[0]}?" if close else ""
    raise ControlError(400, f"point: {service} has no operation {operation!r}{hint}")


def _operations(broker: FakeBroker, service: str) -> list[str]:
    if service == "amqp":
        return [] if broker.amqp is None else list(BY_NAME)
    if broker.cloud is None:
        return []
    names = list(broker.cloud.dispatcher.wire(service).model.operations)
    return [*names, *(f"deliver.{one}" for one in PROTOCOLS)] if service == "sns" else names


def listed(broker: FakeBroker, given: View) -> list[View]:
    """Every fault in force, with how often it hit."""
    return [_view(fault) for fault in broker.faults.all()]


def clear(broker: FakeBroker, given: View) -> View:
    """Take every fault out of force."""
    count = len(broker.faults.all())
    broker.faults.clear()
    return {"cleared": count}


def _view(fault: Fault) -> View:
    return {
        "point": fault.point,
        "kind": fault.kind.name.lower(),
        "times": fault.times,
        "after": fault.after,
        "code": fault.code,
        "status": fault.status,
        "message": fault.message,
        "seconds": fault.seconds,
        "after_bytes": fault.after_bytes,
        "window": fault.window,
        "seen": fault.seen,
        "taken": fault.taken,
    }
