"""Quotas of an account: how many topics, subscriptions, filter policies and replays it may have.

AWS raises most of them on request, so they are values, not constants.

Source: https://docs.aws.amazon.com/general/latest/gr/sns.html (the number of replays is the fake's
own: AWS does not publish one).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Quotas, each for one account in one region unless its name says otherwise."""

    topics: int = 100_000
    fifo_topics: int = 1_000
    subscriptions_per_topic: int = 12_500_000
    subscriptions_per_fifo_topic: int = 100
    filter_policies: int = 10_000
    filter_policies_per_topic: int = 200
    replays_per_topic: int = 100
    tags_per_topic: int = 50
    sandbox_numbers: int = 10
