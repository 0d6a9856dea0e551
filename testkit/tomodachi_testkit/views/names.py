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
from tomodachi_testkit.tracebacks import hides

__tracebackhide__ = hides

T = TypeVar("T")

_FIFO = ".fifo"
_MADE_BY = {
    "topic": "svc.sns.create_topic",
    "queue": "svc.sqs.create_queue",
    "AMQP queue": "svc.amqp.declare_queue",
    "exchange": "svc.amqp.declare_exchange",
}


class NoSuchName(TestkitError, KeyError):
    """There is no queue, topic or exchange of that name.

    Args:
        what: The kind of resource: "topic", "queue", "AMQP queue" or "exchange".
        name: What the test said.
        known: The full names that there are.
        prefixes: Those which a test may leave out.
    """

    def __init__(
        self, what: str, name: str, known: Iterable[str], prefixes: Sequence[str] = ()
    ) -> None:
        names = sorted(set(known))
        short = [without_prefix(full, prefixes) for full in names]
        close = difflib.get_close_matches(name, [*short, *names], n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        listed = ", ".join(map(repr, names)) or "none"
        self.text = (
            f"there is no {what} {name!r}.{hint} There are: {listed}. Services make theirs when they "
            f"start; a test makes its own with {_MADE_BY[what]}({name!r})."
        )
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
    by_name, prefixes = dict(reversed(known)), list(prefixes)
    for full in full_names(name, prefixes):
        if full in by_name:
            return by_name[full]
    raise NoSuchName(what, name, by_name, prefixes)


def full_names(name: str, prefixes: Iterable[str]) -> list[str]:
    """What `name` may stand for, the likeliest first."""
    prefixed = [name, *(prefix + name for prefix in prefixes if prefix)]
    return [*prefixed, *(full + _FIFO for full in prefixed)]


def without_prefix(name: str, prefixes: Iterable[str]) -> str:
    """`name` without the longest prefix of a service that it starts with."""
    fitting = [prefix for prefix in prefixes if prefix and name.startswith(prefix)]
    return name.removeprefix(max(fitting, key=len)) if fitting else name
