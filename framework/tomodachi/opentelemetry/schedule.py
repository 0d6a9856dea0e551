"""A span and metrics for every call of a scheduled function.

Source: https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/ (timer triggers)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from opentelemetry.context import Context
from opentelemetry.metrics import Meter
from opentelemetry.trace import SpanKind, Tracer

from tomodachi.opentelemetry.instruments import function_instruments


class ScheduleTracing:
    """Called around every scheduled call: the service's `_schedule_pre_middleware`."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        self._tracer = tracer
        self._instruments = function_instruments(meter)

    async def __call__(
        self,
        run: Callable[[], Awaitable[Any]],
        *,
        function_name: str,
        invocation_time: str = "",
        interval: str | int | None = None,
    ) -> Any:
        """Run the function inside a span, which begins a trace of its own."""
        measured = {"code.function": function_name}
        attributes = measured | {"function.trigger": "timer", "function.time": invocation_time}
        if interval is not None:
            attributes["function.interval"] = str(interval)
        with (
            self._tracer.start_as_current_span(
                function_name, context=Context(), kind=SpanKind.INTERNAL, attributes=attributes
            ),
            # Inside of the span, which is then the exemplar of what is measured.
            self._instruments.measured(measured) as at_end,
        ):
            at_end["function.success"] = False
            result = await run()
            at_end["function.success"] = True
            return result
