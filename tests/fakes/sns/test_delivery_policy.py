from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.sns.delivery_policy import (
    InvalidDeliveryPolicy,
    effective_subscription_policy,
    retry_delays,
    subscription_policy,
    topic_policy,
)


def retries(**changes: Any) -> dict[str, Any]:
    return {
        "numRetries": 10,
        "minDelayTarget": 1,
        "maxDelayTarget": 60,
        "numNoDelayRetries": 2,
        "numMinDelayRetries": 2,
        "numMaxDelayRetries": 2,
        "backoffFunction": "linear",
        **changes,
    }


def reason(policy: Any) -> str:
    with pytest.raises(InvalidDeliveryPolicy) as caught:
        subscription_policy(policy if isinstance(policy, str) else json.dumps(policy))
    return str(caught.value)


def test_the_four_phases_come_in_order() -> None:
    """Developer guide, delivery policy stages."""
    delays = retry_delays(retries(numRetries=9))

    assert delays == [0, 0, 1, 1, 1, 30.5, 60, 60, 60]


@pytest.mark.parametrize("function", ["linear", "arithmetic", "exponential", "geometric"])
def test_backoff_grows_from_the_smallest_to_the_largest_delay(function: str) -> None:
    policy = retries(
        numRetries=10,
        numNoDelayRetries=0,
        numMinDelayRetries=0,
        numMaxDelayRetries=0,
        backoffFunction=function,
    )

    delays = retry_delays(policy)

    assert delays[0] == 1
    assert delays[-1] == pytest.approx(60)
    assert delays == sorted(delays)


@given(
    st.integers(0, 20),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(1, 30),
    st.integers(0, 30),
    st.sampled_from(["linear", "arithmetic", "exponential", "geometric"]),
)
def test_every_retry_has_a_delay_between_zero_and_the_largest(
    backoff: int, at_once: int, at_low: int, at_high: int, low: int, more: int, function: str
) -> None:
    policy = {
        "healthyRetryPolicy": {
            "numRetries": backoff + at_once + at_low + at_high,
            "numNoDelayRetries": at_once,
            "numMinDelayRetries": at_low,
            "numMaxDelayRetries": at_high,
            "minDelayTarget": low,
            "maxDelayTarget": low + more,
            "backoffFunction": function,
        }
    }
    stored = json.loads(subscription_policy(json.dumps(policy)))

    delays = retry_delays(stored["healthyRetryPolicy"])

    assert len(delays) == policy["healthyRetryPolicy"]["numRetries"]
    assert delays[:at_once] == [0] * at_once
    assert all(low <= delay <= low + more + 1e-9 for delay in delays[at_once:])


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("{", "failed to parse JSON."),
        ("[]", "must be a JSON object"),
        ({"healthyRetryPolicy": 1}, "healthyRetryPolicy must be an object"),
        ({"http": {}}, "unknown member http"),
        ({"healthyRetryPolicy": {}}, "healthyRetryPolicy.numRetries must be specified"),
        (
            {"healthyRetryPolicy": {"numRetries": 5}},
            "healthyRetryPolicy.minDelayTarget must be specified",
        ),
        (
            {"healthyRetryPolicy": retries(numRetries=101)},
            "healthyRetryPolicy.numRetries must be less than or equal to 100",
        ),
        (
            {"healthyRetryPolicy": retries(minDelayTarget=0)},
            "healthyRetryPolicy.minDelayTarget must be greater than or equal to 1",
        ),
        (
            {"healthyRetryPolicy": retries(numRetries="3")},
            "healthyRetryPolicy.numRetries must be a number",
        ),
        (
            {"healthyRetryPolicy": retries(maxDelayTarget=3601)},
            "healthyRetryPolicy.maxDelayTarget must be less than or equal to 3600",
        ),
        (
            {"healthyRetryPolicy": retries(minDelayTarget=61)},
            "healthyRetryPolicy.maxDelayTarget must be greater than or equal to minDelayTarget",
        ),
        (
            {"healthyRetryPolicy": retries(numRetries=5)},
            "healthyRetryPolicy.numRetries must be greater than or equal to the sum of its phases",
        ),
        (
            {"healthyRetryPolicy": retries(backoffFunction="random")},
            "healthyRetryPolicy.backoffFunction must be one of arithmetic, exponential, geometric, "
            "linear",
        ),
        (
            {"healthyRetryPolicy": retries(numRetries=100, maxDelayTarget=3600)},
            "healthyRetryPolicy: the total retry time must not exceed 3600 seconds",
        ),
        (
            {"healthyRetryPolicy": retries(surprise=1)},
            "unknown member surprise",
        ),
        (
            {"throttlePolicy": {"maxReceivesPerSecond": 0}},
            "throttlePolicy.maxReceivesPerSecond must be greater than or equal to 1",
        ),
        (
            {"requestPolicy": {"headerContentType": "text/plain\r\nX: y"}},
            "requestPolicy.headerContentType must be a content type",
        ),
    ],
)
def test_what_is_wrong_is_said(policy: Any, expected: str) -> None:
    """Texts of AWS that users quote, of bounds and of what has to be specified among others.

    Source: https://github.com/awsdocs/amazon-sns-developer-guide/pull/5,
    https://github.com/hashicorp/terraform-provider-aws/pull/3289
    """
    assert reason(policy) == expected


def test_a_topic_can_forbid_its_subscriptions_to_override() -> None:
    topic = topic_policy(
        json.dumps(
            {
                "http": {
                    "defaultHealthyRetryPolicy": retries(numRetries=7),
                    "disableSubscriptionOverrides": True,
                }
            }
        )
    )
    own = subscription_policy(json.dumps({"healthyRetryPolicy": retries(numRetries=8)}))

    effective = effective_subscription_policy(own, topic)

    assert effective["healthyRetryPolicy"]["numRetries"] == 7
