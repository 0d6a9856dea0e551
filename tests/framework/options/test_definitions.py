"""Every option there is, with its default, in the documented order."""

from __future__ import annotations

import inspect
import sys

import pytest

from tomodachi.options import KEYS, Options
from tomodachi.options.interface import OptionsInterface

DEFAULTS = {
    "http.port": 9700,
    "http.host": "0.0.0.0",
    "http.reuse_port": sys.platform == "linux",
    "http.content_type": "text/plain; charset=utf-8",
    "http.charset": "utf-8",
    "http.client_max_size": 104_857_600,
    "http.termination_grace_period_seconds": 30,
    "http.access_log": True,
    "http.real_ip_from": [],
    "http.real_ip_header": "X-Forwarded-For",
    "http.keepalive_timeout": 0,
    "http.keepalive_expiry": 0,
    "http.max_keepalive_time": None,
    "http.max_keepalive_requests": None,
    "http.server_header": "tomodachi",
    "aws_sns_sqs.region_name": None,
    "aws_sns_sqs.aws_access_key_id": None,
    "aws_sns_sqs.aws_secret_access_key": None,
    "aws_sns_sqs.aws_session_token": None,
    "aws_sns_sqs.topic_prefix": "",
    "aws_sns_sqs.queue_name_prefix": "",
    "aws_sns_sqs.sns_kms_master_key_id": None,
    "aws_sns_sqs.sqs_kms_master_key_id": None,
    "aws_sns_sqs.sqs_kms_data_key_reuse_period": None,
    "aws_sns_sqs.queue_policy": None,
    "aws_sns_sqs.wildcard_queue_policy": None,
    "aws_sns_sqs.on_exception": "delete",
    "aws_endpoint_urls.sns": None,
    "aws_endpoint_urls.sqs": None,
    "aws_endpoint_urls.sts": None,
    "amqp.host": "127.0.0.1",
    "amqp.port": 5672,
    "amqp.login": "guest",
    "amqp.password": "guest",
    "amqp.exchange_name": "amq.topic",
    "amqp.routing_key_prefix": "",
    "amqp.queue_name_prefix": "",
    "amqp.virtualhost": "/",
    "amqp.ssl": False,
    "amqp.heartbeat": 60,
    "amqp.queue_ttl": 86_400,
    "amqp.on_exception": "delete",
    "amqp.qos.queue_prefetch_count": 100,
    "amqp.qos.global_prefetch_count": 400,
    "watcher.ignored_dirs": [],
    "watcher.watched_file_endings": [],
}


def test_every_key_has_its_documented_default_and_place():
    assert list(Options().asdict().items()) == list(DEFAULTS.items())


def test_keys_of_the_register_are_the_keys_of_options():
    assert list(KEYS) == list(DEFAULTS)


@pytest.mark.parametrize("kind", [Options, *Options._sections.values(), Options.AMQP.QOS])
def test_class_docstring_explains_every_key(kind: type[OptionsInterface]):
    for name in (*kind._specs, *kind._sections):
        assert f"\n    {name}: " in inspect.getdoc(kind), f"{kind.__qualname__}.{name}"


def test_lists_of_two_options_are_not_one_list():
    first, second = Options(), Options()
    first.http.real_ip_from.append("127.0.0.1")
    assert second.http.real_ip_from == []
    assert Options().http.real_ip_from == []


def test_nested_classes_are_reached_through_options():
    assert Options.HTTP.__qualname__ == "Options.HTTP"
    assert Options.AMQP.QOS.__qualname__ == "Options.AMQP.QOS"
    assert {kind.__name__ for kind in Options._sections.values()} == {
        "HTTP",
        "AWSSNSSQS",
        "AWSEndpointURLs",
        "AMQP",
        "Watcher",
    }


def test_sections_take_keywords_only():
    with pytest.raises(TypeError):
        Options.HTTP(80)
