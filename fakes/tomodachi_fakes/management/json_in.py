"""JSON as RabbitMQ reads it: half of a surrogate pair, which JSON can escape, is no character.

RabbitMQ 3.10.8 was asked: it publishes, and keeps in headers, U+FFFD in its place.
"""

from __future__ import annotations

import json
import re
from typing import Any

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
