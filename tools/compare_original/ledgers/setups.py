"""Known differences in how queues, topics and subscriptions are set up."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tools.compare_original.ledgers.known import Known, only, raised

_OF_QUEUES = frozenset(
    {
        *("VisibilityTimeout", "RedrivePolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"),
        "SqsManagedSseEnabled",
    }
)
# What a set-up can do without, and what it ends with.
_DISPENSABLE = frozenset({"sns.SetTopicAttributes", "sns.SetSubscriptionAttributes"})
_NEEDED = frozenset({"sns.Subscribe", "sqs.CreateQueue", "sqs.SetQueueAttributes"})


def _without_topic(case: Any, theirs: Any, ours: Any) -> bool:
    topics = [handler.get("topic") for handler in _handlers(case)]
    bare = any(topic is None or topic[-1:] in ("*", "#") for topic in topics)
    if not bare:
        return False
    if case.get("denied") == "sqs.SetQueueAttributes" and only(theirs, ours, "result"):
        return not raised(_refusal(theirs)) and raised(_refusal(ours), "AWSSNSSQSException")
    return only(theirs, ours, "state") and _keys_of_state(theirs, ours) <= _OF_QUEUES


def _shared_queue(case: Any, theirs: Any, ours: Any) -> bool:
    names = Counter(
        (handler.get("queue_name"), handler.get("queue_name") or handler.get("topic"))
        for handler in _handlers(case)
    )
    shared = any(count > 1 for count in names.values())
    mended = _OF_QUEUES | {"Policy"}
    return shared and only(theirs, ours, "state") and _keys_of_state(theirs, ours) <= mended


def _goes_on(theirs: Any, ours: Any) -> bool:
    """Whether the original gave up, and ours did not."""
    return raised(_refusal(theirs), "AWSSNSSQSException") and not raised(_refusal(ours))


def _refusal(answer: Any) -> Any:
    result = answer.get("result") if isinstance(answer, dict) else None
    return result.get("refused") if isinstance(result, dict) else None


def _no_redrive(case: Any, theirs: Any, ours: Any) -> bool:
    takes_away = any(
        handler.get("dead_letter_queue_name", "") is None for handler in _handlers(case)
    )
    return takes_away and _goes_on(theirs, ours)


def _there_before(case: Any, theirs: Any, ours: Any) -> bool:
    """A topic of a handler. The original leaves it as it is where it may not be created."""
    topics = {f"{h.get('topic')}{'.fifo' if h.get('fifo') else ''}" for h in _handlers(case)}
    if not any(params.get("Name") in topics for _, params in case.get("before", ())):
        return False
    if case.get("denied") == "sns.CreateTopic" and only(theirs, ours, "state"):
        names = {*theirs["state"], *ours["state"]}
        of_topics = all(name.startswith("topic ") for name in names)
        return of_topics and _keys_of_state(theirs, ours) == {"KmsMasterKeyId"}
    if case.get("denied") == "sns.CreateTopic" and case.get("denied_once"):
        # The one denial met the topic that exists there, and the next one here.
        return not raised(_refusal(theirs)) and raised(_refusal(ours), "AWSSNSSQSException")
    other = case.get("options", {}).get("sns_kms_master_key_id") is not None
    return other and _goes_on(theirs, ours)


def _may_not(case: Any, theirs: Any, ours: Any) -> bool:
    return case.get("denied") in _DISPENSABLE and _goes_on(theirs, ours)


def _stopped_elsewhere(case: Any, theirs: Any, ours: Any) -> bool:
    return case.get("denied") in _NEEDED and only(theirs, ours, "state")


def _asks_in_vain(case: Any, theirs: Any, ours: Any) -> bool:
    in_vain = any(
        handler.get("max_receive_count") is not None and not handler.get("dead_letter_queue_name")
        for handler in _handlers(case)
    )
    return in_vain and only(theirs, ours, "state") and set(ours["state"].values()) == {"(absent)"}


def _handlers(case: Any) -> list[Any]:
    return list(case.get("handlers", ()))


def _keys_of_state(theirs: Any, ours: Any) -> set[str]:
    """The attributes that differ; a queue that one lacks counts by its name."""
    found: set[str] = set()
    for answer in (theirs, ours):
        for name, value in (answer.get("state") or {}).items():
            found |= set(value) if isinstance(value, dict) else {name}
    return found


KNOWN = (
    Known("setups", "a redrive policy is taken away with an empty text", _no_redrive),
    Known("setups", "a topic that exists is updated, not created again", _there_before),
    Known("setups", "row 6: attributes of queues without a topic", _without_topic),
    Known("setups", "handlers that share a queue share its policy", _shared_queue),
    Known("setups", "what may not be updated is skipped", _may_not),
    Known("setups", "what cannot be is refused before anything is made", _asks_in_vain),
    Known("setups", "a set-up that is denied has come as far as its order", _stopped_elsewhere),
)
