"""Publisher confirms of one channel: numbers, and how answers are gathered into few frames.

Answers are gathered while octets are being read and sent at the end, as RabbitMQ does it: one
`basic.ack` with `multiple` up to the last number before anything still open or refused, single ones
for the rest, then nacks.

Source: https://www.rabbitmq.com/docs/confirms#publisher-confirms
"""

from __future__ import annotations

from collections.abc import Iterator


class Confirms:
    """Confirm mode of a channel.

    Attributes:
        sequence: Number of the last publish.
    """

    __slots__ = ("_accepted", "_open", "_refused", "sequence")

    def __init__(self) -> None:
        self.sequence = 0
        self._accepted: list[int] = []
        self._refused: list[int] = []
        self._open: dict[int, None] = {}

    def next(self) -> int:
        """The number of the next publish."""
        self.sequence += 1
        return self.sequence

    def hold(self, number: int) -> None:
        """The publish is not answered yet."""
        self._open[number] = None

    def answer(self, number: int, *, accepted: bool) -> None:
        """The broker has taken, or refused, a publish."""
        self._open.pop(number, None)
        (self._accepted if accepted else self._refused).append(number)

    def __bool__(self) -> bool:
        return bool(self._accepted or self._refused)

    def take(self) -> Iterator[tuple[str, int, bool]]:
        """The answers to send: ("ack" | "nack", number, multiple), in order."""
        accepted, self._accepted = sorted(self._accepted), []
        refused, self._refused = sorted(self._refused), []
        if len(accepted) == 1:
            yield "ack", accepted[0], False
        else:
            yield from self._gathered("ack", accepted, refused)
        yield from self._gathered("nack", refused, accepted)

    def _gathered(
        self, kind: str, numbers: list[int], others: list[int]
    ) -> Iterator[tuple[str, int, bool]]:
        """One answer with `multiple` up to what is open or answered otherwise, then single ones."""
        cutoff = min([self.sequence + 1, *others[:1], *self._open])
        together = [number for number in numbers if number < cutoff]
        if together:
            yield kind, together[-1], True
        for number in numbers[len(together) :]:
            yield kind, number, False
