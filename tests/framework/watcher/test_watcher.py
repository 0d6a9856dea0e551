from __future__ import annotations

import asyncio
import os

import pytest

import tomodachi
from tomodachi.watcher import Watcher


@pytest.fixture
def project(tmp_path):
    (tmp_path / "service.py").write_text("A = 1\n")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "cached.py").write_text("")
    (tmp_path / "skipped").mkdir()
    (tmp_path / "skipped" / "module.py").write_text("")
    return tmp_path


def names(paths):
    return {os.path.basename(path) for path in paths}  # noqa: PTH119 - paths of a watcher are text


def test_the_first_look_finds_all_watched_files_and_calls_them_added(project):
    watcher = Watcher(root=str(project))
    assert watcher.update_watched_files() == {}
    assert names(watcher.watched_files) == {"service.py", "module.py"}
    assert names(watcher.watched_files_crc) == {"service.py", "module.py"}


def test_the_files_are_there_without_a_look_and_may_be_replaced(project):
    """0.29.0 lists them when it is made."""
    watcher = Watcher(root=[str(project)])
    assert names(watcher.watched_files) == {"service.py", "module.py"}
    assert watcher.update_watched_files() == {}
    watcher.watched_files = {"gone.py": 0.0}
    changes = watcher.update_watched_files(reindex=True)
    assert [len(changes[kind]) for kind in ("added", "removed", "updated")] == [2, 1, 0]


def test_later_looks_tell_what_changed(project):
    watcher = Watcher(root=str(project))
    watcher.update_watched_files()
    service = project / "service.py"
    service.write_text("A = 2\n")
    os.utime(service, (1, 1))
    (project / "new.py").write_text("")
    (project / "skipped" / "module.py").unlink()

    first = watcher.update_watched_files()
    assert (names(first["updated"]), names(first["removed"])) == ({"service.py"}, {"module.py"})
    assert names(watcher.update_watched_files(reindex=True)["added"]) == {"new.py"}
    assert watcher.update_watched_files(reindex=True) == {}


def test_a_file_that_was_only_touched_has_not_changed(project):
    watcher = Watcher(root=str(project))
    watcher.update_watched_files()
    os.utime(project / "service.py", (1, 1))

    assert watcher.update_watched_files() == {}


def test_the_options_of_a_service_extend_what_is_ignored_and_watched(project):
    """`watcher.ignored_dirs` and `watcher.watched_file_endings`, from the service's own Options."""
    watcher = Watcher(root=str(project))
    options = tomodachi.Options(
        watcher={"ignored_dirs": ["skipped"], "watched_file_endings": [".sql"]}
    )
    watcher.add_options(options.watcher)

    assert watcher.is_watched(str(project / "query.sql"))
    assert not watcher.is_watched(str(project / "skipped" / "module.py"))
    assert "__pycache__" in watcher.ignored_dirs


def test_the_configuration_of_the_command_line_extends_them_too(project):
    configuration = {"options": {"watcher": {"ignored_dirs": ["skipped"]}}}
    watcher = Watcher(root=str(project), configuration=configuration)

    assert not watcher.is_watched(str(project / "skipped" / "module.py"))
    assert watcher.is_watched(str(project / "service.py"))
    assert not watcher.is_watched("/elsewhere/service.py")


def test_a_root_inside_another_is_watched_once(project):
    watcher = Watcher(root=[str(project), str(project / "skipped"), str(project / "missing")])

    assert watcher.root == [str(project.resolve())]


async def test_the_callback_hears_of_changes_as_they_happen(project):
    heard: asyncio.Queue[set[str]] = asyncio.Queue()
    watcher = Watcher(root=str(project))
    task = await watcher.watch(callback_func=heard.put)
    try:
        changed = await first_change(heard, project / "service.py")
        assert names(changed) == {"service.py"}
        (project / "notes.txt").write_text("not watched")
        (project / "new.py").write_text("B = 1\n")
        assert names(await asyncio.wait_for(heard.get(), 10)) == {"new.py"}
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def first_change(heard, path):
    """Write until it is heard: the watch is on some moments after its task has started."""
    for number in range(100):
        path.write_text(f"A = {number}\n")
        try:
            return await asyncio.wait_for(heard.get(), 0.1)
        except TimeoutError:
            continue
    raise AssertionError("no change was heard of")


async def test_a_removed_file_is_logged_and_restarts_nothing(project, caplog):
    """The lines are those of 0.29.0: of one kind of change, or of several at once."""
    heard: asyncio.Queue[set[str]] = asyncio.Queue()
    task = await Watcher(root=str(project)).watch(callback_func=heard.put)
    try:
        await first_change(heard, project / "service.py")
        (project / "skipped" / "module.py").unlink()
        (project / "new.py").write_text("B = 1\n")
        seen = await asyncio.wait_for(heard.get(), 10)
        assert names(seen) == {"new.py"}
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    told = [(record.getMessage(), record.__dict__["logger.context"]) for record in caplog.records]
    removed = str(project / "skipped" / "module.py")
    added = str(project / "new.py")
    assert told[0] == ("updated files", {"updated_files": [str(project / "service.py")]})
    assert told[1:] in (
        [("modified files or filepaths", {"added_files": [added], "removed_files": [removed]})],
        [
            ("removed files", {"removed_files": [removed]}),
            ("added files", {"added_files": [added]}),
        ],
    )
