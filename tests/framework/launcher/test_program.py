"""One run of service files, with a watcher that the test plays."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from textwrap import dedent

import pytest

import tomodachi
from tomodachi.launcher import ServiceLauncher

SERVICE = """
    import tomodachi

    class Watched(tomodachi.Service):
        name = "watched"
        options = tomodachi.Options(watcher={"ignored_dirs": ["node_modules"]})

        async def _started_service(self):
            tomodachi.exit()
"""


class PlayedWatcher:
    """Reports what it is told to, as `tomodachi.watcher.Watcher` does."""

    def __init__(self, root, *changes):
        self.root = [str(root)]
        self.changes = changes
        self.sections = []
        self.cancelled = False

    def add_options(self, options):
        self.sections.append(options)

    async def watch(self, loop=None, callback_func=None):
        assert loop is asyncio.get_running_loop()
        self.callback = callback_func
        return loop.create_task(self._report(callback_func))

    async def _report(self, callback):
        try:
            for change in self.changes:
                await callback(change)
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


@pytest.fixture
def service_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    (tmp_path / "watched_pkg").mkdir()
    file = tmp_path / "watched_pkg" / "watched_service.py"
    file.write_text(dedent(SERVICE))
    yield file
    for name in set(sys.modules) - before:
        # Of what the services needed of the package, public names may hold parts already.
        if not name.startswith("tomodachi."):
            del sys.modules[name]
    tomodachi.SERVICE_EXIT_CODE = 0


def test_the_watcher_is_told_of_the_services_own_options_and_ends_with_them(service_file, tmp_path):
    watcher = PlayedWatcher(tmp_path)
    ServiceLauncher.run_until_complete([str(service_file)], None, watcher)
    assert [section.ignored_dirs for section in watcher.sections] == [["node_modules"]]
    assert watcher.cancelled
    assert tomodachi.get_execution_context()["watcher_enabled"] is True
    assert tomodachi.SERVICE_EXIT_CODE == 0


def test_a_broken_file_that_no_service_imports_does_not_hold_up_a_restart(
    service_file, tmp_path, caplog
):
    broken = tmp_path / "watched_pkg" / "unused.py"
    broken.write_text("def (")
    watcher = PlayedWatcher(tmp_path, {str(broken)})
    ServiceLauncher.run_until_complete([str(service_file)], None, watcher)
    assert "restart failed" not in caplog.text
    assert tomodachi.SERVICE_EXIT_CODE == 0


def test_a_broken_service_file_is_reported_and_restarts_nothing(service_file, tmp_path, caplog):
    source = service_file.read_text()
    service_file.write_text(
        source.replace("tomodachi.exit()", 'await tomodachi.context("test.started")()')
    )
    watcher = PlayedWatcher(tmp_path)
    starts = []

    async def break_the_file():
        starts.append(1)
        service_file.write_text("def (")
        await watcher.callback({str(service_file)})
        tomodachi.exit()

    token = tomodachi.get_contextvar("test.started").set(break_the_file)
    ServiceLauncher.run_until_complete([str(service_file)], None, watcher)
    tomodachi.get_contextvar("test.started").reset(token)
    assert "restart failed due to error" in caplog.text
    assert starts == [1]


LOGS_AND_SETS = """
    import logging
    import tomodachi

    tomodachi.get_contextvar("test.number").set({number})
    logging.getLogger("tomodachi.test.reload").addHandler(logging.NullHandler())

    class Watched(tomodachi.Service):
        name = "watched"

        async def _started_service(self):
            await tomodachi.context("test.started")()
"""


def test_a_restart_sees_what_its_modules_set_and_only_their_handlers(service_file, tmp_path):
    """0.29.0 takes handlers off the runtime's loggers before it imports anew."""
    service_file.write_text(dedent(LOGS_AND_SETS).format(number=1))
    watcher = PlayedWatcher(tmp_path)
    logger = logging.getLogger("tomodachi.test.reload")
    seen = []

    async def started():
        seen.append((tomodachi.context("test.number"), list(logger.handlers)))
        if len(seen) == 2:
            tomodachi.exit()
            return
        service_file.write_text(dedent(LOGS_AND_SETS).format(number=22))
        await watcher.callback({str(service_file)})

    token = tomodachi.get_contextvar("test.started").set(started)
    ServiceLauncher.run_until_complete([str(service_file)], None, watcher)
    tomodachi.get_contextvar("test.started").reset(token)
    logger.handlers.clear()

    (first, old), (second, new) = seen
    assert (first, second) == (1, 22)
    assert (len(old), len(new)) == (1, 1)
    assert old != new


def test_the_launcher_starts_without_services_and_facts_of_others(service_file):
    """As 0.29.0: its services, and what is known of the process, are this run's."""
    tomodachi._set_service("left over", object())
    tomodachi.set_execution_context({"left over": 1})
    ServiceLauncher.run_until_complete([str(service_file)])
    assert tomodachi.get_services() == []
    assert "left over" not in tomodachi.get_execution_context()


def test_configuration_reaches_the_services(service_file):
    ServiceLauncher.run_until_complete([str(service_file)], {"name": "configured", "options": {}})
    assert tomodachi.SERVICE_EXIT_CODE == 0
    ServiceLauncher.run_until_complete([str(service_file)], {"options": {"http": {"nope": 1}}})
    assert tomodachi.SERVICE_EXIT_CODE == 1


COUNTING = """
    import gc

    import tomodachi

    class Counting(tomodachi.Service):
        name = "counting"

        async def _started_service(self):
            tomodachi.get_execution_context()["frozen"] = gc.get_freeze_count()
            tomodachi.exit()
"""


@pytest.mark.parametrize("is_watched", [False, True])
def test_what_was_imported_for_good_is_left_out_of_collections_while_it_runs(
    service_file, tmp_path, is_watched
):
    """Where files are watched, a restart forgets modules, which are garbage then."""
    service_file.write_text(dedent(COUNTING))
    watcher = PlayedWatcher(tmp_path) if is_watched else None
    ServiceLauncher.run_until_complete([str(service_file)], watcher=watcher)
    assert (tomodachi.get_execution_context()["frozen"] > 0) is not is_watched
    assert gc.get_freeze_count() == 0
