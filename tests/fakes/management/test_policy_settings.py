"""What a policy may set in which release, and the texts of a RabbitMQ 3.10.8, 4.0.5 and 4.3.6."""

from __future__ import annotations

from typing import Any

import pytest

from tomodachi_fakes.management.errors import ManagementError
from tomodachi_fakes.management.policy_settings import check_definition

pytestmark = pytest.mark.source("https://www.rabbitmq.com/docs/parameters#policies")
UNKNOWN = "are not recognised policy settings"


def refusal(definition: dict[str, Any], version: str) -> str:
    """What is said; "" when it is taken."""
    try:
        check_definition(definition, version)
    except ManagementError as error:
        text = str(error.reason)
        assert text.startswith("Validation failed\n\n")
        return text.removeprefix("Validation failed\n\n").strip()
    return ""


@pytest.mark.parametrize(
    ("setting", "value", "taken"),
    [
        ("max-length", 1, "3.10.8 4.0.5 4.3.6"),
        ("ha-mode", "all", "3.10.8"),
        ("consumer-timeout", 300, "4.0.5 4.3.6"),
        ("target-group-size", 3, "4.0.5 4.3.6"),
        ("stream-filter-size-bytes", 16, "4.0.5 4.3.6"),
        ("delayed-retry-min", 300, "4.3.6"),
        ("consumer-disconnected-timeout", 300, "4.3.6"),
        ("queue-master-locator", "min-masters", "3.10.8 4.0.5"),
        ("single-active-consumer", True, ""),
    ],
)
def test_each_release_knows_its_settings(setting: str, value: object, taken: str) -> None:
    versions = ("3.10.8", "4.0.5", "4.3.6")
    assert [v for v in versions if not refusal({setting: value}, v)] == taken.split()


@pytest.mark.parametrize(
    ("definition", "version", "text"),
    [
        ({"nonsense": 1, "more": "x"}, "4.3.6", f'[{{<<"more">>,<<"x">>}},{{<<"nonsense">>,1}}] {UNKNOWN}'),
        ({"nonsense": 1}, "4.0.5", f'[{{&lt;&lt;"nonsense"&gt;&gt;,1}}] {UNKNOWN}'),
        ({"ha-sync-mode": "x"}, "3.10.8", "ha-mode must be specified to specify ha-params, ha-sync-mode or ha-promote-on-shutdown"),
        ({"queue-mode": -1}, "4.0.5", "-1 is not a valid queue-mode value"),
        ({"queue-version": 300}, "4.3.6", "300 is not a valid queue-version value"),
        ({"target-group-size": -1}, "4.0.5", "-1 is not a valid qq target count value"),
        ({"stream-filter-size-bytes": 300}, "4.0.5", "300 is not a valid filter size. Valid range is 16-255"),
        ({"initial-cluster-size": "x"}, "4.3.6", '<<"x">> is not a valid cluster size'),
        ({"queue-master-locator": 1}, "4.3.6", "use of deprecated queue-master-locator argument is not permitted"),
        ({"delayed-retry-type": "x", "delayed-retry-min": 5}, "4.3.6", '<<"x">> is not a valid delayed retry type. Must be one of: all, failed, returned, disabled'),
        ({"delayed-retry-type": "failed"}, "4.3.6", "delayed-retry-min is required when delayed-retry-type is failed"),
        ({"delayed-retry-type": "disabled"}, "4.3.6", ""),
        ({"delayed-retry-type": "all", "delayed-retry-min": 5, "delayed-retry-max": 2}, "4.3.6", "delayed-retry-max (2) must not be smaller than delayed-retry-min (5)"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_rabbitmq_says(
    definition: dict[str, Any], version: str, text: str
) -> None:
    assert refusal(definition, version) == text
