"""Short forms of the commands in tools/: equal logs, and drains that never return too early."""

from __future__ import annotations

from importlib import import_module

import pytest

same_log = import_module("tools.same_log")
drain_under_load = import_module("tools.drain_under_load")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_event_log_to_the_byte() -> None:
    """testkit.md, Targets: same seed, same event log; `python -m tools.same_log` does a thousand."""
    first = same_log.one_log(seed=11)
    assert first.count("\n") > 100
    assert same_log.one_log(seed=11) == first
    assert same_log.one_log(seed=12) != first
    fuzzed = same_log.one_log(seed=11, fuzz=1)
    assert same_log.one_log(seed=11, fuzz=1) == fuzzed


@pytest.mark.slow
def test_a_drain_beside_a_processor_hog_returns_when_everything_has_arrived() -> None:
    """testkit.md, Three decisions: no wrong answer; `python -m tools.drain_under_load` does 10,000."""
    with drain_under_load.hogs(1):
        assert drain_under_load.wrong_drains(60) == 0
