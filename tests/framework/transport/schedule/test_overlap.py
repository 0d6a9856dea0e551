"""How many calls of one function may run at a time."""

from __future__ import annotations

from tomodachi.transport.schedule.overlap import Decision, OverlapLimit


def test_the_twenty_first_call_is_skipped_with_a_warning() -> None:
    """Section 8: up to 20 running tasks for each function."""
    limit = OverlapLimit()
    assert [limit.decide(running) for running in range(20)] == [Decision(calls=True)] * 20
    assert limit.decide(20) == Decision(calls=False, warns=True)


def test_calls_are_skipped_until_fewer_than_fifteen_run() -> None:
    limit = OverlapLimit()
    limit.decide(20)
    assert not limit.decide(19).calls
    assert not limit.decide(15).calls
    assert limit.decide(14).calls
    assert limit.decide(15).calls


def test_the_warnings_become_rarer() -> None:
    limit = OverlapLimit()
    warned = [n for n in range(1, 101) if limit.decide(20).warns]
    assert warned == [1, 20, 40, 80]


def test_the_warnings_start_anew_after_a_recovery() -> None:
    limit = OverlapLimit()
    limit.decide(20)
    limit.decide(0)
    assert limit.decide(20).warns
