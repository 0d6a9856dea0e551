"""`tomodachi.transport.uses`: a connection stays open until its service has stopped, and not longer."""

from __future__ import annotations

import asyncio

import pytest

from tomodachi.transport.uses import Uses


class Connection:
    """Counts how often it is closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture
def connection() -> Connection:
    return Connection()


async def test_it_stays_open_between_uses(connection: Connection) -> None:
    uses = Uses(connection.close)
    for _ in range(2):
        async with uses:
            pass
    assert connection.closed == 0


async def test_the_end_closes_it(connection: Connection) -> None:
    await Uses(connection.close).end()
    assert connection.closed == 1


async def test_the_last_use_that_runs_at_the_end_closes_it(connection: Connection) -> None:
    uses = Uses(connection.close)
    async with uses:
        async with uses:
            await uses.end()
        assert connection.closed == 0
    assert connection.closed == 1


@pytest.mark.parametrize("over", [False, True])
async def test_a_use_after_the_end_closes_behind_itself(connection: Connection, over: bool) -> None:
    uses = Uses(connection.close, over=over)
    if not over:
        await uses.end()
    closed = connection.closed
    async with uses:
        assert connection.closed == closed
    assert connection.closed == closed + 1


async def test_a_use_that_is_cancelled_closes_it_all_the_same(connection: Connection) -> None:
    uses = Uses(connection.close, over=True)

    async def use() -> None:
        async with uses:
            await asyncio.Event().wait()

    task = asyncio.create_task(use())
    await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop
    task.cancel()
    await asyncio.wait([task])
    assert connection.closed == 1
