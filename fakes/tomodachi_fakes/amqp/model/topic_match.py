"""Topic matching: which binding keys match a routing key, as a trie of words.

`*` is one word (an empty one counts), `#` is any number of words. The empty routing key has no words
at all.

Source: AMQP 0-9-1 spec 3.1.3.3, topic exchange
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class _Node(Generic[T]):
    __slots__ = ("children", "values")

    def __init__(self) -> None:
        self.children: dict[str, _Node[T]] = {}
        self.values: dict[T, None] = {}


def words_of(key: str) -> list[str]:
    """The words of a routing or binding key."""
    return key.split(".") if key else []


class TopicTrie(Generic[T]):
    """Values filed under binding keys."""

    __slots__ = ("_root",)

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, binding_key: str, value: T) -> None:
        """File `value` under `binding_key`."""
        node = self._root
        for word in words_of(binding_key):
            node = node.children.setdefault(word, _Node())
        node.values[value] = None

    def remove(self, binding_key: str, value: T) -> None:
        """Take `value` away from `binding_key`, and the branches that nothing needs."""
        path = [(self._root, "")]
        for word in words_of(binding_key):
            path.append((path[-1][0].children[word], word))
        path[-1][0].values.pop(value, None)
        while len(path) > 1 and not path[-1][0].values and not path[-1][0].children:
            _, word = path.pop()
            del path[-1][0].children[word]

    def match(self, routing_key: str) -> list[T]:
        """The values whose binding key matches, each once."""
        words = words_of(routing_key)
        found: dict[T, None] = {}
        visited: set[tuple[int, int]] = set()
        stack: list[tuple[_Node[T], int]] = [(self._root, 0)]
        while stack:
            node, at = stack.pop()
            if (id(node), at) in visited:
                continue
            visited.add((id(node), at))
            if at == len(words):
                found |= node.values
            stack.extend(self._steps(node, words, at))
        return list(found)

    @staticmethod
    def _steps(node: _Node[T], words: list[str], at: int) -> list[tuple[_Node[T], int]]:
        steps = []
        if at < len(words):
            steps = [(node.children[w], at + 1) for w in (words[at], "*") if w in node.children]
        if (rest := node.children.get("#")) is not None:
            steps.extend((rest, skipped) for skipped in range(at, len(words) + 1))
        return steps


def topic_matches(binding_key: str, routing_key: str) -> bool:
    """Whether one binding key matches one routing key."""
    trie: TopicTrie[bool] = TopicTrie()
    trie.add(binding_key, True)
    return bool(trie.match(routing_key))
