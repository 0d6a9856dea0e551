"""What the comparisons with moto share."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


def outcome(call: Any, *args: Any) -> Any:
    """What a call returned, or the code of its error."""
    try:
        return call(*args)
    except ClientError as error:
        return error.response["Error"]["Code"]
