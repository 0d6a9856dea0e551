"""Options given in every way and read by every name, old and new."""

from __future__ import annotations

import random
from typing import Any

from tools.compare_original.answers import raised

from tomodachi import Options

_AWS_NAMES = (
    *("region_name", "aws_region_name", "secret_access_key", "aws_secret_access_key"),
    *("access_key_id", "aws_access_key_id", "endpoint_url", "aws_endpoint_url"),
    *("endpoint_urls.sns", "endpoint_urls.sqs", "aws_sns_endpoint_url", "sns_endpoint_url"),
    *("aws_sqs_endpoint_url", "sqs_endpoint_url", "topic_prefix", "queue_name_prefix"),
    *("kms_master_key_id", "aws_kms_master_key_id", "sns_kms_master_key_id"),
    *("aws_sns_kms_master_key_id", "sqs_kms_master_key_id", "aws_sqs_kms_master_key_id"),
    *("sqs_kms_data_key_reuse_period", "kms_data_key_reuse_period", "queue_policy"),
    *("wildcard_queue_policy", "unheard_of"),
)
_KEYS = (
    *(f"{section}.{name}" for section in ("aws_sns_sqs", "aws") for name in _AWS_NAMES),
    *("aws_endpoint_urls.sns", "aws_endpoint_urls.sqs", "http.port", "http.host"),
    *("http.client_max_size", "http.max_buffer_size", "http.max_upload_size", "http.access_log"),
    *("http.real_ip_from", "http.real_ip_header", "http.content_type", "http.charset"),
    *("http.termination_grace_period_seconds", "http.keepalive_timeout", "http.unheard_of"),
    *("http.max_keepalive_requests", "http.server_header", "http.reuse_port"),
    *("amqp.host", "amqp.port", "amqp.login", "amqp.password", "amqp.exchange_name"),
    *("amqp.routing_key_prefix", "amqp.queue_name_prefix", "amqp.virtualhost", "amqp.ssl"),
    *("amqp.heartbeat", "amqp.queue_ttl", "amqp.qos.queue_prefetch_count"),
    *("amqp.qos.global_prefetch_count", "amqp.qos.unheard_of", "watcher.ignored_dirs"),
    *("watcher.watched_file_endings", "unheard_of", "unheard_of.either"),
)
# What fits a key, by the end of its name; a text fits the others.
_FITTING: tuple[tuple[str, Any], ...] = (
    ("period", 600),
    ("seconds", 30),
    ("timeout", 60),
    ("count", 50),
    ("port", 8080),
    ("_ttl", 60),
    ("heartbeat", 10),
    ("_requests", 100),
    ("_size", 4096),
    ("access_log", False),
    ("ssl", True),
    ("_from", ["127.0.0.1"]),
    ("_dirs", ["one"]),
    ("_endings", [".one"]),
)
_OTHER_VALUES: tuple[Any, ...] = ("text", "5", "", 0, 5, 600, True, False, None, 1.5, ["a"], {})
_WAYS = ("dotted", "dict", "item", "attribute")


def fitting(key: str) -> Any:
    """A value that nobody could object to."""
    return next((value for end, value in _FITTING if key.endswith(end)), "text")


def generate(dice: random.Random) -> dict[str, Any]:
    """One to three keys with values that mostly fit, and a key to read."""
    given = [_given(dice) for _ in range(dice.choice((1, 1, 2, 3)))]
    return {"given": given, "read": dice.choice((*(key for key, *_ in given), dice.choice(_KEYS)))}


def _given(dice: random.Random) -> list[Any]:
    key = dice.choice(_KEYS)
    value = fitting(key) if dice.random() < 0.7 else dice.choice(_OTHER_VALUES)
    return [key, value, dice.choice(_WAYS)]


async def answer(case: dict[str, Any]) -> Any:
    """What is no longer as the defaults have it, and what reading the key gives."""
    options = Options(**_arguments(case["given"]))
    for key, value, way in case["given"]:
        if way == "item":
            options[key] = value
        elif way == "attribute":
            section, _, name = key.rpartition(".")
            setattr(_section(options, section), name, value)
    read = case.get("read")
    defaults, values = Options().asdict(), options.asdict()
    changed = {key: value for key, value in values.items() if defaults.get(key) != value}
    return {"changed": changed, "read": None if read is None else _read(options, read)}


def _arguments(given: list[list[Any]]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for key, value, way in given:
        section, _, name = key.partition(".")
        if way == "dict" and name:
            arguments.setdefault(section, {})[name] = value
        elif way in ("dotted", "dict"):
            arguments[key] = value
    return arguments


def _section(options: Options, path: str) -> Any:
    section: Any = options
    for name in filter(None, path.split(".")):
        section = getattr(section, name)
    return section


def _read(options: Options, key: str) -> Any:
    try:
        value = options[key]
    except Exception as error:  # noqa: BLE001 - what is raised is what is compared
        return raised(error)
    return value.asdict() if hasattr(value, "asdict") else value
