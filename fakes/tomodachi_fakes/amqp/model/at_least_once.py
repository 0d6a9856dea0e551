"""Dead letters that stay in their quorum queue until every queue they are routed to has taken them.

A letter without a route, or refused by a full queue, is tried again after three minutes; meanwhile it counts
against the limits of the queue that it died in. So many letters are on their way at a time, oldest first.

Source: https://www.rabbitmq.com/docs/quorum-queues#activating-at-least-once-dead-lettering,
https://www.rabbitmq.com/blog/2022/03/29/at-least-once-dead-lettering
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.model.dead_letter import Reason
from tomodachi_fakes.amqp.model.message import Message

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.quorum import QuorumQueue
    from tomodachi_fakes.amqp.model.timers import Timer

RETRY_S = 180.0
_ON_THEIR_WAY = 32


class Letter:
    """A letter, why it was written, and the names of the queues that have taken it."""

    __slots__ = ("arrived", "message", "reason")

    def __init__(self, message: Message, reason: Reason, arrived: Iterable[str]) -> None:
        self.message = message
        self.reason = reason
        self.arrived = set(arrived)


class Letters:
    """The letters of one queue that have not arrived.

    Attributes:
        octets: Of their bodies.
    """

    __slots__ = ("_queue", "_retry", "_waiting", "octets")

    def __init__(self, queue: QuorumQueue) -> None:
        self.octets = 0
        self._queue = queue
        self._waiting: list[Letter] = []
        self._retry: Timer | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Letter]:
        return iter(self._waiting)

    def post(self, message: Message, reason: Reason, arrived: Iterable[str] = ()) -> None:
        """Take a letter, and send it to who has not got it when the method at hand is answered."""
        self._waiting.append(letter := Letter(message, reason, arrived))
        self.octets += self._queue.size_of(message)
        self._queue.vhost.usage.add(message.octets)
        if len(self._waiting) <= _ON_THEIR_WAY:
            self._send_later([letter])

    def _send_later(self, letters: list[Letter]) -> None:
        for letter in letters:
            self._queue.vhost.later.append(partial(self._send, letter))

    def forget(self) -> None:
        """The queue is being deleted."""
        for letter in list(self._waiting):
            self._remove(letter)
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def _send(self, letter: Letter, now: float) -> None:
        if letter not in self._waiting:
            return
        vhost = self._queue.vhost
        targets = vhost.targets_of_letter(letter.message, self._queue.name, letter.reason, now)
        for target in targets or ():
            if target.name not in letter.arrived and vhost.enqueue([target], letter.message, now):
                letter.arrived.add(target.name)
        if targets and all(target.name in letter.arrived for target in targets):
            self._remove(letter)
            self._send_later(self._waiting[_ON_THEIR_WAY - 1 : _ON_THEIR_WAY])
        elif self._retry is None:
            self._retry = vhost.timers.at(
                now + RETRY_S, self._send_again, "dead-letter", self._queue.name
            )

    def _send_again(self, now: float) -> None:
        self._retry = None
        for letter in self._waiting[:_ON_THEIR_WAY]:
            self._send(letter, now)

    def _remove(self, letter: Letter) -> None:
        self._waiting.remove(letter)
        self.octets -= self._queue.size_of(letter.message)
        self._queue.vhost.usage.add(-letter.message.octets)
