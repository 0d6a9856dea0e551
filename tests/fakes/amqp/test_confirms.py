"""How confirms are gathered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tomodachi_fakes.amqp.confirms import Confirms


def test_a_lone_confirm_is_single_and_several_are_one_multiple() -> None:
    """https://www.rabbitmq.com/docs/confirms#publisher-confirms."""
    confirms = Confirms()
    confirms.answer(confirms.next(), accepted=True)
    assert list(confirms.take()) == [("ack", 1, False)]
    for _ in range(3):
        confirms.answer(confirms.next(), accepted=True)
    assert list(confirms.take()) == [("ack", 4, True)]


def test_what_is_still_open_limits_multiple() -> None:
    confirms = Confirms()
    for _ in range(4):
        confirms.next()
    confirms.hold(2)
    for number in (1, 3, 4):
        confirms.answer(number, accepted=True)
    assert list(confirms.take()) == [("ack", 1, True), ("ack", 3, False), ("ack", 4, False)]


@given(outcomes=st.lists(st.booleans(), max_size=30), cut=st.integers(1, 10))
def test_every_publish_is_answered_exactly_once_and_as_it_ended(
    outcomes: list[bool], cut: int
) -> None:
    """Invariant 13, however the answers are gathered."""
    confirms = Confirms()
    pending: list[int] = []
    heard: dict[int, bool] = {}
    for number, accepted in enumerate(outcomes, 1):
        pending.append(confirms.next())
        confirms.answer(number, accepted=accepted)
        if number % cut == 0 or number == len(outcomes):
            for kind, upto, multiple in confirms.take():
                named = [n for n in pending if n <= upto] if multiple else [upto]
                for answered in named:
                    assert answered not in heard
                    heard[answered] = kind == "ack"
                    pending.remove(answered)
    assert not pending
    assert [heard[n] for n in sorted(heard)] == outcomes
