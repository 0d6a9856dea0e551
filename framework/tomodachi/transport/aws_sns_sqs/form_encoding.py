"""Encodes the parameters of SNS and STS calls, which travel as a form.

Pure. botocore encodes a form twice, once to sign it and once to send it, octet by octet; messages are
JSON, in which every quote and bracket has to be escaped, so that this is an eighth of a call's CPU.
Here it happens once, with a table. Put in force by `clients.py`.

Source: https://url.spec.whatwg.org/#urlencoded-serializing
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
_ESCAPES = {code: f"%{code:02X}" for code in range(128) if chr(code) not in _UNRESERVED} | {
    ord(" "): "+"
}


def encode_form(fields: Mapping[str, Any]) -> bytes:
    """The body of a form with these fields, in their order."""
    return "&".join(
        f"{_escaped(name)}={_escaped(value)}" for name, value in fields.items()
    ).encode()


def _escaped(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text.translate(_ESCAPES) if text.isascii() else quote_plus(text)
