"""Conversations that are made up for `python -m tools.random_conversations`, without a RabbitMQ."""

from __future__ import annotations

import itertools

import pytest
from tests.fakes.amqp.support_conversations import FakeBroker, count, get, hold, publish, queue, say
from tests.fakes.amqp.support_random_conversations import SUBJECTS, conversation
from tools.random_conversations import Lane, Worker
from tools.shortening import shortened

RELEASES = ("3.10.8", "4.0.5", "4.3.6")


def never() -> None:
    """The fake's virtual host needs no cleaning."""
    raise AssertionError


def test_a_seed_always_makes_up_the_same_conversation() -> None:
    for subject in SUBJECTS:
        assert conversation(subject, "7") == conversation(subject, "7")
        assert conversation(subject, "7") != conversation(subject, "8")


@pytest.mark.parametrize(("release", "subject"), list(itertools.product(RELEASES, SUBJECTS)))
def test_the_fake_holds_what_is_made_up(release: str, subject: str) -> None:
    """Each step can be said, and twice the same is answered alike."""
    for seed in ("1", "2"):
        steps = conversation(subject, seed)
        first = hold(steps, FakeBroker(release))
        assert len(first) == len(steps)
        assert first == hold(steps, FakeBroker(release))


def test_a_difference_is_told_with_the_steps_that_it_needs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What stands for the real broker here is the fake of another release, which counts otherwise."""
    lane, worker = Lane(2), Worker(lambda: FakeBroker("4.3.6"), "3.10.8", never)
    lane.perform(worker, "alike", [queue(), publish("cv-q"), get()])
    needed = [queue(queue_type="quorum"), publish("cv-q"), get(), say("basic.nack", requeue=True)]
    steps = [queue("cv-2"), *needed, count("cv-2"), get(), count("cv-2")]
    lane.perform(worker, "unequal", steps)
    assert (lane.done, lane.diverged, lane.passing) == (2, 1, 0)
    said = capsys.readouterr().out
    assert "== unequal" in said
    assert "x-delivery-count" in said
    assert "== alike" not in said
    assert "cv-2" not in said


def test_shortening_keeps_what_is_needed() -> None:
    needed = {3, 17, 18}
    assert shortened(list(range(30)), needed.issubset, 60) == [3, 17, 18]
    assert shortened([1, 2], lambda steps: len(steps) == 2, 60) == [1, 2]
    assert shortened(list(range(30)), needed.issubset, 0) == list(range(30))
