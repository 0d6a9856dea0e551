from __future__ import annotations

import os

from tomodachi.helpers.banner import render_banner


def banner(**options) -> str:
    text: list[str] = []
    render_banner(["svc.py", "/elsewhere/b.py"], write=text.append, **options)
    return "".join(text)


def test_the_banner_tells_process_files_versions_and_loop():
    text = banner(
        argv=["tomodachi", "run", "a file.py"],
        version="1.2.3",
        event_loop="uvloop",
        event_loop_version="0.23",
        watcher_enabled=True,
    )

    assert f"process [pid: {os.getpid()}]" in text
    assert "$ tomodachi run 'a file.py'" in text
    assert "./svc.py" in text
    assert "/elsewhere/b.py" in text
    assert "1.2.3 (" in text
    assert "uvloop 0.23" in text
    assert "file watcher enabled" in text
    assert max(map(len, text.splitlines())) <= 100


def test_without_the_watcher_the_banner_does_not_speak_of_it():
    assert "watcher" not in banner()


def test_the_banner_is_plain_unless_it_goes_to_a_terminal(monkeypatch):
    assert "\033[" not in banner()
    monkeypatch.setenv("CLICOLOR_FORCE", "1")
    assert "\033[" in banner()
    monkeypatch.setenv("TOMODACHI_BANNER_NO_COLOR", "1")
    assert "\033[" not in banner()
