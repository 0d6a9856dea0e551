"""What `SQSMachine` is set up with, and what must be true after each of its rules.

One queue with its dead-letter queue, in the fake's core, in virtual time. Invariants 1, 7, 8, 11 and 12
of the property tests are checked here, the others by the model (`sqs_model.py`) as it follows. Beside a
second implementation (`second.py`) every call goes to both.

Source: SQS API reference; developer guide, visibility timeout, FIFO queues, dead-letter queues.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from tomodachi_fakes.aws.call import Wake
from tomodachi_testkit.machines.core_calls import ACCOUNT, REGION, Core
from tomodachi_testkit.machines.moto_side import MOST_MESSAGES, MotoSide
from tomodachi_testkit.machines.second import BrokerMachine, Second
from tomodachi_testkit.machines.sqs_model import HERE, Modelled, QueueModel, Settings, State
from tomodachi_testkit.machines.steps import invariant

GROUPS = ("a", "b", "c")
_LONGEST_S = 1_209_600
_PAST_S = 0.125


class SQSScene(BrokerMachine):
    """A queue with its dead-letter queue, empty in the beginning.

    Class attributes:
        fifo: The queue's type.
        visibility_s: Its VisibilityTimeout.
        retention_s: Its MessageRetentionPeriod.
        delay_s: Its DelaySeconds.
        max_receives: maxReceiveCount of its redrive policy.
        dead_retention_s: MessageRetentionPeriod of its dead-letter queue.
        by_group: DeduplicationScope is messageGroup (FIFO).
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
        self.fresh = 0
        suffix = ".fifo" if self.fifo else ""
        self.name, self.dead = f"queue{suffix}", f"dead{suffix}"
        self.model = QueueModel(
            Settings(
                self.fifo,
                self.visibility_s,
                self._kept_s(self.retention_s),
                self.delay_s,
                self.max_receives,
                self._kept_s(self.dead_retention_s),
                self.by_group,
            )
        )
        self.polls: dict[int, tuple[float, int]] = {}
        self.sends = 0
        self.purged_at = -60.0
        self.second = self.beside()
        try:
            self._create()
        except BaseException:
            self.teardown()
            raise

    def beside(self) -> Second | None:
        """A second implementation that must answer the same: moto where both are asked for."""
        if not self.is_compared():
            return None
        return MotoSide(self.differences("moto"), self.now)

    def teardown(self) -> None:
        """End the example."""
        if self.second is not None:
            self.second.close()

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
            Attributes={
                **of_type,
                "MessageRetentionPeriod": str(self._kept_s(self.dead_retention_s)),
            },
        )
        self.sqs(
            "CreateQueue",
            QueueName=self.name,
            Attributes={
                **of_type,
                "VisibilityTimeout": str(self.visibility_s),
                "MessageRetentionPeriod": str(self._kept_s(self.retention_s)),
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

    # --- beside a second implementation -----------------------------------------------------------
    # What its ledger says to keep clear of.

    def _kept_s(self, retention_s: int) -> int:
        return _LONGEST_S if self.is_compared() else retention_s

    @property
    def past_s(self) -> float:
        """How much longer than drawn a wait lasts: to be past the instant at which something ends."""
        return _PAST_S if self.second else 0.0

    def has_room(self, count: int) -> bool:
        """Whether so many messages more may be sent: one receive must be able to take them all."""
        here = len(self.model.bodies(*HERE))
        return self.second is None or here + count <= MOST_MESSAGES

    def asked(self, count: int) -> int:
        """How many messages to ask for, where `count` was drawn."""
        if self.second is None:
            return count
        return 1 if self.fifo else MOST_MESSAGES

    def group(self, group: str) -> str:
        """The group to send to, where `group` was drawn."""
        return group if self.second is None else GROUPS[0]

    def deduplication_id(self, group: str, number: int) -> str:
        """The id to send with, where `number` was drawn."""
        if self.second is None or self.model.repeats(group, f"d{number}", self.now):
            return f"d{number}"
        self.fresh += 1
        return f"fresh-{self.fresh}"

    # --- sending ----------------------------------------------------------------------------------

    def entry(self, group: str, dedup: int, delay: int | None) -> dict[str, Any]:
        """The members of one send."""
        self.sends += 1
        entry: dict[str, Any] = {"MessageBody": f"m{self.sends}"}
        if self.fifo:
            group = self.group(group)
            entry |= {
                "MessageGroupId": group,
                "MessageDeduplicationId": self.deduplication_id(group, dedup),
            }
        elif delay is not None:
            entry["DelaySeconds"] = delay
        return entry

    def sent(self, entry: dict[str, Any], message_id: str) -> None:
        """A send was accepted."""
        self.model.sent(
            entry["MessageBody"],
            message_id,
            group=entry.get("MessageGroupId", ""),
            dedup=entry.get("MessageDeduplicationId", ""),
            delay=entry.get("DelaySeconds"),
            now=self.now,
        )

    # --- following the core -----------------------------------------------------------------------

    def go_to(self, at: float) -> None:
        """It is `at` now, on both sides."""
        self.core.advance_to(at)
        if self.second is not None:
            self.second.advance_to(at)
        self.settle()

    def settle(self) -> None:
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

    @invariant()
    def both_count_alike(self) -> None:
        """11, on the second implementation too."""
        if self.second is not None:
            for queue in (self.name, self.dead):
                assert not (wrong := self.second.counts_differ(self.core, queue)), wrong

    def history(self) -> str:
        """The core's events."""
        return self.core.history()

    def handed_out(self) -> list[Modelled]:
        """Messages that were received at some time."""
        return [m for m in self.model.messages if m.handles]

    def held(self) -> list[Modelled]:
        """Messages in flight."""
        return [m for m in self.model.messages if m.state is State.IN_FLIGHT]
