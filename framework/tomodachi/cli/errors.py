"""A command line that cannot be run as it stands."""

from __future__ import annotations

from tomodachi.errors import TomodachiError


class UsageError(TomodachiError):
    """What is wrong with the command line, and what may have been meant. Ends with exit code 2."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
