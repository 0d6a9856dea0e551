from __future__ import annotations

from tomodachi.helpers.nearest import nearest


def test_the_nearest_of_the_known_words():
    assert nearest("--prodution", ["--production", "--loop"]) == "--production"
    assert nearest("prot", iter(["host", "port"])) == "port"


def test_no_word_is_near():
    assert nearest("xyz", ["host", "port"]) == ""
    assert nearest("xyz", []) == ""
