"""The endpoint that AWS SDKs talk to: SQS, SNS, STS and KMS on one port.

A shell: it moves bytes between `http_protocol.py` and the `Cloud`, keeps one timer for everything
that waits for time, and gives calls that wait (long polls) their answers. Paths that begin with
`/_`, and a few that other fakes have made known, are control routes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from tomodachi_fakes.aws.call import CallContext, LongPoll
from tomodachi_fakes.aws.credential_scope import scope_of_request
from tomodachi_fakes.aws.dispatch import FORM
from tomodachi_fakes.aws.http import Held, HttpRequest, HttpResponse
from tomodachi_fakes.clock import Clock
from tomodachi_fakes.cloud import SERVICES, Cloud
from tomodachi_fakes.servers.deadlines import DeadlineTimer
from tomodachi_fakes.servers.http_protocol import HttpConnection
from tomodachi_fakes.servers.http_server import HttpServer
from tomodachi_fakes.servers.localstack_init import State, init_status
from tomodachi_fakes.sns.effects import ToHttp

MAX_CONNECTIONS = 1024
# A message of 1 MiB takes up to three times that on the wire: "é" is two octets of it, and six as \u00e9
# in JSON or %C3%A9 in a form.
MAX_CALL_BYTES = 4 * 1024 * 1024
# Objects of S3 and the like, where they are kept; SDKs send larger ones in parts.
MAX_OBJECT_BYTES = 64 * 1024 * 1024
_LOCALSTACK_HEALTH = "/_localstack/health"
_LOCALSTACK_INIT = "/_localstack/init"
_HEALTH = ("/health", _LOCALSTACK_HEALTH)
_CONTROL = ("/_", "/health", "/moto-api/", "/SimpleNotificationService-")

# Answers a request below its prefix, at once or, after None, on the connection.
Control = Callable[[HttpRequest, HttpConnection], HttpResponse | None]
# Answers a control request, or returns None when it is not its own.
Route = Callable[[HttpRequest], HttpResponse | None]
# Answers a request to a service that is not here: its name, the request, and where to answer later.
OtherServices = Callable[[str, HttpRequest, HttpConnection], HttpResponse | Literal["later"] | None]


class AwsHttpServer(HttpServer):
    """Serves a `Cloud` over HTTP.

    Attributes:
        cloud: The services.
        extra_routes: Further control routes, asked in order before the built-in ones.
        control: Answers everything below `/_broker/`; None has nothing there.
        ready: Whether `GET /health` says so.
        other_services: Answers requests that were signed for a service that the cloud does not have
            (the service's name comes first), or returns None; "later" promises a call of
            `HttpConnection.answer`.
        scripts: What became of the scripts that make initial resources, by file.
        push: Performs what SNS posts to HTTP endpoints; None drops it.
    """

    def __init__(
        self, cloud: Cloud, clock: Clock, host: str, port: int, *, public_name: str = ""
    ) -> None:
        super().__init__(
            host,
            port,
            option="--aws-port",
            max_connections=MAX_CONNECTIONS,
            public_name=public_name,
        )
        self.cloud = cloud
        self.extra_routes: list[Route] = []
        self.control: Control | None = None
        self.ready = True
        self.scripts: Mapping[str, State] = {}
        self.push: Callable[[ToHttp], None] | None = None
        self.other_services: OtherServices | None = None
        self._clock = clock
        self._timer: DeadlineTimer | None = None
        self._held: dict[int, tuple[HttpConnection, Held]] = {}

    # --- life ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen, and wake for what is due.

        Raises:
            PortInUse: another program holds the port.
        """
        self._timer = DeadlineTimer(self._clock, self.cloud.next_deadline, self._advance)
        await super().start()
        self.step()

    def close(self) -> None:
        """Stop listening, answer calls that wait with nothing, and close."""
        if self._timer is not None:
            self._timer.close()
        super().close()

    def before_closing(self) -> None:
        """Calls that wait are answered empty."""
        self.cloud.finish_waits()
        self._answer_held()

    # --- steps -----------------------------------------------------------------------------------

    def call(
        self, service: str, operation: str, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any] | LongPoll:
        """Run an operation from inside the process, with everything that follows from it.

        Raises:
            AwsError: the answer is an error.
        """
        try:
            return self.cloud.call(service, operation, params, context)
        finally:
            self.step()

    def step(self) -> None:
        """Perform what the cloud left to do; to be called after everything that changes it."""
        self._answer_held()
        for post in self.cloud.take_http():
            if self.push is not None:
                self.push(post)
        if self._timer is not None:
            self._timer.rearm()

    def clock_was_set(self) -> None:
        """The clock shows another time than before, and what the cloud holds may be another's."""
        self.step()
        if self._timer is not None:
            self._timer.clock_was_set()

    def _answer_held(self) -> None:
        for wake in self.cloud.take_wakes():
            found = self._held.pop(wake.waiter_id, None)
            if found is not None:
                connection, held = found
                connection.waiter_id = None
                response = held.render(wake.output)
                response.faults = held.faults
                connection.answer(response)

    def _advance(self, now: float) -> None:
        self.cloud.advance(now=now)
        self.step()

    # --- what connections tell -------------------------------------------------------------------

    def closed(self, connection: HttpConnection) -> None:
        """A client left; what it waited for is given to nobody."""
        if connection.waiter_id is not None:
            self._held.pop(connection.waiter_id, None)
            self.cloud.cancel(connection.waiter_id)
        if self._timer is not None:
            self._timer.rearm()
        super().closed(connection)

    def max_body_bytes(self, path: str, headers: Mapping[str, str]) -> int:
        """The largest body that such a request may have."""
        if self.other_services is not None:
            return MAX_OBJECT_BYTES
        is_call = "x-amz-target" in headers or headers.get("content-type", "").startswith(FORM)
        return MAX_CALL_BYTES if is_call else super().max_body_bytes(path, headers)

    def failed(self, request: HttpRequest) -> HttpResponse:
        """As AWS says that it failed, in the protocol of the request."""
        return self.cloud.dispatcher.failed(request)

    def answer(self, connection: HttpConnection, request: HttpRequest) -> HttpResponse | None:
        """Answer a request, or hold it."""
        if self.control is not None and request.path.startswith("/_broker/"):
            response = self.control(request, connection)
            self.step()
            return response
        if request.path.startswith(_CONTROL):
            response = self._control(request)
            if response is not None:
                self.step()
                return response
        if self.other_services is not None:
            authorization = request.headers.get("authorization", "")
            service = scope_of_request(authorization, request.query).service
            if service and not self.cloud.serves(service):
                other = self.other_services(service, request, connection)
                if other is not None:
                    return None if other == "later" else other
        answer = self.cloud.handle(request, now=self._clock.now())
        if isinstance(answer, Held):
            connection.waiter_id = answer.waiter_id
            self._held[answer.waiter_id] = (connection, answer)
            self.step()
            return None
        self.step()
        return answer

    # --- control routes --------------------------------------------------------------------------

    def _control(self, request: HttpRequest) -> HttpResponse | None:
        for route in self.extra_routes:
            response = route(request)
            if response is not None:
                return response
        if request.method in ("GET", "HEAD") and request.path in _HEALTH:
            return self._health(request.path)
        if request.method in ("GET", "HEAD") and request.path.startswith(_LOCALSTACK_INIT):
            return init_status(request.path, ready=self.ready, scripts=self.scripts)
        certificate = self.cloud.sns.certificate(request.path)
        if request.method == "GET" and certificate is not None:
            return HttpResponse(200, "application/x-pem-file", certificate)
        if request.method == "POST" and request.path in _RESETS:
            self.cloud.reset()
            return _json(_RESETS[request.path])
        return None

    def _health(self, path: str) -> HttpResponse:
        content: dict[str, Any] = {"status": "ok" if self.ready else "starting"}
        if path == _LOCALSTACK_HEALTH:
            # Scripts that wait for LocalStack look for the services that they need.
            content["services"] = dict.fromkeys(SERVICES, "running" if self.ready else "starting")
        return _json(content, 200 if self.ready else 503)


# What suites written for other fakes post between tests, and the answer they expect.
_RESETS: dict[str, dict[str, str]] = {
    "/moto-api/reset": {"status": "ok"},
    "/_localstack/state/reset": {},
    "/_ministack/reset": {"status": "ok"},
}


def _json(content: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, "application/json", json.dumps(content).encode())
