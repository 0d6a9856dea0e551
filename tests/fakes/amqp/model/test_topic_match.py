"""Topic keys against a brute-force matcher."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.amqp.model.topic_match import TopicTrie, topic_matches, words_of

_WORDS = st.sampled_from(["a", "b", ""])
_KEYS = st.lists(_WORDS, max_size=5).map(".".join)
_PATTERNS = st.lists(st.sampled_from(["a", "b", "", "*", "#"]), max_size=4).map(".".join)


def _brute(pattern: list[str], words: list[str]) -> bool:
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_brute(pattern[1:], words[skip:]) for skip in range(len(words) + 1))
    return bool(words) and pattern[0] in ("*", words[0]) and _brute(pattern[1:], words[1:])


@given(pattern=_PATTERNS, key=_KEYS)
def test_the_trie_agrees_with_the_definition(pattern: str, key: str) -> None:
    """AMQP 0-9-1 spec 3.1.3.3."""
    assert topic_matches(pattern, key) == _brute(words_of(pattern), words_of(key))


@given(patterns=st.lists(_PATTERNS, max_size=8), key=_KEYS, gone=st.integers(0, 7))
def test_a_removed_binding_no_longer_matches_and_the_others_do(
    patterns: list[str], key: str, gone: int
) -> None:
    trie: TopicTrie[int] = TopicTrie()
    for number, pattern in enumerate(patterns):
        trie.add(pattern, number)
    if gone < len(patterns):
        trie.remove(patterns[gone], gone)
    expected = {
        n for n, p in enumerate(patterns) if n != gone and _brute(words_of(p), words_of(key))
    }
    found = trie.match(key)
    assert set(found) == expected
    assert len(found) == len(expected)


def test_many_hashes_do_not_take_forever() -> None:
    """A key of many words against many `#` is no exponential search."""
    assert not topic_matches(".".join(["#", "a"] * 30), ".".join(["b"] * 200))
