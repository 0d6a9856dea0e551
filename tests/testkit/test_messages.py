"""Message lists: exactly one, with the difference to the closest candidate; matchers of others."""

from __future__ import annotations

from typing import Any

import pytest
from dirty_equals import IsDatetime, IsPositiveInt, IsStr, IsUUID
from inline_snapshot import snapshot

from tomodachi_testkit.comparisons import explain
from tomodachi_testkit.messages import Message, MessageList

INVOICE = Message({"order": 7, "amount": 12}, topic="invoice-sent", correlation_id="c-1")
REMINDER = Message({"order": 7}, topic="reminder-sent")


def published(*messages: Message) -> MessageList:
    return MessageList(messages, "published messages")


def test_one_returns_the_message_that_matches() -> None:
    assert published(INVOICE, REMINDER).one(topic="invoice-sent") is INVOICE
    assert published(INVOICE, REMINDER).where(data={"order": 7}) == [REMINDER]
    published(INVOICE).none(topic="reminder-sent")
    assert len(published(INVOICE, INVOICE).count(2, correlation_id="c-1")) == 2


def test_a_failed_match_shows_the_closest_candidate() -> None:
    with pytest.raises(AssertionError) as caught:
        published(REMINDER, INVOICE).one(topic="invoice-sent", data={"order": 7, "amount": 13})
    assert str(caught.value) == snapshot(
        """\
expected 1 of the published messages to match topic='invoice-sent', data={'order': 7, 'amount': 13}; 0 did.
  closest of 2: invoice-sent: {'order': 7, 'amount': 12}
    data['amount']: expected 13, got 12\
"""
    )


def test_a_difference_deep_in_the_data_is_shown_alone() -> None:
    lines = [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]
    order = Message({"order": {"id": 7, "lines": lines, "to": {"zip": "123"}}}, topic="ordered")
    wanted = [{"sku": "a", "n": 1}, {"sku": "b", "n": 3}, {"sku": "c", "n": 1}]
    with pytest.raises(AssertionError) as caught:
        published(order).one(data={"order": {"id": 7, "lines": wanted, "to": {"zip": IsStr}}})
    assert str(caught.value).splitlines()[2:] == snapshot(
        [
            "    data['order']['lines'][1]['n']: expected 3, got 2",
            "    data['order']['lines'][2]: expected {'sku': 'c', 'n': 1}, got nothing",
        ]
    )


def test_too_many_matches_are_listed_and_an_empty_list_says_so() -> None:
    with pytest.raises(AssertionError, match=r"2 did.*\n  matched: invoice-sent.*\n  matched"):
        published(INVOICE, INVOICE).one(topic="invoice-sent")
    with pytest.raises(AssertionError, match="there are no published messages"):
        published().one(topic="invoice-sent")


def test_a_field_that_messages_do_not_have_is_an_error_of_the_test() -> None:
    with pytest.raises(TypeError, match="no field 'tpoic'"):
        published(INVOICE).one(tpoic="invoice-sent")


async def test_values_may_be_dirty_equals_matchers(svc: Any) -> None:
    svc.call_aws("sns", "CreateTopic", {"Name": "invoice-sent"})
    svc.allow |= {"unrouted"}
    await svc.sns.publish(
        "invoice-sent", {"order": 7, "by": "ann"}, attributes={"n": 1}, envelope=None
    )
    found = svc.sns.published.one(
        data={"order": IsPositiveInt, "by": IsStr(regex="a.*")},
        message_id=IsUUID,
        attributes={"n": IsPositiveInt},
        at=IsDatetime,
    )
    assert found.topic == "invoice-sent"


def test_inline_snapshots_hold_what_was_published() -> None:
    assert [(m.topic, m.data) for m in published(INVOICE, REMINDER)] == snapshot(
        [("invoice-sent", {"order": 7, "amount": 12}), ("reminder-sent", {"order": 7})]
    )


def test_compared_messages_are_shown_field_by_field() -> None:
    other = Message({"order": 7, "amount": 13}, topic="invoice-sent", correlation_id="c-1")
    assert explain("==", INVOICE, other) == [
        "invoice-sent: {'order': 7, 'amount': 12} == invoice-sent: {'order': 7, 'amount': 13}",
        "    data['amount']: expected 13, got 12",
    ]
    assert explain("==", published(INVOICE, REMINDER), [INVOICE]) == [
        "<2 published messages> == <list of 1>",
        "  [1] reminder-sent: {'order': 7}  !=  nothing",
    ]
    assert explain("in", REMINDER, published(INVOICE)) == [
        f"{REMINDER!r} in <1 published messages>",
        "  invoice-sent: {'order': 7, 'amount': 12}",
    ]
    assert explain("==", 1, 2) is None
