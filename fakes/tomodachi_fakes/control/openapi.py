"""The control API as an OpenAPI 3.1 document, made from the table of its calls.

Source: https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.control.operations import OPERATIONS, Operation

View = dict[str, Any]
_OCTETS = "application/octet-stream"
_STREAM = "text/event-stream"
_ERROR = {
    "description": "It cannot be done; the body says why",
    "content": {
        "application/json": {
            "schema": {"type": "object", "properties": {"error": {"type": "string"}}}
        }
    },
}


def document(server_url: str) -> View:
    """The document."""
    paths: dict[str, View] = {}
    for operation in OPERATIONS:
        path = paths.setdefault(f"/_broker/{operation.path}", {})
        path[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "svc-fake-broker control API",
            "version": "1",
            "description": "Look into the brokers, and do to them what no client could.",
        },
        "servers": [{"url": server_url}],
        "paths": paths,
    }


def _operation(operation: Operation) -> View:
    name = operation.path.replace("/", "-")
    shown: View = {
        "operationId": name if operation.method == "GET" else f"{operation.method.lower()}-{name}",
        "summary": operation.what,
        "responses": {"200": _answer(operation), "4XX": _ERROR},
    }
    if operation.method == "GET":
        shown["parameters"] = [
            {
                "name": one.name,
                "in": "query",
                "required": one.required,
                "description": one.what,
                "schema": one.schema(),
            }
            for one in operation.parameters
        ]
    else:
        shown["requestBody"] = {"content": _body(operation)}
    return shown


def _answer(operation: Operation) -> View:
    kinds = {"snapshot": _OCTETS, "events/stream": _STREAM}
    kind = kinds.get(operation.path, "application/json")
    if operation.method != "GET":
        kind = "application/json"
    return {"description": "Done", "content": {kind: {}}}


def _body(operation: Operation) -> View:
    if operation.path == "snapshot":
        return {_OCTETS: {"schema": {"type": "string", "format": "binary"}}}
    schema = {
        "type": "object",
        "properties": {one.name: one.schema() for one in operation.parameters},
        "required": [one.name for one in operation.parameters if one.required],
        "additionalProperties": False,
    }
    return {"application/json": {"schema": schema}}
