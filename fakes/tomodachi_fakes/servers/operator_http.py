"""The operator's port: the management API, and whatever else is served beside the brokers' own ports.

It listens from the start; what answers is loaded with the first request that comes, so that the start
of the brokers does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.servers.http_protocol import HttpConnection
from tomodachi_fakes.servers.http_server import HttpServer

MAX_CONNECTIONS = 256
# A snapshot, and definitions, hold everything that there is.
MAX_DOCUMENT_BYTES = 256 * 1024 * 1024
_DOCUMENTS = ("/_broker/snapshot", "/api/definitions")
_NOT_FOUND = HttpResponse(404, "text/plain; charset=utf-8", b"Nothing is here.\n")

# Answers a request; None when the connection is answered later, or when it is not the route's own.
Answer = HttpResponse | None
Route = Callable[[HttpRequest, HttpConnection], Answer]


class OperatorServer(HttpServer):
    """Serves routes by the beginning of their path.

    Args:
        host: Address to listen on.
        port: TCP port; 0 takes a free one.
        option: The flag that chooses the port, for the message when it is taken.
        public_name: A name of the internet that clients have for it; "" for none.

    Attributes:
        routes: By prefix; the longest that fits answers.
    """

    def __init__(self, host: str, port: int, option: str, *, public_name: str = "") -> None:
        super().__init__(
            host, port, option=option, max_connections=MAX_CONNECTIONS, public_name=public_name
        )
        self.routes: dict[str, Route] = {}

    def max_body_bytes(self, path: str, headers: Mapping[str, str]) -> int:
        """Documents may be large; anything else may not."""
        if path.startswith(_DOCUMENTS):
            return MAX_DOCUMENT_BYTES
        return super().max_body_bytes(path, headers)

    def answer(self, connection: HttpConnection, request: HttpRequest) -> HttpResponse | None:
        """Leave a request to its route."""
        prefixes = [prefix for prefix in self.routes if request.path.startswith(prefix)]
        if not prefixes:
            return _NOT_FOUND
        return self.routes[max(prefixes, key=len)](request, connection)
