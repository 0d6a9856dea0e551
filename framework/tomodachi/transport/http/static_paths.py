"""Decides which file, if any, a request for a static path means.

A name from a URL never leads out of the base directory, neither by `..` nor through a symbolic link.
Sending the file is left to `static_files.py`.
"""

from __future__ import annotations

import os
from enum import Enum, auto
from pathlib import Path

from tomodachi.transport.http.routes import strip_anchors

_FILENAME_GROUP = "?P<filename>"


class Refusal(Enum):
    """Why a name has no file to serve."""

    NOT_FOUND = auto()
    FORBIDDEN = auto()


def static_url(base_url: str) -> str:
    """The route pattern of a static directory; a group for the file's name is added if missing."""
    if _FILENAME_GROUP in base_url:
        return base_url
    return strip_anchors(base_url) + r"(?P<filename>.+?)"


def base_directory(path: str, service_file: str | None) -> Path:
    """The absolute base directory; a relative `path` starts where the service's file is.

    Raises:
        ValueError: the path is empty or the root of the file system.
    """
    if not path:
        msg = "Invalid path '' for http_static: give the directory to serve files from"
        raise ValueError(msg)
    start = Path(service_file).parent if service_file else Path.cwd()
    base = (start / path).resolve()
    if base == Path(base.anchor):
        msg = f"Invalid path '{path}' for http_static: the whole file system would be served"
        raise ValueError(msg)
    return base


def file_to_serve(base: Path, filename: str) -> Path | Refusal:
    """The existing, readable file below `base` that `filename` means.

    Args:
        base: What `base_directory` gave.
        filename: The decoded part of the URL's path that names the file.
    """
    if not filename or "\0" in filename:
        return Refusal.NOT_FOUND
    relative = os.path.normpath("/" + filename.lstrip("/")).lstrip("/")
    try:
        path = (base / relative).resolve(strict=True)
        if not path.is_relative_to(base) or not path.is_file():
            return Refusal.NOT_FOUND
    except PermissionError:
        return Refusal.FORBIDDEN
    except (OSError, RuntimeError, ValueError):
        # missing, too long a name, a loop of links: to a client all the same
        return Refusal.NOT_FOUND
    return path if os.access(path, os.R_OK) else Refusal.FORBIDDEN
