"""Waits between attempts: exponential back-off with full jitter."""

from contextvars import copy_context
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tomodachi.transport.amqp.backoff import Backoff, set_random_source


class Highest:
    """Draws the upper bound, always."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_row_1_ceilings_double_from_half_a_second_to_thirty() -> None:
    backoff = Backoff(Highest())
    assert [backoff.next_wait() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


@given(st.integers(), st.integers(1, 50))
def test_every_wait_lies_between_nothing_and_its_ceiling(seed: int, attempts: int) -> None:
    backoff = Backoff(Random(seed))
    for _ in range(attempts):
        ceiling = backoff.ceiling()
        assert 0 <= backoff.next_wait() <= ceiling <= 30


def test_waits_are_spread_over_the_whole_range() -> None:
    backoff = Backoff(Random(7))
    for _ in range(8):
        backoff.next_wait()
    waits = [backoff.next_wait() for _ in range(200)]
    assert min(waits) < 3
    assert max(waits) > 27


def test_the_same_seed_gives_the_same_waits() -> None:
    first, second = Backoff(Random(1)), Backoff(Random(1))
    assert [first.next_wait() for _ in range(9)] == [second.next_wait() for _ in range(9)]


def test_the_random_source_in_force_is_a_context_variable() -> None:
    def with_highest() -> float:
        set_random_source(Highest())
        return Backoff().next_wait()

    assert copy_context().run(with_highest) == 0.5


def test_a_thousand_attempts_stay_at_the_ceiling() -> None:
    backoff = Backoff(Highest())
    assert [backoff.next_wait() for _ in range(1_000)][-1] == 30
