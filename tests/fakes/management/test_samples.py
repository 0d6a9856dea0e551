"""Rates of depths and octets. Source: https://www.rabbitmq.com/docs/management#sampling."""

from __future__ import annotations

from tomodachi_fakes.management.samples import Samples


def test_a_rate_is_the_change_since_the_question_before_the_last() -> None:
    samples = Samples()
    assert samples.rate("q", 10, 100.0) == 0.0
    assert samples.rate("q", 20, 105.0) == 2.0
    assert samples.rate("q", 20, 110.0) == 0.0
    assert samples.rate("q", 5, 115.0) == -3.0


def test_questions_within_five_seconds_share_a_sample() -> None:
    samples = Samples()
    samples.rate("q", 0, 100.0)
    assert samples.rate("q", 10, 101.0) == 10.0
    assert samples.rate("q", 10, 102.0) == 5.0


def test_places_are_told_apart() -> None:
    samples = Samples()
    samples.depth("a", 1, 2, 100.0)
    samples.depth("b", 5, 5, 100.0)
    shown = samples.depth("a", 6, 2, 105.0)
    assert (shown["messages"], shown["messages_details"]) == (8, {"rate": 1.0})
    assert shown["messages_unacknowledged_details"] == {"rate": 0.0}
