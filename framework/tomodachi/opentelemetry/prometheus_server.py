"""The HTTP server that Prometheus collects metrics from, in a thread of its own."""

from __future__ import annotations

from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from tomodachi.errors import TomodachiError
from tomodachi.opentelemetry import environment_variables as variables

_POLL_S = 0.05
"""How soon the server notices that it is to stop."""


class MetricsAddressError(TomodachiError, OSError):
    """The server cannot listen where it is told to."""

    def __init__(self, address: str, port: int, reason: OSError) -> None:
        super().__init__(
            f"cannot serve metrics on {address}:{port} ({reason.strerror}): set "
            f"{variables.OTEL_PYTHON_TOMODACHI_PROMETHEUS_PORT} to a free port."
        )


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _SilentHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Collections are no news."""


class MetricsServer:
    """Serves a registry's metrics until it is stopped.

    Raises:
        MetricsAddressError: the address or port cannot be listened on.
    """

    def __init__(self, registry: CollectorRegistry, address: str, port: int) -> None:
        app = make_wsgi_app(registry)
        try:
            self._server = make_server(address, port, app, _Server, _SilentHandler)
        except OSError as error:
            raise MetricsAddressError(address, port, error) from error
        self.port = self._server.server_port
        self._thread = Thread(
            target=self._server.serve_forever, args=(_POLL_S,), name="prometheus", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; collections that run are not waited for."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
