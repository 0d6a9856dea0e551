"""HTTP requests and answers as plain values, between the shell that reads bytes and the wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tomodachi_fakes.faults import Fault


@dataclass(slots=True)
class HttpRequest:
    """One request.

    Attributes:
        method: "GET", "POST", ...
        path: Path as sent, without the query string.
        query: Query string without the question mark.
        headers: Headers by lower-case name; the last of two equal names wins.
        body: The whole body.
        source_ip: The client's address; "" when unknown.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    source_ip: str = ""

    def as_get(self) -> HttpRequest:
        """The GET that a HEAD asks about, whose body the shell leaves out; any other request as it is."""
        return replace(self, method="GET") if self.method == "HEAD" else self


@dataclass(slots=True)
class HttpResponse:
    """One answer.

    Attributes:
        status: HTTP status code.
        content_type: Value of `Content-Type`.
        body: The whole body.
        headers: Further headers.
        faults: What the shell shall do to this answer (latency, drop, reset).
    """

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class Held:
    """A call that waits: `render` makes the answer from the output that its `Wake` brings."""

    waiter_id: int
    render: Callable[[dict[str, Any]], HttpResponse]
    faults: tuple[Fault, ...] = ()
