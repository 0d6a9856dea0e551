"""Which files are watched: by directory and by ending. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

IGNORED_DIRS = (
    "__pycache__",
    ".git",
    ".svn",
    "__ignored__",
    "__temporary__",
    "__tmp__",
    ".mypy_cache",
    ".pytest_cache",
)
"""Names of directories that are never looked into."""

WATCHED_FILE_ENDINGS = (".py", ".pyi", ".json", ".yml", ".html", ".phtml")
"""Endings of the files whose changes restart services."""


def extended(known: Iterable[str], more: object) -> list[str]:
    """The known names, then those of an option (a string, a list, or nothing), each once."""
    names = [more] if isinstance(more, str) else more if isinstance(more, list | tuple) else []
    return list(dict.fromkeys([*known, *(str(name) for name in names if name)]))


def is_ignored_dir(relative: PurePath, ignored_dirs: Iterable[str]) -> bool:
    """Whether a directory, relative to its root, is hidden or ignored, or lies in one that is.

    An entry of `ignored_dirs` is a directory's name or a path such as `web/assets`.
    """
    parts = relative.parts
    if any(part.startswith(".") and part not in (".", "..") for part in parts):
        return True
    text = f"/{relative.as_posix()}/"
    return any(f"/{name.strip('/')}/" in text for name in ignored_dirs)


def is_watched_file(name: str, endings: Iterable[str]) -> bool:
    """Whether a file of that name is watched."""
    return not name.startswith(".") and name.endswith(tuple(endings))
