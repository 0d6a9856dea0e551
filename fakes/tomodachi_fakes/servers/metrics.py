"""`GET /metrics` for Prometheus: both brokers' numbers as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.control.aws_metrics import AwsCounts, aws_metrics
from tomodachi_fakes.management.exposition import CONTENT_TYPE, Exposition
from tomodachi_fakes.management.metrics import rabbitmq_metrics

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import FakeBroker
    from tomodachi_fakes.servers.operations import Operations

_PATHS = {"/metrics": False, "/metrics/": False, "/metrics/per-object": True}
_NOT_FOUND = HttpResponse(404, "text/plain; charset=utf-8", b"Metrics are at /metrics.\n")


class Metrics:
    """Answers scrapes; `/metrics/per-object` tells RabbitMQ's by queue, channel and connection."""

    def __init__(self, broker: FakeBroker, operations: Operations) -> None:
        self._broker = broker
        self._operations = operations
        self._aws = AwsCounts(broker.events)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The metrics as they are now."""
        per_object = _PATHS.get(request.path)
        if per_object is None:
            return _NOT_FOUND
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(405, "", b"", {"Allow": "GET, HEAD"})
        out, now = Exposition(), self._broker.clock.now()
        if self._broker.amqp is not None:
            self._broker.amqp.now = now
            node, statistics = self._operations.node(), self._operations.statistics()
            rabbitmq_metrics(out, self._broker.amqp, node, statistics, per_object=per_object)
        if self._broker.cloud is not None:
            aws_metrics(out, self._broker.cloud, self._aws, now=now)
        return HttpResponse(200, CONTENT_TYPE, out.text().encode())
