"""The fake SQS holds invariants 1 to 9, 11 and 12, whatever is done to it (short lane)."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tomodachi_testkit.machines import FifoSQSMachine, SQSMachine

SHORT = settings(max_examples=25, stateful_step_count=40, deadline=None, derandomize=True)


class DelayedSQSMachine(SQSMachine):
    delay_s = 10


class GroupScopeSQSMachine(FifoSQSMachine):
    by_group = True
    delay_s = 3


@pytest.mark.slow
class TestStandard(SQSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestFifo(FifoSQSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestDelayed(DelayedSQSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestGroupScope(GroupScopeSQSMachine.TestCase):
    settings = SHORT


def test_a_poll_is_woken_when_a_delete_frees_its_group() -> None:
    with FifoSQSMachine.replay() as state:
        for dedup in range(2):
            state.send(group="a", dedup=dedup, delay=None)
        state.receive(count=1, timeout=None)
        state.poll(seconds=20, count=1)
        state.delete(which=0, stale=False)
        assert not state.polls
