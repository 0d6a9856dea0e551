from __future__ import annotations

from tomodachi_fakes.sns.index import Index


def test_a_key_that_nobody_has_finds_nobody() -> None:
    assert Index[str]().first("key") is None


def test_the_first_of_two_with_one_key_is_found_and_the_other_once_that_has_gone() -> None:
    index = Index[str]()
    index.add("key", "arn:1")
    index.add("key", "arn:2")

    found = [index.first("key")]
    for arn in ("arn:1", "arn:2"):
        index.remove("key", arn)
        found.append(index.first("key"))

    assert found == ["arn:1", "arn:2", None]


def test_keys_without_holders_are_forgotten() -> None:
    """The fake runs for days; tokens and endpoints come and go."""
    index = Index[str]()
    index.add("key", "arn:1")
    index.remove("key", "arn:1")

    assert index == Index[str]()
