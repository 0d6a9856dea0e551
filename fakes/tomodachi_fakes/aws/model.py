"""A service's operations and shapes, read from the model files that botocore ships.

The files are found without importing botocore, which would cost half a second; the query names and
error codes that the SQS file has lost are put back by `overlay.py`. What is done with a shape is
left to `json10.py`, `query.py` and `xml.py`.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tomodachi_fakes.aws.overlay import apply_overlay
from tomodachi_fakes.errors import FakesError

# A shape as the model writes it; its keys are botocore's ("type", "members", "locationName", ...).
Shape = dict[str, Any]


class ServiceModelMissing(FakesError):
    """botocore's model of a service could not be found or read."""

    def __init__(self, service: str, where: str) -> None:
        super().__init__(
            f"no service model of {service!r} under {where}. "
            f"Install botocore again: its data folder is part of every release."
        )


@dataclass(frozen=True, slots=True)
class Operation:
    """One API operation.

    Attributes:
        name: Its name, which is also the query protocol's `Action`.
        input: Name of the input shape; None when it takes nothing.
        output: Name of the output shape; None when it returns nothing.
        result_wrapper: Element around the output in XML; "" when the output stands alone.
        errors: Names of the modelled errors.
    """

    name: str
    input: str | None
    output: str | None
    result_wrapper: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """Everything the wire needs to know of one service.

    Attributes:
        service: "sqs", "sns", "sts" or "kms".
        version: The API version, as in the query protocol's `Version`.
        json_version: "1.0" or "1.1"; "" when the service has no JSON protocol.
        target_prefix: What stands before the dot of `X-Amz-Target`; "" without JSON.
        xml_namespace: Namespace of XML answers; "" without query protocol.
        shapes: Shapes by name.
        operations: Operations by name.
    """

    service: str
    version: str
    json_version: str
    target_prefix: str
    xml_namespace: str
    shapes: dict[str, Shape]
    operations: dict[str, Operation]

    def resolve(self, reference: Shape) -> Shape:
        """The shape that a member points to, with the member's own traits on top."""
        shape = self.shapes[reference["shape"]]
        return shape if len(reference) == 1 else {**shape, **reference}


@cache
def load_model(service: str) -> ServiceModel:
    """Read the newest model of `service`.

    Raises:
        ServiceModelMissing: botocore is not installed, or has no such service.
    """
    raw = apply_overlay(service, _read(service))
    metadata = raw["metadata"]
    return ServiceModel(
        service=service,
        version=metadata["apiVersion"],
        json_version=metadata.get("jsonVersion", ""),
        target_prefix=metadata.get("targetPrefix", ""),
        xml_namespace=metadata.get("xmlNamespace", ""),
        shapes=raw["shapes"],
        operations={name: _operation(name, spec) for name, spec in raw["operations"].items()},
    )


def _operation(name: str, spec: dict[str, Any]) -> Operation:
    output = spec.get("output") or {}
    return Operation(
        name=name,
        input=(spec.get("input") or {}).get("shape"),
        output=output.get("shape"),
        result_wrapper=output.get("resultWrapper", ""),
        errors=tuple(error["shape"] for error in spec.get("errors", ())),
    )


def _read(service: str) -> dict[str, Any]:
    spec = find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise ServiceModelMissing(service, "botocore, which is not installed")
    data = Path(spec.submodule_search_locations[0]) / "data"
    versions = sorted((data / service).glob("*/service-2.json*"))
    if not versions:
        raise ServiceModelMissing(service, str(data))
    content = versions[-1].read_bytes()
    if versions[-1].suffix == ".gz":
        content = gzip.decompress(content)
    model: dict[str, Any] = json.loads(content)
    return model
