"""Which file a static URL means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tomodachi.transport.http.static_paths import (
    Refusal,
    base_directory,
    file_to_serve,
    static_url,
)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "static" / "css").mkdir(parents=True)
    (tmp_path / "static" / "css" / "a.css").write_text("a")
    (tmp_path / "static" / "b.txt").write_text("b")
    (tmp_path / "static-other").mkdir()
    (tmp_path / "static-other" / "secret").write_text("s")
    (tmp_path / "secret").write_text("s")
    return (tmp_path / "static").resolve()


@pytest.mark.parametrize(
    "name", ["b.txt", "/b.txt", "css/a.css", "css/../b.txt", "//b.txt", "b.txt/"]
)
def test_a_file_below_the_base_is_served(base: Path, name: str) -> None:
    found = file_to_serve(base, name)
    assert isinstance(found, Path)
    assert found.name in ("a.css", "b.txt")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "css",
        ".",
        "..",
        "../secret",
        "../../secret",
        "css/../../secret",
        "missing",
        "a\0b",
        "../static-other/secret",
        "x" * 5000,
    ],
)
def test_anything_else_is_not_found(base: Path, name: str) -> None:
    """Section 5.11: path traversal is refused."""
    assert file_to_serve(base, name) is Refusal.NOT_FOUND


def test_a_link_that_leads_out_is_not_followed(base: Path) -> None:
    (base / "out").symlink_to(base.parent / "secret")
    (base / "near").symlink_to(base.parent / "static-other" / "secret")
    (base / "inside").symlink_to(base / "b.txt")
    (base / "loop").symlink_to(base / "loop")
    assert file_to_serve(base, "out") is Refusal.NOT_FOUND
    assert file_to_serve(base, "near") is Refusal.NOT_FOUND
    assert file_to_serve(base, "loop") is Refusal.NOT_FOUND
    assert file_to_serve(base, "inside") == base / "b.txt"


def test_an_unreadable_file_is_forbidden(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert file_to_serve(base, "b.txt") is Refusal.FORBIDDEN


def test_a_relative_base_starts_at_the_service_file(base: Path) -> None:
    service_file = str(base.parent / "service.py")
    assert base_directory("static", service_file) == base
    assert base_directory("./static/", service_file) == base
    assert base_directory(str(base), service_file) == base


@pytest.mark.parametrize("path", ["", "/", "/..", "/usr/.."])
def test_the_root_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="Invalid path"):
        base_directory(path, None)


def test_a_group_for_the_file_name_is_added() -> None:
    assert static_url("/static/") == "/static/(?P<filename>.+?)"
    assert static_url("^/static/$") == "/static/(?P<filename>.+?)"
    assert static_url(r"/s/(?P<filename>.+)\.css") == r"/s/(?P<filename>.+)\.css"
