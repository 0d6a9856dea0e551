"""Configuration files (deprecated)."""

from __future__ import annotations

import json

import pytest

from tomodachi.config import parse_config_files


@pytest.mark.parametrize("nothing", [None, "", []])
def test_no_files_mean_no_configuration(nothing):
    assert parse_config_files(nothing) is None


def test_files_are_merged_in_the_order_given(tmp_path):
    paths = []
    for number, values in enumerate([{"a": 1, "l": [1]}, {"a": 2, "l": [2]}]):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(values))
        paths.append(str(path))
    assert parse_config_files(paths) == {"a": 2, "l": [1, 2]}
    assert parse_config_files(paths[::-1]) == {"a": 1, "l": [2, 1]}
    assert parse_config_files(paths[0]) == {"a": 1, "l": [1]}


def test_a_file_that_is_missing_or_no_json_object_is_an_error(tmp_path):
    with pytest.raises(OSError, match="gone"):
        parse_config_files(str(tmp_path / "gone.json"))
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(ValueError, match="Expecting"):
        parse_config_files(str(broken))
    broken.write_text("[1]")
    with pytest.raises(ValueError, match=r"broken\.json holds no JSON object but list"):
        parse_config_files(str(broken))
