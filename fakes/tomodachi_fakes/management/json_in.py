"""JSON as RabbitMQ reads it: half of a surrogate pair, which JSON can escape, is no character, and a null no value.

RabbitMQ was asked: 3.10.8 publishes, and keeps in headers, U+FFFD in place of such a half; 3.10.8 and 4.0.5
refuse nulls in headers and arguments however deep.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tomodachi_fakes.management.errors import bad_request

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def loads(octets: bytes) -> Any:
    """The value that a document holds.

    Raises:
        ValueError: it is none.
    """
    found = json.loads(octets)
    if not _SURROGATE.search(octets):
        return found
    text = json.dumps(found, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def refuse_nulls(value: Any) -> None:
    """See that a table for AMQP has a value everywhere.

    Raises:
        ManagementError: 400, there is a null.
    """
    if value is None:
        raise bad_request("null_not_allowed")
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            refuse_nulls(one)
