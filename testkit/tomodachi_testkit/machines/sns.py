"""`SNSMachine`: one topic, its queues and HTTP endpoints, used at random, against a model of SNS.

It talks to the fakes' core, in virtual time. Invariant 10 of the property tests is checked: a message
reaches exactly the subscriptions whose filter it passed when it was published, once, in the form they
asked for then; what can't be delivered reaches the dead-letter queue. Who is subscribed is in
`sns_topic.py`, what the filters mean in `sns_model.py`, when posts come in `sns_posts.py`, what messages
look like in `sns_forms.py`. Subclasses choose filters and queues.

Source: SNS API reference; https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tomodachi_fakes.sns.http_delivery import HttpOutcome
from tomodachi_testkit.machines.core_calls import START
from tomodachi_testkit.machines.sns_forms import check_post, check_stored, content_of, number_of
from tomodachi_testkit.machines.sns_model import DEAD, Answer, Published
from tomodachi_testkit.machines.sns_posts import Post
from tomodachi_testkit.machines.sns_topic import (
    LONGEST_RETENTION_S,
    TopicMachine,
    pick,
    picks,
    url,
)
from tomodachi_testkit.machines.steps import invariant, rule

_words = st.sampled_from((None, "a", "b", "ab", "ba"))
_levels = st.sampled_from((None, 1, 2))
_kinds = st.sampled_from(("x", "y"))
_groups = st.sampled_from(("a", "b"))
_dedups = st.integers(0, 3)
_subjects = st.sampled_from((None, "about"))
_LAPSE_S = 2 * 86_400


class SNSMachine(TopicMachine):
    """A standard topic; `FifoSNSMachine` is the same for a FIFO topic. `TopicMachine` has the attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0

    # --- publishing -------------------------------------------------------------------------------

    @rule(
        event=_words,
        level=_levels,
        kind=_kinds,
        group=_groups,
        dedup=_dedups,
        inner=_words,
        subject=_subjects,
        by_protocol=st.booleans(),
    )
    def publish(
        self,
        event: str | None,
        level: int | None,
        kind: str,
        group: str,
        dedup: int,
        inner: str | None = None,
        subject: str | None = None,
        by_protocol: bool = False,  # noqa: FBT001 - a rule's drawn value
    ) -> None:
        """Publish, the body as it is or by protocol."""
        message = self._message(event, level, kind, inner, dedup)
        by_protocol = by_protocol and self._may_differ_by_protocol()
        message = replace(message, subject=subject, by_protocol=by_protocol)
        entry = self._entry(message, group, dedup)
        output = self._sns("Publish", TopicArn=self.topic, **entry)
        self._published(message, entry, output)
        self._compare_posts()

    @rule(
        entries=st.lists(
            st.tuples(_words, _levels, _kinds, _groups, _dedups, _words), min_size=1, max_size=4
        )
    )
    def publish_batch(
        self, entries: list[tuple[str | None, int | None, str, str, int, str | None]]
    ) -> None:
        """PublishBatch: the same, entry by entry."""
        messages = [
            self._message(event, level, kind, inner, dedup)
            for event, level, kind, _, dedup, inner in entries
        ]
        made = [
            {"Id": str(number), **self._entry(message, group, dedup)}
            for number, (message, (*_, group, dedup, _)) in enumerate(
                zip(messages, entries, strict=True)
            )
        ]
        output = self._sns("PublishBatch", TopicArn=self.topic, PublishBatchRequestEntries=made)
        assert [done["Id"] for done in output["Successful"]] == [entry["Id"] for entry in made]
        for message, entry, done in zip(messages, made, output["Successful"], strict=True):
            self._published(message, entry, done)
        self._compare_posts()

    def _may_differ_by_protocol(self) -> bool:
        by_body = any(item.by_body for item in self._subscriptions().values())
        return not (by_body and self._keeps_clear_of("bodies by protocol are filtered"))

    def _message(
        self,
        event: str | None,
        level: int | None,
        kind: str,
        inner: str | None,
        dedup: int,
    ) -> Published:
        self.made += 1
        if self.content_based:
            return Published(self._dedup(dedup, self.made), event, level, "x")
        return Published(self.made, event, level, kind, inner)

    def _entry(self, message: Published, group: str, dedup: int) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "Message": message.body_for(""),
            "MessageAttributes": message.attributes,
        }
        if message.subject is not None:
            entry["Subject"] = message.subject
        if message.by_protocol:
            bodies = {name: message.body_for(name) for name in ("default", "sqs", "http")}
            entry |= {"Message": json.dumps(bodies), "MessageStructure": "json"}
        if self.fifo:
            entry["MessageGroupId"] = group
        by_content = self.content_based and not self._keeps_clear_of("no deduplication id")
        if self.fifo and not by_content:
            entry["MessageDeduplicationId"] = f"d{self._dedup(dedup, message.number)}"
        return entry

    def _dedup(self, drawn: int, fresh: int) -> int:
        return fresh if self._keeps_clear_of("a deduplication id again") else drawn

    def _keeps_clear_of(self, what: str) -> bool:
        return self.keeps_clear("moto", "sns.Publish", what)

    def _published(self, message: Published, entry: dict[str, Any], output: Any) -> None:
        dedup = entry.get("MessageDeduplicationId", "")
        if self.content_based and not dedup:
            dedup = hashlib.sha256(entry["Message"].encode()).hexdigest()
        answer = Answer(output["MessageId"], output.get("SequenceNumber", ""))
        group, now = entry.get("MessageGroupId", ""), self.core.now
        passed = self.model.published(message, answer, group=group, dedup=dedup, now=now)
        self.posts.start(passed, now=now)

    # --- posts ------------------------------------------------------------------------------------

    @precondition(lambda self: self.posts.under_way())
    @rule(which=picks, status=st.sampled_from((200, 503, 404)))
    def answer(self, which: int, status: int) -> None:
        """An HTTP endpoint answers one post."""
        self._answer(pick(self.posts.under_way(), which), status)

    @precondition(lambda self: self.posts.under_way())
    @rule(which=picks)
    def stay_away(self, which: int) -> None:
        """An HTTP endpoint is unavailable until SNS gives one post up."""
        post = pick(self.posts.under_way(), which)
        while post in self.posts.posts:
            self._answer(post, 503)
            self._pass_time(20)

    def _answer(self, post: Post, status: int) -> None:
        outcome = HttpOutcome(status=status)
        self.core.cloud.http_answered(post.delivery_id, outcome, now=self.core.now)
        self.posts.answered(post, status, now=self.core.now)
        self._compare_posts()

    def _compare_posts(self) -> None:
        self._take_posts()
        found, self.found = self.found, []
        due = self.posts.take_due(now=self.core.now)
        posted = [(post.url, post.attempt) for post in found]
        assert posted == [(url(post.hook), post.attempt) for post in due], posted
        for post, expected in zip(found, due, strict=True):
            expected.delivery_id = post.delivery_id
            check_post(post, expected.expected, self.topic)

    # --- time -------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from((1, 20, 299, 300)))
    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self._pass_time(seconds)

    @precondition(lambda self: self._pending() and self._days_are_left())
    @rule()
    def lapse(self) -> None:
        """Let two days pass: who has not confirmed is not subscribed any more."""
        self._pass_time(_LAPSE_S)

    def _pass_time(self, seconds: int) -> None:
        self.core.advance_to(self.core.now + seconds)
        if self.second is not None:
            self.second.advance_to(self.core.now)
        for name, item in list(self.model.hooks.items()):
            if item.token and self.core.now - item.asked_at >= _LAPSE_S:
                del self.model.hooks[name]
        self._compare_posts()

    def _days_are_left(self) -> bool:
        """Whether no message has to expire by two days more."""
        return self.core.now + _LAPSE_S < START + LONGEST_RETENTION_S

    # --- what must be true ------------------------------------------------------------------------

    @invariant()
    def deliveries_are_settled(self) -> None:
        """SNS works on no other posts than those that must come, or wait for their answer."""
        assert self.core.cloud.sns.pending_deliveries() == len(self.posts.posts)

    @invariant()
    def queues_have_what_passed_their_filters(self) -> None:
        """10: no more, no less, in order, and in the form that was asked for at the time."""
        for queue in (*self.queues, DEAD):
            if queue in self.model.missing:
                continue
            expected = self.model.delivered.get(queue, [])
            found = list(self.core.queue(f"{queue}{self.suffix}").store.messages.values())
            numbers = [number_of(message.body) for message in found]
            assert numbers == [item.message.number for item in expected], f"{queue}: {numbers}"
            for stored, item in zip(found, expected, strict=True):
                check_stored(stored, item, self.topic)

    @invariant()
    def both_deliver_the_same(self) -> None:
        """What a second implementation has in the queues, but for ids, times and signatures."""
        if self.second is None:
            return
        for queue in (name for name in self.queues if name not in self.model.missing):
            name = f"{queue}{self.suffix}"
            stored = self.core.queue(name).store.messages.values()
            ours = [content_of(message.body) for message in stored]
            theirs = [content_of(body) for body in self.second.bodies(name)]
            assert ours == theirs, f"{queue}: the fake has {ours}, moto {theirs}"


class FifoSNSMachine(SNSMachine):
    """A FIFO topic with FIFO queues: what is published again within five minutes goes nowhere."""

    fifo = True
