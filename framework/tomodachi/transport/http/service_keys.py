"""What a service finds of HTTP in its own `context`, and may change there.

The keys are those of the original framework, which services and their tools look into: a service that
adds to the routes in `_start_service` serves them, one that is told to take no more requests answers
with status 503.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomodachi.transport.http.settings import HttpSettings

ROUTES = "_http_routes"
"""A list of `(method, pattern with anchors, what answers, {"ignore_logging": ...})`."""

ERROR_HANDLERS = "_http_error_handler"
"""What answers HTTP errors, by status."""

OPEN_WEBSOCKETS = "_http_open_websockets"
"""A list of the websockets that are open."""

STARTED = "_http_server_started"
"""Whether there is somebody who starts the server."""

ACCEPTS_REQUESTS = "_http_accept_new_requests"
"""Whether requests are handled; they are answered with status 503 otherwise."""

KEEPS_ALIVE = "_http_tcp_keepalive"
"""Whether connections are kept open now."""

PORT = "_http_port"
"""The port that the server listens on."""


def tell_settings(context: dict[str, Any], settings: HttpSettings) -> None:
    """Put what a server starts with into its service's context."""
    kept = settings.keep_alive
    context.update(
        {
            ACCEPTS_REQUESTS: True,
            KEEPS_ALIVE: kept.enabled,
            "_http_keepalive_timeout": kept.timeout_s,
            "_http_max_keepalive_requests": kept.max_requests,
            "_http_max_keepalive_time": kept.max_time_s,
        }
    )
