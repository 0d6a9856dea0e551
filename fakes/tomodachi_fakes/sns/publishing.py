"""Publish and PublishBatch: to a topic, a device endpoint or a phone number.

What a message may be is decided in `message.py`, who gets it in `fan_out.py`.

Source: SNS API reference, Publish and PublishBatch; recorded answers of AWS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.sns import access, archive, encryption, platform, sms
from tomodachi_fakes.sns.core import Core, Output, Params
from tomodachi_fakes.sns.data_protection import protected
from tomodachi_fakes.sns.deduplication import Accepted, DeduplicationWindow
from tomodachi_fakes.sns.errors import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidBatchEntryId,
    TooManyEntriesInBatchRequest,
    invalid_parameter,
)
from tomodachi_fakes.sns.fan_out import FanOut
from tomodachi_fakes.sns.message import (
    Content,
    Message,
    check_fifo_ids,
    check_size,
    content_of,
    deduplication_id,
    maximum_message_size,
)

if TYPE_CHECKING:
    from tomodachi_fakes.aws.call import CallContext
    from tomodachi_fakes.sns.state import Topic

_MAXIMUM_ENTRIES = 10
_ENTRY_ID = re.compile(r"[a-zA-Z0-9_\-]{1,80}")
_TARGETS = ("TopicArn", "TargetArn", "PhoneNumber")
_TRACE_HEADER = "x-amzn-trace-id"


def publish(core: Core, params: Params, context: CallContext) -> Output:
    """Publish a message."""
    parameter = _target_parameter(params)
    target = params[parameter]
    if parameter == "PhoneNumber":
        return sms.publish(core, params, content_of(params), context)
    if ":endpoint/" in target:
        return platform.publish(core, target, params, context)
    topic = core.topic(target, context, parameter)
    access.check(core, topic, "Publish", context)
    content = content_of(params)
    check_size(content, topic)
    check_fifo_ids(content, topic)
    encryption.check_usable(core, topic, context)
    return _publish_to_topic(core, topic, content, context)


def _target_parameter(params: Params) -> str:
    """The parameter that names where the message goes, of which exactly one has to be given.

    Raises:
        InvalidParameter: none, or more than one.
    """
    given = [name for name in _TARGETS if params.get(name) is not None]
    if not given:
        raise invalid_parameter("TopicArn or TargetArn", "no value for required parameter")
    if len(given) > 1:
        raise invalid_parameter(" or ".join(given), "only one of them can be specified")
    return given[0]


def publish_batch(core: Core, params: Params, context: CallContext) -> Output:
    """Publish up to ten messages; each succeeds or fails on its own once all of them are messages.

    Raises:
        AwsError: what Publish would refuse in a message refuses the whole batch, but for an id that
            the kind of the topic does not have.
    """
    topic = core.topic(params["TopicArn"], context)
    access.check(core, topic, "Publish", context)
    entries = params["PublishBatchRequestEntries"]
    _check_entries(entries)
    contents = [content_of(entry) for entry in entries]
    if sum(content.size_bytes for content in contents) > maximum_message_size(topic):
        raise BatchRequestTooLong()
    if topic.fifo:
        for content in contents:
            check_fifo_ids(content, topic)
    encryption.check_usable(core, topic, context)
    output: Output = {"Successful": [], "Failed": []}
    for entry, content in zip(entries, contents, strict=True):
        _publish_entry(core, topic, entry["Id"], content, context, output)
    return output


def _publish_entry(
    core: Core,
    topic: Topic,
    entry_id: str,
    content: Content,
    context: CallContext,
    output: Output,
) -> None:
    try:
        check_fifo_ids(content, topic)
        result = _publish_to_topic(core, topic, content, context)
    except AwsError as error:
        output["Failed"].append(
            {
                "Id": entry_id,
                "Code": error.code,
                "Message": error.message,
                "SenderFault": error.sender_fault,
            }
        )
    else:
        output["Successful"].append({"Id": entry_id, **result})


def _publish_to_topic(core: Core, topic: Topic, content: Content, context: CallContext) -> Output:
    if not topic.fifo:
        content = protected(core, topic, content, context)
        message = _message(core, topic, content, context)
        _deliver(core, topic, message, context.now)
        return {"MessageId": message.message_id}
    window = topic.deduplication = topic.deduplication or DeduplicationWindow()
    identifier = deduplication_id(content, topic)
    assert identifier is not None  # a FIFO topic's messages have one
    key = (_deduplication_group(topic, content), identifier)
    accepted = window.find(key, now=context.now)
    if accepted is None:
        accepted = _publish_to_fifo(core, topic, content, context, identifier)
        window.remember(key, accepted)
    else:
        core.record("deduplicated", topic.arn, context.now, message_id=accepted.message_id)
    return {"MessageId": accepted.message_id, "SequenceNumber": accepted.sequence_number}


def _publish_to_fifo(
    core: Core, topic: Topic, content: Content, context: CallContext, identifier: str
) -> Accepted:
    message = _message(core, topic, content, context)
    topic.sequence += 1
    message.sequence_number = f"{topic.sequence:020d}"
    message.message_deduplication_id = identifier
    archive.keep(topic, message, now=context.now)
    _deliver(core, topic, message, context.now)
    return Accepted(message.message_id, message.sequence_number, context.now)


def _deduplication_group(topic: Topic, content: Content) -> str:
    per_group = topic.attributes.get("FifoThroughputScope") == "MessageGroup"
    return content.message_group_id or "" if per_group else ""


def _message(core: Core, topic: Topic, content: Content, context: CallContext) -> Message:
    return Message(
        topic_arn=topic.arn,
        message_id=core.ids.uuid(),
        body=content.body,
        published_at=context.now,
        base_url=context.base_url,
        bodies=content.bodies,
        subject=content.subject,
        attributes=content.attributes,
        message_group_id=content.message_group_id,
        trace_header=(context.headers or {}).get(_TRACE_HEADER),
    )


def _deliver(core: Core, topic: Topic, message: Message, now: float) -> None:
    message.cause = core.record(
        "published", topic.arn, now, message_id=message.message_id, payload=message
    )
    FanOut(core, topic, message, now=now).to_all()


def _check_entries(entries: list[dict[str, Any]]) -> None:
    if not entries:
        raise EmptyBatchRequest()
    if len(entries) > _MAXIMUM_ENTRIES:
        raise TooManyEntriesInBatchRequest()
    identifiers = [entry["Id"] for entry in entries]
    if not all(_ENTRY_ID.fullmatch(identifier) for identifier in identifiers):
        raise InvalidBatchEntryId()
    if len(set(identifiers)) != len(identifiers):
        raise BatchEntryIdsNotDistinct()
