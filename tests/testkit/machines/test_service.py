"""`ServiceMachine` finds what a service loses or does twice, and nothing in one that does neither."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.testkit.bugs import not_idempotent, swallowed_error

from tomodachi_testkit.machines import ServiceMachine
from tomodachi_testkit.machines.service import FAULTS

FEW = settings(
    max_examples=3,
    stateful_step_count=6,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
)


class IdempotentMachine(ServiceMachine):
    service = staticmethod(not_idempotent.Fixed)
    idempotent = True


class SwallowingMachine(ServiceMachine):
    service = swallowed_error.Buggy


@pytest.mark.slow
def test_nothing_is_found_in_a_service_that_is_in_order() -> None:
    run_state_machine_as_test(IdempotentMachine, settings=FEW)


def lose_one() -> None:
    refused = next(fault for fault in FAULTS if fault.code == "InternalError")
    with SwallowingMachine.replay() as state:
        state.fault(fault=refused)
        state.send(which=0)
        state.advance(seconds=30.0)


@pytest.mark.slow
def test_a_lost_effect_is_found() -> None:
    with pytest.raises(AssertionError, match="1 effects are missing"):
        lose_one()
