"""OpenTelemetry metrics as Prometheus metric families. Pure.

What they are called is decided by `prometheus_names.py`. A histogram's exemplar goes to the bucket that
its value lies in.

Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.metrics import Exemplar as OtelExemplar
from opentelemetry.sdk.metrics.export import (
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    Sum,
)
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import format_span_id, format_trace_id
from prometheus_client.core import Exemplar, InfoMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.samples import Sample

from tomodachi.opentelemetry.prometheus_names import (
    labels_of,
    metric_name,
    series_labels,
    unit_words,
)

_NANOSECONDS = 1_000_000_000
_LONGEST_EXEMPLAR = 128
"""Characters of an exemplar's labels at most (OpenMetrics 1.0)."""


def families(
    data: MetricsData,
    *,
    prefix: str = "",
    scope_info: bool = True,
    target_info: bool = True,
    exemplars: bool = False,
) -> list[Family]:
    """All metrics of a collection, in its order.

    Args:
        data: What the SDK collected.
        prefix: Put before every name.
        scope_info: Whether labels, and `otel_scope_info`, tell the instrumentation scope.
        target_info: Whether `target_info` tells the resource.
        exemplars: Whether exemplars are carried over.
    """
    found: dict[str, Family] = {}
    for resource in data.resource_metrics:
        series = series_labels(resource.resource.attributes)
        if target_info and "target" not in found:
            found["target"] = _target({**labels_of(resource.resource.attributes), **series})
        for scope in resource.scope_metrics:
            told = _scope_labels(scope.scope) if scope_info else {}
            if scope_info:
                _add(found, _scope(told))
            for metric in scope.metrics:
                family = _family(metric, series | told, prefix, exemplars=exemplars)
                if family is not None:
                    _add(found, family)
    return list(found.values())


def _add(found: dict[str, Family], family: Family) -> None:
    known = found.setdefault(family.name, family)
    if known is not family and known.type == family.type:
        known.samples += family.samples


def _scope(labels: dict[str, str]) -> Family:
    family = InfoMetricFamily("otel_scope", "Instrumentation Scope metadata", labels=())
    family.add_metric((), labels)
    return family


def _scope_labels(scope: InstrumentationScope) -> dict[str, str]:
    return {"otel_scope_name": scope.name, "otel_scope_version": scope.version or ""}


def _target(labels: Mapping[str, str]) -> Family:
    family = InfoMetricFamily("target", "Target metadata", labels=())
    family.add_metric((), dict(labels))
    return family


def _family(
    metric: Metric, scope: Mapping[str, str], prefix: str, *, exemplars: bool
) -> Family | None:
    data = metric.data
    if isinstance(data, Histogram):
        family = _empty(metric, metric.name, prefix, "histogram")
        return _histogram(family, data.data_points, scope, exemplars)
    if isinstance(data, Sum) and data.is_monotonic:
        # The unit stands before the ending that every counter gets.
        family = _empty(metric, re.sub(r"[._]total$", "", metric.name), prefix, "counter")
        for point in data.data_points:
            exemplar = latest_exemplar(point.exemplars) if exemplars else None
            labels = {**labels_of(point.attributes or {}), **scope}
            family.samples.append(_sample(f"{family.name}_total", labels, point.value, exemplar))
        return family
    if isinstance(data, Sum | Gauge):
        family = _empty(metric, metric.name, prefix, "gauge")
        return _gauge(family, data.data_points, scope)
    return None


def _empty(metric: Metric, name: str, prefix: str, kind: str) -> Family:
    """A family without samples; its unit is told as such if its name ends in it (OpenMetrics)."""
    called = metric_name(name, metric.unit or "", prefix)
    unit = unit_words(metric.unit or "")
    ends_in_it = unit and called.endswith(f"_{unit}")
    return Family(called, metric.description or "", kind, unit if ends_in_it else "")


def _gauge(family: Family, points: Iterable[Any], scope: Mapping[str, str]) -> Family:
    for point in points:
        if isinstance(point, NumberDataPoint):
            labels = {**labels_of(point.attributes or {}), **scope}
            family.samples.append(_sample(family.name, labels, point.value, None))
    return family


def _histogram(
    family: Family,
    points: Iterable[HistogramDataPoint],
    scope: Mapping[str, str],
    exemplars: bool,  # noqa: FBT001 - internal
) -> Family:
    name = family.name
    for point in points:
        labels = {**labels_of(point.attributes or {}), **scope}
        bounds = [*map(_bound, point.explicit_bounds), "+Inf"]
        chosen = _by_bucket(point) if exemplars else {}
        total = 0
        for number, (bound, count) in enumerate(zip(bounds, point.bucket_counts, strict=True)):
            total += count
            bucket = {**labels, "le": bound}
            family.samples.append(_sample(f"{name}_bucket", bucket, total, chosen.get(number)))
        family.samples.append(_sample(f"{name}_count", labels, point.count, None))
        family.samples.append(_sample(f"{name}_sum", labels, point.sum, None))
    return family


def _sample(name: str, labels: dict[str, str], value: float, exemplar: Exemplar | None) -> Sample:
    return Sample(name, labels, value, None, exemplar)


def _by_bucket(point: HistogramDataPoint) -> dict[int, Exemplar]:
    chosen: dict[int, OtelExemplar] = {}
    for exemplar in point.exemplars:
        number = bisect_left(point.explicit_bounds, exemplar.value)
        known = chosen.get(number)
        if known is None or exemplar.time_unix_nano >= known.time_unix_nano:
            chosen[number] = exemplar
    return {number: _exemplar(exemplar) for number, exemplar in chosen.items()}


def latest_exemplar(exemplars: Sequence[OtelExemplar]) -> Exemplar | None:
    """The newest of a counter's exemplars, as Prometheus takes it."""
    if not exemplars:
        return None
    return _exemplar(max(exemplars, key=lambda exemplar: exemplar.time_unix_nano))


def _exemplar(exemplar: OtelExemplar) -> Exemplar:
    labels: dict[str, str] = {}
    if exemplar.trace_id and exemplar.span_id:
        labels = {
            "trace_id": format_trace_id(exemplar.trace_id),
            "span_id": format_span_id(exemplar.span_id),
        }
    for key, value in labels_of(exemplar.filtered_attributes or {}).items():
        if sum(map(len, [*labels, *labels.values(), key, value])) <= _LONGEST_EXEMPLAR:
            labels[key] = value
    return Exemplar(labels, exemplar.value, exemplar.time_unix_nano / _NANOSECONDS)


def _bound(value: float) -> str:
    return str(float(value))
