"""Configuration files (deprecated): JSON objects, merged in the order in which they are given."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tomodachi.helpers.dict import merge_dicts


def parse_config_files(config_files: str | Iterable[str] | None) -> dict[str, Any] | None:
    """Read and merge files; None if there are none.

    Args:
        config_files: A path, or several.

    Raises:
        OSError: a file can't be read.
        ValueError: a file is no JSON, or no JSON object.
    """
    if not config_files:
        return None
    paths = [config_files] if isinstance(config_files, str) else list(config_files)
    merged: dict[str, Any] = {}
    for path in paths:
        merged = merge_dicts(merged, _read(Path(path)))
    return merged


def _read(path: Path) -> dict[str, Any]:
    values = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        msg = f"{path} holds no JSON object but {type(values).__name__}"
        raise ValueError(msg)
    return values
