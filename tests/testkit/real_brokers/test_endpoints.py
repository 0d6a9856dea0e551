"""Which real brokers environment variables name."""

from __future__ import annotations

import pytest

from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.real_brokers.endpoints import AmqpEndpoint, Endpoints, NoRealBroker


def test_variables_name_the_brokers_and_passwords_are_not_shown() -> None:
    found = Endpoints.of(
        {
            "SVC_AMQP_URL": "amqp://me:s3cret%2F@rabbit:5673/my%2Fhost",
            "SVC_AWS_ENDPOINT_URL": "http://localstack:4566",
            "AWS_SECRET_ACCESS_KEY": "hidden",
        }
    )
    assert found.amqp == AmqpEndpoint("rabbit", 5673, "me", "s3cret/", "my/host")
    assert found.amqp is not None
    assert found.amqp.url == "amqp://me:s3cret%2F@rabbit:5673/my%2Fhost"
    assert "s3cret" not in repr(found)
    assert "hidden" not in repr(found)


def test_wrong_variables_are_named_without_their_value() -> None:
    with pytest.raises(NoRealBroker, match="neither SVC_AMQP_URL nor SVC_AWS_ENDPOINT_URL"):
        Endpoints.of({})
    with pytest.raises(TestkitError, match="SVC_AMQP_URL is no AMQP URL") as caught:
        Endpoints.of({"SVC_AMQP_URL": "http://me:s3cret@host"})
    assert "s3cret" not in str(caught.value)
