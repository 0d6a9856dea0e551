"""What is asked of a RabbitMQ and of the fake by `probe_amqp.py`: what no document tells.

Each question is a function; its name says what is asked, its answer is what came back, in order.
"""

# ruff: noqa: D103 - the names say it
from __future__ import annotations

import time
from collections.abc import Callable

from tools.amqp_talk import RealSide, Talk

from tomodachi_fakes.amqp.frames import HEARTBEAT

Question = Callable[[Talk], list[str]]
QUESTIONS: dict[str, Question] = {}


def question(asked: Question) -> Question:
    """Add a question to the list."""
    QUESTIONS[asked.__name__] = asked
    return asked


_DEAD = {"dead_letter_exchange": "", "dead_letter_routing_key": "p-dead"}


@question
def tx_commit_before_or_after_deliveries_of_its_own_publishes(talk: Talk) -> list[str]:
    talk.declare("p-q")
    talk.consume("p-q", no_ack=True)
    talk.send("tx.select")
    talk.heard()
    for body in "12":
        talk.publish("p-q", body)
    talk.send("tx.commit")
    return talk.heard()


@question
def tx_commit_before_or_after_deliveries_that_its_acks_make_room_for(talk: Talk) -> list[str]:
    talk.declare("p-q")
    for body in "123":
        talk.publish("p-q", body)
    talk.consume("p-q", 1)
    talk.send("tx.select")
    first = talk.heard()
    talk.send("basic.ack", 1, False)
    talk.send("tx.commit")
    return first + talk.heard()


@question
def tx_commit_before_or_after_redeliveries_of_its_nacks(talk: Talk) -> list[str]:
    talk.declare("p-q")
    talk.publish("p-q", "1")
    talk.consume("p-q")
    talk.send("tx.select")
    first = talk.heard()
    talk.send("basic.nack", 1, False, True)
    talk.send("tx.commit")
    return first + talk.heard()


@question
def tx_returns_come_before_commit_ok(talk: Talk) -> list[str]:
    talk.send("tx.select")
    talk.publish("p-nobody", "1", mandatory=True)
    talk.send("tx.commit")
    return talk.heard()


@question
def tx_rollback_and_what_a_close_gives_back(talk: Talk) -> list[str]:
    talk.declare("p-q")
    talk.publish("p-q", "1")
    talk.get("p-q")
    talk.send("tx.select")
    talk.send("basic.ack", 1, False)
    talk.send("tx.rollback")
    talk.send("basic.ack", 1, False)
    talk.send("channel.close", 200, "", 0, 0)
    talk.heard()
    talk.count("p-q")
    return talk.heard()


@question
def ttl_of_a_queue_sends_letters_in_order(talk: Talk) -> list[str]:
    talk.declare("p-dead")
    talk.declare("p-q", message_ttl=200, **_DEAD)
    for body in "12":
        talk.publish("p-q", body)
    talk.wait(0.5)
    talk.count("p-q")
    talk.get("p-dead", no_ack=True)
    talk.get("p-dead", no_ack=True)
    return talk.heard()


@question
def ttl_of_a_message_counts_at_the_head_only(talk: Talk) -> list[str]:
    talk.declare("p-dead")
    talk.declare("p-q", **_DEAD)
    talk.publish("p-q", "1", expiration="900")
    talk.publish("p-q", "2", expiration="100")
    talk.wait(0.4)
    talk.count("p-q")
    talk.wait(0.8)
    talk.count("p-q")
    talk.get("p-dead", no_ack=True)
    talk.get("p-dead", no_ack=True)
    return talk.heard()


@question
def ttl_the_shorter_of_queue_and_message_counts(talk: Talk) -> list[str]:
    talk.declare("p-dead")
    talk.declare("p-q", message_ttl=200, **_DEAD)
    talk.publish("p-q", "1", expiration="60000")
    talk.publish("p-q", "2", expiration="50")
    talk.wait(0.6)
    talk.count("p-q")
    for _ in "123":
        talk.get("p-dead", no_ack=True)
    return talk.heard()


@question
def ttl_of_a_delivered_message_counts_when_it_comes_back(talk: Talk) -> list[str]:
    talk.declare("p-dead")
    talk.declare("p-q", message_ttl=200, **_DEAD)
    talk.publish("p-q", "1")
    talk.get("p-q")
    talk.wait(0.5)
    talk.count("p-q")
    talk.send("basic.nack", 1, False, True)
    talk.wait(0.1)
    talk.get("p-q")
    talk.get("p-dead", no_ack=True)
    return talk.heard()


@question
def ttl_dead_letter_cycle_by_expiry_is_dropped(talk: Talk) -> list[str]:
    talk.declare("p-q", message_ttl=100, dead_letter_exchange="", dead_letter_routing_key="p-q")
    talk.publish("p-q", "1")
    talk.wait(0.5)
    talk.count("p-q")
    return talk.heard()


@question
def ttl_retry_through_a_waiting_queue(talk: Talk) -> list[str]:
    talk.declare(
        "p-wait", message_ttl=100, dead_letter_exchange="", dead_letter_routing_key="p-work"
    )
    talk.declare("p-work", dead_letter_exchange="", dead_letter_routing_key="p-wait")
    talk.publish("p-work", "1")
    for tag in (1, 2, 3):
        talk.get("p-work")
        talk.send("basic.reject", tag, False)
        talk.wait(0.4)
    talk.get("p-work", no_ack=True)
    return talk.heard()


@question
def expires_counts_from_the_last_use(talk: Talk) -> list[str]:
    talk.declare("p-q", expires=500)
    talk.wait(0.3)
    talk.get("p-q")
    talk.wait(0.3)
    talk.count("p-q")
    first = talk.heard()
    talk.wait(0.8)
    talk.count("p-q")
    return first + talk.heard()


@question
def expires_waits_for_the_last_consumer(talk: Talk) -> list[str]:
    talk.declare("p-q", expires=200)
    talk.consume("p-q")
    talk.wait(0.5)
    talk.count("p-q")
    talk.send("basic.cancel", "t", False)
    talk.wait(0.5)
    first = talk.heard()
    talk.count("p-q")
    return first + talk.heard()


@question
def quorum_delivery_limit_and_its_letter(talk: Talk) -> list[str]:
    talk.declare("p-dead")
    talk.declare("p-qq", queue_type="quorum", delivery_limit=1, **_DEAD)
    talk.publish("p-qq", "1")
    talk.consume("p-qq", 10)
    found = talk.heard()
    for tag in (1, 2):
        talk.send("basic.reject", tag, True)
        found += talk.heard()
    talk.get("p-dead", no_ack=True)
    return found + talk.heard()


@question
def quorum_returns_come_back_in_which_order(talk: Talk) -> list[str]:
    talk.declare("p-qq", queue_type="quorum")
    for body in "1234":
        talk.publish("p-qq", body)
    talk.heard()
    for _ in "12":
        talk.get("p-qq")
    talk.send("basic.nack", 2, True, True)
    talk.heard()
    for _ in "123":
        talk.get("p-qq", no_ack=True)
    return talk.heard()


@question
def quorum_max_length_drops_and_dead_letters(talk: Talk) -> list[str]:
    talk.declare("p-dead")
    talk.declare("p-qq", queue_type="quorum", max_length=2, **_DEAD)
    for body in "123":
        talk.publish("p-qq", body)
    talk.heard()
    talk.count("p-qq")
    talk.get("p-dead", no_ack=True)
    return talk.heard()


@question
def quorum_reject_publish_confirms(talk: Talk) -> list[str]:
    talk.declare("p-qq", queue_type="quorum", max_length=1, overflow="reject-publish")
    talk.send("confirm.select", False)
    found = talk.heard()
    for body in "123456":
        talk.publish("p-qq", body)
        found += talk.heard()
    return found


@question
def quorum_reject_publish_goes_on_when(talk: Talk) -> list[str]:
    talk.declare("p-qq", queue_type="quorum", max_length=10, overflow="reject-publish")
    talk.send("confirm.select", False)
    talk.heard()
    for number in range(14):
        talk.publish("p-qq", str(number))
        talk.heard()
    talk.count("p-qq")
    found = talk.heard()
    for _ in range(6):
        talk.get("p-qq", no_ack=True)
        talk.heard()
        talk.publish("p-qq", "more")
        found += talk.heard()
    return found


@question
def quorum_delete_if_unused(talk: Talk) -> list[str]:
    talk.declare("p-qq", queue_type="quorum")
    talk.heard()
    talk.send("queue.delete", 0, "p-qq", True, False, False)
    return talk.heard()


@question
def quorum_get_and_consume_tell_the_delivery_count(talk: Talk) -> list[str]:
    talk.declare("p-qq", queue_type="quorum")
    talk.publish("p-qq", "1")
    talk.heard()
    talk.get("p-qq")
    found = talk.heard()
    talk.send("basic.nack", 1, False, True)
    talk.heard()
    talk.consume("p-qq", 5)
    return found + talk.heard()


@question
def stream_delete_if_unused(talk: Talk) -> list[str]:
    talk.declare("p-stream", queue_type="stream")
    talk.heard()
    talk.consume("p-stream", 5)
    talk.heard()
    talk.send("queue.delete", 0, "p-stream", True, False, False)
    return talk.heard()


@question
def cancel_ok_before_what_the_cancel_sets_free(talk: Talk) -> list[str]:
    talk.declare("p-q", single_active_consumer=True)
    talk.consume("p-q", 1, tag="first")
    talk.consume("p-q", 1, tag="second")
    for body in "12":
        talk.publish("p-q", body)
    found = talk.heard()
    talk.send("basic.cancel", "first", False)
    return found + talk.heard()


@question
def delete_that_is_neither_unused_nor_empty(talk: Talk) -> list[str]:
    talk.declare("p-q")
    for body in "12":
        talk.publish("p-q", body)
    talk.consume("p-q", 1)
    talk.heard()
    talk.send("queue.delete", 0, "p-q", True, True, False)
    return talk.heard()


@question
def quorum_ttl_is_ignored_or_not(talk: Talk) -> list[str]:
    talk.declare("p-qq", queue_type="quorum", message_ttl=200)
    return talk.heard()


@question
def quorum_message_expiration(talk: Talk) -> list[str]:
    talk.declare("p-dead")
    talk.declare("p-qq", queue_type="quorum", **_DEAD)
    talk.publish("p-qq", "1", expiration="100")
    talk.heard()
    talk.wait(0.5)
    talk.get("p-qq", no_ack=True)
    talk.get("p-dead", no_ack=True)
    return talk.heard()


@question
def quorum_purge_and_conditional_delete(talk: Talk) -> list[str]:
    talk.declare("p-qq", queue_type="quorum")
    talk.publish("p-qq", "1")
    talk.heard()
    talk.send("queue.delete", 0, "p-qq", False, True, False)
    found = talk.heard()
    talk.connect("b")
    talk.send("queue.purge", 0, "p-qq", False, on="b")
    return found + talk.heard()


@question
def quorum_single_active_consumer_goes_over(talk: Talk) -> list[str]:
    talk.declare("p-qq", queue_type="quorum", single_active_consumer=True)
    talk.consume("p-qq", 1, tag="first")
    talk.consume("p-qq", 1, tag="second")
    for body in "12":
        talk.publish("p-qq", body)
    found = talk.heard()
    talk.send("basic.cancel", "first", False)
    return found + talk.heard()


@question
def stream_reads_from_the_first_and_acks_are_credit(talk: Talk) -> list[str]:
    talk.declare("p-stream", queue_type="stream")
    for body in "123":
        talk.publish("p-stream", body)
    talk.heard()
    talk.consume("p-stream", 2, stream_offset="first")
    found = talk.heard()
    talk.send("basic.ack", 2, True)
    return found + talk.heard()


@question
def stream_nack_and_reject_count_as_what(talk: Talk) -> list[str]:
    talk.declare("p-stream", queue_type="stream")
    for body in "123":
        talk.publish("p-stream", body)
    talk.heard()
    talk.consume("p-stream", 1, stream_offset="first")
    found = talk.heard()
    talk.send("basic.nack", 1, False, True)
    found += talk.heard()
    talk.send("basic.reject", 2, False)
    return found + talk.heard()


@question
def stream_next_and_last_and_numbers(talk: Talk) -> list[str]:
    talk.declare("p-stream", queue_type="stream")
    for body in "123":
        talk.publish("p-stream", body)
    talk.heard()
    found = []
    for offset in ("next", 1):
        talk.consume("p-stream", 9, tag=str(offset), stream_offset=offset)
        found += talk.heard()
    talk.publish("p-stream", "4")
    return found + talk.heard()


@question
def stream_counts_as_a_passive_declare_tells_them(talk: Talk) -> list[str]:
    talk.declare("p-stream", queue_type="stream")
    talk.publish("p-stream", "1")
    talk.heard()
    talk.wait(0.5)
    talk.send("queue.delete", 0, "p-stream", False, True, False)
    return talk.heard()


def _beats(talk: Talk, *, busy: bool) -> list[str]:
    """Heartbeats within 4 s at an interval of 2 s, with other frames every fifth of a second or not."""
    talk.connect("a", 2)
    talk.heard()
    beats, begun = 0, time.monotonic()
    for _ in range(20):
        talk.wait(0.2 if not isinstance(talk.side, RealSide) else 0.05)
        if busy:
            talk.send("basic.qos", 0, 1, False)
        else:
            talk.raw(HEARTBEAT)
        beats += sum(said == "heartbeat" for said in talk.heard())
        if isinstance(talk.side, RealSide) and time.monotonic() - begun > 4.3:
            break
    return [f"heartbeats: {'some' if beats else 'none'}"]


@question
def heartbeats_come_when_nothing_else_is_sent(talk: Talk) -> list[str]:
    return _beats(talk, busy=False)


@question
def heartbeats_come_although_other_frames_are_sent(talk: Talk) -> list[str]:
    return _beats(talk, busy=True)


@question
def policy_of_a_ttl_counts_for_messages_that_are_there(talk: Talk) -> list[str]:
    talk.declare("p-q")
    talk.publish("p-q", "1")
    talk.heard()
    talk.side.policy("p-policy", "^p-q$", {"message-ttl": 100})
    talk.wait(0.5)
    talk.count("p-q")
    found = talk.heard()
    talk.publish("p-q", "2")
    talk.wait(0.5)
    talk.count("p-q")
    return found + talk.heard()


@question
def policy_of_a_length_drops_what_is_too_much(talk: Talk) -> list[str]:
    talk.declare("p-dead")
    talk.declare("p-q")
    for body in "123":
        talk.publish("p-q", body)
    talk.heard()
    definition = {
        "max-length": 1,
        "dead-letter-exchange": "",
        "dead-letter-routing-key": "p-dead",
    }
    talk.side.policy("p-policy", "^p-q$", definition)
    talk.count("p-q")
    talk.count("p-dead")
    found = talk.heard()
    talk.get("p-dead", no_ack=True)
    return found + talk.heard()


@question
def policy_and_argument_of_a_length(talk: Talk) -> list[str]:
    talk.declare("p-q", max_length=2)
    talk.heard()
    talk.side.policy("p-policy", "^p-q$", {"max-length": 1})
    for body in "123":
        talk.publish("p-q", body)
    talk.heard()
    talk.count("p-q")
    found = talk.heard()
    talk.side.policy("p-policy", "^p-q$", {})
    for body in "123":
        talk.publish("p-q", body)
    talk.heard()
    talk.count("p-q")
    return found + talk.heard()


@question
def policy_and_argument_of_an_overflow(talk: Talk) -> list[str]:
    talk.declare("p-q", max_length=1, overflow="reject-publish")
    talk.heard()
    talk.side.policy("p-policy", "^p-q$", {"overflow": "drop-head"})
    for body in "12":
        talk.publish("p-q", body)
    talk.get("p-q", no_ack=True)
    return talk.heard()


@question
def policy_of_an_expiry_begins_when_it_is_set(talk: Talk) -> list[str]:
    talk.declare("p-q")
    talk.heard()
    talk.side.policy("p-policy", "^p-q$", {"expires": 200})
    talk.wait(0.6)
    talk.count("p-q")
    return talk.heard()
