"""JSON 1.0 and 1.1 bodies: decode to parameters and encode results, one closure a shape.

A closure is compiled once a shape, so a request costs no look at the model. Decoding checks types,
turns base64 into bytes and passes unknown members by; encoding touches only what JSON cannot hold
(blobs), so most results are written as they are. What the model asks of them
is checked in `constraints.py`.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from tomodachi_fakes.aws.model import ServiceModel, Shape
from tomodachi_fakes.aws.wire_errors import SerializationError

Convert = Callable[[Any], Any]

_read = json.JSONDecoder().decode
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def loads(body: bytes) -> Any:
    """Parse a request body; an empty body is an empty object.

    Raises:
        SerializationError: the body is not JSON in UTF-8, or not an object.
    """
    try:
        data = _read(body.decode()) if body else {}
    except (ValueError, RecursionError) as error:
        msg = "Unable to parse the request body as JSON."
        raise SerializationError(msg) from error
    if type(data) is not dict:
        msg = "Start of structure or map found where not expected."
        raise SerializationError(msg)
    return data


def dumps(value: Any) -> bytes:
    """Write a response body; a lone surrogate, which UTF-8 cannot hold, becomes `?`."""
    return _write(value).encode("utf-8", "replace")


class JsonCodec:
    """Decoders and encoders of one service, compiled when first asked for."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._decoders: dict[str, Convert] = {}
        self._encoders: dict[str, Convert | None] = {}

    def decode(self, shape_name: str, data: Any) -> Any:
        """Check and convert a parsed body into parameters.

        Raises:
            SerializationError: a value has the wrong type.
        """
        return self._decoder(shape_name)(data)

    def encode(self, shape_name: str, value: Any) -> Any:
        """Turn a result into what `dumps` can write."""
        convert = self._encoder(shape_name)
        return value if convert is None else convert(value)

    def _decoder(self, name: str) -> Convert:
        if name not in self._decoders:
            # A shape that contains itself finds this detour while it is being compiled.
            self._decoders[name] = lambda data: self._decoders[name](data)
            self._decoders[name] = self._compile_decoder(self._model.shapes[name])
        return self._decoders[name]

    def _compile_decoder(self, shape: Shape) -> Convert:
        kind = shape["type"]
        if kind == "structure":
            members = {
                member: self._decoder(reference["shape"])
                for member, reference in shape["members"].items()
            }
            return _structure_decoder(members)
        if kind == "list":
            return _list_decoder(self._decoder(shape["member"]["shape"]))
        if kind == "map":
            return _map_decoder(self._decoder(shape["value"]["shape"]))
        return _SCALARS[kind]

    def _encoder(self, name: str) -> Convert | None:
        if name not in self._encoders:
            self._encoders[name] = None
            self._encoders[name] = self._compile_encoder(self._model.shapes[name])
        return self._encoders[name]

    def _compile_encoder(self, shape: Shape) -> Convert | None:
        kind = shape["type"]
        if kind == "blob":
            return lambda value: b64encode(value).decode("ascii")
        if kind == "structure":
            members = {
                member: convert
                for member, reference in shape["members"].items()
                if (convert := self._encoder(reference["shape"])) is not None
            }
            return _structure_encoder(members) if members else None
        if kind in ("list", "map"):
            inner = self._encoder(shape["member" if kind == "list" else "value"]["shape"])
            if inner is None:
                return None
            return _list_encoder(inner) if kind == "list" else _map_encoder(inner)
        return None


def _structure_decoder(members: dict[str, Convert]) -> Convert:
    find = members.get

    def decode(data: Any) -> dict[str, Any]:
        if type(data) is not dict:
            raise SerializationError(_unexpected(data, "structure"))
        result = {}
        for name, value in data.items():
            convert = find(name)
            if convert is not None and value is not None:
                result[name] = convert(value)
        return result

    return decode


def _list_decoder(element: Convert) -> Convert:
    def decode(data: Any) -> list[Any]:
        if type(data) is not list:
            raise SerializationError(_unexpected(data, "list"))
        return [element(value) for value in data if value is not None]

    return decode


def _map_decoder(element: Convert) -> Convert:
    def decode(data: Any) -> dict[str, Any]:
        if type(data) is not dict:
            raise SerializationError(_unexpected(data, "structure"))
        return {key: element(value) for key, value in data.items() if value is not None}

    return decode


def _string(data: Any) -> str:
    if type(data) is not str:
        raise SerializationError(_unexpected(data, "String"))
    return data


def _boolean(data: Any) -> bool:
    if type(data) is not bool:
        raise SerializationError(_unexpected(data, "Boolean"))
    return data


def _integer(data: Any) -> int:
    if type(data) is int:
        return data
    if type(data) is float and data.is_integer():
        return int(data)
    raise SerializationError(_unexpected(data, "Integer"))


def _number(data: Any) -> float:
    if type(data) not in (int, float):
        raise SerializationError(_unexpected(data, "Double"))
    return float(data)


def _blob(data: Any) -> bytes:
    try:
        return b64decode(_string(data), validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "Invalid Base64 content was found."
        raise SerializationError(msg) from error


_SCALARS: dict[str, Convert] = {
    "string": _string,
    "character": _string,
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "float": _number,
    "double": _number,
    "timestamp": _number,
    "blob": _blob,
}


def _unexpected(data: Any, wanted: str) -> str:
    if type(data) is dict:
        return "Start of structure or map found where not expected."
    if type(data) is list:
        return "Start of list found where not expected"
    if wanted == "structure":
        return "Expected structure or null"
    if wanted == "list":
        return "Expected list or null"
    return f"{_token(data)} can not be converted to {'an' if wanted[0] == 'I' else 'a'} {wanted}"


def _token(data: Any) -> str:
    if type(data) is bool:
        return "TRUE_VALUE" if data else "FALSE_VALUE"
    if type(data) is str:
        return "STRING_VALUE"
    return "NUMBER_VALUE" if type(data) is int else "DECIMAL_VALUE"


def _structure_encoder(members: dict[str, Convert]) -> Convert:
    find = members.get

    def encode(value: dict[str, Any]) -> dict[str, Any]:
        return {
            name: item if (convert := find(name)) is None else convert(item)
            for name, item in value.items()
        }

    return encode


def _list_encoder(element: Convert) -> Convert:
    return lambda value: [element(item) for item in value]


def _map_encoder(element: Convert) -> Convert:
    return lambda value: {key: element(item) for key, item in value.items()}
