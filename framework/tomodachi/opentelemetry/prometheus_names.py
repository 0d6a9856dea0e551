"""What OpenTelemetry's metrics and attributes are called in Prometheus. Pure.

Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ ; the units
are those of https://ucum.org/ucum in the words of https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_UNITS = {
    "d": "days",
    "h": "hours",
    "min": "minutes",
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    "By": "bytes",
    "KiBy": "kibibytes",
    "MiBy": "mebibytes",
    "GiBy": "gibibytes",
    "TiBy": "tebibytes",
    "KBy": "kilobytes",
    "MBy": "megabytes",
    "GBy": "gigabytes",
    "TBy": "terabytes",
    "m": "meters",
    "V": "volts",
    "A": "amperes",
    "J": "joules",
    "W": "watts",
    "g": "grams",
    "Cel": "celsius",
    "Hz": "hertz",
    "%": "percent",
    "1": "ratio",
}
_PER = {
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "wk": "week",
    "mo": "month",
    "a": "year",
}


def metric_name(name: str, unit: str, prefix: str = "") -> str:
    """A metric's name for Prometheus: prefix, allowed characters, unit."""
    full = re.sub(r"[^a-zA-Z0-9_:]", "_", f"{prefix}_{name}" if prefix else name)
    full = re.sub(r"_+", "_", full)
    if full[:1].isdigit():
        full = f"_{full}"
    words = unit_words(unit)
    return f"{full}_{words}" if words and not f"_{full}_".count(f"_{words}_") else full


def unit_words(unit: str) -> str:
    """A unit in words, as names end in: `By/s` is `bytes_per_second`; "" for `{request}`."""
    counted, slash, per = re.sub(r"\{[^}]*\}", "", unit).partition("/")
    words = _word(_UNITS, counted)
    # A ratio per second is so many a second.
    words = "" if slash and counted in ("", "1") else words
    return "_".join(filter(None, (words, f"per_{_word(_PER, per)}" if slash and per else "")))


def labels_of(attributes: Mapping[str, object]) -> dict[str, str]:
    """Attributes as labels."""
    return {re.sub(r"[^a-zA-Z0-9_]", "_", key): _text(value) for key, value in attributes.items()}


def series_labels(resource: Mapping[str, object]) -> dict[str, str]:
    """The labels `job` and `instance`, by which Prometheus tells services apart, of a resource."""
    name, namespace = resource.get("service.name"), resource.get("service.namespace")
    instance = resource.get("service.instance.id")
    found = {"job": f"{namespace}/{name}" if namespace else name, "instance": instance}
    return {label: _text(value) for label, value in found.items() if value}


def _word(known: Mapping[str, str], unit: str) -> str:
    return known.get(unit) or re.sub(r"[^a-zA-Z0-9]+", "_", unit).strip("_")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
