"""Finds the resource that a test means by a short name.

A test says "billing-orders", the service's prefix makes "shop-billing-orders" of it, in the region
that the service uses. Names are looked up as they are, then with the prefixes of the services that
run, and then again with the ".fifo" that the runtime puts behind names of FIFO topics and queues.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TypeVar

from tomodachi_testkit.errors import TestkitError

T = TypeVar("T")

_FIFO = ".fifo"


class NoSuchName(TestkitError, KeyError):
    """There is no queue, topic or exchange of that name."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(set(known))
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        listed = ", ".join(map(repr, names)) or "none"
        self.text = f"there is no {what} {name!r}.{hint} There are: {listed}."
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text  # KeyError would show its repr


def find(what: str, name: str, prefixes: Iterable[str], known: Sequence[tuple[str, T]]) -> T:
    """The resource called `name`, or a prefix and `name`, or either with ".fifo" behind it.

    Args:
        what: The kind of resource, for the error.
        name: What the test says.
        prefixes: Prefixes of the services that run.
        known: Every resource with its full name.

    Raises:
        NoSuchName: there is none.
    """
    by_name = dict(reversed(known))
    for full in full_names(name, prefixes):
        if full in by_name:
            return by_name[full]
    raise NoSuchName(what, name, by_name)


def full_names(name: str, prefixes: Iterable[str]) -> list[str]:
    """What `name` may stand for, the likeliest first."""
    prefixed = [name, *(prefix + name for prefix in prefixes if prefix)]
    return [*prefixed, *(full + _FIFO for full in prefixed)]


def without_prefix(name: str, prefixes: Iterable[str]) -> str:
    """`name` without the longest prefix of a service that it starts with."""
    fitting = [prefix for prefix in prefixes if prefix and name.startswith(prefix)]
    return name.removeprefix(max(fitting, key=len)) if fitting else name
