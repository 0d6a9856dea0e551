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


@pytest.mark.parametrize("hook", ["_stopping_service", "_stop_service"])
async def test_failing_stop_hook_keeps_the_exit_code(hook):
    made, task = running(service("a", [], **{hook: fail}))
    await made.started_waiter
    made.stop_service()
    await task
    assert tomodachi.SERVICE_EXIT_CODE == 0


async def test_failing_constructor_is_exit_code_1(caplog):
    def init(self):
        raise ValueError("broken constructor")

    made, task = running(service("a", [], __init__=init))
    with caplog.at_level(logging.WARNING):
        await task
    assert await made.started_waiter == set()
    assert "failed to initialize instance" in caplog.text
    assert "broken constructor" in caplog.text
    assert tomodachi.SERVICE_EXIT_CODE == 1


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


def test_instances_without_a_name_get_their_class_name_in_kebab_case():
    made = ServiceContainer(module_of())
    names = []
    for class_name in ("OrderService", "OrderService", "HTTPProxy2Go", "a"):
        instance = type(class_name, (tomodachi.Service,), {})()
        instance.name = ""
        made.assign_service_name(instance)
        names.append(instance.name)
    assert names == ["order-service", "order-service-0002", "http-proxy2-go", "a"]


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
