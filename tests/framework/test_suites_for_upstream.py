"""What an existing test suite for such services does, step by step.

It imports a file, runs its container on a loop of its own, looks at the instance, stops it by a signal
and reads the exit code.
"""

from __future__ import annotations

import asyncio
import os
import signal
import warnings
from textwrap import dedent

import pytest

import tomodachi
from tomodachi.container import ServiceContainer
from tomodachi.importer import ServiceImporter
from tomodachi.launcher import ServiceLauncher
from tomodachi.logging import (
    ConsoleFormatter,
    NoColorConsoleFormatter,
    StderrHandler,
    reset_context,
)

SERVICE = """
import asyncio
import tomodachi

class {name}(tomodachi.Service):
    name = "mock_{name}"
    uuid = "8d1f9b0e"
    closed = False
    function_order = ()
    {options}

    async def _start_service(self):
        self.function_order += ("start",)
        {on_start}

    async def _started_service(self):
        self.function_order += ("started",)
        {on_started}

    async def _stop_service(self):
        self.function_order += ("stop",)
        self.closed = True
"""


@pytest.fixture
def loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(autouse=True)
def fresh():
    reset_context()
    tomodachi.SERVICE_EXIT_CODE = tomodachi.DEFAULT_SERVICE_EXIT_CODE
    tomodachi.get_contextvar("exit_code").set(tomodachi.DEFAULT_SERVICE_EXIT_CODE)
    yield
    ServiceLauncher.stop_services_post_hook = None
    tomodachi.SERVICE_EXIT_CODE = tomodachi.DEFAULT_SERVICE_EXIT_CODE
    tomodachi._clear_services()


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(
        name: str, on_start: str = "pass", on_started: str = "pass", options: str = ""
    ) -> str:
        folder = tmp_path / "services_for_tests"
        folder.mkdir(exist_ok=True)
        text = SERVICE.format(name=name, on_start=on_start, on_started=on_started, options=options)
        (folder / f"{name.lower()}.py").write_text(dedent(text))
        return f"services_for_tests/{name.lower()}"

    return write


def start_service(filename: str, loop: asyncio.AbstractEventLoop):
    """As a suite's helper does it, outside a running loop."""
    container = ServiceContainer(ServiceImporter.import_service_file(filename))

    async def stop() -> None:
        container.stop_service()

    ServiceLauncher.stop_services_post_hook = stop
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, container.stop_service)
    future = asyncio.ensure_future(container.run_until_complete(), loop=loop)
    started = loop.run_until_complete(container.started_waiter)
    return {name: (name, instance, level) for name, instance, level in started}, future


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_service_runs_until_a_signal(write, loop, number):
    services, future = start_service(write("Plain"), loop)
    _, instance, log_level = services["mock_Plain"]
    assert (instance.uuid, log_level) == ("8d1f9b0e", "INFO")
    assert isinstance(instance.options, tomodachi.Options)
    assert tomodachi.get_service("mock_Plain") is instance
    assert instance.function_order == ("start", "started")
    assert not instance.closed
    os.kill(os.getpid(), number)
    loop.run_until_complete(future)
    assert instance.closed
    assert instance.function_order == ("start", "started", "stop")
    assert tomodachi.SERVICE_EXIT_CODE == 0


def test_service_exits_by_itself_with_a_code(write, loop):
    services, future = start_service(write("Exits", on_started="tomodachi.exit(128)"), loop)
    loop.run_until_complete(future)
    assert services["mock_Exits"][1].closed
    assert tomodachi.SERVICE_EXIT_CODE == 128


def test_service_that_fails_to_start_is_listed_and_ends_with_code_1(write, loop):
    services, future = start_service(write("Fails", on_start="raise ValueError('no')"), loop)
    loop.run_until_complete(future)
    assert services["mock_Fails"][1].function_order == ("start", "stop")
    assert tomodachi.SERVICE_EXIT_CODE == 1


def test_http_service_tells_its_port_in_its_context(write, loop):
    options = """options = tomodachi.Options(http={"port": None, "host": "127.0.0.1"})

    @tomodachi.http("GET", r"/ping")
    async def ping(self, request):
        return "pong"
    """
    services, future = start_service(write("Http", options=options), loop)
    _, instance, _ = services["mock_Http"]
    port = instance.context["_http_port"]

    async def request() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /ping HTTP/1.0\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    assert loop.run_until_complete(request()).endswith(b"\r\n\r\npong")
    os.kill(os.getpid(), signal.SIGINT)
    loop.run_until_complete(future)
    assert instance.closed


def test_launcher_runs_files_in_process_and_gives_the_loop_back(write, loop):
    ServiceLauncher.run_until_complete({write("Launched", on_started="tomodachi.exit(3)")})
    assert tomodachi.SERVICE_EXIT_CODE == 3
    assert tomodachi.context("exit_code") in (0, 3)
    assert asyncio.get_event_loop_policy().get_event_loop() is loop
    assert ServiceLauncher.services == set()


def test_launcher_runs_where_no_loop_was_ever_set(write):
    ServiceLauncher.run_until_complete([write("Alone", on_started="tomodachi.exit()")])
    assert tomodachi.SERVICE_EXIT_CODE == 0


def test_names_that_fixtures_import_are_there():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from tomodachi.opentelemetry import TomodachiInstrumentor
        from tomodachi.opentelemetry.distro import OpenTelemetryConfigurator, OpenTelemetryDistro

    TomodachiInstrumentor().uninstrument()
    OpenTelemetryConfigurator().reset()
    OpenTelemetryDistro().reset()
    assert all((ConsoleFormatter, NoColorConsoleFormatter, StderrHandler))
