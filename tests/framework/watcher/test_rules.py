from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tomodachi.watcher import rules


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        (".", False),
        ("src", False),
        ("src/__pycache__", True),
        (".git", True),
        (".venv/lib", True),
        ("__tmp__", True),
        ("web/assets", True),
        ("web/assets/deeper", True),
        ("assets", False),
        ("webby/assets", False),
    ],
)
def test_hidden_and_ignored_directories_are_not_looked_into(path, ignored):
    ignored_dirs = rules.extended(rules.IGNORED_DIRS, ["web/assets"])

    assert rules.is_ignored_dir(PurePosixPath(path), ignored_dirs) is ignored


@pytest.mark.parametrize(
    ("name", "watched"),
    [
        ("service.py", True),
        ("page.html", True),
        ("config.yml", True),
        ("query.sql", True),
        (".hidden.py", False),
        ("service.pyc", False),
        ("notes.txt", False),
    ],
)
def test_files_count_by_their_ending(name, watched):
    endings = rules.extended(rules.WATCHED_FILE_ENDINGS, ".sql")

    assert rules.is_watched_file(name, endings) is watched


def test_an_option_extends_by_a_string_or_a_list_and_nothing_twice():
    assert rules.extended(["a"], ["b", "a", ""]) == ["a", "b"]
    assert rules.extended(["a"], "b") == ["a", "b"]
    assert rules.extended(["a"], None) == ["a"]
