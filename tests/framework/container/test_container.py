"""All services of a module: started side by side, stopped together, exit codes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from types import ModuleType

import pytest

import tomodachi
from tomodachi.container import ServiceContainer, container


class Steps(tomodachi.Service):
    events: list[str]

    def __init__(self):
        type(self).events.append(f"{self.name} init")

    async def _start_service(self):
        self.events.append(f"{self.name} start")

    async def _started_service(self):
        self.events.append(f"{self.name} started")

    async def _stopping_service(self):
        self.events.append(f"{self.name} stopping")

    async def _stop_service(self):
        self.events.append(f"{self.name} stop")


@pytest.fixture(autouse=True)
def exit_code():
    tomodachi.SERVICE_EXIT_CODE = tomodachi.DEFAULT_SERVICE_EXIT_CODE
    yield
    tomodachi.SERVICE_EXIT_CODE = tomodachi.DEFAULT_SERVICE_EXIT_CODE


def module_of(*classes: type) -> ModuleType:
    module = ModuleType("package.some_service")
    module.__file__ = "some_service.py"
    for number, cls in enumerate(classes):
        setattr(module, f"{cls.__name__}{number}", cls)
    return module


def service(name: str, events: list[str], base: type = Steps, **attributes) -> type:
    return type(name.title(), (base,), {"name": name, "events": events, **attributes})


def running(*classes: type) -> tuple[ServiceContainer, asyncio.Task[None]]:
    made = ServiceContainer(module_of(*classes))
    return made, asyncio.create_task(made.run_until_complete())


async def test_phases_of_all_services_go_side_by_side():
    events: list[str] = []
    made, task = running(service("a", events), service("b", events))
    started = await made.started_waiter
    assert [event.split()[1] for event in events] == ["init"] * 2 + ["start"] * 2 + ["started"] * 2
    assert {(name, level) for name, _, level in started} == {("a", "INFO"), ("b", "INFO")}
    assert started == made.services_started
    assert started == {tuple(service) for service in started}
    assert {type(instance).__name__ for _, instance, _ in started} == {"A", "B"}
    events.clear()
    made.stop_service()
    made.stop_service()
    await task
    for name in ("a", "b"):
        assert [e for e in events if e[0] == name] == [f"{name} stopping", f"{name} stop"]
    await made.wait_stopped()
    assert made.services_started == set()
    assert tomodachi.SERVICE_EXIT_CODE == 0


async def test_attributes_describe_the_module():
    made = ServiceContainer(module_of(service("a", [])), {"x": 1})
    assert (made.module_name, made.file_path) == ("some_service", "some_service.py")
    assert made.configuration == {"x": 1}


async def fail(self):
    raise ValueError("broken hook")


@pytest.mark.parametrize("hook", ["_start_service", "_started_service"])
async def test_failing_start_hook_ends_everything_with_exit_code_1(hook, caplog):
    events: list[str] = []
    made, task = running(service("a", events), service("b", events, **{hook: fail}))
    started = await made.started_waiter
    await task
    assert {name for name, _, _ in started} == {"a", "b"}
    assert {"a stopping", "a stop", "b stopping", "b stop"} <= set(events)
    assert ("a started" in events) == (hook == "_started_service")
    assert tomodachi.SERVICE_EXIT_CODE == 1
    assert "uncaught exception: broken hook" in caplog.text
    aborted = [r for r in caplog.records if r.getMessage() == "failed to start service"]
    assert {r.__dict__["logger.context"]["service"] for r in aborted} == {"a", "b"}


@pytest.mark.parametrize("hook", ["_stopping_service", "_stop_service"])
async def test_failing_stop_hook_keeps_the_exit_code(hook):
    made, task = running(service("a", [], **{hook: fail}))
    await made.started_waiter
    made.stop_service()
    await task
    assert tomodachi.SERVICE_EXIT_CODE == 0


def broken(self):
    raise ValueError("broken")


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"__init__": broken}, "failed to initialize instance"),
        ({"attribute": property(broken)}, "failed to initialize instance"),
        ({"_tool__post_init_hook": broken}, "failed to run post init hooks"),
        (
            {"context": {"options": {"http.port": 1, "http": {"port": 2}}}},
            "failed to setup options",
        ),
    ],
)
async def test_a_service_that_cannot_be_made_ends_all_before_any_is_started(
    attributes, said, caplog
):
    """0.29.0's lines; it starts those made before, and stops them at once."""
    events: list[str] = []
    made, task = running(service("a", events), service("b", events, **attributes))
    with caplog.at_level(logging.WARNING):
        await task
    assert await made.started_waiter == set()
    assert set(events) <= {"a init", "b init"}
    assert tomodachi.get_services() == []
    records = [record for record in caplog.records if record.name == "tomodachi.init"]
    assert [record.getMessage() for record in records] == [said, "error during initializing"]
    place = {"module": "some_service", "file_path": "some_service.py"}
    assert records[0].__dict__["logger.context"] == {"class": "B", **place}
    assert tomodachi.SERVICE_EXIT_CODE == 1


async def test_a_configuration_that_does_not_fit_says_so(caplog):
    made = ServiceContainer(module_of(service("a", [])), {"options": {"http": {"nope": 1}}})
    await made.run_until_complete()
    assert "failed to setup config" in caplog.text
    assert tomodachi.SERVICE_EXIT_CODE == 1


async def test_a_service_without_anything_to_start_is_known_and_not_started(caplog):
    """0.29.0: one with handlers, `_start_service` or `_started_service` is."""
    events: list[str] = []

    async def stop(self):
        events.append("stopped")

    idle = type("Idle", (tomodachi.Service,), {"name": "idle", "_stop_service": stop})
    made, task = running(service("a", events), idle)
    assert {name for name, _, _ in await made.started_waiter} == {"a"}
    assert isinstance(tomodachi.get_service("idle"), idle)
    made.stop_service()
    await task
    assert "stopped" not in events
    assert tomodachi.get_service("idle") is None


async def test_a_start_that_is_stopped_or_fails_is_not_called_a_success(caplog):
    """0.29.0: a service that calls `tomodachi.exit` in `_started_service` never is ready."""
    events: list[str] = []

    async def started(self):
        made.stop_service()

    with caplog.at_level(logging.DEBUG):
        made, task = running(service("a", events, _started_service=started), service("b", events))
        await task
    assert "enabled handler functions" in caplog.text
    assert "started service successfully" not in caplog.text


async def test_every_step_is_an_event_for_those_who_debug(caplog):
    """0.29.0: logger `tomodachi.event`, level debug."""
    with caplog.at_level(logging.DEBUG):
        made, task = running(service("a", []))
        await made.started_waiter
        made.stop_service()
        await task
        await running(service("b", [], _start_service=fail))[1]
    events = [r.getMessage()[13:] for r in caplog.records if r.name == "tomodachi.event"]
    steps = ["setup", "initialized", "ready", "interrupt", "teardown"]
    assert events == [*steps, "setup", "abort", "interrupt", "teardown"]


async def test_the_logger_of_a_service_outside_of_its_handlers(caplog):
    """0.29.0: `tomodachi.service`, as in a constructor."""
    named: list[str] = []

    def init(self):
        named.append(self.logger.name)

    made, task = running(service("a", [], __init__=init))
    await made.started_waiter
    made.stop_service()
    await task
    assert named == ["tomodachi.service"]


async def test_exit_code_variable_has_the_code_once_a_stop_is_asked_for():
    """0.29.0 sets `tomodachi.context("exit_code")` in `stop_service`."""
    made = ServiceContainer(module_of(service("a", [])))
    tomodachi.get_contextvar("exit_code").set(-1)
    tomodachi.SERVICE_EXIT_CODE = 4
    made.stop_service()
    assert tomodachi.context("exit_code") == 4


@pytest.mark.parametrize("classes", [(), (type("Idle", (tomodachi.Service,), {}),)])
async def test_nothing_to_run_is_exit_code_1(classes, caplog):
    _, task = running(*classes)
    with caplog.at_level(logging.WARNING):
        await task
    assert "no transport handlers defined" in caplog.text
    assert tomodachi.SERVICE_EXIT_CODE == 1


async def test_an_exit_code_that_was_set_before_a_failure_stays():
    async def start(self):
        tomodachi.exit_code.set_exit_code(7)
        raise ValueError("no")

    from tomodachi import exit_code  # noqa: F401 - makes the attribute

    _, task = running(service("a", [], _start_service=start))
    await task
    assert tomodachi.SERVICE_EXIT_CODE == 7


async def test_a_name_in_the_module_twice_is_one_service():
    cls = service("a", [])
    made, task = running(cls, cls)
    assert len(await made.started_waiter) == 1
    made.stop_service()
    await task


async def test_stop_during_the_start_lets_the_phase_end_and_goes_no_further():
    events: list[str] = []

    async def start(self):
        self.events.append("begins")
        made.stop_service()
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        self.events.append("ends")

    made, task = running(service("a", events, _start_service=start))
    await task
    assert events == ["a init", "begins", "ends", "a stopping", "a stop"]
    assert tomodachi.SERVICE_EXIT_CODE == 0


async def test_a_schedule_does_not_begin_when_a_stop_was_asked_for_before(caplog):
    """0.29.0's warning; `tomodachi.exit()` in `_started_service` is enough."""
    events: list[str] = []

    @tomodachi.schedule(interval="1 hour", immediately=True)
    async def tick(self):
        events.append("tick")

    async def started(self):
        tomodachi.exit()

    _, task = running(service("a", events, tick=tick, _started_service=started))
    await task
    assert "tick" not in events
    never = "scheduled function loop never started before service termination"
    assert never in [record.getMessage() for record in caplog.records]


async def test_a_start_that_hangs_is_given_up_some_time_after_a_stop(monkeypatch):
    monkeypatch.setattr(container, "START_GRACE_S", 0)
    events: list[str] = []

    async def start(self):
        made.stop_service()
        await asyncio.Event().wait()

    made, task = running(service("a", events, _start_service=start))
    await task
    assert events[-1] == "a stop"
    assert tomodachi.SERVICE_EXIT_CODE == 0


async def test_cancelling_the_container_stops_its_services():
    events: list[str] = []
    made, task = running(service("a", events))
    await made.started_waiter
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events[-1] == "a stop"


async def test_services_may_be_dataclasses_which_have_no_hash():
    @dataclass
    class Data(tomodachi.Service):
        count: int = 0

        async def _start_service(self):
            self.count += 1

    made, task = running(Data)
    ((name, instance, log_level),) = await made.started_waiter
    assert (name, instance.count, log_level) == ("service", 1, "INFO")
    made.stop_service()
    await task
    assert tomodachi.SERVICE_EXIT_CODE == 0


async def test_configuration_is_merged_onto_each_instance():
    made = ServiceContainer(
        module_of(service("a", [])), {"name": "configured", "options": {"http": {"port": 5}}}
    )
    task = asyncio.create_task(made.run_until_complete())
    ((name, instance, _),) = await made.started_waiter
    assert (name, instance.options.http.port) == ("configured", 5)
    made.stop_service()
    await task


async def test_exit_stops_containers_without_a_launcher(caplog):
    events: list[str] = []
    made, task = running(service("a", events))
    await made.started_waiter
    with caplog.at_level(logging.WARNING):
        tomodachi.exit(3)
    await task
    assert tomodachi.SERVICE_EXIT_CODE == 3
    assert tomodachi.context("exit_code") == 3
    assert "tomodachi.exit [3] was called" in caplog.text
    assert events[-1] == "a stop"


async def test_exit_without_a_code_keeps_the_one_there_is():
    made, task = running(service("a", []))
    await made.started_waiter
    tomodachi.SERVICE_EXIT_CODE = 9
    tomodachi.exit()
    await task
    assert tomodachi.SERVICE_EXIT_CODE == 9
