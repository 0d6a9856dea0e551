"""Addresses as clients read them."""

from __future__ import annotations

import pytest

from tomodachi_fakes.servers.environment import AmqpLogin, amqp_environment, reachable


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("broker", "broker"),
    ],
)
def test_an_address_is_named_as_a_client_on_this_machine_reaches_it(host: str, named: str) -> None:
    assert reachable(host) == named
    assert AmqpLogin().url(host, 5672) == f"amqp://guest:guest@{named}:5672/"


def test_a_url_has_everything_quoted_and_is_shown_without_its_password() -> None:
    """https://www.rabbitmq.com/docs/uri-spec."""
    login = AmqpLogin("a@b", "s/cret", "my/shop")
    assert login.url("h", 1) == "amqp://a%40b:s%2Fcret@h:1/my%2Fshop"
    assert login.shown_url("h", 1) == "amqp://a%40b@h:1/my%2Fshop"
    assert AmqpLogin().shown_url("h", 1) == AmqpLogin().url("h", 1)


def test_parts_of_the_url_have_variables_of_their_own() -> None:
    login = AmqpLogin("app", "secret", "shop")
    variables = amqp_environment(login.url("127.0.0.1", 5673), login)
    names = ("HOST", "PORT", "USER", "PASSWORD", "VHOST")
    assert [variables[f"RABBITMQ_{name}"] for name in names] == [
        "127.0.0.1", "5673", "app", "secret", "shop",
    ]  # fmt: skip
