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
    assert texts == ["http endpoint", "registering service endpoints", "deregistering service"]


async def test_sns_registration_announces_the_service_on_two_topics(monkeypatch):
    """The messages are those of 0.29.0, because others read them."""
    published = []

    async def publish(service, data, topic):
        published.append((topic, data))

    monkeypatch.setitem(vars(tomodachi), "aws_sns_sqs_publish", publish)
    service, other = Service(), Service()
    await AWSSNSRegistration._register_service(other)
    await AWSSNSRegistration.add_http_endpoint(service, "h", 80, "GET", "^/a$")
    await AWSSNSRegistration._register_service(service)
    await AWSSNSRegistration._deregister_service(other)
    data = {"name": "found", "uuid": "u"}
    endpoint = ("h", 80, "GET", "^/a$")
    assert published == [
        ("services-registration-register", {**data, "http_endpoints": None}),
        ("services-registration-register", {**data, "http_endpoints": [endpoint]}),
        ("services-registration-deregister", data),
    ]


async def test_an_sns_topic_that_cannot_be_told_of_the_end_is_logged(monkeypatch, caplog):
    async def publish(service, data, topic):
        raise OSError("no network")

    monkeypatch.setitem(vars(tomodachi), "aws_sns_sqs_publish", publish)
    await AWSSNSRegistration._deregister_service(Service())
    assert "deregistering failed" in caplog.text
    with pytest.raises(OSError, match="no network"):
        await AWSSNSRegistration._register_service(Service())
