"""`SQSMachine`: one queue with its dead-letter queue, used at random, against a model of SQS.

It talks to the fake's core, in virtual time. Invariants 1 to 9, 11 and 12 of the property tests are
checked: those of a message's way in `sqs_model.py`, long polls and batches here. Subclasses set the
queue up otherwise, or put a second implementation beside it (`beside`), which then must answer alike.

Source: SQS API reference; developer guide, visibility timeout, FIFO queues, dead-letter queues.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tomodachi_fakes.aws.call import LongPoll, Wake
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_testkit.machines.core_calls import ACCOUNT, REGION, Core
from tomodachi_testkit.machines.second import Second
from tomodachi_testkit.machines.sqs_model import Modelled, QueueModel, Settings, State
from tomodachi_testkit.machines.steps import ReproducibleMachine, invariant, rule

GROUPS = ("a", "b", "c")
_DEDUPS = 6
_ALL = {"MessageSystemAttributeNames": ["All"], "AttributeNames": ["All"]}
_groups = st.sampled_from(GROUPS)
_picks = st.integers(0, 9)


class SQSMachine(ReproducibleMachine):
    """A standard queue; `FifoSQSMachine` is the same for a FIFO queue.

    Class attributes:
        fifo: The queue's type.
        visibility_s: Its VisibilityTimeout.
        retention_s: Its MessageRetentionPeriod.
        delay_s: Its DelaySeconds.
        max_receives: maxReceiveCount of its redrive policy.
        dead_retention_s: MessageRetentionPeriod of its dead-letter queue.
        by_group: DeduplicationScope is messageGroup (FIFO).
        delays: What a sender gives as DelaySeconds; None leaves it out.
    """

    fifo: ClassVar[bool] = False
    visibility_s: ClassVar[int] = 30
    retention_s: ClassVar[int] = 330
    delay_s: ClassVar[int] = 0
    max_receives: ClassVar[int] = 2
    dead_retention_s: ClassVar[int] = 400
    by_group: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.core = Core()
        suffix = ".fifo" if self.fifo else ""
        self.name, self.dead = f"queue{suffix}", f"dead{suffix}"
        self.model = QueueModel(
            Settings(
                self.fifo,
                self.visibility_s,
                self.retention_s,
                self.delay_s,
                self.max_receives,
                self.dead_retention_s,
                self.by_group,
            )
        )
        self.polls: dict[int, tuple[float, int]] = {}
        self.sends = 0
        self.purged_at = -60.0
        self.second = self.beside()
        self._create()

    def beside(self) -> Second | None:
        """A second implementation that must answer the same; none unless a subclass brings one."""
        return None

    def _create(self) -> None:
        policy = {
            "deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.dead}",
            "maxReceiveCount": self.max_receives,
        }
        of_type = {"FifoQueue": "true"} if self.fifo else {}
        if self.by_group:
            of_type["DeduplicationScope"] = "messageGroup"
        self.sqs(
            "CreateQueue",
            QueueName=self.dead,
            Attributes={**of_type, "MessageRetentionPeriod": str(self.dead_retention_s)},
        )
        self.sqs(
            "CreateQueue",
            QueueName=self.name,
            Attributes={
                **of_type,
                "VisibilityTimeout": str(self.visibility_s),
                "MessageRetentionPeriod": str(self.retention_s),
                "DelaySeconds": str(self.delay_s),
                "RedrivePolicy": json.dumps(policy),
            },
        )

    @property
    def now(self) -> float:
        """Unix seconds."""
        return self.core.now

    def sqs(self, operation: str, **params: Any) -> Any:
        """Run one operation, on the second implementation too.

        Raises:
            AwsError: SQS refuses.
        """
        if self.second is None:
            return self.core.call("sqs", operation, **params)
        return self.second.compare(self.core, "sqs", operation, params)

    # --- sending ----------------------------------------------------------------------------------

    @rule(group=_groups, dedup=st.integers(0, _DEDUPS), delay=st.sampled_from((None, 0, 1, 45)))
    def send(self, group: str, dedup: int, delay: int | None) -> None:
        """SendMessage."""
        entry = self._entry(group, dedup, delay)
        output = self.sqs("SendMessage", QueueUrl=self.name, **entry)
        self._sent(entry, output["MessageId"])
        self._settle()

    @rule(entries=st.lists(st.tuples(_groups, st.integers(0, _DEDUPS)), min_size=1, max_size=4))
    def send_batch(self, entries: list[tuple[str, int]]) -> None:
        """SendMessageBatch (9)."""
        made = [self._entry(group, dedup, None) for group, dedup in entries]
        numbered = [{"Id": str(n), **entry} for n, entry in enumerate(made)]
        output = self.sqs("SendMessageBatch", QueueUrl=self.name, Entries=numbered)
        assert [done["Id"] for done in output["Successful"]] == [e["Id"] for e in numbered]
        for entry, done in zip(made, output["Successful"], strict=True):
            self._sent(entry, done["MessageId"])
        self._settle()

    def _entry(self, group: str, dedup: int, delay: int | None) -> dict[str, Any]:
        self.sends += 1
        entry: dict[str, Any] = {"MessageBody": f"m{self.sends}"}
        if self.fifo:
            entry |= {"MessageGroupId": group, "MessageDeduplicationId": f"d{dedup}"}
        elif delay is not None:
            entry["DelaySeconds"] = delay
        return entry

    def _sent(self, entry: dict[str, Any], message_id: str) -> None:
        self.model.sent(
            entry["MessageBody"],
            message_id,
            group=entry.get("MessageGroupId", ""),
            dedup=entry.get("MessageDeduplicationId", ""),
            delay=entry.get("DelaySeconds"),
            now=self.now,
        )

    # --- receiving --------------------------------------------------------------------------------

    @rule(count=st.integers(1, 10), timeout=st.sampled_from((None, 0, 5, 100)))
    def receive(self, count: int, timeout: int | None) -> None:
        """ReceiveMessage without waiting."""
        params: dict[str, Any] = {} if timeout is None else {"VisibilityTimeout": timeout}
        output = self.sqs(
            "ReceiveMessage", QueueUrl=self.name, MaxNumberOfMessages=count, **_ALL, **params
        )
        hidden_s = self.visibility_s if timeout is None else timeout
        self.model.received(output.get("Messages", []), count, hidden_s, now=self.now)
        self._settle()

    @precondition(lambda self: not self.second and len(self.polls) < 3)
    @precondition(lambda self: not self.model.receivable())
    @rule(seconds=st.integers(1, 20), count=st.integers(1, 2))
    def poll(self, seconds: int, count: int) -> None:
        """ReceiveMessage that waits."""
        output = self.core.call(
            "sqs",
            "ReceiveMessage",
            QueueUrl=self.name,
            WaitTimeSeconds=seconds,
            MaxNumberOfMessages=count,
            **_ALL,
        )
        assert isinstance(output, LongPoll), f"answered at once, with nothing to give: {output}"
        assert output.deadline == self.now + seconds
        self.polls[output.waiter_id] = (output.deadline, count)

    @precondition(lambda self: self.polls)
    @rule(which=_picks)
    def cancel_poll(self, which: int) -> None:
        """The client of a waiting receive goes away (12: it eats nothing)."""
        waiter_id = _pick(list(self.polls), which)
        del self.polls[waiter_id]
        self.core.sqs.cancel(waiter_id)

    @precondition(lambda self: self.fifo)
    @rule(group=_groups)
    def hold_group(self, group: str) -> None:
        """Receive all there is, then have two more in a group that is held by its first (5)."""
        self.receive_all()
        for _ in range(2):
            entry = self._entry(group, 0, None)
            entry["MessageDeduplicationId"] = entry["MessageBody"]
            output = self.sqs("SendMessage", QueueUrl=self.name, **entry)
            self._sent(entry, output["MessageId"])
            self._settle()
        self.receive_all(1)

    def receive_all(self, count: int = 10) -> None:
        """One receive with the queue's own visibility timeout."""
        output = self.sqs("ReceiveMessage", QueueUrl=self.name, MaxNumberOfMessages=count, **_ALL)
        self.model.received(output.get("Messages", []), count, self.visibility_s, now=self.now)
        self._settle()

    # --- settling ---------------------------------------------------------------------------------

    @precondition(lambda self: self._handed_out())
    @rule(which=_picks, stale=st.booleans())
    def delete(self, which: int, stale: bool) -> None:  # noqa: FBT001 - a rule's drawn value
        """DeleteMessage, with the latest receipt handle or the oldest (4)."""
        message = _pick(self._handed_out(), which)
        handle = message.handles[0 if stale else -1]
        self._delete(message, handle)
        self._settle()

    def _delete(self, message: Modelled, handle: str) -> None:
        works = self.model.deletes(message, handle)
        params = {"QueueUrl": self.name, "ReceiptHandle": handle}
        if works is None:
            self._refused("InvalidParameterValue", "DeleteMessage", params)
            return
        self.sqs("DeleteMessage", **params)
        if works:
            message.state = State.DELETED

    @precondition(lambda self: self._held())
    @rule(count=st.integers(1, 10))
    def delete_batch(self, count: int) -> None:
        """DeleteMessageBatch of messages in flight, and one entry that fails (9)."""
        chosen = self._held()[: min(count, 9)]
        entries = [{"Id": str(n), "ReceiptHandle": m.handles[-1]} for n, m in enumerate(chosen)]
        bad = {"Id": "bad", "ReceiptHandle": "not-a-handle"}
        output = self.sqs("DeleteMessageBatch", QueueUrl=self.name, Entries=[*entries, bad])
        assert [done["Id"] for done in output["Successful"]] == [e["Id"] for e in entries]
        assert [failed["Id"] for failed in output["Failed"]] == ["bad"]
        for message in chosen:
            message.state = State.DELETED
        self._settle()

    @precondition(lambda self: self._handed_out())
    @rule(which=_picks, timeout=st.sampled_from((0, 1, 40, 200)), stale=st.booleans())
    def change_visibility(self, which: int, timeout: int, stale: bool) -> None:  # noqa: FBT001
        """ChangeMessageVisibility: from now on, not from the receive (3); by the latest handle (4)."""
        message = _pick(self._handed_out(), which)
        handle = message.handles[0 if stale else -1]
        params = {"QueueUrl": self.name, "ReceiptHandle": handle}
        params_timed = {**params, "VisibilityTimeout": timeout}
        if handle != message.handles[-1]:
            self._refused("InvalidParameterValue", "ChangeMessageVisibility", params_timed)
        elif message.state is State.READY:
            self._refused("MessageNotInflight", "ChangeMessageVisibility", params_timed)
        elif message.state is State.IN_FLIGHT:
            self.sqs("ChangeMessageVisibility", **params_timed)
            message.visible_at = self.now + timeout
        else:
            self._refused("InvalidParameterValue", "ChangeMessageVisibility", params_timed)
        self._settle()

    @precondition(lambda self: self.now >= self.purged_at + 60)
    @rule()
    def purge(self) -> None:
        """PurgeQueue."""
        self.purged_at = self.now
        self.sqs("PurgeQueue", QueueUrl=self.name)
        self.model.purge()
        self._settle()

    def _refused(self, error: str, operation: str, params: dict[str, Any]) -> None:
        outcome: object
        try:
            outcome = self.sqs(operation, **params)
        except AwsError as refusal:
            outcome = refusal
        assert type(outcome).__name__ == error, f"{operation}: {outcome!r} instead of {error}"

    # --- dead letters -----------------------------------------------------------------------------

    @precondition(lambda self: self.model.bodies(State.DEAD))
    @rule()
    def bury(self) -> None:
        """Receive one dead letter, look at it, and delete it (7)."""
        output = self.sqs("ReceiveMessage", QueueUrl=self.dead, **_ALL)
        (letter,) = output["Messages"]
        message = next(m for m in self.model.messages if m.body == letter["Body"])
        attributes = letter["Attributes"]
        assert message.state is State.DEAD
        assert letter["MessageId"] == message.message_id, "a dead letter keeps its id"
        assert attributes["ApproximateReceiveCount"] == str(message.receives + 1)
        assert attributes["SentTimestamp"] == str(int(message.sent_at * 1000))
        assert attributes["DeadLetterQueueSourceArn"] == self.core.queue(self.name).arn
        self.sqs("DeleteMessage", QueueUrl=self.dead, ReceiptHandle=letter["ReceiptHandle"])
        message.state = State.DELETED
        self._settle()

    @precondition(lambda self: not self.second and self.model.bodies(State.DEAD))
    @rule()
    def redrive(self) -> None:
        """StartMessageMoveTask: dead letters go back, with their receives forgotten."""
        dead = [m for m in self.model.messages if m.state is State.DEAD]
        self.sqs("StartMessageMoveTask", SourceArn=self.core.queue(self.dead).arn)
        moved_at = self.now
        self.core.advance_to(self.now)
        here = {m.body: m for m in self.core.queue(self.name).store.messages.values()}
        for message in sorted(dead, key=lambda m: here[m.body].seq):
            self.model.moved_back(message, here[message.body].message_id, now=moved_at)
        self._settle()

    # --- time -------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from((0.5, 1, 5, 29.5, 30, 60, 299.5, 329)))
    def advance(self, seconds: float) -> None:
        """Let time pass, deadline by deadline."""
        end = self.now + seconds
        while (at := self.core.sqs.next_deadline()) is not None and at <= end:
            assert at >= self.now, "a deadline in the past"
            self._go_to(at)
        self._go_to(end)

    def _go_to(self, at: float) -> None:
        self.core.advance_to(at)
        if self.second is not None:
            self.second.advance_to(at)
        self._settle()

    def _settle(self) -> None:
        """Bring the model to the core's time, and take what woken polls received."""
        self.core.advance_to(self.now)
        self.model.pass_time(self.now)
        for wake in self.core.sqs.take_wakes():
            self._woken(wake)
        dead = {m.body for m in self.core.queue(self.dead).store.messages.values()}
        self.model.find_dead(dead, now=self.now)

    def _woken(self, wake: Wake) -> None:
        assert wake.waiter_id in self.polls, "a receive was answered that nobody waits for"
        deadline, count = self.polls.pop(wake.waiter_id)
        messages = wake.output.get("Messages", [])
        assert messages or deadline == self.now, "a poll came back empty before its time"
        self.model.received(messages, count, self.visibility_s, now=self.now)

    # --- what must be true ------------------------------------------------------------------------

    @invariant()
    def every_message_is_in_exactly_one_place(self) -> None:
        """1, 7, 8 and 11."""
        peek = self.core.sqs.peek(self.core.queue(self.name).arn)
        shown = self.core.queue(self.name).shown_attributes()
        for state, there, count in (
            (State.READY, peek.ready, ""),
            (State.IN_FLIGHT, peek.in_flight, "NotVisible"),
            (State.DELAYED, peek.delayed, "Delayed"),
        ):
            expected = self.model.bodies(state)
            assert sorted(m.body for m in there) == expected, f"{state.name}: not as expected"
            assert shown[f"ApproximateNumberOfMessages{count}"] == str(len(expected))
        dead = [m.body for m in self.core.queue(self.dead).store.messages.values()]
        assert sorted(dead) == self.model.bodies(State.DEAD)

    @invariant()
    def no_poll_outlives_its_end(self) -> None:
        """12: a poll ends at its deadline."""
        late = [deadline for deadline, _ in self.polls.values() if deadline <= self.now]
        assert not late, f"it is {self.now}, and receives wait that end at {late}"

    @invariant()
    def no_poll_sleeps_through_an_arrival(self) -> None:
        """12: no wake-up is lost."""
        if self.polls:
            waiting = [m for m in self.model.receivable() if not self.model.exhausted(m)]
            assert not waiting, f"receives wait although there is {waiting}"

    def history(self) -> str:
        """The core's events."""
        return self.core.history()

    def _handed_out(self) -> list[Modelled]:
        return [m for m in self.model.messages if m.handles]

    def _held(self) -> list[Modelled]:
        return [m for m in self.model.messages if m.state is State.IN_FLIGHT]


class FifoSQSMachine(SQSMachine):
    """A FIFO queue."""

    fifo = True


def _pick(items: list[Any], which: int) -> Any:
    return items[which % len(items)]
