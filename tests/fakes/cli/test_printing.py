"""What commands print, on a terminal and elsewhere. Source: https://no-color.org."""

from __future__ import annotations

import io
import sys

import pytest

from tomodachi_fakes.cli.printing import Progress, bad, good


class Terminal(io.StringIO):
    """A stream that says that it is one."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shown"), [(Terminal, True), (io.StringIO, False)])
def test_a_progress_bar_is_for_terminals(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], *, shown: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream())
    progress = Progress(200)
    for _ in range(100):
        progress.step()
    progress.end()
    written = sys.stderr.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert written.endswith("\r[###############               ] 100/200\n") is shown
    assert bool(written) is shown


def test_a_short_import_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    progress = Progress(3)
    progress.step()
    progress.end()
    assert sys.stderr.getvalue() == ""  # type: ignore[attr-defined]  # a StringIO


@pytest.mark.parametrize(("value", "coloured"), [("", True), ("0", False), ("1", False)])
def test_no_color_switches_colour_off_whatever_it_says(
    monkeypatch: pytest.MonkeyPatch, value: str, *, coloured: bool
) -> None:
    """Present and not an empty string: so says its page."""
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("NO_COLOR", value)
    assert (good("x") == "\x1b[32mx\x1b[0m") is coloured
    assert (bad("x") == "x") is not coloured
