"""XML answers of the query protocol, one closure a shape.

A closure appends text to a list that is joined once. Characters that XML 1.0 cannot hold are
replaced, so that an echoed input never makes an answer that no parser reads.

Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tomodachi_fakes.aws.model import Operation, ServiceModel, Shape
from tomodachi_fakes.aws.query import wire_name

Out = list[str]
Write = Callable[[Any, Out], None]

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile("[&<>\r]")
_DECLARATION = '<?xml version="1.0"?>'


def text(value: str) -> str:
    """Escape character data; a carriage return is written as a reference, or parsers drop it."""
    if _UNWRITABLE.search(value):
        value = _UNWRITABLE.sub("\ufffd", value)
    if _SPECIAL.search(value):
        value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        value = value.replace("\r", "&#xD;")
    return value


class XmlCodec:
    """Writers of one service's output shapes, compiled when first asked for."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._writers: dict[str, Write] = {}

    def response(self, operation: Operation, output: dict[str, Any], request_id: str) -> bytes:
        """The whole document of a successful answer."""
        name = operation.name
        out = [_DECLARATION, f'<{name}Response xmlns="{self._model.xml_namespace}">']
        if operation.output is not None:
            wrapper = operation.result_wrapper
            out.append(f"<{wrapper}>")
            self._writer(operation.output)(output, out)
            out.append(f"</{wrapper}>")
        out.append(
            f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
            f"</{name}Response>"
        )
        return "".join(out).encode()

    def _writer(self, shape_name: str) -> Write:
        if shape_name not in self._writers:
            self._writers[shape_name] = self._compile(self._model.shapes[shape_name])
        return self._writers[shape_name]

    def _compile(self, shape: Shape) -> Write:
        """A writer of the inside of an element that holds `shape`."""
        kind = shape["type"]
        if kind == "structure":
            return self._structure(shape)
        if kind == "list":
            element = shape["member"].get("locationName", "member")
            return self._repeated(element, shape)
        if kind == "map":
            return self._entries("entry", shape)
        return _scalar(_TEXTS[kind])

    def _structure(self, shape: Shape) -> Write:
        members = {}
        for name, reference in shape["members"].items():
            resolved = self._model.resolve(reference)
            members[name] = self._member(wire_name(self._model, name, resolved), resolved)

        def write(value: dict[str, Any], out: Out) -> None:
            for name, item in value.items():
                if item is not None:
                    members[name](item, out)

        return write

    def _member(self, name: str, shape: Shape) -> Write:
        """A writer of a structure's member, its own element or elements included."""
        if shape.get("flattened"):
            if shape["type"] == "list":
                return self._repeated(name, shape)
            return self._entries(name, shape)
        return _element(name, self._compile(shape))

    def _repeated(self, name: str, shape: Shape) -> Write:
        element = _element(name, self._compile(self._model.resolve(shape["member"])))

        def write(value: list[Any], out: Out) -> None:
            for item in value:
                element(item, out)

        return write

    def _entries(self, name: str, shape: Shape) -> Write:
        resolve = self._model.resolve
        key = _element(
            shape["key"].get("locationName", "key"), self._compile(resolve(shape["key"]))
        )
        value_name = shape["value"].get("locationName", "value")
        value = _element(value_name, self._compile(resolve(shape["value"])))
        start, end = f"<{name}>", f"</{name}>"

        def write(mapping: dict[str, Any], out: Out) -> None:
            for item_key, item in mapping.items():
                out.append(start)
                key(item_key, out)
                value(item, out)
                out.append(end)

        return write


def _element(name: str, inner: Write) -> Write:
    start, end = f"<{name}>", f"</{name}>"

    def write(value: Any, out: Out) -> None:
        out.append(start)
        inner(value, out)
        out.append(end)

    return write


def _scalar(convert: Callable[[Any], str]) -> Write:
    return lambda value, out: out.append(convert(value))


def _timestamp(value: float) -> str:
    moment = datetime.fromtimestamp(value, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


_TEXTS: dict[str, Callable[[Any], str]] = {
    "string": text,
    "character": text,
    "boolean": lambda value: "true" if value else "false",
    "integer": str,
    "long": str,
    "float": str,
    "double": str,
    "timestamp": _timestamp,
    "blob": lambda value: b64encode(value).decode("ascii"),
}
