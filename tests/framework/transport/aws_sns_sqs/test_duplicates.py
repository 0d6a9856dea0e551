"""Which messages a handler has seen within the last minute."""

from __future__ import annotations

from tomodachi.transport.aws_sns_sqs.duplicates import MOST_REMEMBERED, RecentMessages, Seen


def test_a_message_is_new_once_then_running_then_handled() -> None:
    recent = RecentMessages()
    assert recent.begin("a", now=0) is Seen.NEW
    assert recent.begin("a", now=1) is Seen.RUNNING
    recent.handled("a")
    assert recent.begin("a", now=2) is Seen.HANDLED
    assert recent.begin("b", now=2) is Seen.NEW


def test_a_handled_message_is_new_again_after_a_minute() -> None:
    recent = RecentMessages()
    recent.begin("a", now=0)
    recent.handled("a")
    assert recent.begin("a", now=59.9) is Seen.HANDLED
    assert recent.begin("a", now=60) is Seen.NEW


def test_a_message_that_is_to_be_handled_again_is_new_at_once() -> None:
    recent = RecentMessages()
    recent.begin("a", now=0)
    recent.forget("a")
    assert recent.begin("a", now=0) is Seen.NEW


def test_a_running_message_is_known_however_long_it_runs() -> None:
    recent = RecentMessages()
    recent.begin("a", now=0)
    assert recent.begin("b", now=100) is Seen.NEW
    assert recent.begin("a", now=150) is Seen.RUNNING


def test_old_messages_take_no_room() -> None:
    recent = RecentMessages()
    for number in range(1000):
        recent.begin(str(number), now=number)
        recent.handled(str(number))
    assert len(recent) == 60


def test_what_was_never_seen_can_be_forgotten_or_handled() -> None:
    recent = RecentMessages()
    recent.forget("a")
    recent.handled("a")
    assert len(recent) == 0


def test_no_more_than_a_hundred_thousand_messages_are_remembered() -> None:
    """What a service holds does not grow with how much it is sent."""
    recent = RecentMessages()
    recent.begin("runs", now=0)
    for number in range(MOST_REMEMBERED + 10):
        recent.begin(str(number), now=1)
        recent.handled(str(number))
    assert len(recent) == MOST_REMEMBERED
    assert recent.begin("runs", now=2) is Seen.RUNNING
    assert recent.begin(str(MOST_REMEMBERED), now=2) is Seen.HANDLED
    assert recent.begin("0", now=2) is Seen.NEW
