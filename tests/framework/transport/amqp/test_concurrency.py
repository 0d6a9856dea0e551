"""How many handlers run at once."""

from hypothesis import given
from hypothesis import strategies as st

from tomodachi.transport.amqp.concurrency import ConcurrencyLimit


def limit(per_consumer: int, in_all: int) -> ConcurrencyLimit[str, int]:
    return ConcurrencyLimit(per_consumer=per_consumer, in_all=in_all)


def test_a_consumer_runs_up_to_its_count() -> None:
    running = limit(2, 0)
    assert [running.admit("a", number) for number in range(3)] == [True, True, False]
    assert running.admit("b", 3)
    assert list(running.release("a")) == [("a", 2)]


def test_all_consumers_run_up_to_the_count_in_all() -> None:
    running = limit(0, 2)
    assert running.admit("a", 0)
    assert running.admit("b", 1)
    assert not running.admit("a", 2)
    assert list(running.release("b")) == [("a", 2)]
    assert running.running == 2


def test_zero_means_any_number() -> None:
    running = limit(0, 0)
    assert all(running.admit("a", number) for number in range(1_000))


def test_a_consumer_at_its_count_does_not_hold_up_another() -> None:
    running = limit(1, 2)
    running.admit("a", 0)
    running.admit("b", 1)
    running.admit("a", 2)
    running.admit("b", 3)
    assert list(running.release("b")) == [("b", 3)]
    assert list(running.release("a")) == [("a", 2)]


def test_what_waits_can_be_taken_back() -> None:
    running = limit(1, 1)
    running.admit("a", 0)
    running.admit("a", 1)
    assert running.take_waiting() == [("a", 1)]
    assert list(running.release("a")) == []
    assert running.running == 0


@given(st.lists(st.sampled_from("abc"), max_size=40), st.integers(0, 3), st.integers(0, 5))
def test_everything_runs_once_in_order_and_never_too_many(
    arrivals: list[str], per_consumer: int, in_all: int
) -> None:
    limited = limit(per_consumer, in_all)
    now = [(who, number) for number, who in enumerate(arrivals) if limited.admit(who, number)]
    done: list[tuple[str, int]] = []
    while now:
        assert not in_all or len(now) <= in_all
        for who in "abc":
            assert not per_consumer or sum(name == who for name, _ in now) <= per_consumer
        done.append(now.pop(0))
        now.extend(limited.release(done[-1][0]))
    assert sorted(number for _, number in done) == list(range(len(arrivals)))
    for who in "abc":
        mine = [number for name, number in done if name == who]
        assert mine == sorted(mine)
