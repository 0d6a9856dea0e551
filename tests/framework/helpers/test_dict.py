"""Two nested dicts together."""

from __future__ import annotations

from tomodachi.helpers.dict import merge_dicts


def test_dicts_are_merged_lists_joined_and_anything_else_replaced():
    first = {"d": {"a": 1, "b": [1]}, "l": [1], "x": 1, "kept": 0, "mixed": {"a": 1}}
    second = {"d": {"b": [2], "c": 3}, "l": [2], "x": 2, "mixed": 5}
    assert merge_dicts(first, second) == {
        "d": {"a": 1, "b": [1, 2], "c": 3},
        "l": [1, 2],
        "x": 2,
        "kept": 0,
        "mixed": 5,
    }
    assert first["d"] == {"a": 1, "b": [1]}
    assert first["l"] == [1]
