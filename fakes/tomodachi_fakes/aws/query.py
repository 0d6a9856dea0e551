"""The query protocol's parameters: `Action=...&Entry.1.Name=...` to nested values.

The flat names are put into a tree once (`Entry` -> `1` -> `Name`), which a closure a shape then
walks. Lists may be numbered with gaps, as AWS allows. XML answers are written in `xml.py`.

Sources: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html;
https://github.com/aws/aws-sdk-java/issues/633 (Base64 without padding);
https://github.com/localstack/localstack/issues/2690 (`Tags.1.Key`, as AWS's Java SDK 1 writes it);
https://github.com/aws/aws-sdk-php/issues/694 and https://github.com/aws/aws-sdk-go/issues/178
(`MessageAttributes.1.key`, `MessageAttribute.1.value`: SQS misses the name)
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from tomodachi_fakes.aws.model import ServiceModel, Shape
from tomodachi_fakes.aws.wire_errors import MalformedInput

# A leaf is text; a branch holds what follows the dot. A name that is both keeps its text under "".
Tree = dict[str, Any]
Read = Callable[[Any, str], Any]

MAX_DEPTH = 12
_BASE64 = re.compile(r"[A-Za-z0-9+/]*")


def tree_of(pairs: Iterable[tuple[str, str]]) -> Tree:
    """Nest the dotted names of a request's parameters; the last of two equal names wins.

    Raises:
        MalformedInput: a name has more dots than any parameter of any service.
    """
    root: Tree = {}
    for name, value in pairs:
        if "." not in name:
            branch = root.get(name)
            if type(branch) is dict:
                branch[""] = value
            else:
                root[name] = value
            continue
        parts = name.split(".")
        if len(parts) > MAX_DEPTH:
            msg = f"Unexpected parameter: {name}"
            raise MalformedInput(msg)
        _plant(root, parts, value)
    return root


def _plant(root: Tree, parts: list[str], value: str) -> None:
    node = root
    for part in parts[:-1]:
        child = node.get(part)
        if type(child) is not dict:
            child = {} if child is None else {"": child}
            node[part] = child
        node = child
    last = parts[-1]
    if type(node.get(last)) is dict:
        node[last][""] = value
    else:
        node[last] = value


class QueryCodec:
    """Readers of one service's input shapes, compiled when first asked for."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._readers: dict[str, Read] = {}

    def decode(self, shape_name: str, tree: Tree) -> dict[str, Any]:
        """Convert a request's tree into parameters; names the model lacks are passed by.

        Raises:
            MalformedInput: a value cannot be read as its type.
        """
        if shape_name not in self._readers:
            self._readers[shape_name] = self._compile(self._model.shapes[shape_name])
        params: dict[str, Any] = self._readers[shape_name](tree, "")
        return params

    def _compile(self, shape: Shape) -> Read:
        kind = shape["type"]
        if kind == "structure":
            return self._structure(shape)
        if kind == "list":
            return self._list(shape)
        if kind == "map":
            return self._map(shape)
        return _SCALARS[kind]

    def _structure(self, shape: Shape) -> Read:
        members = []
        for name, reference in shape["members"].items():
            resolved = self._model.resolve(reference)
            key, reader = wire_name(self._model, name, resolved), self._compile(resolved)
            if resolved["type"] == "map" and resolved.get("flattened"):
                # SQS reads a flat map under its parameter's name too: `Tags` as well as `Tag`.
                members.append((name, f"{key}s", reader))
            members.append((name, key, reader))

        def read(node: Any, path: str) -> dict[str, Any]:
            if type(node) is not dict:
                msg = f"Unexpected value for {path or 'the request'}"
                raise MalformedInput(msg)
            return {
                name: reader(node[key], f"{path}.{key}" if path else key)
                for name, key, reader in members
                if key in node
            }

        return read

    def _list(self, shape: Shape) -> Read:
        element = self._compile(self._model.resolve(shape["member"]))
        inner = "" if shape.get("flattened") else shape["member"].get("locationName", "member")

        def read(node: Any, path: str) -> list[Any]:
            if type(node) is str and node and not inner:
                # The one element of a flat list: `AttributeName=All`, as SQS's reference writes it.
                return [element(node, path)]
            items = _numbered(node, inner, path)
            return [element(value, f"{path}.{number}") for number, value in items]

        return read

    def _map(self, shape: Shape) -> Read:
        read_key = self._compile(self._model.resolve(shape["key"]))
        read_value = self._compile(self._model.resolve(shape["value"]))
        key_name = shape["key"].get("locationName", "key")
        value_name = shape["value"].get("locationName", "value")
        inner = "" if shape.get("flattened") else "entry"
        # SQS takes a name that is not given for an empty one, and says what it thinks of that.
        may_lack_key = self._model.service == "sqs"
        value = self._model.resolve(shape["value"])
        # It looks at the name before it misses anything of the value.
        blank = dict.fromkeys(value.get("required", ()), "")

        def read(node: Any, path: str) -> dict[str, Any]:
            result = {}
            if not inner and type(node) is dict and key_name in node:
                # The one entry of a flat map: `Attribute.Name=...&Attribute.Value=...`.
                node = {"1": node}
            for number, entry in _numbered(node, inner, path):
                where = f"{path}.{number}"
                if type(entry) is not dict or not (key_name in entry or may_lack_key):
                    msg = f"{where}.{key_name} is missing"
                    raise MalformedInput(msg)
                key = read_key(entry.get(key_name, ""), f"{where}.{key_name}")
                if value_name in entry:
                    result[key] = read_value(entry[value_name], f"{where}.{value_name}")
                elif value["type"] == "structure":
                    result[key] = {} if key else dict(blank)
            return result

        return read


def wire_name(model: ServiceModel, name: str, shape: Shape) -> str:
    """The name of a structure's member on the wire, in requests and in XML alike."""
    if shape["type"] == "list" and shape.get("flattened"):
        named: str | None = shape["member"].get("locationName")
        if named is not None:
            return named
    location: str = shape.get("locationName", name)
    return location


def _numbered(node: Any, inner: str, path: str) -> list[tuple[int, Any]]:
    """The elements of a list in the order of their numbers; `Name=` alone is an empty list."""
    if inner and type(node) is dict:
        node = node.get(inner, {})
    if node == "":
        return []
    if type(node) is not dict:
        msg = f"Unexpected value for {path}"
        raise MalformedInput(msg)
    items = []
    for key, value in node.items():
        if key.isdecimal() and key.isascii():
            items.append((int(key[:9]), value))
        elif key:
            msg = f"Key is not a number: {path}.{key}"
            raise MalformedInput(msg)
    return sorted(items, key=lambda item: item[0])


def _text(node: Any, path: str) -> str:
    if type(node) is dict:
        node = node.get("")
    if node is None:
        msg = f"Unexpected value for {path}"
        raise MalformedInput(msg)
    text: str = node
    return text


def _integer(node: Any, path: str) -> int:
    text = _text(node, path)
    digits = text.removeprefix("-")
    if not (digits.isdecimal() and digits.isascii()) or len(digits) > 19:
        msg = f"{text} is not a valid integer for {path}"
        raise MalformedInput(msg)
    return int(text)


def _number(node: Any, path: str) -> float:
    text = _text(node, path)
    try:
        return float(text)
    except ValueError as error:
        msg = f"{text} is not a valid number for {path}"
        raise MalformedInput(msg) from error


def _boolean(node: Any, path: str) -> bool:
    text = _text(node, path).lower()
    if text not in ("true", "false"):
        msg = f"{text} is not a valid boolean for {path}"
        raise MalformedInput(msg)
    return text == "true"


def _blob(node: Any, path: str) -> bytes:
    text = _text(node, path).rstrip("=")
    if not _BASE64.fullmatch(text):
        msg = f"{path} is not valid Base64"
        raise MalformedInput(msg)
    # Padding may be left out, and what makes no whole octet counts for nothing.
    whole = text[:-1] if len(text) % 4 == 1 else text
    return b64decode(whole + "=" * (-len(whole) % 4))


def _timestamp(node: Any, path: str) -> float:
    text = _text(node, path)
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        msg = f"{text} is not a valid timestamp for {path}"
        raise MalformedInput(msg) from error


_SCALARS: dict[str, Read] = {
    "string": _text,
    "character": _text,
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "float": _number,
    "double": _number,
    "timestamp": _timestamp,
    "blob": _blob,
}
