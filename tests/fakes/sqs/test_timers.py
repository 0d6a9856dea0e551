"""The lazy heap and line against a plain search, and their promise not to grow with what is stale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.sqs.timers import LazyHeap, LazyLine

CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 5), st.integers(0, 50)),
        st.tuples(st.just("drop"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("pass"), st.just(0), st.integers(0, 20)),
    ),
    max_size=60,
)


BOTH = pytest.mark.parametrize("kind_of", [LazyHeap, LazyLine])


@BOTH
@given(CHANGES)
def test_both_agree_with_a_plain_search(
    kind_of: type[LazyHeap | LazyLine], changes: list[tuple[str, int, int]]
) -> None:
    deadlines: dict[int, float] = {}
    heap = kind_of(lambda at, key: deadlines.get(key) == at)
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


def test_what_stands_in_the_line_and_among_the_late_is_due_once() -> None:
    deadline = {0: 0.0, 1: 1.0}
    line = LazyLine(lambda at, key: deadline.get(key) == at)
    for key in (0, 1, 0):
        line.push(deadline[key], key, 2)

    due = []
    for key in line.due(0.0):
        del deadline[key]
        due.append(key)

    assert due == [0]


def test_a_line_does_not_keep_what_is_stale() -> None:
    alive = {0}
    line = LazyLine(lambda at, key: key in alive)
    for key in range(10_000):
        line.push(float(key), key, 1)

    assert len(line._line) < 100
    assert line.head() == 0.0


@BOTH
def test_deadline_and_entry_are_added_up_alike(kind_of: type[LazyHeap | LazyLine]) -> None:
    """Or a timer would ring at a deadline that is never due: 0.1 + 0.2 > 0.3."""
    heap = kind_of(lambda at, key: True)
    heap.push(0.1, 1, 1)
    deadline = 0.1 + 0.2

    assert list(heap.due(deadline, 0.2)) == [1]
