"""Machines beside a second implementation: the same steps, the same answers, or a ledger that says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tomodachi_testkit.machines import FifoSQSMachine, SQSMachine
from tomodachi_testkit.machines.ledger import Difference, Ledger
from tomodachi_testkit.machines.moto_side import MotoSide

SHORT = settings(max_examples=8, stateful_step_count=30, deadline=None, derandomize=True)


class BothSQSMachine(SQSMachine):
    broker = "both"


class BothDelayedSQSMachine(BothSQSMachine):
    delay_s = 10


class BothFifoSQSMachine(FifoSQSMachine):
    broker = "both"


@pytest.mark.slow
class TestBoth(BothSQSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestBothDelayed(BothDelayedSQSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestBothFifo(BothFifoSQSMachine.TestCase):
    settings = SHORT


class Forgetful(MotoSide):
    """A ledger without the entry on deletes of messages that are gone."""

    def __init__(self, ledger: Ledger, now: float) -> None:
        kept = [entry for entry in ledger.entries if entry.operation != "sqs.DeleteMessage"]
        super().__init__(Ledger(kept), now)


class UnexplainedMachine(BothSQSMachine):
    def beside(self) -> MotoSide:
        return Forgetful(self.differences("moto"), self.now)


def delete_what_is_gone(machine: type[SQSMachine]) -> None:
    with machine.replay() as state:
        state.send(group="a", dedup=0, delay=None)
        state.receive(count=1, timeout=None)
        state.purge()
        state.delete(which=0, stale=False)


@pytest.mark.slow
def test_a_difference_that_no_entry_explains_shows_both_answers() -> None:
    with pytest.raises(AssertionError) as caught:
        delete_what_is_gone(UnexplainedMachine)
    told = str(caught.value)
    assert "asked   sqs.DeleteMessage" in told
    assert "fake    ok" in told
    assert "moto    ReceiptHandleIsInvalid" in told


@pytest.mark.slow
def test_a_machine_brings_a_ledger_of_its_own(tmp_path: Path) -> None:
    entry = Difference("sqs.DeleteMessage", "ok", "ReceiptHandleIsInvalid", "a", "b", "https://c")
    file = tmp_path / "mine.toml"
    names = ("operation", "fake", "second", "what", "why", "source")
    lines = [f'{name} = "{getattr(entry, name)}"' for name in names]
    file.write_text("\n".join(["[[difference]]", *lines]))

    class Explained(UnexplainedMachine):
        ledger = (file,)

        def beside(self) -> MotoSide:
            return MotoSide(Ledger.read(*self.ledger), self.now)

    delete_what_is_gone(Explained)


@pytest.mark.parametrize("arguments", [(), ("--svc-broker=both",)], ids=["fake", "both"])
def test_the_option_decides_where_the_machine_does_not(
    pytester: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        f"""
        from tomodachi_testkit.machines import SQSMachine

        def test_which():
            assert SQSMachine.is_compared() is {bool(arguments)}
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:asyncio", *arguments)
    result.assert_outcomes(passed=1)
