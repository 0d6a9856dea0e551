"""What a restart does to imported code."""

from __future__ import annotations

import sys
from importlib.util import cache_from_source

import pytest

import tomodachi
from tomodachi.importer import ServiceImporter
from tomodachi.launcher.reload import (
    ReloadError,
    check_syntax,
    forget_modules,
    imported_anew,
    source_files,
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "reload_pkg").mkdir()
    (tmp_path / "reload_pkg" / "parts.py").write_text("x = 1")
    (tmp_path / "reload_pkg" / "service.py").write_text(
        "import tomodachi\nfrom .parts import x\nfrom . import parts\n"
        "class S(tomodachi.Service): pass\n"
    )
    yield tmp_path
    forget_modules([str(tmp_path)])


def test_modules_below_the_roots_are_forgotten_and_no_others(project):
    module = ServiceImporter.import_service_file("reload_pkg/service.py")
    files = {str(project / "reload_pkg" / name) for name in ("parts.py", "service.py")}
    assert source_files([str(project)]) == files
    cls = module.S
    assert cls in tomodachi.TOMODACHI_CLASSES

    names = forget_modules([str(project)])
    assert sorted(names) == ["reload_pkg", "reload_pkg.parts", "reload_pkg.service"]
    assert not set(names) & set(sys.modules)
    assert cls not in tomodachi.TOMODACHI_CLASSES
    assert "tomodachi.launcher.reload" in sys.modules


def test_two_quick_edits_of_the_same_size_are_both_seen(project):
    """Cached bytecode is compared with the source by seconds and size."""
    parts = project / "reload_pkg" / "parts.py"
    for value in (1, 2, 3):
        parts.write_text(f"x = {value}")
        assert ServiceImporter.import_service_file("reload_pkg/service.py").x == value
        forget_modules([str(project)], [str(parts)])
        assert not (project / cache_from_source(str(parts))).exists()


def test_service_files_are_imported_anew_with_what_they_use(project):
    old = ServiceImporter.import_service_file("reload_pkg/service.py")
    parts = project / "reload_pkg" / "parts.py"
    parts.write_text("x = 22")
    (new,) = imported_anew(["reload_pkg/service"], [str(project)], [str(parts)])

    assert (old.x, new.x) == (1, 22)
    # The package, which has no file here, had the module before as its attribute.
    assert (old.parts.x, new.parts.x) == (1, 22)
    assert sys.modules["reload_pkg.service"] is new
    assert [cls for cls in tomodachi.TOMODACHI_CLASSES if cls.__module__ == old.__name__] == [new.S]


@pytest.mark.parametrize(
    ("text", "location"),
    [("x = (", "./reload_pkg/parts.py:1"), ("1 / 0", ""), ("raise SystemExit", "")],
)
def test_what_cannot_be_imported_leaves_everything_as_it_was(project, text, location):
    """0.29.0 tries a changed file first, and goes on with the services it has."""
    old = ServiceImporter.import_service_file("reload_pkg/service.py")
    loaded = dict(sys.modules)
    parts = project / "reload_pkg" / "parts.py"
    parts.write_text(text)
    with pytest.raises(ReloadError) as caught:
        imported_anew(["reload_pkg/service"], [str(project)], [str(parts)])

    assert caught.value.location == location
    assert {name: sys.modules.get(name) for name in loaded} == loaded
    assert old.S in tomodachi.TOMODACHI_CLASSES


def test_check_syntax_names_the_file_and_runs_nothing(project):
    good, bad, other = project / "good.py", project / "bad.py", project / "page.html"
    good.write_text("1 / 0")
    bad.write_text("x = (")
    other.write_text("<")
    check_syntax([str(good), str(other), str(project / "gone.py")])
    with pytest.raises(SyntaxError) as caught:
        check_syntax([str(good), str(bad)])
    assert caught.value.filename == str(bad)
