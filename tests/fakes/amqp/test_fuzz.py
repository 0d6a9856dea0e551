"""No octets a client sends crash the broker or reach another connection (short lane).

The long lane is `python -m tools.fuzz_amqp`.
"""

from __future__ import annotations

import pytest
from tests.fakes.amqp.support_fuzz import Fuzzer


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.10", "4.0", "4.3"])
def test_mutated_and_misplaced_frames_harm_nobody(version: str) -> None:
    fuzzer = Fuzzer(seed=7, version=version)
    for round_ in range(4000):
        fuzzer.attack()
        if round_ % 50 == 0:
            fuzzer.check_innocent()
    fuzzer.check_innocent()
