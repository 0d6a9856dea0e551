"""Decides whether a connection stays open after a response, and the headers that say so.

Source: https://www.rfc-editor.org/rfc/rfc9112#section-9.3 (persistence); the `Keep-Alive` header's
parameters are those of https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Keep-Alive
"""

from __future__ import annotations

from typing import NamedTuple


class KeepAlivePolicy(NamedTuple):
    """Limits of kept connections; off unless `timeout_s` is above 0.

    Attributes:
        timeout_s: How long an idle connection is kept open.
        max_requests: The response to this request of a connection closes it.
        max_time_s: The first response after a connection's life of so long closes it.
    """

    timeout_s: int = 0
    max_requests: int | None = None
    max_time_s: int | None = None

    @property
    def header(self) -> str:
        """The `Keep-Alive` header's value."""
        limit = f", max={self.max_requests}" if self.max_requests else ""
        return f"timeout={self.timeout_s}{limit}"

    @property
    def is_limited(self) -> bool:
        """Whether a connection's requests or its life are limited."""
        return bool(self.max_requests or self.max_time_s)

    @property
    def enabled(self) -> bool:
        """Whether connections are kept open at all."""
        return self.timeout_s > 0

    def keeps(self, *, request_number: int, age_s: float) -> bool:
        """Whether a connection stays open after the response to its `request_number`th request."""
        if self.timeout_s <= 0:
            return False
        if self.max_requests and request_number >= self.max_requests:
            return False
        return not (self.max_time_s and age_s >= self.max_time_s)
