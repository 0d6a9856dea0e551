"""From an HTTP request to a service's core and back: which service, which operation, who calls.

A JSON call names its target; a query call is told apart by its credential scope, its `Version`, its
parameters and its action, in that order. Requests to a queue's own URL are SQS's. Faults planned for
an operation are taken here, once a call. Pure: the shell hands in `now` and moves the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from tomodachi_fakes.aws.call import CallContext, LongPoll
from tomodachi_fakes.aws.credential_scope import (
    UNSIGNED,
    CredentialScope,
    account_of,
    region_of_host,
    region_of_set,
    scope_of,
    scope_of_credential,
)
from tomodachi_fakes.aws.errors import (
    AwsError,
    InjectedError,
    InternalFailure,
    ServiceNotServed,
)
from tomodachi_fakes.aws.http import Held, HttpRequest, HttpResponse
from tomodachi_fakes.aws.protocol import JSON, QUERY, ServiceWire, query_error
from tomodachi_fakes.aws.query import Tree, tree_of
from tomodachi_fakes.aws.sessions import session_of_request
from tomodachi_fakes.aws.wire_errors import (
    InvalidAction,
    MalformedQueryString,
    UnknownOperation,
)
from tomodachi_fakes.faults import Fault, FaultKind, FaultPlan
from tomodachi_fakes.ids import IdSource

# Content type of a query call's body.
FORM = "application/x-www-form-urlencoded"
# A queue's address; `/queue/<region>/` in front is how LocalStack's path strategy writes it.
_QUEUE_PATH = re.compile(r"^/(?:queue/(?:[a-z0-9-]+/)?)?(\d{12})/([^/]+)/?$")
_NOT_ON_QUEUE_URL = ("CreateQueue", "ListQueues")
_MAX_FIELDS = 4096
_SHELL_FAULTS = (
    FaultKind.LATENCY,
    FaultKind.DROP_BEFORE,
    FaultKind.DROP_AFTER,
    FaultKind.RESET,
)


# Runs an operation of a service: service, operation, parameters, who calls.
Run = Callable[[str, str, dict[str, Any], CallContext], dict[str, Any] | LongPoll]


@dataclass(slots=True)
class _Route:
    """Where a request goes; `tree` is None for a JSON call."""

    wire: ServiceWire
    operation: str
    scope: CredentialScope
    tree: Tree | None


class Dispatcher:
    """Runs requests against service cores.

    Attributes:
        default_account: Account of callers whose access key is not a 12-digit number.
        default_region: Region of unsigned requests whose host has none in its name.
        base_url: What the URLs in answers begin with, in place of the address that a client used; ""
            for that one.
    """

    def __init__(
        self,
        services: Sequence[str],
        run: Run,
        *,
        ids: IdSource,
        faults: FaultPlan,
        default_account: str,
        default_region: str,
        base_url: str = "",
    ) -> None:
        self._services = services
        self._run_operation = run
        self._ids = ids
        self._faults = faults
        self.default_account = default_account
        self.default_region = default_region
        self.base_url = base_url.rstrip("/")
        self._wires: dict[str, ServiceWire] = {}

    def wire(self, service: str) -> ServiceWire:
        """The codecs of a service, compiled when first asked for."""
        if service not in self._wires:
            self._wires[service] = ServiceWire(service)
        return self._wires[service]

    def handle(self, request: HttpRequest, *, now: float) -> HttpResponse | Held:
        """Answer one request; never raises for anything that a client sent."""
        request_id = self._ids.uuid()
        protocol = JSON if "x-amz-target" in request.headers else QUERY
        try:
            route = self._route(request, protocol)
        except AwsError as error:
            return self._unrouted(error, protocol, request_id)
        return self._run(route, request, request_id, now)

    def failed(self, request: HttpRequest) -> HttpResponse:
        """What a client is told when the fake itself failed: that, and nothing about how."""
        protocol = JSON if "x-amz-target" in request.headers else QUERY
        return self._unrouted(InternalFailure(), protocol, self._ids.uuid())

    def _run(
        self, route: _Route, request: HttpRequest, request_id: str, now: float
    ) -> HttpResponse | Held:
        wire, operation = route.wire, route.operation
        protocol = JSON if route.tree is None else QUERY
        faults, planned = self._take_faults(wire.model.service, operation)
        try:
            if planned is not None:
                raise planned
            params = self._params(route, request)
            if faults and any(fault.kind is FaultKind.DROP_BEFORE for fault in faults):
                return HttpResponse(200, "", b"", faults=faults)
            context = self._context(route, request, request_id, protocol, now)
            output = self._run_operation(wire.model.service, operation, params, context)
        except AwsError as error:
            response = wire.failure(error, protocol, request_id)
        except RecursionError:
            response = wire.failure(InternalFailure(), protocol, request_id)
        else:
            if isinstance(output, LongPoll):
                return Held(
                    output.waiter_id,
                    lambda late: wire.success(operation, late, protocol, request_id),
                    faults,
                )
            response = wire.success(operation, output, protocol, request_id)
        response.faults = faults
        return response

    def _take_faults(
        self, service: str, operation: str
    ) -> tuple[tuple[Fault, ...], AwsError | None]:
        if not self._faults:
            return (), None
        point = f"{service}.{operation}"
        shell = tuple(
            fault for kind in _SHELL_FAULTS if (fault := self._faults.take(point, kind)) is not None
        )
        fault = self._faults.take(point, FaultKind.ERROR)
        if fault is None:
            return shell, None
        code = str(fault.code or "InternalFailure")
        return shell, InjectedError(code, fault.message or "injected fault", fault.status or 400)

    # --- routing ---------------------------------------------------------------------------------

    def _route(self, request: HttpRequest, protocol: str) -> _Route:
        scope = scope_of(request.headers.get("authorization", ""))
        if scope.service and scope.service not in self._services:
            raise ServiceNotServed(scope.service, ", ".join(self._services))
        if protocol == JSON:
            return self._json_route(request.headers["x-amz-target"], scope)
        tree = _parameters(request)
        if scope is UNSIGNED and type(credential := tree.get("X-Amz-Credential")) is str:
            scope = scope_of_credential(credential)
        action = tree.get("Action")
        if type(action) is not str or not action:
            raise UnknownOperation()
        service = self._query_service(request, scope, tree, action)
        wire = self.wire(service)
        on_queue_url = service == "sqs" and _QUEUE_PATH.match(request.path)
        if action not in wire.model.operations or (on_queue_url and action in _NOT_ON_QUEUE_URL):
            return _Route(wire, "", scope, {"Action": action})
        return _Route(wire, action, scope, tree)

    def _json_route(self, target: str, scope: CredentialScope) -> _Route:
        prefix, _, operation = target.rpartition(".")
        for service in ("sqs", "kms"):
            if service not in self._services:
                continue
            wire = self.wire(service)
            if prefix == wire.model.target_prefix and operation in wire.model.operations:
                return _Route(wire, operation, scope, None)
            if prefix == wire.model.target_prefix:
                break
        raise UnknownOperation()

    def _query_service(
        self, request: HttpRequest, scope: CredentialScope, tree: Tree, action: str
    ) -> str:
        if scope.service in self._services:
            return scope.service
        if _QUEUE_PATH.match(request.path) or "QueueUrl" in tree:
            return "sqs"
        candidates = [name for name in ("sqs", "sns", "sts") if name in self._services]
        version = tree.get("Version")
        for service in candidates:
            if version == self.wire(service).model.version:
                return service
        if "TopicArn" in tree and "sns" in self._services:
            return "sns"
        for service in candidates:
            if action in self.wire(service).model.operations:
                return service
        return candidates[0]

    def _unrouted(self, error: AwsError, protocol: str, request_id: str) -> HttpResponse:
        if protocol == JSON:
            return self.wire("sqs").failure(error, JSON, request_id)
        if isinstance(error, UnknownOperation):
            headers = {"x-amzn-RequestId": request_id}
            return HttpResponse(404, "", b"<UnknownOperationException/>\n", headers)
        return query_error(error.code, error, error.status, request_id, "", "<Detail/>")

    # --- parameters and caller -------------------------------------------------------------------

    def _params(self, route: _Route, request: HttpRequest) -> dict[str, Any]:
        wire = route.wire
        if not route.operation:
            assert route.tree is not None
            raise _invalid_action(wire, route.tree["Action"])
        if route.tree is None:
            params = wire.decode_json(route.operation, request.body)
        else:
            params = wire.decode_query(route.operation, route.tree)
        if wire.model.service == "sqs" and "QueueUrl" not in params:
            found = _QUEUE_PATH.match(request.path)
            if found and route.operation not in _NOT_ON_QUEUE_URL:
                params["QueueUrl"] = request.path
        wire.check(route.operation, params)
        return params

    def _context(
        self, route: _Route, request: HttpRequest, request_id: str, protocol: str, now: float
    ) -> CallContext:
        headers = request.headers
        scope = route.scope
        host = headers.get("host", "localhost")
        session = session_of_request(headers, request.query)
        account = account_of(scope.access_key_id, self.default_account)
        region = scope.region or region_of_set(headers.get("x-amz-region-set", ""))
        return CallContext(
            account=account if session is None else session.account,
            region=region or region_of_host(host) or self.default_region,
            now=now,
            request_id=request_id,
            base_url=self.base_url or f"http://{host}",
            access_key_id=scope.access_key_id,
            protocol=protocol,
            source_ip=request.source_ip,
            headers=headers,
            session=session,
        )


def _invalid_action(wire: ServiceWire, action: str) -> InvalidAction:
    if wire.model.service == "sqs":
        return InvalidAction.for_endpoint(action)
    return InvalidAction.for_version(action, wire.model.version)


def _parameters(request: HttpRequest) -> Tree:
    """The parameters of a query call: those of the URL, then those of the form."""
    pairs = _pairs(request.query)
    if request.body and request.headers.get("content-type", FORM).startswith(FORM):
        try:
            text = request.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedQueryString from error
        pairs += _pairs(text)
    return tree_of(pairs)


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise MalformedQueryString from error
