"""A coroutine in a context of its own, within the task that awaits it."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

from tomodachi.helpers.isolation import Isolated

variable: contextvars.ContextVar[str] = contextvars.ContextVar("isolated", default="outside")


async def test_what_is_set_inside_stays_inside_across_waits():
    async def inside():
        variable.set("inside")
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        return variable.get(), asyncio.current_task()

    assert await Isolated(inside()) == ("inside", asyncio.current_task())
    assert variable.get() == "outside"


async def test_tasks_started_inside_inherit_the_inner_context():
    async def read():
        return variable.get()

    async def inside():
        variable.set("inside")
        return await asyncio.create_task(read())

    assert await Isolated(inside()) == "inside"


async def test_a_given_context_is_used_and_keeps_what_is_set():
    context = contextvars.copy_context()

    async def inside():
        variable.set("given")

    await Isolated(inside(), context)
    assert context[variable] == "given"


async def test_exceptions_come_out_as_they_were_raised():
    error = ValueError("x")

    async def inside():
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        raise error

    with pytest.raises(ValueError, match="x") as caught:
        await Isolated(inside())
    assert caught.value is error


async def test_cancellation_reaches_what_is_inside():
    entered, cleaned = asyncio.Event(), []

    async def inside():
        try:
            entered.set()
            await asyncio.Event().wait()
        finally:
            cleaned.append(variable.get())

    async def outside():
        variable.set("of the task")
        await Isolated(inside())

    task = asyncio.create_task(outside())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned == ["of the task"]


async def test_timeouts_work_inside():
    async def inside():
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await Isolated(inside())


async def test_an_exception_thrown_in_may_be_answered():
    """What fails while it waits is the coroutine's to handle."""
    future = asyncio.get_running_loop().create_future()
    future.set_exception(KeyError("k"))

    async def inside():
        try:
            await future
        except KeyError:
            return "handled"

    assert await Isolated(inside()) == "handled"


def test_closing_the_outer_coroutine_closes_the_inner():
    closed = []

    class Forever:
        def __await__(self):
            while True:
                yield

    async def inside():
        try:
            await Forever()
        finally:
            closed.append(variable.get())

    async def outside():
        await Isolated(inside())

    coroutine = outside()
    coroutine.send(None)
    coroutine.close()
    assert closed == ["outside"]
