"""What the definition of a policy may set in which release, and what is said of a value that is wrong.

Source: https://www.rabbitmq.com/docs/parameters#policies; texts as RabbitMQ 3.10.8, 4.0.5 and 4.3.6 answer them
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tomodachi_fakes.management.errors import invalid

Definition = dict[str, Any]


def _integer(value: Any, least: int = 0, most: float = float("inf")) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _positive(value: Any) -> bool:
    return _integer(value, 1)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _one_of(*values: Any) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, bool) and value in values


_RETRIES = ("all", "failed", "returned", "disabled")
# Name, what its value is called, and whether a value is one.
_ALWAYS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "message-ttl": ("TTL", _integer),
    "expires": ("queue expiration time", _integer),
    "max-length": ("maximum length", _integer),
    "max-length-bytes": ("maximum length in bytes", _integer),
    "max-in-memory-length": ("maximum memory in bytes", _integer),
    "max-in-memory-bytes": ("maximum memory in bytes", _integer),
    "delivery-limit": ("delivery limit", _integer),
    "dead-letter-exchange": ("dead letter exchange name", _text),
    "dead-letter-routing-key": ("dead letter routing key", _text),
    "alternate-exchange": ("alternate exchange name", _text),
    "dead-letter-strategy": ("dead letter strategy", _text),
    "max-age": ("max age", _text),
    "overflow": ("overflow mode", _text),
    "queue-mode": ("queue-mode value", _one_of("default", "lazy")),
    "queue-version": ("queue-version value", _one_of(1, 2)),
    "queue-leader-locator": ("queue leader locator", _text),
    "queue-master-locator": ("master locator", _text),
    "stream-max-segment-size-bytes": ("segment size", _integer),
    "initial-cluster-size": ("cluster size", _positive),
    "federation-upstream": ("federation upstream", _text),
    "federation-upstream-set": ("federation upstream set", _text),
}
_BEFORE_4 = {
    "ha-mode": ("ha-mode", _text),
    "ha-sync-mode": ("ha-sync-mode", _text),
    "ha-promote-on-shutdown": ("ha-promote-on-shutdown", _text),
    "ha-promote-on-failure": ("ha-promote-on-failure", _text),
    "ha-params": ("ha-params", lambda _: True),
    "ha-sync-batch-size": ("ha-sync-batch-size", lambda _: True),
}
_SINCE_4 = {
    "consumer-timeout": ("consumer timeout", _integer),
    "target-group-size": ("qq target count value", _positive),
    "stream-filter-size-bytes": (
        "filter size. Valid range is 16-255",
        lambda value: _integer(value, 16, 255),
    ),
}
_SINCE_4_3 = {
    "consumer-disconnected-timeout": ("consumer disconnected timeout", _integer),
    "delayed-retry-min": ("delayed retry minimum delay. Must be a positive integer", _positive),
    "delayed-retry-max": ("delayed retry maximum delay. Must be a positive integer", _positive),
    "delayed-retry-type": (
        f"delayed retry type. Must be one of: {', '.join(_RETRIES)}",
        _one_of(*_RETRIES),
    ),
}
_SETTINGS = {
    "3.10": _ALWAYS | _BEFORE_4,
    "4.0": _ALWAYS | _SINCE_4,
    "4.3": _ALWAYS | _SINCE_4 | _SINCE_4_3,
}


def check_definition(definition: Definition, version: str) -> None:
    """Refuse what the release does not know, or a wrong value.

    Raises:
        ManagementError: 400, with RabbitMQ's text.
    """
    release = ".".join(version.split(".")[:2])
    known = _SETTINGS[release]
    if unknown := [name for name in sorted(definition) if name not in known]:
        pairs = ",".join(
            f"{{{shown(name, version)},{shown(definition[name], version)}}}" for name in unknown
        )
        msg = f"[{pairs}] are not recognised policy settings"
        raise invalid(msg)
    if release == "4.3" and "queue-master-locator" in definition:
        raise invalid("use of deprecated queue-master-locator argument is not permitted")
    for name, value in definition.items():
        title, fits = known[name]
        if not fits(value):
            msg = f"{shown(value, version)} is not a valid {title}"
            raise invalid(msg)
    _check_together(definition)


def _check_together(definition: Definition) -> None:
    if "ha-mode" not in definition and any(name.startswith("ha-") for name in definition):
        raise invalid(
            "ha-mode must be specified to specify ha-params, ha-sync-mode or ha-promote-on-shutdown"
        )
    kind = definition.get("delayed-retry-type", "disabled")
    least, most = definition.get("delayed-retry-min"), definition.get("delayed-retry-max")
    if kind != "disabled" and least is None:
        msg = f"delayed-retry-min is required when delayed-retry-type is {kind}"
        raise invalid(msg)
    if least is not None and most is not None and most < least:
        msg = f"delayed-retry-max ({most}) must not be smaller than delayed-retry-min ({least})"
        raise invalid(msg)


def shown(value: Any, version: str) -> str:
    """A value as Erlang prints it; before 4.3 made safe for HTML."""
    if not isinstance(value, str):
        return str(value)
    return f'<<"{value}">>' if version.startswith("4.3") else f'&lt;&lt;"{value}"&gt;&gt;'
