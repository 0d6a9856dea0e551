"""RabbitMQ's definitions.json. Source: https://www.rabbitmq.com/docs/definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.definitions.support_files import brokers

from tomodachi_fakes.definitions.files import read_file
from tomodachi_fakes.definitions.place import DefinitionsError

QUEUE = {"name": "q", "vhost": "/", "durable": True, "auto_delete": False, "arguments": {}}
BINDING = {
    "source": "amq.topic",
    "vhost": "/",
    "destination": "q",
    "destination_type": "queue",
    "routing_key": "a.#",
    "arguments": {},
}


def written(tmp_path: Path, content: Any) -> Path:
    file = tmp_path / "definitions.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


async def test_an_exported_document_is_taken_in(tmp_path: Path) -> None:
    """What GET /api/definitions gives, in whichever order its parts stand."""
    document = {
        "bindings": [BINDING],
        "queues": [QUEUE],
        "global_parameters": [{"name": "cluster_name", "value": "ours"}],
        "rabbit_version": "3.10.8",
        "rabbitmq_version": "3.10.8",
        "product_name": "RabbitMQ",
        "product_version": "3.10.8",
        "users": [{"name": "app", "password_hash": "", "tags": ["management"]}],
    }
    async with brokers(aws_port=None) as taken:
        taken.take(written(tmp_path, document))
        amqp = taken.broker.amqp
        assert amqp is not None
        assert amqp.publish("amq.topic", "a.b", b"x", now=0.0).queues == 1
        assert amqp.users["app"].tags == ("management",)
        assert taken.broker.global_parameters == {"cluster_name": "ours"}


async def test_an_exchange_that_only_a_newer_rabbitmq_has_is_passed_over(tmp_path: Path) -> None:
    """RabbitMQ 4.3.6 exports amq.rabbitmq.log, and passes it over itself when it takes its export in."""
    log = {**QUEUE, "name": "amq.rabbitmq.log", "type": "topic", "internal": True}
    async with brokers(aws_port=None) as taken:
        taken.take(written(tmp_path, {"exchanges": [log], "queues": [QUEUE]}))
        assert taken.broker.amqp is not None
        assert "q" in taken.broker.amqp.vhosts["/"].queues


async def test_an_export_of_our_own_is_taken_in(tmp_path: Path) -> None:
    from tomodachi_fakes.management.definitions import export_definitions

    async with brokers(aws_port=None) as taken:
        amqp = taken.broker.amqp
        assert amqp is not None
        amqp.declare_queue("q", now=0.0)
        exported = export_definitions(amqp)
    async with brokers(aws_port=None) as other:
        other.take(written(tmp_path, exported))
        assert other.broker.amqp is not None
        assert "q" in other.broker.amqp.vhosts["/"].queues


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "this is no JSON"),
        ([], "[] is no table"),
        ({"queue": []}, "queue: unknown key; did you mean queues?"),
        ({"queues": {}}, "queues: {} is no list"),
        ({"queues": [1]}, "queues[0]: 1 is no table"),
        ({"queues": [QUEUE, {"vhost": "/"}]}, "queues[1]: name is missing; add it"),
        ({"queues": [QUEUE | {"vhost": "v"}]}, "queues[0]: 'q' is refused"),
        ({"bindings": [BINDING]}, "no queue 'q' in vhost '/'"),
    ],
)
async def test_a_mistake_is_named(tmp_path: Path, content: Any, message: str) -> None:
    async with brokers(aws_port=None) as taken:
        with pytest.raises(DefinitionsError) as caught:
            taken.take(written(tmp_path, content))
    assert f"{tmp_path}/definitions.json" in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resources.ini", "'.ini' tells no format; known are .toml (our own), .json"),
        ("resources", "no ending tells no format"),
        ("nowhere.toml", "it cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(DefinitionsError) as caught:
        read_file(tmp_path / name)
    assert message in str(caught.value)
