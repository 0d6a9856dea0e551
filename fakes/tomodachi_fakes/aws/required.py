"""Required members that a request lacks, in each service's own words.

SQS names the first one as the query protocol would (`SendMessageBatchRequestEntry.1.Id`); the other
services list them all as constraint violations with lower-case paths (`tags.1.member.key`, and for the
entry `a` of a map `messageAttributes.a.member.dataType`). The checks are compiled once a shape; a shape
without required members costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tomodachi_fakes.aws.model import ServiceModel, Shape
from tomodachi_fakes.aws.query import wire_name
from tomodachi_fakes.aws.wire_errors import MissingParameter, ValidationError

# What SQS calls a member in no other place: https://github.com/aws/aws-sdk-js-v3/issues/5478
_CALLED = {("DeleteMessageRequest", "ReceiptHandle"): "MessageHandle"}

# Yields the path of every required member that is missing.
Check = Callable[[Any, str], Iterator[str]]


class RequiredMembers:
    """Checks of one service's input shapes, compiled when first asked for."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._numbered = model.service == "sqs"
        self._checks: dict[str, Check | None] = {}

    def check(self, shape_name: str, params: dict[str, Any]) -> None:
        """Let complete parameters pass.

        Raises:
            MissingParameter: SQS, for the first member that is missing.
            ValidationError: another service, for all of them.
        """
        if shape_name not in self._checks:
            self._checks[shape_name] = self._compile(self._model.shapes[shape_name])
        check = self._checks[shape_name]
        if check is None:
            return
        missing = check(params, "")
        if self._numbered:
            for path in missing:
                raise MissingParameter(_CALLED.get((shape_name, path), path))
        elif paths := list(missing):
            raise ValidationError(paths)

    def _compile(self, shape: Shape) -> Check | None:
        if shape["type"] == "structure":
            return self._structure(shape)
        if shape["type"] in ("list", "map"):
            return self._elements(shape)
        return None

    def _structure(self, shape: Shape) -> Check | None:
        required = [(name, self._name(name, shape)) for name in shape.get("required", ())]
        members = []
        for name, reference in shape["members"].items():
            inner = self._compile(self._model.resolve(reference))
            if inner is not None:
                members.append((name, self._name(name, shape), inner))
        if not required and not members:
            return None

        def check(value: dict[str, Any], prefix: str) -> Iterator[str]:
            for name, label in required:
                if name not in value:
                    yield prefix + label
            for name, label, inner in members:
                if name in value:
                    yield from inner(value[name], prefix + label)

        return check

    def _elements(self, shape: Shape) -> Check | None:
        kind = "member" if shape["type"] == "list" else "value"
        inner = self._compile(self._model.resolve(shape[kind]))
        if inner is None:
            return None
        middle = ("" if kind == "member" else "Value.") if self._numbered else "member."

        def check(value: Any, prefix: str) -> Iterator[str]:
            items = value if kind == "member" else value.values()
            names = value if kind == "value" and not self._numbered else range(1, len(items) + 1)
            for name, item in zip(names, items, strict=True):
                yield from inner(item, f"{prefix}.{name}.{middle}")

        return check

    def _name(self, member: str, shape: Shape) -> str:
        if not self._numbered:
            return member[0].lower() + member[1:]
        return wire_name(self._model, member, self._model.resolve(shape["members"][member]))
