"""Values of configuration files on a service instance (deprecated)."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

import tomodachi
from tomodachi.container.configuration import check_context_options, setup_configuration


class Configured(tomodachi.Service):
    name = "before"
    tags = ["a"]  # noqa: RUF012 - as a user may write it
    limits = {"x": {"low": 1}}  # noqa: RUF012 - as a user may write it
    options = tomodachi.Options(http={"port": 1, "host": "h"})


def test_values_are_set_dicts_merged_and_lists_joined_on_the_instance_only():
    service = Configured()
    setup_configuration(
        service, {"name": "after", "tags": ["b"], "limits": {"x": {"high": 2}}, "new": 5}
    )
    assert (service.name, service.tags, service.new) == ("after", ["a", "b"], 5)
    assert service.limits == {"x": {"low": 1, "high": 2}}
    assert (Configured.name, Configured.tags) == ("before", ["a"])
    assert Configured.limits == {"x": {"low": 1}}


@pytest.mark.parametrize(
    "options",
    [
        {"http": {"port": 5}, "amqp": {"qos": {"queue_prefetch_count": 7}}},
        {"http.port": 5, "amqp.qos.queue_prefetch_count": 7},
        {"http.port": 5, "amqp": {"qos.queue_prefetch_count": 7}},
    ],
)
def test_options_are_set_key_by_key_dotted_or_nested(options):
    service = Configured()
    setup_configuration(service, {"options": options})
    assert (service.options.http.port, service.options.http.host) == (5, "h")
    assert service.options.amqp.qos.queue_prefetch_count == 7
    assert Configured.options.http.port == 1


def test_an_option_may_be_a_dict_itself():
    service = Configured()
    policy = {"ArnLike": {"aws:SourceArn": "*"}}
    setup_configuration(service, {"options": {"aws_sns_sqs": {"queue_policy": policy}}})
    assert service.options.aws_sns_sqs.queue_policy == policy


@pytest.mark.parametrize(
    "options", [{"http": {"nope": 1}}, {"nope": 1}, {"http.port": "x"}, {"http": 5}]
)
def test_options_that_do_not_fit_are_refused(options):
    with pytest.raises(ValueError, match="failed to setup options"):
        setup_configuration(Configured(), {"options": options})


@pytest.mark.parametrize(
    ("options", "fits"),
    [
        ({"http.port": 1, "http": {"port": 1}}, True),
        ({"http.port": 1}, True),
        (tomodachi.Options(), True),
        ({"http.port": 1, "http": {"port": 2}}, False),
        ({"amqp.qos.queue_prefetch_count": 1, "amqp": {"qos": {"queue_prefetch_count": 2}}}, False),
    ],
)
def test_a_context_that_says_an_option_in_two_ways_has_to_mean_one(options, fits):
    """0.29.0 expands the dotted keys of a class's `context["options"]` and compares."""
    service = type("Said", (tomodachi.Service,), {"context": {"options": options}})()
    with nullcontext() if fits else pytest.raises(ValueError, match="Mismatching options for"):
        check_context_options(service)
