"""Hypothesis strategies for services and brokers: options, messages, names, policies, faults."""

from __future__ import annotations

from tomodachi_testkit.strategies.fault_plans import fault_plans
from tomodachi_testkit.strategies.filter_policies import filter_policies, filterable_values
from tomodachi_testkit.strategies.messages import (
    amqp_properties,
    envelopes,
    json_values,
    message_attributes,
    messages,
    texts,
    wire_attributes,
)
from tomodachi_testkit.strategies.names import binding_keys, queue_names, routing_keys, topic_names
from tomodachi_testkit.strategies.options import (
    UNSET,
    falsy_options,
    lattice,
    option_values,
    options,
)

__all__ = [
    "UNSET",
    "amqp_properties",
    "binding_keys",
    "envelopes",
    "falsy_options",
    "fault_plans",
    "filter_policies",
    "filterable_values",
    "json_values",
    "lattice",
    "message_attributes",
    "messages",
    "option_values",
    "options",
    "queue_names",
    "routing_keys",
    "texts",
    "topic_names",
    "wire_attributes",
]
