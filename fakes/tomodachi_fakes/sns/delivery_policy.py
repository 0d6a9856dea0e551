"""Delivery policies of HTTP(S) endpoints: what is accepted, what is in effect, when to try again.

A topic's policy is the default of its subscriptions, a subscription's overrides it unless the topic
says `disableSubscriptionOverrides`, and SNS's own stands behind both. Retries come in four phases:
at once, at the smallest delay, with growing delays, at the largest delay.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html; recorded answers
of AWS for the shape of what is in effect.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from tomodachi_fakes.sns.filter_conditions import is_number

DEFAULT_CONTENT_TYPE = "text/plain; charset=UTF-8"
MAXIMUM_TOTAL_DELAY_S = 3600
_DEFAULT_RETRIES: dict[str, Any] = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}
_REQUIRED = ("numRetries", "minDelayTarget", "maxDelayTarget")
_MAXIMUM = {
    "numRetries": 100,
    "minDelayTarget": MAXIMUM_TOTAL_DELAY_S,
    "maxDelayTarget": MAXIMUM_TOTAL_DELAY_S,
    "numMaxDelayRetries": 100,
    "numNoDelayRetries": 100,
    "numMinDelayRetries": 100,
}
BACKOFF: dict[str, Callable[[float], float]] = {
    "linear": lambda part: part,
    "arithmetic": lambda part: part * (1 + part) / 2,
    "exponential": lambda part: (2 ** (10 * part) - 1) / (2**10 - 1),
    "geometric": lambda part: (2 ** (4 * part) - 1) / (2**4 - 1),
}
_SUBSCRIPTION_MEMBERS = (
    "healthyRetryPolicy",
    "sicklyRetryPolicy",
    "throttlePolicy",
    "requestPolicy",
)


_TOPIC_MEMBERS = (
    "defaultHealthyRetryPolicy",
    "defaultSicklyRetryPolicy",
    "defaultThrottlePolicy",
    "defaultRequestPolicy",
    "disableSubscriptionOverrides",
)


class InvalidDeliveryPolicy(ValueError):
    """A delivery policy that SNS refuses; the message is what follows "DeliveryPolicy: "."""


def topic_policy(text: str) -> str:
    """Check a topic's `DeliveryPolicy` and write it as it is stored.

    Raises:
        InvalidDeliveryPolicy: not JSON, or a member out of its range.
    """
    policy = _object(text, ("http",))
    http = policy.get("http", {})
    if not isinstance(http, dict):
        raise InvalidDeliveryPolicy("http must be an object")
    _check_members(http, _TOPIC_MEMBERS)
    if (retries := http.get("defaultHealthyRetryPolicy")) is not None:
        http["defaultHealthyRetryPolicy"] = _retries(retries, "http.defaultHealthyRetryPolicy")
    _check_throttle(http.get("defaultThrottlePolicy"), "http.defaultThrottlePolicy")
    _check_request(http.get("defaultRequestPolicy"), "http.defaultRequestPolicy")
    http.setdefault("disableSubscriptionOverrides", False)
    return json.dumps({"http": http}, separators=(",", ":"))


def subscription_policy(text: str) -> str:
    """Check a subscription's `DeliveryPolicy` and write it as it is stored, every member named.

    Raises:
        InvalidDeliveryPolicy: not JSON, or a member out of its range.
    """
    policy = _object(text, (*_SUBSCRIPTION_MEMBERS, "guaranteed"))
    stored: dict[str, Any] = {name: policy.get(name) for name in _SUBSCRIPTION_MEMBERS}
    for name in ("healthyRetryPolicy", "sicklyRetryPolicy"):
        if stored[name] is not None:
            stored[name] = _retries(stored[name], name)
    _check_throttle(stored["throttlePolicy"], "throttlePolicy")
    _check_request(stored["requestPolicy"], "requestPolicy")
    stored["guaranteed"] = bool(policy.get("guaranteed", False))
    return json.dumps(stored, separators=(",", ":"))


def effective_topic_policy(stored: str | None) -> dict[str, Any]:
    """What a topic's policy comes to with SNS's defaults."""
    http = dict(json.loads(stored)["http"]) if stored else {}
    http.setdefault("defaultHealthyRetryPolicy", dict(_DEFAULT_RETRIES))
    http.setdefault("disableSubscriptionOverrides", False)
    http.setdefault("defaultRequestPolicy", {"headerContentType": DEFAULT_CONTENT_TYPE})
    return {"http": http}


def effective_subscription_policy(stored: str | None, topic_stored: str | None) -> dict[str, Any]:
    """What a subscription's policy comes to with its topic's and with SNS's defaults."""
    topic = effective_topic_policy(topic_stored)["http"]
    overridden = topic["disableSubscriptionOverrides"]
    own = json.loads(stored) if stored and not overridden else {}
    return {
        "healthyRetryPolicy": own.get("healthyRetryPolicy") or topic["defaultHealthyRetryPolicy"],
        "sicklyRetryPolicy": own.get("sicklyRetryPolicy"),
        "throttlePolicy": own.get("throttlePolicy") or topic.get("defaultThrottlePolicy"),
        "requestPolicy": own.get("requestPolicy") or topic["defaultRequestPolicy"],
        "guaranteed": own.get("guaranteed", False),
    }


def retry_delays(retries: dict[str, Any]) -> list[float]:
    """Seconds to wait before each retry, in order, of a healthy retry policy."""
    low, high = retries["minDelayTarget"], retries["maxDelayTarget"]
    at_once = retries["numNoDelayRetries"]
    at_low = retries["numMinDelayRetries"]
    at_high = retries["numMaxDelayRetries"]
    growing = retries["numRetries"] - at_once - at_low - at_high
    grow = BACKOFF[retries["backoffFunction"]]
    backoff = [low + (high - low) * grow(step / max(growing - 1, 1)) for step in range(growing)]
    return [0.0] * at_once + [float(low)] * at_low + backoff + [float(high)] * at_high


def receives_per_second(policy: dict[str, Any]) -> int | None:
    """How many messages a second an effective subscription policy lets through; None: any number."""
    return (policy["throttlePolicy"] or {}).get("maxReceivesPerSecond")


def content_type(policy: dict[str, Any]) -> str:
    """The `Content-Type` of notifications under an effective subscription policy."""
    return str((policy["requestPolicy"] or {}).get("headerContentType", DEFAULT_CONTENT_TYPE))


def _object(text: str, members: tuple[str, ...]) -> dict[str, Any]:
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidDeliveryPolicy("failed to parse JSON.") from error
    if not isinstance(policy, dict):
        raise InvalidDeliveryPolicy("must be a JSON object")
    _check_members(policy, members)
    return policy


def _check_members(given: dict[str, Any], members: Iterable[str]) -> None:
    unknown = sorted(given.keys() - set(members))
    if unknown:
        msg = f"unknown member {unknown[0]}"
        raise InvalidDeliveryPolicy(msg)


def _retries(given: Any, name: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        msg = f"{name} must be an object"
        raise InvalidDeliveryPolicy(msg)
    for member in _REQUIRED:
        if given.get(member) is None:
            msg = f"{name}.{member} must be specified"
            raise InvalidDeliveryPolicy(msg)
    _check_members(given, _DEFAULT_RETRIES)
    zero = {"numMaxDelayRetries": 0, "numNoDelayRetries": 0, "numMinDelayRetries": 0}
    retries = {**_DEFAULT_RETRIES, **zero, **{k: v for k, v in given.items() if v is not None}}
    _check_retries(retries, name)
    return retries


def _check_retries(retries: dict[str, Any], name: str) -> None:
    for member, maximum in _MAXIMUM.items():
        value = retries[member]
        minimum = 1 if member.endswith("DelayTarget") else 0
        if not isinstance(value, int) or not is_number(value):
            msg = f"{name}.{member} must be a number"
            raise InvalidDeliveryPolicy(msg)
        if value < minimum:
            msg = f"{name}.{member} must be greater than or equal to {minimum}"
            raise InvalidDeliveryPolicy(msg)
        if value > maximum:
            msg = f"{name}.{member} must be less than or equal to {maximum}"
            raise InvalidDeliveryPolicy(msg)
    if retries["backoffFunction"] not in BACKOFF:
        msg = f"{name}.backoffFunction must be one of {', '.join(sorted(BACKOFF))}"
        raise InvalidDeliveryPolicy(msg)
    if retries["maxDelayTarget"] < retries["minDelayTarget"]:
        msg = f"{name}.maxDelayTarget must be greater than or equal to minDelayTarget"
        raise InvalidDeliveryPolicy(msg)
    phases = ("numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries")
    if sum(retries[phase] for phase in phases) > retries["numRetries"]:
        msg = f"{name}.numRetries must be greater than or equal to the sum of its phases"
        raise InvalidDeliveryPolicy(msg)
    if sum(retry_delays(retries)) > MAXIMUM_TOTAL_DELAY_S:
        msg = f"{name}: the total retry time must not exceed {MAXIMUM_TOTAL_DELAY_S} seconds"
        raise InvalidDeliveryPolicy(msg)


def _check_throttle(policy: Any, name: str) -> None:
    if policy is None:
        return
    rate = policy.get("maxReceivesPerSecond") if isinstance(policy, dict) else None
    if rate is not None and (not isinstance(rate, int) or not is_number(rate) or rate < 1):
        msg = f"{name}.maxReceivesPerSecond must be greater than or equal to 1"
        raise InvalidDeliveryPolicy(msg)


def _check_request(policy: Any, name: str) -> None:
    if policy is None:
        return
    header = policy.get("headerContentType") if isinstance(policy, dict) else None
    if not isinstance(header, str) or not header.isprintable():
        msg = f"{name}.headerContentType must be a content type"
        raise InvalidDeliveryPolicy(msg)
