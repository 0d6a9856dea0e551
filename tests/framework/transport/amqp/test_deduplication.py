"""Messages that were handled, and messages that are being handled."""

from tomodachi.transport.amqp.deduplication import MOST_REMEMBERED, Claim, Deduplication


def test_a_handled_message_is_a_duplicate_for_a_minute() -> None:
    seen = Deduplication()
    assert seen.claim("m", now=0) is Claim.FIRST
    seen.finish("m", handled=True, now=1)
    assert seen.claim("m", now=60.9) is Claim.DUPLICATE
    assert seen.claim("m", now=61) is Claim.FIRST


def test_a_second_delivery_is_undecided_while_the_first_runs() -> None:
    seen = Deduplication()
    seen.claim("m", now=0)
    assert seen.claim("m", now=1) is Claim.RUNNING
    assert seen.claim("m", now=3_600) is Claim.RUNNING


def test_a_message_whose_handler_failed_is_no_duplicate() -> None:
    seen = Deduplication()
    seen.claim("m", now=0)
    seen.finish("m", handled=False, now=0)
    assert seen.claim("m", now=0) is Claim.FIRST


def test_a_handler_that_took_long_is_remembered_from_its_end() -> None:
    seen = Deduplication()
    seen.claim("m", now=0)
    seen.claim("other", now=100)
    seen.finish("m", handled=True, now=100)
    assert seen.claim("m", now=159) is Claim.DUPLICATE


def test_memory_holds_a_minute_of_messages() -> None:
    seen = Deduplication()
    for number in range(10_000):
        seen.claim(str(number), now=float(number))
        seen.finish(str(number), handled=True, now=float(number))
    assert len(seen) <= 61


def test_memory_is_bounded_however_many_come_in_a_minute() -> None:
    seen = Deduplication()
    for number in range(MOST_REMEMBERED + 500):
        seen.claim(str(number), now=0)
        seen.finish(str(number), handled=True, now=0)
    assert len(seen) == MOST_REMEMBERED
    assert seen.claim(str(MOST_REMEMBERED + 499), now=1) is Claim.DUPLICATE
    assert seen.claim("0", now=1) is Claim.FIRST
