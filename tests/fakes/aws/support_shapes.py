"""Parameters and results drawn from botocore's own shapes, and botocore's own way to the wire."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import urlencode

import botocore.session
from botocore import parsers, serialize
from botocore.compat import HTTPHeaders
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from hypothesis import strategies as st
from tests.fakes.support_boto import QueryLoader

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.kms.service import KmsService

# Text that both JSON and XML 1.0 carry; what they do not is tested by itself.
_CHARACTERS = st.characters(
    codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
)
SERVICES = [("sqs", "json"), ("sqs", "query"), ("sns", "query"), ("sts", "query"), ("kms", "json")]
KMS_OPERATIONS = KmsService(ids=SeededIds(0)).operations


@cache
def model_of(service: str, protocol: str) -> ServiceModel:
    loader = QueryLoader() if protocol == "query" and service == "sqs" else Loader()
    loader.search_paths.extend(botocore.session.Session().get_component("data_loader").search_paths)
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def operations() -> list[tuple[str, str, str]]:
    """Service, protocol and name of every operation of the wire."""
    return [
        (service, protocol, name)
        for service, protocol in SERVICES
        for name in model_of(service, protocol).operation_names
        if service != "kms" or name in KMS_OPERATIONS
    ]


def values_of(shape: Shape) -> st.SearchStrategy[Any]:
    """Values of a shape, none of them an empty container: the query protocol cannot show one."""
    kind = shape.type_name
    if kind == "structure":
        required = {n: _inner(shape.members[n]) for n in shape.required_members}
        optional = {n: _inner(m) for n, m in shape.members.items() if n not in required}
        return st.fixed_dictionaries(required, optional=optional)
    if kind == "list":
        return st.lists(_inner(shape.member), min_size=1, max_size=3)
    if kind == "map":
        keys = values_of(shape.key).filter(bool)
        return st.dictionaries(keys, _inner(shape.value), min_size=1, max_size=3)
    return _scalars(shape)


def _scalars(shape: Shape) -> st.SearchStrategy[Any]:
    """Values that the model's constraints allow."""
    asked, kind = shape.metadata, shape.type_name
    least, most = asked.get("min"), asked.get("max")
    if "enum" in asked:
        return st.sampled_from(asked["enum"])
    if kind in ("integer", "long") and least is not None:
        return st.integers(least, most)
    if kind != "string":
        return _SCALARS[kind]
    shortest = least or 0
    if "pattern" in asked and "\\p" not in asked["pattern"]:
        pattern = asked["pattern"]
        if pattern[-2:] in ("]*", "]+"):
            # The length belongs to the pattern: filtered by it, too few texts would be left.
            shortest = max(shortest, 1) if pattern[-1] == "+" else shortest
            pattern = f"{pattern[:-1]}{{{shortest},{min(most or 100, shortest + 12)}}}"
        texts = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
        return texts.filter(lambda text: shortest <= len(text) <= (most or 100))
    return st.text(
        _CHARACTERS, min_size=shortest, max_size=min(shortest + 12, most or shortest + 12)
    )


def _inner(shape: Shape) -> st.SearchStrategy[Any]:
    values = values_of(shape)
    return values.filter(bool) if shape.type_name == "structure" else values


_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "character": st.text(_CHARACTERS, max_size=12),
    "boolean": st.booleans(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False, width=32),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "timestamp": st.integers(0, 4_000_000_000),
    "blob": st.binary(max_size=12),
}


def request_of(service: str, protocol: str, operation: str, params: dict[str, Any]) -> HttpRequest:
    """The request that botocore would send."""
    model = model_of(service, protocol)
    serializer = serialize.create_serializer(model.resolved_protocol, include_validation=False)
    data = serializer.serialize_to_request(params, model.operation_model(operation))
    headers = {"host": "aws.test"} | {k.lower(): v for k, v in data["headers"].items()}
    body = data["body"]
    if isinstance(body, dict):
        body = _form(body)
    return HttpRequest("POST", "/", "", headers, body)


def _form(fields: dict[str, Any]) -> bytes:
    return urlencode(fields).encode()


def parse(service: str, protocol: str, operation: str, response: HttpResponse) -> dict[str, Any]:
    """What botocore makes of an answer."""
    model = model_of(service, protocol)
    headers = HTTPHeaders()
    for name, value in response.headers.items():
        headers[name] = value
    parser = parsers.ResponseParserFactory().create_parser(model.resolved_protocol)
    shape = model.operation_model(operation).output_shape
    raw = {"headers": headers, "status_code": response.status, "body": response.body}
    parsed: dict[str, Any] = parser.parse(raw, shape)
    return parsed
