"""Faults as JSON: planned, listed, cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.control.parameters import ControlError, Parameter
from tomodachi_fakes.faults import Fault, FaultKind

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import FakeBroker

View = dict[str, Any]
KINDS = tuple(kind.name.lower() for kind in FaultKind)
_LAST_STATUS = 599
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
