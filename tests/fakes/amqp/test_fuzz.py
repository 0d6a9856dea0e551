"""No octets a client sends crash the broker or reach another connection (short lane).

The long lane is `python -m tools.fuzz_amqp`.
"""

from __future__ import annotations

import pytest
from tests.fakes.amqp.support_fuzz import Fuzzer
from tests.fakes.amqp.support_wire import Wire


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.10", "4.0", "4.3"])
def test_mutated_and_misplaced_frames_harm_nobody(version: str) -> None:
    fuzzer = Fuzzer(seed=7, version=version)
    for round_ in range(4000):
        fuzzer.attack()
        if round_ % 50 == 0:
            fuzzer.check_innocent()
    fuzzer.check_innocent()


def test_names_in_arguments_may_hold_any_octets() -> None:
    """Found by the fuzzer: an alternate exchange and other names that are no UTF-8."""
    peer = Wire().client()
    odd = {"alternate-exchange": b"\xab", "x-match": b"\xab"}
    peer.exchange("x", "headers", arguments=odd)
    assert peer.names() == ["exchange.declare-ok"]
    peer.declare("q", arguments={"x-dead-letter-exchange": b"\xab"})
    assert peer.names() == ["queue.declare-ok"]
    peer.bind("q", "x", arguments={"x-match": b"\xab"})
    assert peer.names() == ["channel.close"]
