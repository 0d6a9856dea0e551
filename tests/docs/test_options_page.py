"""The page of options lists what there is."""

from __future__ import annotations

from tools.options_page import PAGE, page

from tomodachi.options.definitions import KEYS


def test_the_page_is_current() -> None:
    """Written anew by `python -m tools.options_page`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_option_is_there_and_says_what_it_does() -> None:
    text = page()
    assert all(f"| `{key}` | " in text for key in KEYS)
    assert "|  |" not in text
