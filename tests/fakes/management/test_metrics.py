"""Metrics of the AMQP broker, without a socket.

facts/prometheus-3.10.8.txt holds the names and types that the Prometheus plugin of a RabbitMQ 3.10.8 told, at
/metrics and /metrics/per-object, while clients published and consumed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.fakes.amqp.support_wire import Wire

from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.management.call import Node
from tomodachi_fakes.management.exposition import Exposition
from tomodachi_fakes.management.metrics import rabbitmq_metrics
from tomodachi_fakes.management.statistics import Statistics

FACTS = Path(__file__).parent / "facts" / "prometheus-3.10.8.txt"
Samples = dict[tuple[str, str], float]


@pytest.fixture
def broker() -> Broker:
    return Broker(ids=SeededIds(1), events=EventLog(), version="3.10")


def told(broker: Broker, *, per_object: bool = False) -> str:
    assert isinstance(broker.events, EventLog)
    statistics = Statistics(broker.events)
    out = Exposition()
    rabbitmq_metrics(out, broker, Node(statistics=statistics), statistics, per_object=per_object)
    return out.text()


def samples(text: str) -> Samples:
    return {
        (sample.name, str(sample.labels.get("queue", ""))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("per_object", [False, True])
def test_every_name_and_type_is_one_of_rabbitmqs(broker: Broker, *, per_object: bool) -> None:
    known = set(FACTS.read_text().splitlines())
    broker.declare_queue("q", now=0.0)
    ours = {
        line.removeprefix("# TYPE ")
        for line in told(broker, per_object=per_object).splitlines()
        if line.startswith("# TYPE ")
    }
    assert ours <= known
    assert len(ours) > 60


def test_numbers_are_of_all_queues_together_or_of_each(broker: Broker) -> None:
    for name, count in (("a", 1), ("b", 2)):
        broker.declare_queue(name, now=0.0)
        for _ in range(count):
            broker.publish("", name, b"123", now=0.0)
    together = samples(told(broker))
    assert together["rabbitmq_queue_messages_ready", ""] == 3
    assert together["rabbitmq_queue_messages_ready_bytes", ""] == 9
    assert together["rabbitmq_queues", ""] == 2
    assert together["rabbitmq_global_messages_received_total", ""] == 3
    assert together["rabbitmq_queue_messages_published_total", ""] == 3
    each = samples(told(broker, per_object=True))
    assert each["rabbitmq_queue_messages_ready", "a"] == 1
    assert each["rabbitmq_queue_messages_ready", "b"] == 2


def test_labels_are_escaped() -> None:
    """https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information."""
    out = Exposition()
    name = 'a"b\\c\nd'
    out.gauge("g", "what").add(1.5, queue=name)
    assert samples(out.text()) == {("g", name): 1.5}


def test_what_consumers_get_is_counted_by_the_type_of_the_queue() -> None:
    """As the plugin of a RabbitMQ 4.0.5 labels it: three types, counted or not."""
    wire = Wire("4.0")
    statistics = Statistics(wire.events)
    peer = wire.client()
    peer.declare("c")
    peer.declare("q", durable=True, arguments={"x-queue-type": "quorum"})
    for name in ("c", "q", "q"):
        peer.publish("", name, b"1")
        peer.get(name, no_ack=True)
    peer.get("c", no_ack=True)
    out = Exposition()
    node = Node(statistics=statistics)
    rabbitmq_metrics(out, wire.broker, node, statistics, per_object=False)
    found = {
        (sample.name, sample.labels["queue_type"]): sample.value
        for family in text_string_to_metric_families(out.text())
        for sample in family.samples
        if "queue_type" in sample.labels
    }
    delivered, empty = (
        "rabbitmq_global_messages_delivered_total",
        "rabbitmq_global_messages_get_empty_total",
    )
    types = ("rabbit_classic_queue", "rabbit_quorum_queue", "rabbit_stream_queue")
    assert [found[delivered, kind] for kind in types] == [1, 2, 0]
    assert [found[empty, kind] for kind in types] == [1, 0, 0]
