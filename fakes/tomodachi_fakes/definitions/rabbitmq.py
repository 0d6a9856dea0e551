"""RabbitMQ's definitions.json, as `rabbitmqctl export_definitions` and the management API write it.

Source: https://www.rabbitmq.com/docs/definitions
"""

from __future__ import annotations

import json
from typing import Any

from tomodachi_fakes.definitions.declared import Declared
from tomodachi_fakes.definitions.place import Place, Table

# In the order in which a document's parts need each other.
PARTS = (
    "users", "vhosts", "permissions", "topic_permissions", "parameters", "global_parameters", "policies",
    "queues", "exchanges", "bindings",
)  # fmt: skip
_ABOUT = (
    "rabbit_version", "rabbitmq_version", "product_name", "product_version", "rabbitmq_definition_format",
    "original_cluster_name", "original_vhost_name", "explanation", "metadata", "description",
    "default_queue_type", "limits",
)  # fmt: skip


def read(place: Place, octets: bytes) -> Declared:
    """What a file asks for.

    Raises:
        DefinitionsError: it is no JSON, or no such document.
    """
    try:
        content = json.loads(octets)
    except ValueError as error:
        place.refuse(f"this is no JSON: {error}", error)
    document = Table(place, content)
    document.chosen({name: name for name in _ABOUT})
    rows: dict[str, list[tuple[Place, Any]]] = {}
    for part in PARTS:
        found = document.anything(part, [])
        if not isinstance(found, list):
            place.at(part).refuse(f"{found!r} is no list")
        rows[part] = [(place.at(part).at(number), row) for number, row in enumerate(found)]
    document.end()
    return Declared(rabbitmq={part: found for part, found in rows.items() if found})
