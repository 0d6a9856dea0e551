"""The metrics of handlers: how long each call took, how many run.

Names are those that dashboards of services are built on. Durations are in seconds; the bucket bounds
are the semantic conventions' advice.

Source: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry.metrics import Meter

from tomodachi.helpers import clock

DURATION_BOUNDS_S = (
    0.0,
    0.005,
    0.01,
    0.025,
    0.05,
    0.075,
    0.1,
    0.25,
    0.5,
    0.75,
    1.0,
    2.5,
    5.0,
    7.5,
    10.0,
)


class CallInstruments:
    """A histogram of durations and a counter of running calls, for one kind of handler.

    Args:
        meter: Makes the instruments.
        duration: The histogram's name.
        active: The up-down counter's name.
        unit: What the counter counts, in braces (`{request}`).
        what: The same in words, for the descriptions.
    """

    def __init__(self, meter: Meter, *, duration: str, active: str, unit: str, what: str) -> None:
        self._duration = meter.create_histogram(
            duration,
            unit="s",
            description=f"Measures the duration of {what}",
            explicit_bucket_boundaries_advisory=DURATION_BOUNDS_S,
        )
        self._active = meter.create_up_down_counter(
            active, unit=unit, description=f"Measures the number of concurrent {what}"
        )

    @contextmanager
    def measured(self, attributes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Count a call while the body runs and record its duration at the end.

        Args:
            attributes: Of both metrics.

        Yields:
            Further attributes of the duration, to be filled in by the body.
        """
        at_end = dict(attributes)
        started_at = clock.monotonic()
        self._active.add(1, attributes)
        try:
            yield at_end
        finally:
            self._active.add(-1, attributes)
            self._duration.record(clock.monotonic() - started_at, at_end)


def http_instruments(meter: Meter) -> CallInstruments:
    """Metrics of HTTP requests."""
    return CallInstruments(
        meter,
        duration="http.server.duration",
        active="http.server.active_requests",
        unit="{request}",
        what="HTTP server requests",
    )


def messaging_instruments(meter: Meter, system: str) -> CallInstruments:
    """Metrics of messages of one messaging system ("aws_sqs" or "rabbitmq")."""
    return CallInstruments(
        meter,
        duration=f"messaging.{system}.duration",
        active=f"messaging.{system}.active_tasks",
        unit="{message}",
        what=f"{system} message tasks",
    )


def function_instruments(meter: Meter) -> CallInstruments:
    """Metrics of scheduled functions."""
    return CallInstruments(
        meter,
        duration="function.duration",
        active="function.active_tasks",
        unit="{task}",
        what="scheduled function tasks",
    )
