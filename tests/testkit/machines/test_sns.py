"""The fake SNS holds invariant 10, whatever is done to it (short lane), and the machine notices."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tomodachi_testkit.machines import FifoSNSMachine, SNSMachine

SHORT = settings(max_examples=25, stateful_step_count=30, deadline=None, derandomize=True)


class GroupScopeSNSMachine(FifoSNSMachine):
    by_group = True


class ContentBasedSNSMachine(FifoSNSMachine):
    content_based = True


@pytest.mark.slow
class TestStandard(SNSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestFifo(FifoSNSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestGroupScope(GroupScopeSNSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestContentBased(ContentBasedSNSMachine.TestCase):
    settings = SHORT


def test_a_filter_counts_at_the_time_of_the_publish() -> None:
    only_a, everything = 1, 0
    with SNSMachine.replay() as state:
        state.subscribe(which=0, policy=only_a, by_body=False, raw=True)
        state.publish(event="b", level=None, kind="x", group="a", dedup=0)
        state.set_filter(which=0, policy=everything)
        state.publish(event="b", level=None, kind="x", group="a", dedup=1)
        assert [item.message.number for item in state.model.delivered["first"]] == [2]


def test_a_message_that_bypasses_a_filter_is_noticed() -> None:
    with SNSMachine.replay() as state:
        state.subscribe(which=0, policy=0, by_body=False, raw=True)
        state.model.subscribed["first"].filter = state.by_attributes[1]
        with pytest.raises(AssertionError, match=r"first: \[1\]"):
            state.publish(event="b", level=None, kind="x", group="a", dedup=0)


def test_a_repeat_goes_to_no_subscription_that_came_between() -> None:
    with FifoSNSMachine.replay() as state:
        state.publish(event=None, level=None, kind="x", group="a", dedup=0)
        state.subscribe(which=0, policy=0, by_body=False, raw=False)
        state.publish(event=None, level=None, kind="x", group="a", dedup=0)
        assert "first" not in state.model.delivered


def test_what_a_missing_queue_does_not_take_is_dead_lettered() -> None:
    with SNSMachine.replay() as state:
        state.subscribe(which=0, policy=0, by_body=False, raw=True, dead_letters=True)
        state.delete_queue(which=0)
        state.publish(event=None, level=None, kind="x", group="a", dedup=0)
        assert [item.message.number for item in state.model.delivered["dead"]] == [1]
        state.create_queue(which=0)
        state.publish(event=None, level=None, kind="x", group="a", dedup=0)
        assert [item.message.number for item in state.model.delivered["first"]] == [2]


def test_an_endpoint_that_stays_away_is_dead_lettered_after_three_retries() -> None:
    with SNSMachine.replay() as state:
        state.subscribe_hook(which=0, policy=0, by_body=False, raw=False, dead_letters=True)
        state.publish(event=None, level=None, kind="x", group="a", dedup=0)
        state.confirm(which=0)
        state.publish(event=None, level=None, kind="x", group="a", dedup=0)
        state.stay_away(which=0)
        assert [item.message.number for item in state.model.delivered["dead"]] == [2]


def test_a_subscription_that_is_not_there_is_noticed() -> None:
    with SNSMachine.replay() as state:
        state.subscribe(which=0, policy=0, by_body=False, raw=True)
        del state.model.subscribed["first"]
        with pytest.raises(AssertionError):
            state.check_all()
        state.model.topic_renewed()
        state.renew_topic(really=0)


def test_the_same_policy_means_something_else_in_the_other_scope() -> None:
    only_a = 1
    with SNSMachine.replay() as state:
        state.subscribe(which=0, policy=only_a, by_body=False, raw=True)
        state.publish(event="a", level=None, kind="x", group="a", dedup=0, inner="b")
        state.set_scope(which=0)
        state.publish(event="a", level=None, kind="x", group="a", dedup=0, inner="b")
        state.publish(event="b", level=None, kind="x", group="a", dedup=0, inner="a")
        assert [item.message.number for item in state.model.delivered["first"]] == [1, 3]
