"""Each small buggy service of this folder is caught without an assertion of its own; its fix is not.

A file holds `Buggy` and `Fixed`: service classes, or functions that make one with a fresh database. The
whole examination of every fix is `python -m tools.bug_corpus`; here a fix goes through peace and the
accident that caught its bug.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tomodachi_testkit.machines.examination import (
    BEFORE,
    DURING,
    crash_acknowledged,
    examine,
    name_of,
    stop,
)

HERE = Path(__file__).parent
BUGS = sorted(
    path.stem for path in HERE.glob("*.py") if not path.stem.startswith(("support_", "test_"))
)
ACCIDENTS = {name_of(accident): accident for accident in (*BEFORE, *DURING)}


def test_there_are_at_least_thirty() -> None:
    assert len(BUGS) >= 30


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_the_bug_is_caught_and_its_fix_is_not(bug: str) -> None:
    module = import_module(f"tests.testkit.bugs.{bug}")
    idempotent = getattr(module, "IDEMPOTENT", False)
    samples = getattr(module, "SAMPLES", None)

    found = examine(module.Buggy, idempotent=idempotent, samples=samples, first_only=True)
    assert found, f"nothing was found: {module.__doc__}"

    again = [ACCIDENTS[finding.when] for finding in found[:1] if finding.when in ACCIDENTS]
    assert not examine(module.Fixed, idempotent=idempotent, samples=samples, accidents=again)


@pytest.mark.slow
@pytest.mark.parametrize("bug", ["acknowledge_before_work", "acknowledge_before_work_amqp"])
def test_work_that_goes_on_when_its_message_is_acknowledged_is_caught_twice(bug: str) -> None:
    """A stop finds the task that does it, and a crash at that moment loses what it would have done."""
    buggy = import_module(f"tests.testkit.bugs.{bug}").Buggy

    (left,) = examine(buggy, accidents=[stop])
    assert left.what == "left behind after the stop: task Buggy.later"
    (lost,) = examine(buggy, accidents=[crash_acknowledged])
    assert "effects are missing" in lost.what
