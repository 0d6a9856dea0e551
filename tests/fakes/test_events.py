"""The event log: events come out as they went in, in order, to whoever asks or listens."""

from __future__ import annotations

from tomodachi_fakes.events import Event, EventLog


def test_an_event_comes_out_as_it_went_in() -> None:
    log = EventLog()
    first = log.append("amqp", "published", "x", now=1.0, message_id="m", routing_key="k")
    log.append("amqp", "enqueued", "q", now=2.0, message_id="m", cause=first)
    assert list(log) == [
        Event(1, 1.0, "amqp", "published", "x", "m", None, {"routing_key": "k"}),
        Event(2, 2.0, "amqp", "enqueued", "q", "m", 1, {}),
    ]


def test_listeners_and_watchers_hear_every_later_event_until_they_end_that() -> None:
    log, heard, watched = EventLog(), list[Event](), list[tuple[int, object]]()
    log.append("sqs", "sent", "before", now=0.0)
    end_listening = log.subscribe(heard.append)
    end_watching = log.watch(lambda event, payload: watched.append((event.seq, payload)))
    log.append("sqs", "sent", "q", now=1.0, payload="the message")
    end_listening()
    end_watching()
    log.append("sqs", "sent", "after", now=2.0)
    assert [event.subject for event in heard] == ["q"]
    assert watched == [(2, "the message")]


def test_the_oldest_events_fall_off_and_the_count_goes_on() -> None:
    log = EventLog(capacity=2)
    for number in range(3):
        log.append("sns", "published", str(number), now=0.0)
    assert [event.seq for event in log] == [2, 3]
    log.clear()
    assert (len(log), log.append("sns", "published", "later", now=0.0)) == (0, 4)


def test_later_events_are_found_and_counted_from_any_point() -> None:
    log = EventLog(capacity=3)
    for subject in ("a", "b", "b", "c"):
        log.append("amqp", "enqueued", subject, now=0.0)
    assert [event.subject for event in log.after(2)] == ["b", "c"]
    assert [event.seq for event in log.after(0)] == [2, 3, 4]
    assert log.tally() == {("amqp", "enqueued", "b"): 2, ("amqp", "enqueued", "c"): 1}
    assert log.tally(3) == {("amqp", "enqueued", "c"): 1}
    assert log.tally(4) == {}
    assert log.seq == 4
