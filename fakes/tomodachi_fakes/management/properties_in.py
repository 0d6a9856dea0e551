"""A message's properties in JSON, as AMQP carries them.

Source: RabbitMQ 4.0.5 and 4.3.6 were asked. Their encoder writes the last octets of a number that is too large;
it fails on a text of more than 255 octets where AMQP has a short string, which they answer 500 without a body.
"""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.amqp.properties import PROPERTIES
from tomodachi_fakes.management.errors import ManagementError, bad_request
from tomodachi_fakes.management.json_in import refuse_nulls

_DOMAINS = {name: domain for _, name, domain in PROPERTIES}
_BITS = {"octet": 8, "longlong": 64}
_LONGEST = 255


def properties_of(given: Any) -> dict[str, Any]:
    """The properties that AMQP knows; others are passed over.

    Raises:
        ManagementError: 400, a value of a wrong type, or a null among headers; 500, a text that is too long.
    """
    if not isinstance(given, dict):
        return {}
    return {
        name: _property(name, _DOMAINS[name], value)
        for name, value in given.items()
        if name in _DOMAINS
    }


def _property(name: str, domain: str, value: Any) -> Any:
    if domain == "table":
        refuse_nulls(value)
        return _headers(value) if isinstance(value, dict) else {}
    if domain == "shortstr":
        if not isinstance(value, str):
            raise bad_request(["not_string", name])
        return _short(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_request(["not_int", name])
    return value % 2 ** _BITS[domain]


def _headers(given: dict[str, Any]) -> dict[str, Any]:
    return {_short(name): _header(value) for name, value in given.items()}


def _header(value: Any) -> Any:
    if isinstance(value, dict):
        return _headers(value)
    if isinstance(value, list):
        return [_header(one) for one in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return (value + 2**63) % 2**64 - 2**63
    return value


def _short(text: str) -> str:
    if len(text.encode()) > _LONGEST:
        raise ManagementError(500, "", None)
    return text
