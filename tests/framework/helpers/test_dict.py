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


def test_nothing_merges_like_an_empty_dict():
    """As 0.29.0, which asks what is there before it looks into it."""
    assert merge_dicts(None, {"a": 1}) == merge_dicts({"a": 1}, None) == {"a": 1}
    assert merge_dicts(None, None) == {}
