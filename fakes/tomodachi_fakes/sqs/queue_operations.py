"""Operations on queues as a whole: create, delete, find, list, attributes, tags, purge.

Source: SQS API reference.
"""

from __future__ import annotations

import re
from typing import Any

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.sqs import attributes, limits
from tomodachi_fakes.sqs.errors import (
    InvalidAttributeName,
    InvalidParameterValue,
    MissingParameter,
    PurgeQueueInProgress,
    QueueDeletedRecently,
    QueueDoesNotExist,
    QueueNameExists,
)
from tomodachi_fakes.sqs.flow import MessageFlow
from tomodachi_fakes.sqs.paging import page_of
from tomodachi_fakes.sqs.policy_rules import check_policy
from tomodachi_fakes.sqs.queue import Queue, QueueId
from tomodachi_fakes.sqs.redrive import (
    RedrivePolicy,
    read_redrive_allow_policy,
    read_redrive_policy,
)
from tomodachi_fakes.sqs.state import SqsState, arn_of, url_of
from tomodachi_fakes.sqs.tag_rules import KEY_RULE, check_tags

_STANDARD_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FIFO_NAME = re.compile(r"[A-Za-z0-9_-]{1,75}\.fifo")
_NAME_RULE = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
_FIFO_NAME_RULE = (
    "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
    "must end with .fifo suffix and be 1 to 80 in length."
)
_KNOWN = {*attributes.SETTABLE, *attributes.READ_ONLY}


class QueueOperations:
    """Operations on queues."""

    def __init__(self, state: SqsState, flow: MessageFlow) -> None:
        self._state = state
        self._flow = flow

    # --- life ------------------------------------------------------------------------------------

    def create_queue(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """CreateQueue: a new queue, or the URL of one that exists with the same attributes."""
        given: dict[str, str] = params.get("Attributes") or {}
        name: str = params["QueueName"]
        fifo = _check_name(name, given)
        queue_id = QueueId(context.account, context.region, name)
        existing = self._state.queues.get(queue_id)
        if existing is not None:
            different = attributes.first_difference(existing.values, given, fifo=fifo)
            if different is not None:
                raise QueueNameExists(different)
            return {"QueueUrl": url_of(existing, context)}
        self._refuse_early_name(queue_id, now=context.now)
        tags = dict(params.get("tags") or {})
        check_tags(name, tags)
        values = attributes.initial(given, fifo=fifo)
        self._check_policies(queue_id, values, given, fifo=fifo)
        queue = self._state.add_queue(queue_id, values, now=context.now)
        queue.tags = tags
        self._event("created", queue, now=context.now)
        return {"QueueUrl": url_of(queue, context)}

    def _refuse_early_name(self, queue_id: QueueId, *, now: float) -> None:
        deleted_at = self._state.deleted_at.get(queue_id)
        if deleted_at is not None and now < deleted_at + limits.RECREATE_WAIT_S:
            raise QueueDeletedRecently()

    def delete_queue(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """DeleteQueue."""
        queue = self._state.queue_of(params, context)
        self._state.remove_queue(queue, now=context.now)
        self._event("deleted", queue, now=context.now)
        return {}

    def purge_queue(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """PurgeQueue: every message goes, whatever its state, and so does deduplication."""
        queue = self._state.queue_of(params, context)
        if self._state.options.purge_wait and context.now < queue.purged_at + limits.PURGE_WAIT_S:
            raise PurgeQueueInProgress(queue.id.name)
        queue.purged_at = context.now
        count = len(queue.store.messages)
        queue.store.clear()
        queue.deduplication.clear()
        queue.attempts.clear()
        self._event("purged", queue, now=context.now, messages=count)
        return {}

    # --- finding ---------------------------------------------------------------------------------

    def get_queue_url(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """GetQueueUrl."""
        if not params["QueueName"]:
            msg = "QueueName"
            raise MissingParameter(msg)
        account = params.get("QueueOwnerAWSAccountId") or context.account
        queue = self._state.queues.get(QueueId(account, context.region, params["QueueName"]))
        if queue is None:
            raise QueueDoesNotExist(context.protocol, anothers=account != context.account)
        return {"QueueUrl": url_of(queue, context)}

    def list_queues(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """ListQueues."""
        prefix = params.get("QueueNamePrefix") or ""
        queues = {
            queue.id.name: queue
            for queue in self._state.queues_in(context.account, context.region)
            if queue.id.name.startswith(prefix)
        }
        names, token = page_of(list(queues), params)
        output: dict[str, Any] = {}
        if names:
            output["QueueUrls"] = [url_of(queues[name], context) for name in names]
        if token is not None:
            output["NextToken"] = token
        return output

    def list_dead_letter_source_queues(
        self, params: dict[str, Any], context: CallContext
    ) -> dict[str, Any]:
        """ListDeadLetterSourceQueues."""
        target = self._state.queue_of(params, context)
        sources = {
            queue.id.name: queue
            for queue in self._state.queues_in(target.id.account, target.id.region)
            if queue.redrive is not None and queue.redrive.target_arn == target.arn
        }
        names, token = page_of(list(sources), params)
        output: dict[str, Any] = {"queueUrls": [url_of(sources[n], context) for n in names]}
        if token is not None:
            output["NextToken"] = token
        return output

    # --- attributes ------------------------------------------------------------------------------

    def get_queue_attributes(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """GetQueueAttributes."""
        queue = self._state.queue_of(params, context)
        names = params.get("AttributeNames") or ()
        for name in names:
            if name != "All" and name not in _KNOWN:
                raise InvalidAttributeName.unknown(name)
            if name == "FifoQueue" and not queue.fifo:
                raise InvalidAttributeName.unknown(name)
        shown = queue.shown_attributes()
        if "All" not in names:
            shown = {name: value for name, value in shown.items() if name in names}
        return {"Attributes": shown} if shown else {}

    def set_queue_attributes(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """SetQueueAttributes."""
        queue = self._state.queue_of(params, context)
        given: dict[str, str] = params["Attributes"]
        if not given:
            msg = "Attribute.Name"
            raise MissingParameter(msg)
        values = attributes.changed(queue.values, given, fifo=queue.fifo)
        self._check_policies(queue.id, values, given, fifo=queue.fifo)
        queue.configure(values, now=context.now)
        self._event("attributes-set", queue, now=context.now, names=sorted(given))
        self._state.schedule(queue)
        self._flow.advance(now=context.now)
        return {}

    def _check_policies(
        self, queue_id: QueueId, values: dict[str, str], given: dict[str, str], *, fifo: bool
    ) -> None:
        if given.get("Policy"):
            check_policy(given["Policy"])
        if given.get("RedriveAllowPolicy"):
            read_redrive_allow_policy(values["RedriveAllowPolicy"])
        if given.get("RedrivePolicy"):
            policy = self._checked_redrive(queue_id, values["RedrivePolicy"], fifo=fifo)
            values["RedrivePolicy"] = str(policy)

    def _checked_redrive(self, queue_id: QueueId, value: str, *, fifo: bool) -> RedrivePolicy:
        policy = read_redrive_policy(value)
        target = self._state.queue_at(policy.target_arn)

        def refuse(reason: str) -> InvalidParameterValue:
            return InvalidParameterValue.of(value, "RedrivePolicy", reason)

        if target is None:
            msg = "Dead letter target does not exist."
            raise refuse(msg)
        if (target.id.account, target.id.region) != (queue_id.account, queue_id.region):
            msg = "Dead-letter target owner should be same as the source."
            raise refuse(msg)
        if target.fifo != fifo:
            msg = "Dead-letter queue must be same type of queue as the source."
            raise refuse(msg)
        if not target.redrive_allow.allows(arn_of(queue_id)):
            msg = "The redrive allow policy of the dead-letter queue does not allow this source."
            raise refuse(msg)
        return policy

    # --- tags ------------------------------------------------------------------------------------

    def tag_queue(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """TagQueue."""
        queue = self._state.queue_of(params, context)
        tags = {**queue.tags, **params["Tags"]}
        if not params["Tags"]:
            msg = "Tags"
            raise MissingParameter(msg)
        check_tags(queue.id.name, tags)
        queue.tags = tags
        return {}

    def untag_queue(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """UntagQueue; keys that the queue does not have are passed by."""
        queue = self._state.queue_of(params, context)
        if not params["TagKeys"]:
            raise InvalidParameterValue(KEY_RULE)
        for key in params["TagKeys"]:
            queue.tags.pop(key, None)
        return {}

    def list_queue_tags(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """ListQueueTags."""
        queue = self._state.queue_of(params, context)
        return {"Tags": dict(queue.tags)} if queue.tags else {}

    def _event(self, kind: str, queue: Queue, *, now: float, **detail: Any) -> None:
        self._state.events.append("sqs", f"queue-{kind}", queue.arn, now=now, **detail)


def _check_name(name: str, given: dict[str, str]) -> bool:
    """Whether the new queue is a FIFO queue.

    Raises:
        InvalidParameterValue: the name does not fit its type.
    """
    if not name:
        msg = "QueueName"
        raise MissingParameter(msg)
    if given.get("FifoQueue", "").lower() == "true":
        if not _FIFO_NAME.fullmatch(name):
            raise InvalidParameterValue(_FIFO_NAME_RULE)
        return True
    if not _STANDARD_NAME.fullmatch(name):
        raise InvalidParameterValue(_NAME_RULE)
    return False
