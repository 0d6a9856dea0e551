"""Hooks of transports round the service's own."""

from __future__ import annotations

import asyncio
import logging

import pytest

import tomodachi
from tomodachi.invoker.lifecycle import (
    after_started,
    after_stopped,
    before_stop,
    has_stopped,
    run_after_stopped,
)


class Recorded(tomodachi.Service):
    def __init__(self):
        self.events = []

    async def _started_service(self):
        self.events.append("user started")

    async def _stop_service(self):
        self.events.append("user stopped")


def event(service, text):
    async def callback():
        service.events.append(text)

    return callback


async def test_started_callbacks_run_after_the_users_hook_in_their_order():
    service = Recorded()
    after_started(service, event(service, "a"))
    after_started(service, event(service, "b"))
    await service._started_service()
    assert service.events == ["user started", "a", "b"]


async def test_started_callbacks_do_not_run_when_the_users_hook_raises():
    service = Recorded()

    async def fail():
        raise ValueError("no")

    service._started_service = fail
    after_started(service, event(service, "a"))
    with pytest.raises(ValueError, match="no"):
        await service._started_service()
    assert service.events == []


async def test_stop_callbacks_run_before_the_users_hook_last_registered_first():
    service = Recorded()
    before_stop(service, event(service, "a"))
    before_stop(service, event(service, "b"))
    await service._stop_service()
    assert service.events == ["b", "a", "user stopped"]


async def test_hooks_work_without_hooks_of_the_users():
    class Plain(tomodachi.Service):
        events = ()

    service = Plain()
    service.events = []
    after_started(service, event(service, "started"))
    before_stop(service, event(service, "stopped"))
    await service._started_service()
    await service._stop_service()
    assert service.events == ["started", "stopped"]


@pytest.mark.parametrize("error", [ValueError("bad"), asyncio.CancelledError()])
async def test_a_failing_stop_callback_is_logged_and_keeps_nothing_from_running(error, caplog):
    service = Recorded()

    async def fail():
        raise error

    before_stop(service, event(service, "a"))
    before_stop(service, fail)
    before_stop(service, event(service, "c"))
    with caplog.at_level(logging.ERROR):
        await service._stop_service()
    assert service.events == ["c", "a", "user stopped"]
    assert "transport failed to stop" in caplog.text


async def test_cancelling_the_stop_itself_is_not_swallowed():
    service = Recorded()
    waiting = asyncio.Event()

    async def wait():
        waiting.set()
        await asyncio.Event().wait()

    before_stop(service, wait)
    task = asyncio.ensure_future(service._stop_service())
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_transports_that_wrap_the_hook_by_hand_mix_with_callbacks():
    service = Recorded()
    before_stop(service, event(service, "a"))
    inner = service._stop_service

    async def by_hand():
        service.events.append("by hand")
        await inner()

    service._stop_service = by_hand
    before_stop(service, event(service, "c"))
    await service._stop_service()
    assert service.events == ["c", "by hand", "a", "user stopped"]


async def test_callbacks_after_the_stop_run_once_whatever_the_hook_raises(caplog):
    class Fails(Recorded):
        async def _stop_service(self):
            await super()._stop_service()
            raise RuntimeError("hook")

    service = Fails()
    after_stopped(service, event(service, "a"))
    after_stopped(service, event(service, "b"))
    before_stop(service, event(service, "before"))
    with pytest.raises(RuntimeError, match="hook"):
        await service._stop_service()
    await run_after_stopped(service)
    assert service.events == ["before", "user stopped", "a", "b"]


async def test_a_callback_registered_by_the_hook_itself_runs_too():
    class Late(Recorded):
        async def _stop_service(self):
            after_stopped(self, event(self, "late"))
            await super()._stop_service()

    service = Late()
    await service._stop_service()
    await run_after_stopped(service)
    assert service.events == ["user stopped", "late"]


async def test_a_failing_callback_after_the_stop_is_logged_and_the_next_one_runs(caplog):
    async def fails():
        raise RuntimeError("cannot close")

    service = Recorded()
    after_stopped(service, fails)
    after_stopped(service, event(service, "b"))
    await service._stop_service()
    assert service.events == ["user stopped", "b"]
    assert "transport failed to stop" in caplog.text


async def test_a_service_knows_that_it_has_stopped():
    service = Recorded()
    after_stopped(service, event(service, "a"))
    assert not has_stopped(service)
    await service._stop_service()
    assert has_stopped(service)
