from __future__ import annotations

import io

import pytest

from tomodachi.helpers import colors


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": "yes"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"NOCOLOR": "true"}, False, False),
        ({"TOMODACHI_NO_COLOR": "1"}, False, False),
        ({"TOMODACHI_NOCOLOR": "1"}, False, False),
        ({"TOMODACHI_NO_COLOR": "0"}, True, False),
        ({"CLICOLOR": "0"}, False, False),
        ({"CLI_COLOR": "false"}, False, False),
        ({"CLICOLOR_FORCE": "0"}, False, False),
        ({"CLICOLOR": "1"}, True, False),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_row_16_colour_needs_a_terminal_and_the_environments_consent(
    environ, on_terminal, elsewhere
):
    """Row 16: colour only on a terminal."""
    assert colors.enabled(Terminal(), environ) is on_terminal
    assert colors.enabled(io.StringIO(), environ) is elsewhere
    assert colors.enabled(None, environ) is elsewhere


def test_colours_have_the_names_of_colorama():
    """As in 0.29.0, whose colours are that package's."""
    on, style = colors.ColorFore(colored=True), colors.ColorStyle(colored=True)
    assert (on.RED, on.LIGHTCYAN_EX, on.RESET) == ("\033[31m", "\033[96m", "\033[39m")
    assert (style.BRIGHT, style.RESET_ALL) == ("\033[1m", "\033[0m")
    with pytest.raises(AttributeError, match="'PUCE' among BLACK, RED"):
        _ = on.PUCE


def test_nothing_is_coloured_where_output_is_no_terminal():
    """Standard output is none under pytest."""
    assert colors.NO_COLOR
    for fore in (colors.COLOR, colors.COLOR_0):
        assert {getattr(fore, name) for name in fore.codes} == {""}
    assert colors.COLOR_STYLE.DIM == colors.COLOR_RESET == colors.COLOR_STYLE_0.BRIGHT == ""
    assert colors.COLOR_RESET_0 == ""
