from __future__ import annotations

import pytest

from tomodachi.opentelemetry.prometheus_names import metric_name, series_labels


@pytest.mark.parametrize(
    ("name", "unit", "prefix", "expected"),
    [
        ("http.server.duration", "s", "", "http_server_duration_seconds"),
        ("a.b--c", "", "", "a_b_c"),
        ("size", "By", "p", "p_size_bytes"),
        ("wait_seconds", "s", "", "wait_seconds"),
        ("wait_seconds_max", "s", "", "wait_seconds_max"),
        ("2xx", "{response}", "", "_2xx"),
        ("temperature", "Cel", "", "temperature_celsius"),
        ("use", "1", "", "use_ratio"),
        ("speed", "m/s", "", "speed_meters_per_second"),
        ("rate", "{packet}/min", "", "rate_per_minute"),
        ("rate", "1/s", "", "rate_per_second"),
        ("density", "g/J", "", "density_grams_per_J"),
        ("odd", "foo bar", "", "odd_foo_bar"),
    ],
)
def test_names_get_known_characters_and_their_unit_in_words(name, unit, prefix, expected):
    """Source: OpenTelemetry's compatibility with Prometheus and OpenMetrics, "Metric Metadata"."""
    assert metric_name(name, unit, prefix) == expected


@pytest.mark.parametrize(
    ("resource", "labels"),
    [
        ({"service.name": "orders"}, {"job": "orders"}),
        ({"service.name": "orders", "service.namespace": "shop"}, {"job": "shop/orders"}),
        ({"service.instance.id": "1"}, {"instance": "1"}),
        ({"other": "x"}, {}),
    ],
)
def test_series_are_told_apart_by_what_a_service_is_called(resource, labels):
    """Source: the same, "Resource Attributes"."""
    assert series_labels(resource) == labels
