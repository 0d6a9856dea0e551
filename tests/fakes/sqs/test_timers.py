"""The lazy heap against a plain search, and its promise not to grow with what is stale."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.sqs.timers import LazyHeap

CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 5), st.integers(0, 50)),
        st.tuples(st.just("drop"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("pass"), st.just(0), st.integers(0, 20)),
    ),
    max_size=60,
)


@given(CHANGES)
def test_heap_agrees_with_a_plain_search(changes: list[tuple[str, int, int]]) -> None:
    deadlines: dict[int, float] = {}
    heap = LazyHeap(lambda at, key: deadlines.get(key) == at)
    now = 0.0
    for kind, key, value in changes:
        if kind == "set":
            deadlines[key] = now + value
            heap.push(now + value, key, len(deadlines))
        elif kind == "drop":
            deadlines.pop(key, None)
        else:
            now += value
            due = [(deadlines.pop(found), found) for found in heap.due(now)]
            assert [at for at, _ in due] == sorted(at for at, _ in due)
            assert all(at > now for at in deadlines.values())
        assert heap.head() == min(deadlines.values(), default=None)


def test_stale_entries_do_not_pile_up() -> None:
    deadline = {1: 0.0}
    heap = LazyHeap(lambda at, key: deadline.get(key) == at)
    for at in range(10_000, 0, -1):
        deadline[1] = float(at)
        heap.push(float(at), 1, 1)

    assert len(heap._entries) < 100


def test_deadline_and_entry_are_added_up_alike() -> None:
    """Or a timer would ring at a deadline that is never due: 0.1 + 0.2 > 0.3."""
    heap = LazyHeap(lambda at, key: True)
    heap.push(0.1, 1, 1)
    deadline = 0.1 + 0.2

    assert list(heap.due(deadline, 0.2)) == [1]
