"""Facts about the process, and its counters."""

from __future__ import annotations

import pytest

import tomodachi


@pytest.fixture(autouse=True)
def empty():
    before = dict(tomodachi.get_execution_context())
    tomodachi._clear_execution_context()
    yield
    tomodachi._clear_execution_context()
    tomodachi.set_execution_context(before)


def test_it_is_the_live_dict():
    context = tomodachi.get_execution_context()
    tomodachi.set_execution_context({"a": 1, "b": 2})
    tomodachi.set_execution_context({"b": 3})
    assert context == {"a": 1, "b": 3}
    assert tomodachi.get_execution_context() is context


def test_counters_start_at_zero_and_go_both_ways():
    tomodachi.increase_execution_context_value("tasks")
    tomodachi.increase_execution_context_value("tasks", 3)
    tomodachi.decrease_execution_context_value("tasks")
    tomodachi.decrease_execution_context_value("below", 2)
    assert tomodachi.get_execution_context() == {"tasks": 3, "below": -2}


@pytest.mark.parametrize("count", ["increase", "decrease"])
def test_what_is_no_integer_is_not_counted(count):
    tomodachi.set_execution_context({"version": "1.0"})
    function = getattr(tomodachi, f"{count}_execution_context_value")
    with pytest.raises(TypeError, match=r"'version' is '1\.0', not an integer"):
        function("version")
    assert tomodachi.get_execution_context() == {"version": "1.0"}
