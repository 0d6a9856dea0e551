"""When heartbeats are sent, and when silence means the end. AMQP 0-9-1 spec 4.2.7."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tomodachi.transport.amqp.heartbeat import Heartbeat
from tomodachi_testkit.clock import Clock
from tomodachi_testkit.loop import OWNER, VirtualLoop
from tomodachi_testkit.runner import run


class Watched:
    """A heartbeat of 10 s that notes what it does, and when."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.began = clock.unix()
        self.sent: list[float] = []
        self.lost: list[float] = []
        self.heartbeat = Heartbeat(
            10,
            send=lambda: self.sent.append(self.now()),
            lost=lambda: self.lost.append(self.now()),
        )

    def now(self) -> float:
        return self.clock.unix() - self.began


def in_virtual_time(story: Callable[[Watched], Awaitable[None]]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        with loop.virtual_time():
            clock = Clock()
            clock.bind(loop)
            OWNER.set("service")
            watched = Watched(clock)
            await story(watched)
            watched.heartbeat.stop()
            assert clock.next() == []

    run(main())


def test_a_heartbeat_is_sent_after_half_an_interval_without_a_write() -> None:
    async def story(watched: Watched) -> None:
        await watched.clock.advance(3)
        watched.heartbeat.sent()
        await watched.clock.advance(12)
        watched.heartbeat.received()
        assert watched.sent == [8, 13]

    in_virtual_time(story)


def test_a_peer_is_gone_after_two_intervals_of_silence_and_that_is_told_once() -> None:
    async def story(watched: Watched) -> None:
        await watched.clock.advance(12)
        watched.heartbeat.received()
        await watched.clock.advance(19.9)
        assert watched.lost == []
        await watched.clock.advance(100)
        assert watched.lost == [32]

    in_virtual_time(story)


def test_a_stopped_heartbeat_does_nothing() -> None:
    async def story(watched: Watched) -> None:
        watched.heartbeat.stop()
        await watched.clock.advance(100)
        assert (watched.sent, watched.lost) == ([], [])

    in_virtual_time(story)
