"""Machines beside a second implementation: the same steps, the same answers, or a ledger that says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tomodachi_testkit.machines import FifoSNSMachine, FifoSQSMachine, SNSMachine, SQSMachine
from tomodachi_testkit.machines.ledger import Difference, Ledger
from tomodachi_testkit.machines.moto_side import MotoSide

SHORT = settings(max_examples=8, stateful_step_count=30, deadline=None, derandomize=True)


class BothSQSMachine(SQSMachine):
    broker = "both"


class BothDelayedSQSMachine(BothSQSMachine):
    delay_s = 10


class BothFifoSQSMachine(FifoSQSMachine):
    broker = "both"


class BothSNSMachine(SNSMachine):
    broker = "both"


class BothFifoSNSMachine(FifoSNSMachine):
    broker = "both"


class BothContentBasedSNSMachine(BothFifoSNSMachine):
    content_based = True


@pytest.mark.slow
class TestBothSNS(BothSNSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestBothFifoSNS(BothFifoSNSMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
class TestBothContentBasedSNS(BothContentBasedSNSMachine.TestCase):
    settings = SHORT


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
def test_a_delivery_that_only_one_of_the_two_makes_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(MotoSide, "bodies", lambda self, queue: [])
    with pytest.raises(AssertionError, match=r"first: the fake has \[.*'number': 1"):
        publish_one(BothSNSMachine)


def publish_one(machine: type[SNSMachine]) -> None:
    with machine.replay() as state:
        state.subscribe(which=0, policy=0, by_body=False, raw=True)
        state.publish(event="a", level=1, kind="x", group="a", dedup=0)


@pytest.mark.slow
def test_beside_moto_the_machine_keeps_clear_of_what_the_ledger_names() -> None:
    with BothSNSMachine.replay() as state:
        assert state.reachable == ()
        operators = {name for each in state._filters(by_body=False) for name in each.operators}
        assert "prefix" in operators
        assert "equals-ignore-case" not in operators
    with SNSMachine.replay() as state:
        assert state.reachable == SNSMachine.hooks
        operators = {name for each in state._filters(by_body=False) for name in each.operators}
        assert "equals-ignore-case" in operators


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
