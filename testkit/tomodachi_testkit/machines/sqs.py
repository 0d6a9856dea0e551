"""`SQSMachine`: one queue with its dead-letter queue, used at random, against a model of SQS.

The rules: what senders, receivers, administrators and time do. What must be true after each of them is
in `sqs_scene.py` and `sqs_model.py`. Subclasses set the queue up otherwise, or put a second
implementation beside it (`beside`), which then must answer alike.

Source: SQS API reference; developer guide, visibility timeout, FIFO queues, dead-letter queues.
"""

from __future__ import annotations

import sys
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tomodachi_fakes.aws.call import LongPoll
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_testkit.machines.sqs_model import Modelled, State
from tomodachi_testkit.machines.sqs_scene import GROUPS, SQSScene
from tomodachi_testkit.machines.steps import rule

_DEDUPS = 6
_ALL = {"MessageSystemAttributeNames": ["All"], "AttributeNames": ["All"]}
_groups = st.sampled_from(GROUPS)
_picks = st.integers(0, 9)


class SQSMachine(SQSScene):
    """A standard queue; `FifoSQSMachine` is the same for a FIFO queue.

    Class attributes:
        fifo: The queue's type.
        visibility_s: Its VisibilityTimeout.
        retention_s: Its MessageRetentionPeriod.
        delay_s: Its DelaySeconds.
        max_receives: maxReceiveCount of its redrive policy.
        dead_retention_s: MessageRetentionPeriod of its dead-letter queue.
        by_group: DeduplicationScope is messageGroup (FIFO).
    """

    # --- sending ----------------------------------------------------------------------------------

    @precondition(lambda self: self.has_room(1))
    @rule(group=_groups, dedup=st.integers(0, _DEDUPS), delay=st.sampled_from((None, 0, 1, 45)))
    def send(self, group: str, dedup: int, delay: int | None) -> None:
        """SendMessage."""
        entry = self.entry(group, dedup, delay)
        output = self.sqs("SendMessage", QueueUrl=self.name, **entry)
        self.sent(entry, output["MessageId"])
        self.settle()

    @precondition(lambda self: self.has_room(4))
    @rule(entries=st.lists(st.tuples(_groups, st.integers(0, _DEDUPS)), min_size=1, max_size=4))
    def send_batch(self, entries: list[tuple[str, int]]) -> None:
        """SendMessageBatch (9)."""
        made = [self.entry(group, dedup, None) for group, dedup in entries]
        numbered = [{"Id": str(n), **entry} for n, entry in enumerate(made)]
        output = self.sqs("SendMessageBatch", QueueUrl=self.name, Entries=numbered)
        assert [done["Id"] for done in output["Successful"]] == [e["Id"] for e in numbered]
        for entry, done in zip(made, output["Successful"], strict=True):
            self.sent(entry, done["MessageId"])
        self.settle()

    # --- receiving --------------------------------------------------------------------------------

    @rule(count=st.integers(1, 10), timeout=st.sampled_from((None, 0, 5, 100)))
    def receive(self, count: int, timeout: int | None) -> None:
        """ReceiveMessage without waiting."""
        params: dict[str, Any] = {} if timeout is None else {"VisibilityTimeout": timeout}
        count = self.asked(count)
        output = self.sqs(
            "ReceiveMessage", QueueUrl=self.name, MaxNumberOfMessages=count, **_ALL, **params
        )
        hidden_s = self.visibility_s if timeout is None else timeout
        self.model.received(output.get("Messages", []), count, hidden_s, now=self.now)
        self.settle()

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

    @precondition(lambda self: self.fifo and not self.second)
    @rule(group=_groups)
    def hold_group(self, group: str) -> None:
        """Receive all there is, then have two more in a group that is held by its first (5)."""
        self.receive_all()
        for _ in range(2):
            entry = self.entry(group, 0, None)
            entry["MessageDeduplicationId"] = entry["MessageBody"]
            output = self.sqs("SendMessage", QueueUrl=self.name, **entry)
            self.sent(entry, output["MessageId"])
            self.settle()
        self.receive_all(1)

    def receive_all(self, count: int = 10) -> None:
        """One receive with the queue's own visibility timeout."""
        output = self.sqs("ReceiveMessage", QueueUrl=self.name, MaxNumberOfMessages=count, **_ALL)
        self.model.received(output.get("Messages", []), count, self.visibility_s, now=self.now)
        self.settle()

    # --- settling ---------------------------------------------------------------------------------

    @precondition(lambda self: self.handed_out())
    @rule(which=_picks, stale=st.booleans())
    def delete(self, which: int, stale: bool) -> None:  # noqa: FBT001 - a rule's drawn value
        """DeleteMessage, with the latest receipt handle or the oldest (4)."""
        message = _pick(self.handed_out(), which)
        handle = message.handles[0 if stale else -1]
        self._delete(message, handle)
        self.settle()

    def _delete(self, message: Modelled, handle: str) -> None:
        works = self.model.deletes(message, handle)
        params = {"QueueUrl": self.name, "ReceiptHandle": handle}
        if works is None:
            self._refused("InvalidParameterValue", "DeleteMessage", params)
            return
        self.sqs("DeleteMessage", **params)
        if works:
            message.state = State.DELETED

    @precondition(lambda self: self.held())
    @rule(count=st.integers(1, 10))
    def delete_batch(self, count: int) -> None:
        """DeleteMessageBatch of messages in flight, and one entry that fails (9)."""
        # A waiting receive may be answered in the midst of a batch, once a group is free.
        chosen = self.held()[: 1 if self.fifo and self.polls else min(count, 9)]
        entries = [{"Id": str(n), "ReceiptHandle": m.handles[-1]} for n, m in enumerate(chosen)]
        bad = {"Id": "bad", "ReceiptHandle": "not-a-handle"}
        output = self.sqs("DeleteMessageBatch", QueueUrl=self.name, Entries=[*entries, bad])
        assert [done["Id"] for done in output["Successful"]] == [e["Id"] for e in entries]
        assert [failed["Id"] for failed in output["Failed"]] == ["bad"]
        for message in chosen:
            message.state = State.DELETED
        self.settle()

    @precondition(lambda self: self.handed_out())
    @rule(which=_picks, timeout=st.sampled_from((0, 1, 40, 200)), stale=st.booleans())
    def change_visibility(self, which: int, timeout: int, stale: bool) -> None:  # noqa: FBT001
        """ChangeMessageVisibility: from now on, not from the receive (3); by the latest handle (4)."""
        message = _pick(self.handed_out(), which)
        handle = message.handles[0 if stale else -1]
        params = {"QueueUrl": self.name, "ReceiptHandle": handle}
        params_timed = {**params, "VisibilityTimeout": timeout}
        if handle != message.handles[-1]:
            self._refused("InvalidParameterValue", "ChangeMessageVisibility", params_timed)
        elif message.state is State.READY and not self.fifo:
            self._refused("MessageNotInflight", "ChangeMessageVisibility", params_timed)
        elif message.state is State.IN_FLIGHT:
            self.sqs("ChangeMessageVisibility", **params_timed)
            message.visible_at = self.now + timeout
            self.go_to(self.now + self.past_s)
        else:
            self._refused("InvalidParameterValue", "ChangeMessageVisibility", params_timed)
        self.settle()

    @precondition(lambda self: self.now >= self.purged_at + 60)
    @rule()
    def purge(self) -> None:
        """PurgeQueue."""
        self.purged_at = self.now
        self.sqs("PurgeQueue", QueueUrl=self.name)
        self.model.purge()
        self.settle()

    def _refused(self, error: str, operation: str, params: dict[str, Any]) -> None:
        outcome: object
        try:
            outcome = self.sqs(operation, **params)
        except AwsError as refusal:
            outcome = refusal
        assert type(outcome).__name__ == error, f"{operation}: {outcome!r} instead of {error}"

    # --- dead letters -----------------------------------------------------------------------------

    @precondition(lambda self: len(self.model.bodies(State.DEAD)) in self._letters_to_bury())
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
        self.settle()

    def _letters_to_bury(self) -> range:
        # Which of several comes first is nobody's promise.
        return range(1, 2 if self.second else sys.maxsize)

    @precondition(lambda self: not self.second and self.model.bodies(State.DEAD))
    @rule()
    def redrive(self) -> None:
        """StartMessageMoveTask: dead letters go back, with their receives forgotten."""
        dead = [m for m in self.model.messages if m.state is State.DEAD]
        if len(dead) > 1 and any(count > 1 for _, count in self.polls.values()):
            return  # they come one after the other: how many a waiting receive gets is its luck
        self.sqs("StartMessageMoveTask", SourceArn=self.core.queue(self.dead).arn)
        moved_at = self.now
        self.core.advance_to(self.now)
        here = {m.body: m for m in self.core.queue(self.name).store.messages.values()}
        for message in sorted(dead, key=lambda m: here[m.body].seq):
            self.model.moved_back(message, here[message.body].message_id, now=moved_at)
        self.settle()

    # --- time -------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from((0.5, 1, 5, 29.5, 30, 60, 299.5, 329)))
    def advance(self, seconds: float) -> None:
        """Let time pass, deadline by deadline."""
        end = self.now + seconds + self.past_s
        while (at := self.core.sqs.next_deadline()) is not None and at <= end:
            assert at >= self.now, "a deadline in the past"
            self.go_to(at)
        self.go_to(end)


class FifoSQSMachine(SQSMachine):
    """A FIFO queue."""

    fifo = True


def _pick(items: list[Any], which: int) -> Any:
    return items[which % len(items)]
