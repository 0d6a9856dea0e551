"""Writes of one turn of the loop leave together, in order."""

from __future__ import annotations

import asyncio

from tomodachi.transport.amqp.connection.writer import FLUSH_FROM, GatheringWriter


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.ended = ""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return bool(self.ended)

    def close(self) -> None:
        self.ended = "closed"

    def abort(self) -> None:
        self.ended = "aborted"


def writer() -> tuple[GatheringWriter, Wire, list[str]]:
    wire, sent = Wire(), []
    return GatheringWriter(wire, lambda: sent.append("sent")), wire, sent


async def turn() -> None:
    """Let the loop run what is ready."""
    ready = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(ready.set_result, None)
    await ready


async def test_what_is_written_in_one_turn_leaves_at_once_and_in_order() -> None:
    gathering, wire, sent = writer()
    gathering.write(b"a")
    gathering.write(b"b")
    assert wire.written == []
    await turn()
    gathering.write(b"c")
    await turn()
    assert wire.written == [b"ab", b"c"]
    assert sent == ["sent", "sent"]


async def test_closing_sends_what_was_gathered_first() -> None:
    gathering, wire, _ = writer()
    gathering.write(b"a")
    gathering.close()
    assert (wire.written, wire.ended) == ([b"a"], "closed")
    await turn()
    assert wire.written == [b"a"]


async def test_aborting_sends_nothing_more() -> None:
    gathering, wire, _ = writer()
    gathering.write(b"a")
    gathering.abort()
    gathering.write(b"b")
    await turn()
    assert (wire.written, wire.ended) == ([], "aborted")


async def test_drain_waits_while_the_peer_is_slow() -> None:
    gathering, _, _ = writer()
    await gathering.drain()
    gathering.pause()
    draining = [asyncio.create_task(gathering.drain()) for _ in range(2)]
    await turn()
    assert not any(task.done() for task in draining)
    draining[0].cancel()
    gathering.resume()
    await asyncio.wait(draining)
    assert draining[1].exception() is None
    await gathering.drain()


async def test_drain_sends_what_became_much() -> None:
    """So that a writer that never pauses is held by its peer, and not by its memory."""
    gathering, wire, _ = writer()
    gathering.write(b"x" * (FLUSH_FROM - 1))
    await gathering.drain()
    assert wire.written == []
    gathering.write(b"y")
    await gathering.drain()
    assert [len(data) for data in wire.written] == [FLUSH_FROM]
    await turn()
    assert len(wire.written) == 1
