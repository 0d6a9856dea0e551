"""Registries (deprecated): the two that come along, and their names."""

from __future__ import annotations

import logging

import pytest

import tomodachi
from tomodachi import discovery
from tomodachi.discovery import AWSSNSRegistration, DummyRegistry


class Service(tomodachi.Service):
    name = "found"
    uuid = "u"

    def __init__(self):
        self.context = {}


def test_names_lead_to_the_same_classes():
    assert discovery.awssns is discovery.aws_sns is AWSSNSRegistration
    assert discovery.dummy is discovery.example is DummyRegistry
    del vars(discovery)["dummy_registry"]
    assert discovery.aws_sns_registration.AWSSNSRegistration is AWSSNSRegistration
    assert discovery.dummy_registry.DummyRegistry is DummyRegistry
    with pytest.raises(AttributeError, match=r"'tomodachi\.discovery' has no attribute 'nope'"):
        _ = discovery.nope


async def test_dummy_logs_what_it_is_told(caplog):
    with caplog.at_level(logging.DEBUG):
        await DummyRegistry.add_http_endpoint(Service(), "h", 1, "GET", "/")
        await DummyRegistry._register_service(Service())
        await DummyRegistry._deregister_service(Service())
    texts = [record.getMessage() for record in caplog.records]
    assert texts == ["http endpoint", "service started", "service stops"]
    assert {record.name for record in caplog.records} == {"tomodachi.discovery"}


async def test_sns_registration_announces_the_service_on_two_topics(monkeypatch):
    published = []

    async def publish(service, data, topic, wait):
        published.append((topic, data, wait))

    monkeypatch.setitem(vars(tomodachi), "aws_sns_sqs_publish", publish)
    service, other = Service(), Service()
    await AWSSNSRegistration.add_http_endpoint(service, "h", 80, "GET", "^/a$")
    await AWSSNSRegistration._register_service(service)
    await AWSSNSRegistration._deregister_service(other)
    endpoint = {"host": "h", "port": 80, "method": "GET", "pattern": "^/a$"}
    data = {"name": "found", "uuid": "u"}
    assert published == [
        ("services-registration-register", {**data, "http": {"endpoints": [endpoint]}}, True),
        ("services-registration-deregister", {**data, "http": {"endpoints": []}}, True),
    ]
