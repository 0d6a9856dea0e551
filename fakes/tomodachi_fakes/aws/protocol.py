"""The two protocols as one interface: decode a call's parameters, write its result or its error.

`ServiceWire` holds one service's compiled codecs; `dispatch.py` decides which service and protocol
a request belongs to.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.aws.constraints import Constraints
from tomodachi_fakes.aws.errors import AwsError, InjectedError
from tomodachi_fakes.aws.http import HttpResponse
from tomodachi_fakes.aws.json10 import JsonCodec, dumps, loads
from tomodachi_fakes.aws.model import ServiceModel, load_model
from tomodachi_fakes.aws.query import QueryCodec, Tree

if TYPE_CHECKING:
    from tomodachi_fakes.aws.xml import XmlCodec

JSON, QUERY = "json", "query"
XML_TYPE = "text/xml"

# Prefix of `__type` in the JSON protocol.
_NAMESPACES = {"sqs": "com.amazonaws.sqs", "kms": ""}
# Services whose XML errors carry an empty <Detail/>.
_WITH_DETAIL = ("sqs",)


class ServiceWire:
    """One service on the wire."""

    def __init__(self, service: str) -> None:
        self.model: ServiceModel = load_model(service)
        self.json_type = f"application/x-amz-json-{self.model.json_version or '1.0'}"
        self._json = JsonCodec(self.model)
        self._query = QueryCodec(self.model)
        self._constraints = Constraints(self.model)
        self._codes = _query_codes(self.model)

    @cached_property
    def _xml(self) -> XmlCodec:
        # Imported with the first query call: SDKs of today speak JSON to SQS.
        from tomodachi_fakes.aws.xml import XmlCodec

        return XmlCodec(self.model)

    def decode_json(self, operation: str, body: bytes) -> dict[str, Any]:
        """Parameters of a JSON call; without the check for required members."""
        shape = self.model.operations[operation].input
        data = loads(body)
        return {} if shape is None else self._json.decode(shape, data)

    def decode_query(self, operation: str, tree: Tree) -> dict[str, Any]:
        """Parameters of a query call; without the check for required members."""
        shape = self.model.operations[operation].input
        if shape is None:
            return {}
        params = self._query.decode(shape, tree)
        if "Entries" in self.model.shapes[shape]["members"]:
            # The query protocol cannot tell a batch without entries from one with none given.
            params.setdefault("Entries", [])
        return params

    def check(self, operation: str, params: dict[str, Any]) -> None:
        """Let complete parameters pass.

        Raises:
            AwsError: the model does not allow them, in the service's words.
        """
        self._constraints.check(operation, params)

    def success(
        self, operation: str, output: dict[str, Any], protocol: str, request_id: str
    ) -> HttpResponse:
        """The answer of a call that went well."""
        spec = self.model.operations[operation]
        if protocol == QUERY:
            body = self._xml.response(spec, output, request_id)
            return HttpResponse(200, XML_TYPE, body, {"x-amzn-RequestId": request_id})
        if spec.output is None:
            body = b"" if self.model.service == "sqs" else b"{}"
        else:
            body = dumps(self._json.encode(spec.output, output))
        return HttpResponse(200, self.json_type, body, {"x-amzn-RequestId": request_id})

    def failure(self, error: AwsError, protocol: str, request_id: str) -> HttpResponse:
        """The answer of a call that failed."""
        code, query_code, status = self._identify(error)
        if protocol == QUERY:
            detail = "<Detail/>" if self.model.service in _WITH_DETAIL else ""
            return query_error(
                query_code, error, status, request_id, self.model.xml_namespace, detail
            )
        return self._json_error(code, query_code, error, status, request_id)

    def _identify(self, error: AwsError) -> tuple[str, str, int]:
        """Shape name, query code and HTTP status of an error."""
        if isinstance(error, InjectedError):
            return self._modelled(error.injected_code, error.status)
        code, query_code, status = self._modelled(error.code, error.status)
        return code, error.query_code or query_code, status

    def _modelled(self, code: str, status: int) -> tuple[str, str, int]:
        """A code as the model knows it; either of its two spellings finds it."""
        return self._codes.get(code, (code, code, status))

    def _json_error(
        self, code: str, query_code: str, error: AwsError, status: int, request_id: str
    ) -> HttpResponse:
        namespace = error.namespace or _NAMESPACES.get(self.model.service, "")
        shape = f"{namespace}#{code}" if namespace else code
        fault = "Sender" if error.sender_fault else "Receiver"
        headers = {"x-amzn-RequestId": request_id}
        if self.model.service == "sqs":
            headers["x-amzn-query-error"] = f"{query_code};{fault}"
        body = {"__type": shape, **({"message": error.message} if error.message else {})}
        return HttpResponse(status, self.json_type, dumps(body | error.detail), headers)


def query_error(
    code: str,
    error: AwsError,
    status: int,
    request_id: str,
    namespace: str,
    detail: str,
) -> HttpResponse:
    """An XML error; `namespace` is the service's, "" for a request that reached none."""
    from tomodachi_fakes.aws import xml

    fault = "Sender" if error.sender_fault else "Receiver"
    attribute = f' xmlns="{namespace}"' if namespace else ""
    message = f"<Message>{xml.text(error.message)}</Message>" if error.message else "<Message/>"
    members = "".join(
        f"<{name}>{xml.text(str(value))}</{name}>" for name, value in error.detail.items()
    )
    body = (
        f'<?xml version="1.0"?><ErrorResponse{attribute}><Error><Type>{fault}</Type>'
        f"<Code>{xml.text(code)}</Code>{message}{members}{detail}</Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    headers = {"x-amzn-RequestId": request_id}
    return HttpResponse(status, XML_TYPE, body.encode("utf-8", "replace"), headers)


def _query_codes(model: ServiceModel) -> dict[str, tuple[str, str, int]]:
    codes: dict[str, tuple[str, str, int]] = {}
    for name, shape in model.shapes.items():
        if not shape.get("exception"):
            continue
        error = shape.get("error", {})
        query_code = error.get("code", name)
        status = error.get("httpStatusCode", 400)
        known = (query_code if not model.target_prefix else name, query_code, status)
        codes[query_code] = codes[name] = known
    return codes
