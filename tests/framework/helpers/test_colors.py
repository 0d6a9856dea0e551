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
