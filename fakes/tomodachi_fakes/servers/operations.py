"""What the operator's port serves, loaded when it is first asked for.

`/api/` is RabbitMQ's management API, `/cli/` its command line tool, `/_broker/` the control API and the dashboard that uses it, which is
at `/` too; `/health` says whether the brokers are ready.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.errors import FakesError

if TYPE_CHECKING:
    from tomodachi_fakes.dashboard.pages import Dashboard
    from tomodachi_fakes.management.api import ManagementApi
    from tomodachi_fakes.management.call import Listener, Node
    from tomodachi_fakes.management.statistics import Statistics
    from tomodachi_fakes.servers.control_http import ControlApi
    from tomodachi_fakes.servers.fake_broker import FakeBroker
    from tomodachi_fakes.servers.http_protocol import HttpConnection
    from tomodachi_fakes.servers.metrics import Metrics
    from tomodachi_fakes.servers.operator_http import OperatorServer

_HEALTH_CHECKS = ("/api/aliveness-test/", "/api/health/", "/api/healthchecks/")
_NOT_FOUND = HttpResponse(404, "text/plain; charset=utf-8", b"Nothing is here.\n")
_NO_AMQP = b"The management API is RabbitMQ's, and the brokers were started without AMQP.\n"


class Operations:
    """Routes of one pair of brokers; `serve` hangs them on a server."""

    def __init__(self, broker: FakeBroker) -> None:
        self._broker = broker
        self._management: ManagementApi | None = None
        self._control: ControlApi | None = None
        self._metrics: Metrics | None = None
        self._statistics: Statistics | None = None
        self._dashboard: Dashboard | None = None
        self._began = broker.clock.now()

    def serve(self, server: OperatorServer) -> None:
        """Serve everything."""
        server.routes["/api/"] = self._manage
        for path in ("/api", "/api/index.html", "/cli"):
            server.routes[path] = self._read
        server.routes["/_broker/"] = self.control
        server.routes["/"] = self._page
        server.routes["/health"] = self._health
        server.routes["/_localstack/health"] = self._health

    # --- health ----------------------------------------------------------------------------------

    def _health(self, request: HttpRequest, connection: HttpConnection) -> HttpResponse:
        return health(ready=self._broker.ready)

    # --- metrics ---------------------------------------------------------------------------------

    def metrics(self, request: HttpRequest, connection: HttpConnection) -> HttpResponse:
        """Answer Prometheus, below `/metrics`."""
        if self._metrics is None:
            from tomodachi_fakes.servers.metrics import Metrics

            self._metrics = Metrics(self._broker, self)
        return self._metrics(request)

    # --- the control API -----------------------------------------------------------------------------

    def control(self, request: HttpRequest, connection: HttpConnection) -> HttpResponse | None:
        """Answer a request below `/_broker/`."""
        if request.path == "/_broker/" or request.path.startswith("/_broker/dashboard/"):
            return self._show(request)
        if self._control is None:
            from tomodachi_fakes.servers.control_http import ControlApi

            self._control = ControlApi(self._broker)
        return self._control(request, connection)

    # --- the dashboard -------------------------------------------------------------------------------

    def _page(self, request: HttpRequest, connection: HttpConnection) -> HttpResponse:
        # The prefix "/" fits every path that nothing else answers.
        return self._show(request) if request.path == "/" else _NOT_FOUND

    def _show(self, request: HttpRequest) -> HttpResponse:
        if self._dashboard is None:
            from tomodachi_fakes.dashboard.pages import Dashboard

            self._dashboard = Dashboard()
        return self._dashboard(request)

    # --- the management API ------------------------------------------------------------------------

    def _manage(self, request: HttpRequest, connection: HttpConnection) -> HttpResponse:
        if self._broker.amqp is None:
            return HttpResponse(404, "text/plain; charset=utf-8", _NO_AMQP)
        if request.path == "/api/":
            return self._read(request, connection)
        if not self._broker.ready and request.path.startswith(_HEALTH_CHECKS):
            return health(ready=False)
        if self._management is None:
            self._management = self._load_management()
        response = self._management.handle(request, now=self._broker.clock.now())
        self._broker.flush_amqp()
        return response

    def _read(self, request: HttpRequest, connection: HttpConnection) -> HttpResponse:
        from tomodachi_fakes.servers.management_pages import page

        found = page(request) or _NOT_FOUND
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(405, "", b"", {"Allow": "GET, HEAD"})
        if request.method == "HEAD":
            length = {"Content-Length": str(len(found.body))}
            return HttpResponse(found.status, found.content_type, b"", found.headers | length)
        return found

    def _load_management(self) -> ManagementApi:
        from tomodachi_fakes.management.api import ManagementApi

        if self._broker.amqp is None:
            msg = "the management API needs AMQP, which the brokers were started without"
            raise FakesError(msg)
        return ManagementApi(self._broker.amqp, self.node())

    def node(self) -> Node:
        """What is told about the RabbitMQ node."""
        from tomodachi_fakes.management.call import Node

        parameters = self._broker.global_parameters
        return Node(self._listeners(), self._began, self.statistics(), parameters)

    def statistics(self) -> Statistics:
        """What was counted of AMQP; counting begins with the first question for it."""
        if self._statistics is None:
            from tomodachi_fakes.management.call import is_before_4
            from tomodachi_fakes.management.statistics import Statistics

            amqp = self._broker.amqp
            old = amqp is not None and is_before_4(amqp)
            self._statistics = Statistics(self._broker.events, default_exchange_sends_on=old)
        return self._statistics

    def _listeners(self) -> tuple[Listener, ...]:
        from tomodachi_fakes.management.call import Listener

        ports = {"http": self._broker.management_port, **self._broker.amqp_ports}
        host = self._broker.settings.host
        return tuple(Listener(name, host, port) for name, port in ports.items() if port)


def health(*, ready: bool) -> HttpResponse:
    """The answer to `GET /health`: 200 once the initial resources exist."""
    status = "ok" if ready else "starting"
    text = json.dumps({"status": status})
    return HttpResponse(200 if ready else 503, "application/json", text.encode())
