"""The fake SNS holds invariant 10, whatever is done to it (short lane), and the machine notices."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tomodachi_testkit.machines import FifoSNSMachine, SNSMachine

SHORT = settings(max_examples=25, stateful_step_count=30, deadline=None, derandomize=True)


class GroupScopeSNSMachine(FifoSNSMachine):
    by_group = True


@pytest.mark.slow
class TestStandard(SNSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestFifo(FifoSNSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestGroupScope(GroupScopeSNSMachine.TestCase):
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
