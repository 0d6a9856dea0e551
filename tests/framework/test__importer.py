"""Further names of modules."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from tomodachi._importer import ImportFinder, _install_import_finder


def test_a_module_is_the_same_object_by_either_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in tomodachi 0.29.0, whose transports have older names."""
    (tmp_path / "named_today.py").write_text("value = object()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    _install_import_finder({"named_before": "named_today"})
    older = importlib.import_module("named_before")
    assert older is importlib.import_module("named_today")
    assert older.__spec__ is not None
    assert older.__spec__.name == "named_today"
    for name in ("named_before", "named_today"):
        monkeypatch.delitem(sys.modules, name)


def test_the_same_names_are_installed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    before = len(sys.meta_path)
    for _ in range(2):
        _install_import_finder({"named_before": "named_today"})
    assert len(sys.meta_path) == before + 1
    assert isinstance(sys.meta_path[0], ImportFinder)
