"""Which publishes a confirm answers."""

from hypothesis import given
from hypothesis import strategies as st

from tomodachi.transport.amqp.confirms import UnconfirmedPublishes


def published(count: int) -> UnconfirmedPublishes[str]:
    unconfirmed: UnconfirmedPublishes[str] = UnconfirmedPublishes()
    for number in range(1, count + 1):
        assert unconfirmed.add(f"m{number}") == number
    return unconfirmed


def test_a_single_ack_answers_one_publish() -> None:
    unconfirmed = published(3)
    assert unconfirmed.answered(2, multiple=False) == ["m2"]
    assert list(unconfirmed) == ["m1", "m3"]


def test_a_multiple_ack_answers_all_up_to_its_tag() -> None:
    """https://www.rabbitmq.com/docs/confirms: `multiple` covers all messages up to the tag."""
    unconfirmed = published(4)
    unconfirmed.answered(2, multiple=False)
    assert unconfirmed.answered(3, multiple=True) == ["m1", "m3"]
    assert list(unconfirmed) == ["m4"]


def test_a_tag_that_was_answered_answers_nothing_again() -> None:
    unconfirmed = published(1)
    unconfirmed.answered(1, multiple=True)
    assert unconfirmed.answered(1, multiple=False) == []
    assert unconfirmed.answered(1, multiple=True) == []


def test_tags_go_on_after_everything_was_answered() -> None:
    unconfirmed = published(2)
    unconfirmed.answered(2, multiple=True)
    assert unconfirmed.add("m3") == 3


def test_what_a_closed_channel_leaves_is_taken_once() -> None:
    unconfirmed = published(2)
    assert unconfirmed.take_all() == ["m1", "m2"]
    assert len(unconfirmed) == 0


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans())))
def test_every_publish_is_answered_at_most_once(acks: list[tuple[int, bool]]) -> None:
    unconfirmed = published(30)
    answered = [
        name for tag, multiple in acks for name in unconfirmed.answered(tag, multiple=multiple)
    ]
    assert len(answered) == len(set(answered))
    assert len(answered) + len(unconfirmed) == 30
