from __future__ import annotations

import os
import sys

import pytest

import tomodachi
from tomodachi.helpers.banner import render_banner


def banner(**options) -> str:
    text: list[str] = []
    render_banner(["svc.py", "/elsewhere/b.py"], write=text.append, **options)
    return "".join(text)


def test_the_banner_tells_process_files_versions_and_loop(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/usr/bin/tomodachi", "run", "a file.py"])
    text = banner(event_loop_alias="uvloop", event_loop_version="0.23", watcher_enabled=True)

    assert f"process [pid: {os.getpid()}]" in text
    assert "$ tomodachi run 'a file.py'" in text
    assert "./svc.py" in text
    assert "/elsewhere/b.py" in text
    assert f"{tomodachi.__version__} (" in text
    assert "uvloop 0.23" in text
    assert "file watcher enabled" in text
    assert max(map(len, text.splitlines())) <= 100


def test_what_is_not_said_is_told_from_the_execution_context(monkeypatch):
    """The parameters and their defaults are 0.29.0's."""
    monkeypatch.setattr(sys, "argv", ["/lib/tomodachi/__main__.py", "run"])
    facts = {
        "process_id": 17,
        "event_loop": "uvloop",
        "event_loop_version": "9",
        "cwd": "/elsewhere",
    }
    before = dict(tomodachi.get_execution_context())
    tomodachi.set_execution_context({**facts, "watcher_enabled": True})
    token = tomodachi.get_contextvar("loop.setting").set("auto")
    try:
        text, alone = banner(), banner(use_execution_context=False)
    finally:
        tomodachi.get_contextvar("loop.setting").reset(token)
        tomodachi.get_execution_context().clear()
        tomodachi.set_execution_context(before)

    assert "process [pid: 17]" in text
    assert "$ python -m tomodachi run" in text
    assert "uvloop 9 (auto)" in text
    assert " ./b.py" in text
    assert "file watcher enabled" in text
    assert f"[pid: {os.getpid()}]" in alone
    assert "file watcher" not in alone


@pytest.mark.parametrize(
    ("prefix", "executable", "rows"),
    [
        ("/base", "/usr/bin/python3", []),
        ("/base", "/opt/custom/python3", ["python executable      /opt/custom/python3"]),
        ("/envs/a", "/envs/a/bin/python", ["virtualenv             /envs/a"]),
        (
            "/envs/a",
            "/opt/custom/python3",
            ["virtualenv             /envs/a", "python executable      /opt/custom/python3"],
        ),
    ],
)
def test_a_virtualenv_and_an_unusual_python_are_told(monkeypatch, prefix, executable, rows):
    """0.29.0: an executable that is not where one expects it."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setattr(sys, "base_prefix", "/base")
    monkeypatch.setattr(sys, "prefix", prefix)
    monkeypatch.setattr(sys, "executable", executable)

    told = [line for line in banner().splitlines() if line.startswith(("virtualenv", "python exe"))]
    assert told == rows


def test_without_the_watcher_the_banner_does_not_speak_of_it(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/usr/bin/tomodachi", "run"])
    assert "watcher" not in banner(watcher_enabled=False)


def test_the_banner_is_plain_unless_it_goes_to_a_terminal(monkeypatch):
    assert "\033[" not in banner()
    monkeypatch.setenv("CLICOLOR_FORCE", "1")
    assert "\033[" in banner()
    monkeypatch.setenv("TOMODACHI_BANNER_NO_COLOR", "1")
    assert "\033[" not in banner()
