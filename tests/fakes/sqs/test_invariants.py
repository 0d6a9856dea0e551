"""A timed model of SQS against its core: whatever is done in whatever order, the invariants hold.

1. an accepted message is in exactly one of ready, delayed, in flight, deleted, expired, dead-lettered
2. undeleted and unexpired means receivable again by its deadline
3. never before its delay or visibility deadline
4. receive count +1 a delivery, a new handle each time, stale handles by queue type
5. FIFO: order in a group, locked while one is in flight
6. deduplication for 300 s
7. dead-lettered exactly when receives would exceed maxReceiveCount, once
8. retention
9. a batch's answer has each entry once, in what succeeded or in what failed; a batch that breaks a
   rule of batches stores nothing
11. the approximate counts equal the model's
12. a long poll ends at the first arrival or exactly at its end; cancelled, it eats nothing

SNS's filters (10) are in the model beside SNS's tests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.fakes.sqs.support_sqs import Core

from tomodachi_fakes.aws.call import Wake
from tomodachi_fakes.aws.errors import AwsError

GROUPS = st.sampled_from(["a", "b", "c"])
RETENTION_S, VISIBILITY_S, MAX_RECEIVES = 300, 30, 3


@dataclass
class Modelled:
    """What the model knows of one message."""

    body: str
    group: str
    order: int
    expires_at: float
    visible_at: float
    state: str = "ready"  # ready, delayed, in flight, or where it went
    receives: int = 0
    handle: str = ""
    handles: list[str] = field(default_factory=list)


class QueueModel(RuleBasedStateMachine):
    """One queue with a dead-letter queue, and what must be true of it."""

    fifo = False

    def __init__(self) -> None:
        super().__init__()
        self.core = Core()
        suffix = ".fifo" if self.fifo else ""
        self.name, self.dead = f"q{suffix}", f"dead{suffix}"
        self.core.create(self.dead, MessageRetentionPeriod=1_209_600)
        policy = {
            "deadLetterTargetArn": self.core.queue(self.dead).arn,
            "maxReceiveCount": MAX_RECEIVES,
        }
        self.core.create(
            self.name,
            VisibilityTimeout=VISIBILITY_S,
            MessageRetentionPeriod=RETENTION_S,
            RedrivePolicy=json.dumps(policy),
        )
        self.messages: list[Modelled] = []
        self.dedup: dict[str, float] = {}
        self.polls: dict[int, float] = {}
        self.count = 0

    # --- what is done ----------------------------------------------------------------------------

    @rule(group=GROUPS, delay=st.sampled_from([0, 0, 1, 45]), repeat=st.booleans())
    def send(self, group: str, delay: int, repeat: bool) -> None:
        now = self.core.now
        # Only deduplication can tell a repeated body from a new one; elsewhere bodies are names.
        body = str(self.count - 1 if self.fifo and repeat and self.count else self.count)
        params: dict[str, Any] = {"MessageGroupId": group} if self.fifo else {"DelaySeconds": delay}
        self.core.send(self.name, body, **params)
        if self.fifo:
            if self.dedup.get(body, 0.0) > now:
                return
            self.dedup[body] = now + 300
        self.count = max(self.count, int(body) + 1)
        delay = 0 if self.fifo else delay
        self.messages.append(
            Modelled(
                body,
                group,
                len(self.messages),
                now + RETENTION_S,
                now + delay,
                "delayed" if delay else "ready",
            )
        )
        self.settle()

    @rule(group=GROUPS, bad=st.lists(st.booleans(), min_size=1, max_size=10))
    def send_batch(self, group: str, bad: list[bool]) -> None:
        """9: an entry that nobody may send fails alone."""
        now, entries = self.core.now, []
        for index, is_bad in enumerate(bad):
            body = f"{self.count}"
            self.count += 1
            given = {"MessageGroupId": group, "MessageDeduplicationId": body} if self.fifo else {}
            text = "\x00" if is_bad else body
            entries.append({"Id": str(index), "MessageBody": text, **given})
            if not is_bad:
                self.dedup[body] = now + 300
                order, expires_at = len(self.messages), now + RETENTION_S
                self.messages.append(Modelled(body, group, order, expires_at, now))
        output = self.core.call("SendMessageBatch", QueueUrl=self.name, Entries=entries)
        assert [int(e["Id"]) for e in output.get("Successful", ())] == [
            index for index, is_bad in enumerate(bad) if not is_bad
        ]
        assert [int(e["Id"]) for e in output.get("Failed", ())] == [
            index for index, is_bad in enumerate(bad) if is_bad
        ]
        self.settle()

    @rule(ids=st.sampled_from([[], ["a", "a"], ["a b"], ["x" * 81], list("abcdefghijk")]))
    def send_bad_batch(self, ids: list[str]) -> None:
        """9: nothing of it is stored, which the invariants see."""
        entries = [{"Id": entry_id, "MessageBody": "never"} for entry_id in ids]
        with pytest.raises(AwsError, match=r"batch|at least one|repeated|per request"):
            self.core.call("SendMessageBatch", QueueUrl=self.name, Entries=entries)

    @rule(count=st.integers(1, 10), timeout=st.sampled_from([None, 0, 5, 100]))
    def receive(self, count: int, timeout: int | None) -> None:
        params = {} if timeout is None else {"VisibilityTimeout": timeout}
        available = self.receivable()
        received = self.core.receive(self.name, count, **params)
        self.delivered(received, VISIBILITY_S if timeout is None else timeout)
        if len(received) < count and not self.fifo:
            # 2: whatever was receivable was received, or dead-lettered on the way.
            left = [m for m in available if m.state == "ready"]
            assert all(m.receives >= MAX_RECEIVES or timeout == 0 for m in left), left
        self.settle()

    @rule(data=st.data(), stale=st.booleans())
    def delete(self, data: st.DataObject, stale: bool) -> None:
        given = [m for m in self.messages if m.handles]
        if not given:
            return
        message = data.draw(st.sampled_from(given))
        handle = message.handles[0] if stale else message.handle
        here = message.state in ("ready", "in flight")
        latest = handle == message.handle and message.state == "in flight"
        works = here and (latest or not self.fifo)
        params = {"QueueUrl": self.name, "ReceiptHandle": handle}
        if self.fifo and here and not works:
            with pytest.raises(AwsError, match="handle has expired"):
                self.core.call("DeleteMessage", **params)
        else:
            self.core.call("DeleteMessage", **params)
        if works:
            message.state = "deleted"
        self.settle()

    @rule(data=st.data(), timeout=st.sampled_from([0, 1, 200]))
    def change_visibility(self, data: st.DataObject, timeout: int) -> None:
        held = [m for m in self.messages if m.state == "in flight"]
        if not held:
            return
        message = data.draw(st.sampled_from(held))
        self.core.call(
            "ChangeMessageVisibility",
            QueueUrl=self.name,
            ReceiptHandle=message.handle,
            VisibilityTimeout=timeout,
        )
        message.visible_at = self.core.now + timeout
        self.settle()

    @rule(seconds=st.sampled_from([0.5, 1, 29.5, 30, 60, 299.5]))
    def advance(self, seconds: float) -> None:
        end = self.core.now + seconds
        while (at := self.core.service.next_deadline()) is not None and at <= end:
            assert at >= self.core.now
            self.core.now = at
            self.core.service.advance(now=at)
            self.settle()
        self.core.now = end
        self.core.service.advance(now=end)
        self.settle()

    @precondition(lambda self: not self.polls and not self.receivable())
    @rule(seconds=st.integers(1, 20))
    def poll(self, seconds: int) -> None:
        output = self.core.call("ReceiveMessage", QueueUrl=self.name, WaitTimeSeconds=seconds)
        assert not isinstance(output, dict), output
        self.polls[output.waiter_id] = self.core.now + seconds

    @precondition(lambda self: self.polls)
    @rule()
    def cancel_poll(self) -> None:
        waiter_id, _ = self.polls.popitem()
        self.core.service.cancel(waiter_id)

    # --- what must follow ------------------------------------------------------------------------

    def receivable(self) -> list[Modelled]:
        """Messages that a receive could return now (5: of unlocked groups)."""
        locked = {m.group for m in self.messages if m.state == "in flight"} if self.fifo else set()
        return [m for m in self.messages if m.state == "ready" and m.group not in locked]

    def delivered(self, received: list[dict[str, Any]], timeout: int) -> None:
        locked = {m.group for m in self.messages if m.state == "in flight"}
        last: dict[str, int] = {}
        for delivery in received:
            alive = ("ready", "in flight") if timeout == 0 else ("ready",)
            (message,) = [
                m for m in self.messages if m.body == delivery["Body"] and m.state in alive
            ][:1]
            assert message.visible_at <= self.core.now  # 3
            assert message.receives < MAX_RECEIVES  # 7
            assert delivery["ReceiptHandle"] not in message.handles  # 4
            if self.fifo:  # 5
                assert message.group not in locked
                assert message.order > last.get(message.group, -1)
                last[message.group] = message.order
                earlier = [
                    m
                    for m in self.receivable()
                    if m.group == message.group and m.order < message.order
                ]
                assert all(m.receives >= MAX_RECEIVES for m in earlier), earlier
            message.receives += 1
            message.handle = delivery["ReceiptHandle"]
            message.handles.append(message.handle)
            message.state, message.visible_at = "in flight", self.core.now + timeout

    def settle(self) -> None:
        """Bring the model to the core's time, and take what woken polls received."""
        now = self.core.now
        self.core.service.advance(now=now)
        wakes = self.core.service.take_wakes()
        for message in self.messages:
            if message.state in ("ready", "delayed", "in flight") and message.expires_at <= now:
                message.state = "expired"  # 8
            elif message.state in ("delayed", "in flight") and message.visible_at <= now:
                message.state = "ready"
        for wake in wakes:
            self.woken(wake)
        dead = {m.body for m in self.core.service.peek(self.core.queue(self.dead).arn).ready}
        for message in self.messages:
            if message.state == "ready" and message.receives >= MAX_RECEIVES:
                message.state = "dead-lettered" if message.body in dead else "ready"

    def woken(self, wake: Wake) -> None:
        deadline = self.polls.pop(wake.waiter_id)  # 12: a cancelled poll is never woken
        received = wake.output.get("Messages", [])
        assert received or deadline == self.core.now
        self.delivered(received, VISIBILITY_S)

    @invariant()
    def every_message_is_in_exactly_one_place(self) -> None:
        """1, 8 and 11."""
        ready, in_flight, delayed = self.core.states(self.name)
        for state, bodies in (("ready", ready), ("in flight", in_flight), ("delayed", delayed)):
            assert sorted(m.body for m in self.messages if m.state == state) == sorted(bodies)
        shown = self.core.queue(self.name).shown_attributes()
        assert shown["ApproximateNumberOfMessages"] == str(len(ready))
        assert shown["ApproximateNumberOfMessagesNotVisible"] == str(len(in_flight))
        assert shown["ApproximateNumberOfMessagesDelayed"] == str(len(delayed))
        moved = [m.body for m in self.messages if m.state == "dead-lettered"]
        assert sorted(moved) == sorted(self.core.states(self.dead)[0])  # 7: once

    @invariant()
    def no_poll_sleeps_through_an_arrival(self) -> None:
        """12: no wake-up is lost."""
        if self.polls:
            assert not [m for m in self.receivable() if m.receives < MAX_RECEIVES]


class FifoModel(QueueModel):
    """The same for a FIFO queue."""

    fifo = True


LIMITS = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestStandardQueue = pytest.mark.slow(QueueModel.TestCase)
TestStandardQueue.settings = LIMITS
TestFifoQueue = pytest.mark.slow(FifoModel.TestCase)
TestFifoQueue.settings = LIMITS
