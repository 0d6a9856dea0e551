"""One service's life: the order of its phases, and what an error in each of them means."""

from __future__ import annotations

import asyncio
import logging

import pytest

import tomodachi
from tomodachi.container import ServiceRunner
from tomodachi.invoker import Invoker
from tomodachi.invoker.lifecycle import after_started, before_stop


class Line(Invoker):
    """A transport that notes what happens to it."""

    @classmethod
    async def handler(cls, obj, context, func, key, *, fails=False):
        obj.events.append(f"registered {key}")

        async def start():
            if fails:
                msg = f"{key} is taken"
                raise OSError(msg)
            obj.events.append(f"started {key}")

            async def released():
                obj.events.append(f"released {key}")

            async def stop():
                obj.events.append(f"stopped {key}")

            after_started(obj, released)
            before_stop(obj, stop)

        return start


line = Line.decorator(Line.handler)


class Lived(tomodachi.Service):
    name = "lived"
    failing = ""

    def __init__(self):
        self.events = []

    def _note(self, name):
        self.events.append(name)
        if self.failing == name:
            raise ValueError(name)

    async def _start_service(self):
        self._note("_start_service")

    async def _started_service(self):
        self._note("_started_service")

    async def _stopping_service(self):
        self._note("_stopping_service")

    async def _stop_service(self):
        self._note("_stop_service")

    @line("a")
    async def a(self): ...

    @line("b")
    async def b(self): ...


STOPS = ["_stopping_service", "stopped b", "stopped a", "_stop_service"]


async def test_phases_come_in_their_documented_order():
    runner = ServiceRunner(Lived)
    await runner.start()
    assert runner.instance.events == [
        "registered a",
        "registered b",
        "_start_service",
        "started a",
        "started b",
        "_started_service",
        "released a",
        "released b",
    ]
    assert tomodachi.get_service("lived") is runner.instance
    runner.instance.events.clear()
    await runner.stop()
    assert runner.instance.events == STOPS
    assert tomodachi.get_service("lived") is None


async def test_stop_happens_once_however_often_it_is_asked_for():
    runner = ServiceRunner(Lived())
    await runner.start()
    runner.instance.events.clear()
    await asyncio.gather(runner.stop(), runner.stop())
    await runner.stop()
    assert runner.instance.events == STOPS


@pytest.mark.parametrize(
    ("failing", "absent"),
    [
        ("_start_service", ["started a", "_started_service", "released a", "stopped a"]),
        ("_started_service", ["released a"]),
    ],
)
async def test_a_hook_that_fails_at_start_is_raised_after_the_stop_hooks_ran(failing, absent):
    service = Lived()
    service.failing = failing
    with pytest.raises(ValueError, match=failing):
        await ServiceRunner(service).start()
    assert failing in service.events
    assert {"_stopping_service", "_stop_service"} <= set(service.events)
    assert not set(absent) & set(service.events)


@pytest.mark.parametrize("failing", ["_stopping_service", "_stop_service"])
async def test_a_hook_that_fails_at_stop_is_logged_only(failing, caplog):
    service = Lived()
    service.failing = failing
    runner = ServiceRunner(service)
    await runner.start()
    service.events.clear()
    with caplog.at_level(logging.ERROR):
        await runner.stop()
    assert service.events == STOPS
    assert f"uncaught exception: {failing}" in caplog.text


@pytest.mark.parametrize("hook", ["_stopping_service", "_stop_service"])
async def test_a_task_that_a_hook_cancelled_and_awaits_does_not_keep_the_service_from_stopping(
    hook, caplog
):
    """Errors of both hooks are logged only; 0.29.0 ends with a traceback."""

    async def cancels(self):
        self.events.append(hook)
        task = asyncio.create_task(asyncio.Event().wait())
        task.cancel()
        await task

    runner = ServiceRunner(type("Cancels", (Lived,), {hook: cancels}))
    await runner.start()
    runner.instance.events.clear()
    with caplog.at_level(logging.INFO):
        await runner.stop()
    assert runner.instance.events == STOPS
    assert "uncaught exception" in caplog.text
    assert "terminated service" in caplog.text


async def test_a_transport_that_fails_at_start_is_the_error_and_the_others_are_stopped():
    class Taken(Lived):
        @line("c", fails=True)
        async def c(self): ...

    service = Taken()
    with pytest.raises(OSError, match="c is taken"):
        await ServiceRunner(service).start()
    assert "_started_service" not in service.events
    assert service.events[-4:] == STOPS


async def test_of_two_transports_that_fail_at_once_one_is_raised_and_the_other_logged(caplog):
    class Broken(Lived):
        @line("c", fails=True)
        async def c(self): ...

        @line("d", fails=True)
        async def d(self): ...

    with pytest.raises(OSError, match="c is taken"):
        await ServiceRunner(Broken()).start()
    assert "uncaught exception: d is taken" in caplog.text


async def test_what_the_start_hook_sets_counts_when_transports_start():
    class Reads(Invoker):
        @classmethod
        async def handler(cls, obj, context, func):
            async def start():
                obj.seen = context["options"].http.port

            return start

    class Changes(tomodachi.Service):
        async def _start_service(self):
            self.options = tomodachi.Options(http={"port": 5})

        @Reads.decorator(Reads.handler)
        async def handler(self): ...

    runner = ServiceRunner(Changes)
    await runner.start()
    assert runner.instance.seen == 5
    assert runner.context["options"] is runner.instance.options
    await runner.stop()


async def test_hooks_of_tools_run_first_and_last_backwards_by_name():
    class Instrumented(Lived):
        def _tool__post_init_hook(self):
            self.events.append("post init")

        def _a_tool__post_init_hook(self):
            self.events.append("post init of the tool before in the alphabet")

        async def _tool__post_teardown_hook(self):
            self.events.append("post teardown")

    runner = ServiceRunner(Instrumented)
    await runner.start()
    await runner.stop()
    assert runner.instance.events[:2] == [
        "post init",
        "post init of the tool before in the alphabet",
    ]
    assert runner.instance.events[-1] == "post teardown"


async def test_registries_hear_of_start_before_the_started_hook_and_of_stop_before_teardown():
    class Registry:
        @staticmethod
        async def _register_service(service):
            service.events.append("register")

        @staticmethod
        def _deregister_service(service):
            service.events.append("deregister")

    with pytest.deprecated_call():

        class Discovered(Lived):
            discovery = (Registry, object())

    runner = ServiceRunner(Discovered)
    await runner.start()
    events = runner.instance.events
    assert events.index("started b") < events.index("register") < events.index("_started_service")
    await runner.stop()
    assert events.index("_stopping_service") < events.index("deregister")
    assert events.index("deregister") < events.index("stopped b")


async def test_registries_log_under_their_name_and_one_that_fails_at_stop_keeps_no_other(caplog):
    """0.29.0: logger `tomodachi.discovery` with the registry and the operation."""
    contexts = []

    class Fails:
        name = "app.fails"

        async def _register_service(self, service):
            contexts.append(dict(tomodachi.logging.get_context(tomodachi.get_logger())))

        async def _deregister_service(self, service):
            raise OSError("registry is gone")

    class Plain:
        @staticmethod
        async def _deregister_service(service):
            contexts.append(dict(tomodachi.logging.get_context(tomodachi.get_logger())))

    with pytest.deprecated_call():

        class Discovered(Lived):
            discovery = (Fails(), Plain)

    runner = ServiceRunner(Discovered)
    await runner.start()
    await runner.stop()
    base = {"logger": "tomodachi.discovery"}
    assert contexts == [
        base | {"registry": "app.fails", "operation": "register"},
        base | {"registry": "Plain", "operation": "deregister"},
    ]
    assert "uncaught exception: registry is gone" in caplog.text


async def test_a_service_whose_handlers_cannot_be_registered_runs_no_hook():
    """Its stop hook would miss what its start hook makes."""

    @classmethod
    async def refuses(cls, obj, context, func):
        raise ValueError("no such handler")

    class Refusing(Line):
        handler = refuses

    class Broken(Lived):
        @Refusing.decorator(Refusing.handler)
        async def c(self): ...

    runner = ServiceRunner(Broken)
    with pytest.raises(ValueError, match="no such handler"):
        await runner.start()
    assert not [event for event in runner.instance.events if event.startswith("_")]
    assert tomodachi.get_service("lived") is None


async def test_the_stopping_hook_does_not_hold_up_the_stop():
    class Slow(Lived):
        async def _stopping_service(self):
            self.events.append("stopping")
            while "_stop_service" not in self.events:
                await asyncio.get_running_loop().run_in_executor(None, lambda: None)
            self.events.append("stopping ended")

    runner = ServiceRunner(Slow)
    await runner.start()
    runner.instance.events.clear()
    await runner.stop()
    assert runner.instance.events == [
        "stopping",
        "stopped b",
        "stopped a",
        "_stop_service",
        "stopping ended",
    ]


async def test_hooks_get_a_logger_context_of_their_own():
    class Logs(tomodachi.Service):
        async def _start_service(self):
            self.bound = dict(tomodachi.logging.get_context(tomodachi.get_logger()))

    runner = ServiceRunner(Logs)
    await runner.start()
    assert runner.instance.bound == {
        "logger": "tomodachi.lifecycle.handler",
        "handler": "_start_service",
        "type": "tomodachi.event",
        "event": "lifecycle.setup",
    }
    assert tomodachi.get_logger().name != "tomodachi.lifecycle.handler"
    await runner.stop()


async def test_cancelling_the_start_stops_the_service():
    class Hangs(Lived):
        async def _start_service(self):
            self.events.append("hangs")
            await asyncio.Event().wait()

    runner = ServiceRunner(Hangs)
    task = asyncio.create_task(runner.start())
    while "hangs" not in runner.instance.events:
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert runner.instance.events[-1] == "_stop_service"
