"""Waits between attempts: exponential back-off with full jitter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tomodachi.helpers.entropy import reset_random, set_random
from tomodachi.transport.amqp.backoff import Backoff


class Highest(Random):
    """Draws as high as it can, always."""

    def random(self) -> float:
        return 1 - 2**-53


@contextmanager
def drawing_from(generator: Random) -> Iterator[None]:
    token = set_random(generator)
    try:
        yield
    finally:
        reset_random(token)


def test_row_1_ceilings_double_from_half_a_second_to_thirty() -> None:
    backoff = Backoff()
    with drawing_from(Highest()):
        waits = [round(backoff.next_wait(), 9) for _ in range(9)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


@given(st.integers(), st.integers(1, 50))
def test_every_wait_lies_between_nothing_and_its_ceiling(seed: int, attempts: int) -> None:
    backoff = Backoff()
    with drawing_from(Random(seed)):
        for _ in range(attempts):
            ceiling = backoff.ceiling()
            assert 0 <= backoff.next_wait() <= ceiling <= 30


def test_waits_are_spread_over_the_whole_range() -> None:
    backoff = Backoff()
    with drawing_from(Random(7)):
        for _ in range(8):
            backoff.next_wait()
        waits = [backoff.next_wait() for _ in range(200)]
    assert min(waits) < 3
    assert max(waits) > 27


def test_the_same_seed_gives_the_same_waits() -> None:
    runs = []
    for _ in range(2):
        backoff = Backoff()
        with drawing_from(Random(1)):
            runs.append([backoff.next_wait() for _ in range(9)])
    assert runs[0] == runs[1]


def test_a_thousand_attempts_stay_at_the_ceiling() -> None:
    backoff = Backoff()
    for _ in range(1_000):
        backoff.next_wait()
    assert backoff.ceiling() == 30
