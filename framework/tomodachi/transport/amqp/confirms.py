"""Publisher confirms: which publishes an acknowledgement of the broker answers.

RabbitMQ numbers the messages of a channel in confirm mode from 1 and answers in any order, several at
once with `multiple`. A returned message comes before its confirm and carries no number: it is the
oldest unanswered one with the same content, and messages of the same content have the same fate.

Source: https://www.rabbitmq.com/docs/confirms
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class UnconfirmedPublishes(Generic[T]):
    """The publishes of one channel that the broker has not answered, oldest first."""

    __slots__ = ("_last_tag", "_pending")

    def __init__(self) -> None:
        # Unlike a dict's, its front is found at once however much was taken from there.
        self._pending: OrderedDict[int, T] = OrderedDict()
        self._last_tag = 0

    def __len__(self) -> int:
        return len(self._pending)

    def __iter__(self) -> Iterator[T]:
        return iter(self._pending.values())

    def add(self, publish: T) -> int:
        """Note a publish that is written now; returns its delivery tag."""
        self._last_tag += 1
        self._pending[self._last_tag] = publish
        return self._last_tag

    def answered(self, delivery_tag: int, *, multiple: bool) -> list[T]:
        """Take what an ack or nack of the broker answers, oldest first; unknown tags answer nothing."""
        if not multiple:
            publish = self._pending.pop(delivery_tag, None)
            return [] if publish is None else [publish]
        taken = []
        while self._pending and next(iter(self._pending)) <= delivery_tag:
            taken.append(self._pending.popitem(last=False)[1])
        return taken

    def take_all(self) -> list[T]:
        """Take every publish that will never be answered, because the channel is gone."""
        taken = list(self._pending.values())
        self._pending.clear()
        return taken
