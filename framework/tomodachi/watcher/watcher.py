"""Watches directories and tells of changed files, as soon as the system reports them.

Which files count is in `rules.py`; what becomes of imported code, and of the services, is the
launcher's decision.
"""

from __future__ import annotations

import asyncio
import logging as stdlib
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import watchfiles

from tomodachi import logging
from tomodachi.watcher import rules

Callback = Callable[[set[str]], Awaitable[object]]

_QUIET_MS = 20
"""Changes are reported once nothing more has changed for this long."""
_LONGEST_MS = 400
"""They are reported after this long, however much still changes."""

# It counts changes at level INFO, beside our lines that name them.
stdlib.getLogger("watchfiles.main").setLevel(stdlib.WARNING)


class Watcher:
    """Files below one or more roots, and what changes among them.

    Attributes:
        root: The watched directories.
        ignored_dirs: Directories that are not looked into.
        watched_file_endings: Endings of the files that count.
        watched_files: Modification time by path, as of the last `update_watched_files`, or else as
            they are when first asked for.
        watched_files_crc: CRC-32 of the content by path, of the files seen so far.
    """

    def __init__(
        self,
        root: str | Iterable[str] | None = None,
        configuration: Mapping[str, Any] | None = None,
    ) -> None:
        given = [root] if isinstance(root, str) else list(root or [str(Path.cwd())])
        self.root = _outermost(given)
        self.ignored_dirs = list(rules.IGNORED_DIRS)
        self.watched_file_endings = list(rules.WATCHED_FILE_ENDINGS)
        self._watched_files: dict[str, float] = {}
        self.watched_files_crc: dict[str, int] = {}
        options = (configuration or {}).get("options", {})
        self.add_options(options.get("watcher", {}) if isinstance(options, Mapping) else {})

    def add_options(self, options: Any) -> None:
        """Honour a `watcher` section, a mapping or of a service's options, beside what is known."""
        self.ignored_dirs = rules.extended(self.ignored_dirs, options.get("ignored_dirs", []))
        self.watched_file_endings = rules.extended(
            self.watched_file_endings, options.get("watched_file_endings", [])
        )

    @property
    def watched_files(self) -> dict[str, float]:
        """See the class."""
        # Reporting changes needs no list of all files, so it is made for who asks.
        if not self._watched_files:
            self.update_watched_files()
        return self._watched_files

    @watched_files.setter
    def watched_files(self, files: dict[str, float]) -> None:
        self._watched_files = files

    def is_watched(self, path: str) -> bool:
        """Whether a change of this file counts."""
        found = Path(path)
        for root in map(Path, self.root):
            if found.is_relative_to(root):
                relative = found.relative_to(root)
                return rules.is_watched_file(
                    relative.name, self.watched_file_endings
                ) and not rules.is_ignored_dir(relative.parent, self.ignored_dirs)
        return False

    def update_watched_files(self, reindex: bool = False) -> dict[str, set[str]]:  # noqa: FBT001 - the public signature
        """Compare the files with the last call: `added`, `removed`, `updated`, or {} if all is as was.

        Args:
            reindex: Look for new files too; the first call always does.
        """
        if not self._watched_files or reindex:
            now = dict(self._walk())
        else:
            now = {path: _mtime(path) for path in self._watched_files if Path(path).is_file()}
        before, self._watched_files = self._watched_files, now
        changes = {
            "added": set(now) - set(before) if before else set(),
            "removed": set(before) - set(now),
            "updated": {path for path in set(now) & set(before) if now[path] != before[path]},
        }
        changes["updated"] = {path for path in changes["updated"] if self._content_changed(path)}
        if not before:
            for path in now:
                self._content_changed(path)
        return changes if any(changes.values()) else {}

    async def watch(
        self,
        loop: asyncio.AbstractEventLoop | None = None,
        callback_func: Callback | None = None,
    ) -> asyncio.Task[None]:
        """Start watching; cancel the task that this gives to stop.

        Args:
            loop: Not needed: the running loop is used.
            callback_func: Awaited with the paths of changed and added files. Removed files are
                logged only, because an editor that saves removes files for a moment.
        """
        return asyncio.get_running_loop().create_task(self._run(callback_func))

    async def _run(self, callback: Callback | None) -> None:
        logger = logging.get_logger("tomodachi.watcher")
        try:
            async for changes in self.changes():
                named = {
                    f"{kind}_files": sorted(map(_short, files)) if files else ...
                    for kind, files in changes.items()
                }
                kinds = [kind for kind, files in changes.items() if files]
                text = f"{kinds[0]} files" if len(kinds) == 1 else "modified files or filepaths"
                logger.warning(text, **named)
                changed = changes["updated"] | changes["added"]
                if changed and callback is not None:
                    await callback(changed)
        except Exception as error:  # noqa: BLE001 - nobody awaits the task: say that it has ended
            logger.warning(
                "file watcher stopped: changes will not restart services", error=repr(error)
            )

    async def changes(self) -> AsyncIterator[dict[str, set[str]]]:
        """Sets of paths under `added`, `updated` and `removed`, whenever there are any."""
        async for batch in watchfiles.awatch(
            *self.root,
            watch_filter=lambda _, path: self.is_watched(path),
            debounce=_LONGEST_MS,
            step=_QUIET_MS,
            ignore_permission_denied=True,
        ):
            found: dict[str, set[str]] = {"updated": set(), "added": set(), "removed": set()}
            for change, path in batch:
                kind = self._kind(change, path)
                if kind is not None:
                    found[kind].add(path)
            if any(found.values()):
                yield found

    def _kind(self, change: watchfiles.Change, path: str) -> str | None:
        """Where a reported path belongs; None when its content is what it was."""
        if not Path(path).is_file():
            self.watched_files_crc.pop(path, None)
            return "removed"
        if not self._content_changed(path):
            return None
        return "added" if change is watchfiles.Change.added else "updated"

    def _content_changed(self, path: str) -> bool:
        """Whether a file holds something else than when it was last looked at."""
        try:
            crc = zlib.crc32(Path(path).read_bytes())
        except OSError:
            return False
        before = self.watched_files_crc.get(path)
        self.watched_files_crc[path] = crc
        return crc != before

    def _walk(self) -> Iterable[tuple[str, float]]:
        for root in self.root:
            for folder, folders, names in os.walk(root):
                relative = Path(folder).relative_to(root)
                folders[:] = [
                    name
                    for name in folders
                    if not rules.is_ignored_dir(relative / name, self.ignored_dirs)
                ]
                for name in names:
                    if rules.is_watched_file(name, self.watched_file_endings):
                        path = str(Path(folder, name))
                        yield path, _mtime(path)


def _outermost(roots: Iterable[str]) -> list[str]:
    """Absolute paths of the directories that exist, without those that lie in another."""
    paths = sorted({Path(root).resolve() for root in roots if Path(root).is_dir()})
    kept: list[Path] = []
    for path in paths:
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return [str(path) for path in kept]


def _mtime(path: str) -> float:
    try:
        return Path(path).stat().st_mtime
    except OSError:
        return 0.0


def _short(path: str) -> str:
    try:
        return f"./{Path(path).relative_to(Path.cwd())}"
    except ValueError:
        return path
