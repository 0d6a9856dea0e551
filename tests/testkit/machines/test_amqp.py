"""The fake RabbitMQ holds invariants 13 to 20, whatever is done to it (short lane)."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tomodachi_testkit.machines import AMQPMachine


@pytest.mark.slow
class TestAMQP(AMQPMachine.TestCase):
    settings = settings(max_examples=20, stateful_step_count=40, deadline=None, derandomize=True)


def test_an_overflow_takes_the_expired_messages_behind_the_head_along() -> None:
    """RabbitMQ 3.10 does so: found by the machine, and asked of the real one."""
    with AMQPMachine.replay() as state:
        short = list(state.queues).index("short")
        for ttl_ms in (None, 0, None, None):
            state.publish_to_queue(channel=(0, 1), which=short, ttl_ms=ttl_ms, priority=None)
        assert len(state.core.peek("short")) == 2


def test_a_requeued_message_whose_time_is_over_expires() -> None:
    """https://www.rabbitmq.com/docs/ttl: the expiry time is preserved."""
    with AMQPMachine.replay() as state:
        state.consume(channel=(0, 1), no_ack=False, which=0)
        state.publish_to_queue(channel=(0, 1), priority=None, ttl_ms=0, which=0)
        state.close_channel(channel=(0, 1))
        assert not state.core.peek("plain")


def test_what_a_failed_channel_held_goes_to_another_one_at_once() -> None:
    """It may be told in the same breath as the channel's end: found by the machine."""
    with AMQPMachine.replay() as state:
        state.publish_to_queue(channel=(1, 1), priority=None, ttl_ms=None, which=0)
        state.consume(channel=(1, 2), no_ack=False, which=0)
        state.consume(channel=(1, 1), no_ack=True, which=0)
        state.settle_unknown(channel=(1, 2), multiple=False, used=False)
        assert not state.model.ready["plain"]
        assert not state.model.unacked.get((1, 2))


@pytest.mark.parametrize("no_ack", [False, True])
def test_the_channels_of_a_lost_connection_end_at_once(no_ack: bool) -> None:
    """RabbitMQ 3.10 keeps the messages or loses them to the second consumer, as its channels race."""
    with AMQPMachine.replay() as state:
        state.publish_to_queue(channel=(1, 1), priority=None, ttl_ms=None, which=0)
        state.consume(channel=(0, 1), no_ack=False, which=0)
        state.consume(channel=(0, 2), no_ack=no_ack, which=0)
        state.lose_connection(connection=0)
        assert len(state.core.peek("plain")) == 1


def test_what_an_overflow_takes_along_arrives_before_what_is_published_next() -> None:
    """Also when the broker reads both publishes at once: found by the machine."""
    with AMQPMachine.replay() as state:
        short = list(state.queues).index("short")
        letters = list(state.queues).index("short-dead")
        for ttl_ms in (None, 0, None):
            state.publish_to_queue(channel=(0, 1), which=short, ttl_ms=ttl_ms, priority=None)
        state.burst(channel=(0, 1), picks=[short, letters])
        bodies = [entry["body"] for entry in state.core.peek("short-dead")]
        assert bodies == [b"m1", b"m2", b"m5"]


def test_a_queue_that_rejects_stays_full_when_more_comes_back_than_it_holds() -> None:
    """RabbitMQ 3.10 refuses then: found by the machine, and asked of the real one."""
    with AMQPMachine.replay() as state:
        full = list(state.queues).index("full")
        state.consume(channel=(0, 1), no_ack=False, which=full)
        for _ in range(3):
            state.publish_to_queue(channel=(1, 1), priority=None, ttl_ms=None, which=full)
        state.lose_connection(connection=0)
        state.burst(channel=(1, 2), picks=[full, full])
        assert len(state.core.peek("full")) == 3


def test_the_channels_of_a_lost_connection_give_back_in_the_order_they_were_opened() -> None:
    """RabbitMQ says no order; the fake keeps to one, and the model to the same: found by the machine."""
    with AMQPMachine.replay() as state:
        short = list(state.queues).index("short")
        state.close_channel(channel=(0, 1))
        for channel in ((0, 2), (0, 1)):
            state.qos(channel=channel, count=1)
            state.consume(channel=channel, no_ack=False, which=short)
        for _ in range(5):
            state.publish_to_queue(channel=(1, 1), priority=None, ttl_ms=None, which=short)
        state.lose_connection(connection=0)
        assert [entry["body"] for entry in state.core.peek("short-dead")] == [b"m1", b"m2"]


def test_the_successor_of_a_cancelled_single_active_consumer_waits_for_the_next_message() -> None:
    """RabbitMQ 3.10.8 does so: found by the machine, which knew better."""
    with AMQPMachine.replay() as state:
        single = list(state.queues).index("single")
        state.qos(channel=(0, 1), count=1)
        for channel in ((0, 1), (1, 1)):
            state.consume(channel=channel, which=single, no_ack=False)
        for _ in range(2):
            state.publish_to_queue(channel=(1, 2), which=single, ttl_ms=None, priority=None)
        state.cancel(which=0)
        assert len(state.core.peek("single")) == 1
        state.publish_to_queue(channel=(1, 2), which=single, ttl_ms=None, priority=None)
        assert not state.core.peek("single")


def test_messages_given_back_last_first_come_again_in_their_own_order() -> None:
    """https://www.rabbitmq.com/docs/semantics: a requeue returns to the original position."""
    with AMQPMachine.replay() as state:
        ranked = list(state.queues).index("ranked")
        for which, priorities in ((0, [None, None, None]), (ranked, [None, 2, 1])):
            state.give_back_backwards(channel=(0, 1), which=which, priorities=priorities)
        assert not state.core.peek("plain")


def test_what_its_priority_brings_before_others_outlives_its_time_until_something_leaves() -> None:
    """RabbitMQ 3.10.8, 4.0.5 and 4.3.6 look for the end of what is alone in its queue, or the head behind it."""
    with AMQPMachine.replay() as state:
        ranked = list(state.queues).index("ranked")
        for ttl_ms, priority in ((None, None), (0, 1), (0, 9)):
            state.publish_to_queue(channel=(0, 1), which=ranked, ttl_ms=ttl_ms, priority=priority)
        assert [entry["body"] for entry in state.core.peek("ranked")] == [b"m3", b"m2", b"m1"]
        state.get(channel=(0, 1), which=ranked, no_ack=True)
        assert [entry["body"] for entry in state.core.peek("ranked")] == [b"m1"]
