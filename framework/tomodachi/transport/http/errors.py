"""The HTTP transport's own error."""

from __future__ import annotations

from tomodachi.errors import TomodachiError


class HttpException(TomodachiError):
    """The HTTP server can't be started as the options ask: port, access log, static path."""

    def __init__(self, *args: object, log_level: str = "INFO") -> None:
        super().__init__(*args)
        self._log_level = log_level
