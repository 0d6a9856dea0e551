"""What a service's model asks of a request: that its required members are there, and values in bounds.

SQS names the first missing member as the query protocol would (`SendMessageBatchRequestEntry.1.Id`), and
looks after values itself. The other services list every violation with lower-case paths
(`tags.1.member.key`, and for the entry `a` of a map `messageAttributes.a.member.dataType`): of required
members, of lengths, ranges, patterns and enumerations. The checks are compiled once a shape; a shape of
which nothing is asked costs nothing.

Sources: recorded answers of AWS; https://github.com/SWO-GS/auto-tag/issues/90 (the words for a value);
https://github.com/mmmorris1975/aws-runas/issues/80 (a pattern comes before a length).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from tomodachi_fakes.aws.model import ServiceModel, Shape
from tomodachi_fakes.aws.query import wire_name
from tomodachi_fakes.aws.wire_errors import (
    MissingParameter,
    ModelledValidationError,
    ValidationError,
    Violation,
)

# What SQS calls a member in no other place: https://github.com/aws/aws-sdk-js-v3/issues/5478
_CALLED = {("DeleteMessageRequest", "ReceiptHandle"): "MessageHandle"}
_PRESENT = "Member must not be null"

# Yields what is wrong with a value, and with what is in it; the text is the path to it.
Check = Callable[[Any, str], Iterator[Violation]]
# What a value has to satisfy, in AWS's words, and whether one does.
Rule = tuple[str, Callable[[Any], object]]


class Constraints:
    """Checks of one service's input shapes, compiled when first asked for."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._numbered = model.service == "sqs"
        self._checks: dict[str, Check | None] = {}

    def check(self, operation: str, params: dict[str, Any]) -> None:
        """Let complete parameters pass.

        Raises:
            MissingParameter: SQS, for the first member that is missing.
            ValidationError: another service, for all that the model does not allow.
        """
        spec = self._model.operations[operation]
        if spec.input is None:
            return
        if spec.input not in self._checks:
            self._checks[spec.input] = self._compile(self._model.shapes[spec.input])
        check = self._checks[spec.input]
        if check is None:
            return
        violations = check(params, "")
        if self._numbered:
            for path, _, _ in violations:
                raise MissingParameter(_CALLED.get((spec.input, path), path))
        elif found := list(violations):
            is_modelled = "ValidationException" in spec.errors
            raise (ModelledValidationError if is_modelled else ValidationError)(found)

    def _compile(self, shape: Shape) -> Check | None:
        if shape["type"] == "structure":
            return self._structure(shape)
        if shape["type"] in ("list", "map"):
            return self._elements(shape)
        return None if self._numbered else _scalar(shape)

    def _structure(self, shape: Shape) -> Check | None:
        required = [(name, self._name(name, shape)) for name in shape.get("required", ())]
        members = []
        for name, reference in shape["members"].items():
            inner = self._compile(self._model.resolve(reference))
            if inner is not None:
                members.append((name, self._name(name, shape), inner))
        if not required and not members:
            return None

        def check(value: dict[str, Any], prefix: str) -> Iterator[Violation]:
            for name, label in required:
                if name not in value:
                    yield prefix + label, None, _PRESENT
            for name, label, inner in members:
                if name in value:
                    yield from inner(value[name], prefix + label)

        return check

    def _elements(self, shape: Shape) -> Check | None:
        kind = "member" if shape["type"] == "list" else "value"
        resolved = self._model.resolve(shape[kind])
        inner = self._compile(resolved)
        if inner is None:
            return None
        middle = "" if self._numbered and kind == "member" else ".Value"
        if not self._numbered:
            middle = ".member"
        # What is in a structure has a name of its own behind the dot.
        end = "." if resolved["type"] == "structure" else ""

        def check(value: Any, prefix: str) -> Iterator[Violation]:
            items = value if kind == "member" else value.values()
            names = value if kind == "value" and not self._numbered else range(1, len(items) + 1)
            for name, item in zip(names, items, strict=True):
                yield from inner(item, f"{prefix}.{name}{middle}{end}")

        return check

    def _name(self, member: str, shape: Shape) -> str:
        if not self._numbered:
            return member[0].lower() + member[1:]
        return wire_name(self._model, member, self._model.resolve(shape["members"][member]))


def _scalar(shape: Shape) -> Check | None:
    rules = list(_rules(shape))
    if not rules:
        return None

    def check(value: Any, path: str) -> Iterator[Violation]:
        for rule, holds in rules:
            if not holds(value):
                yield path, value, rule

    return check


def _rules(shape: Shape) -> Iterator[Rule]:
    if shape["type"] == "string":
        if "enum" in shape:
            allowed = shape["enum"]
            yield (
                f"Member must satisfy enum value set: [{', '.join(allowed)}]",
                allowed.__contains__,
            )
        if "pattern" in shape:
            yield from _pattern(shape["pattern"])
        yield from _bounds(shape, "length", len)
    elif shape["type"] in ("integer", "long"):
        yield from _bounds(shape, "value", int)


def _pattern(pattern: str) -> Iterator[Rule]:
    try:
        # In Java, which AWS checks them in, \w and \d are ASCII only.
        matches = re.compile(pattern, re.ASCII).fullmatch
    except re.error:
        return  # some of Java's are none of Python's: \p{L}
    yield f"Member must satisfy regular expression pattern: {pattern}", matches


def _bounds(shape: Shape, what: str, measure: Callable[[Any], int]) -> Iterator[Rule]:
    least, most = shape.get("min"), shape.get("max")
    if least is not None:
        rule = f"Member must have {what} greater than or equal to {least}"
        yield rule, lambda value: measure(value) >= least
    if most is not None:
        rule = f"Member must have {what} less than or equal to {most}"
        yield rule, lambda value: measure(value) <= most
