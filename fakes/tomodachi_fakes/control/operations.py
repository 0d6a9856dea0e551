"""Every control call that is answered at once: its path, what it takes, what it does.

Calls that wait, and the event stream, are the shell's. The table is also what the OpenAPI document and
the command line are made from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.control import (
    activity,
    clients,
    deletion,
    due,
    faults,
    messages,
    queues,
    reproduce,
    timeline,
    trials,
)
from tomodachi_fakes.control.expectations import AWAIT, EXPECT_NONE
from tomodachi_fakes.control.parameters import ControlError, Parameter, read_all

if TYPE_CHECKING:
    from tomodachi_fakes.events import Event
    from tomodachi_fakes.servers.fake_broker import FakeBroker

View = dict[str, Any]
Handler = Callable[["FakeBroker", View], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One control call.

    Attributes:
        path: Below `/_broker/`.
        run: What it does; None for calls that the shell answers.
    """

    method: str
    path: str
    what: str
    run: Handler | None = None
    parameters: tuple[Parameter, ...] = ()

    def call(self, broker: FakeBroker, given: View) -> Any:
        """Check what is given, and do it.

        Raises:
            ControlError: it cannot be done.
        """
        assert self.run is not None  # the shell answers the others
        return self.run(broker, read_all(self.parameters, given))


# --- status, events, time, reset -----------------------------------------------------------------


_ADDRESSES = ("aws", "amqp", "amqps", "management", "metrics")


def status(broker: FakeBroker, given: View) -> View:
    """Addresses, time, and how much there is."""
    queue_count, message_count = queues.count_messages(broker)
    return {
        "ready": broker.ready,
        **{name: broker.shown.get(name) for name in _ADDRESSES},
        "pid": broker.pid,
        "uptime_s": round(broker.uptime_s, 3),
        "clock": read_clock(broker, given),
        "queues": queue_count,
        "messages": message_count,
        "topics": 0 if broker.cloud is None else len(broker.cloud.sns.topics()),
        "connections": 0 if broker.amqp is None else len(broker.amqp.connections),
        "faults": len(broker.faults.all()),
    }


def event_view(event: Event) -> View:
    """An event as JSON."""
    return {
        "seq": event.seq,
        "at": event.at,
        "service": event.service,
        "kind": event.kind,
        "subject": event.subject,
        "message_id": event.message_id,
        "cause": event.cause,
        "detail": event.detail,
    }


def list_events(broker: FakeBroker, given: View) -> list[View]:
    """What happened, oldest first."""
    wanted = {name: given[name] for name in ("kind", "message_id") if given[name] is not None}
    after, limit, subject = given["after"], given["limit"], given["subject"]
    if limit and not wanted and subject is None:
        # No need to look at more than what is told.
        after = max(after, broker.events.seq - limit)
    found = [
        event
        for event in broker.events.after(after)
        if all(getattr(event, name) == value for name, value in wanted.items())
        and (subject is None or subject in event.subject)
    ]
    return [event_view(event) for event in (found[-limit:] if limit else found)]


def read_clock(broker: FakeBroker, given: View) -> View:
    """The brokers' time."""
    return {"now": broker.clock.now(), "frozen": broker.adjustable_clock.frozen}


def freeze(broker: FakeBroker, given: View) -> View:
    """Let time stand still."""
    return _move(broker, lambda: broker.adjustable_clock.freeze(given["at"]))


def advance(broker: FakeBroker, given: View) -> View:
    """Move time forward; everything that is due happens."""
    return _move(broker, lambda: broker.adjustable_clock.advance(given["seconds"]))


def resume(broker: FakeBroker, given: View) -> View:
    """Let time go on."""
    return _move(broker, broker.adjustable_clock.resume)


def _move(broker: FakeBroker, how: Callable[[], None]) -> View:
    try:
        broker.move_time(how)
    except ValueError as error:
        raise ControlError(400, str(error)) from error
    return read_clock(broker, {})


def reset(broker: FakeBroker, given: View) -> View:
    """Forget everything, or what belongs to one AWS account; initial resources are made anew."""
    broker.reset(given["account"])
    return {"reset": given["account"] or "all"}


_FILTER = (
    Parameter("kind", "string", "such as published, enqueued, delivered, dead-lettered"),
    Parameter("subject", "string", "a part of the queue's, topic's or exchange's name"),
    Parameter("message_id", "string", "the broker's id of a message"),
)
_PEEK = (
    *queues.OF_A_QUEUE,
    Parameter("state", "string", "which messages", default="all", choices=queues.STATES),
    Parameter("limit", "integer", "how many at most", default=100, minimum=0),
)
_OF_SERVICE = Parameter("service", "string", "only of this one", choices=("sqs", "sns", "amqp"))

OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "status", "Addresses, time, and how much there is", status),
    Operation("GET", "queues", "Queues and their messages by state", queues.list_queues,
              (_OF_SERVICE, queues.ACCOUNT, queues.REGION)),
    Operation("GET", "topics", "Topics with subscriptions, exchanges with bindings",
              queues.list_topics, (_OF_SERVICE,)),
    Operation("GET", "peek", "Messages of a queue; nothing is received", queues.peek, _PEEK),
    Operation("POST", "send", "Put a message into a queue", messages.send, messages.SEND),
    Operation("POST", "publish", "Publish to a topic or an exchange", messages.publish,
              messages.PUBLISH),
    Operation("POST", "purge", "Forget what is in a queue", messages.purge, queues.OF_A_QUEUE),
    Operation("POST", "redrive", "Move dead letters back, or to another queue", messages.redrive,
              messages.REDRIVE),
    Operation("POST", "delete", "Delete a queue, a topic or an exchange", deletion.delete,
              deletion.DELETE),
    Operation("GET", "in-flight", "Messages delivered and not settled: how long, and by whom",
              clients.in_flight, clients.IN_FLIGHT),
    Operation("GET", "connections", "AMQP connections with channels and consumers",
              clients.connections),
    Operation("GET", "messages", "Messages that something happened to lately", timeline.recent,
              timeline.RECENT),
    Operation("GET", "timeline", "A message's life across queues, and why it is where it is",
              timeline.timeline, timeline.TIMELINE),
    Operation("GET", "reproduce", "A message as a test for pytest that sends it again",
              reproduce.reproduce, reproduce.REPRODUCE),
    Operation("POST", "try/filter-policy", "Whether a message passes a filter policy",
              trials.try_filter_policy, trials.FILTER_POLICY),
    Operation("POST", "try/binding", "Whether a binding takes a message", trials.try_binding,
              trials.BINDING),
    Operation("POST", "try/audience", "Who would get a message of a topic or an exchange",
              trials.audience, trials.AUDIENCE),
    Operation("POST", "await-message", "Wait until messages are in a queue; 408 when they are not",
              None, AWAIT),
    Operation("POST", "expect-no-message", "See that no message comes; 409 when one does", None,
              EXPECT_NONE),
    Operation("POST", "reset", "Forget everything; initial resources are made anew", reset,
              (Parameter("account", "string", "only what belongs to this AWS account"),)),
    Operation("GET", "clock", "The brokers' time", read_clock),
    Operation("GET", "clock/next", "What the brokers will do next, and when", due.next_due, due.DUE),
    Operation("POST", "clock/freeze", "Let time stand still", freeze,
              (Parameter("at", "number", "Unix seconds, not in the past; now when not given"),)),
    Operation("POST", "clock/advance", "Move time forward", advance,
              (Parameter("seconds", "number", "how far", required=True),)),
    Operation("POST", "clock/resume", "Let time go on from where it stands", resume),
    Operation("GET", "faults", "Faults in force", faults.listed),
    Operation("POST", "faults", "Plan a fault", faults.add, faults.ADD),
    Operation("DELETE", "faults", "Take every fault out of force", faults.clear),
    Operation("GET", "activity", "How often what happened since the last look", activity.activity,
              activity.ACTIVITY),
    Operation("GET", "events", "What happened, oldest first", list_events,
              (Parameter("after", "integer", "only later than this `seq`", default=0),
               Parameter("limit", "integer", "the latest ones, how many; 0 for all", default=1000, minimum=0), *_FILTER)),
    Operation("GET", "events/stream", "What happens, as server-sent events", None,
              (Parameter("after", "integer", "begin after this `seq`"), *_FILTER)),
    Operation("GET", "snapshot", "Everything stored, as octets for `POST snapshot`"),
    Operation("POST", "snapshot", "Go back to a snapshot"),
    Operation("POST", "stop", "End the program in good order"),
)  # fmt: skip
BY_ROUTE = {(one.method, one.path): one for one in OPERATIONS}


def methods_of(path: str) -> list[str]:
    """The methods of a path, for the `Allow` header."""
    return [one.method for one in OPERATIONS if one.path == path]
