"""Operations on topics: create, delete, list, attributes, tags, permissions, data protection.

Source: SNS API reference; recorded answers of AWS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.sns import access, arns, policy_document, topic_attributes
from tomodachi_fakes.sns.core import Core, Output, Params
from tomodachi_fakes.sns.data_protection import InvalidDataProtectionPolicy, parse_policy
from tomodachi_fakes.sns.errors import (
    InvalidState,
    NotFound,
    ResourceNotFound,
    TagLimitExceeded,
    TopicLimitExceeded,
    invalid_attributes,
    invalid_parameter,
)
from tomodachi_fakes.sns.paging import page
from tomodachi_fakes.sns.state import Topic

if TYPE_CHECKING:
    from tomodachi_fakes.aws.call import CallContext

_NAME = re.compile(r"[a-zA-Z0-9_\-]{1,256}")
_FIFO_NAME = re.compile(r"[a-zA-Z0-9_\-]{1,251}\.fifo")


def create_topic(core: Core, params: Params, context: CallContext) -> Output:
    """Create a topic; one that exists and has all of the given attributes and tags is returned."""
    name = params["Name"]
    attributes = dict(params.get("Attributes") or {})
    protection = params.get("DataProtectionPolicy")
    fifo = _is_fifo(name, attributes.pop("FifoTopic", None))
    arn = arns.sns_arn(context.region, context.account, name)
    tags = _tags(params.get("Tags") or [])
    existing = core.state.topics.get(arn)
    if existing is not None:
        _check_same(existing, attributes, protection, tags, context)
        return {"TopicArn": arn}
    _check_limit(core, context, fifo=fifo)
    if len(tags) > core.limits.tags_per_topic:
        raise TagLimitExceeded()
    topic = Topic(arn, name, context.account, context.region, context.now, fifo, tags=tags)
    _set_attributes(topic, attributes, context)
    if protection is not None:
        _set_data_protection(topic, protection)
    core.state.topics[arn] = topic
    core.record("created", arn, context.now)
    return {"TopicArn": arn}


def delete_topic(core: Core, params: Params, context: CallContext) -> Output:
    """Delete a topic with its subscriptions; one that does not exist is no error.

    Raises:
        InvalidState: the topic has an archive.
    """
    try:
        topic = core.topic(params["TopicArn"], context)
    except NotFound:
        return {}
    access.check(core, topic, "DeleteTopic", context)
    if "ArchivePolicy" in topic.attributes:
        raise InvalidState("Invalid state: Cannot delete a topic with an ArchivePolicy")
    core.forget_topic(topic)
    core.record("deleted", topic.arn, context.now)
    return {}


def list_topics(core: Core, params: Params, context: CallContext) -> Output:
    """The caller's topics in its region, 100 at a time."""
    mine = [
        {"TopicArn": topic.arn}
        for topic in core.state.topics.values()
        if (topic.account, topic.region) == (context.account, context.region)
    ]
    topics, following = page(mine, params.get("NextToken"))
    return {"Topics": topics} if following is None else {"Topics": topics, "NextToken": following}


def get_topic_attributes(core: Core, params: Params, context: CallContext) -> Output:
    """A topic's attributes, the computed ones with them."""
    topic = core.topic(params["TopicArn"], context)
    access.check(core, topic, "GetTopicAttributes", context)
    return {"Attributes": topic_attributes.rendered(topic, now=context.now)}


def set_topic_attributes(core: Core, params: Params, context: CallContext) -> Output:
    """Set one attribute; a value that is left out or empty takes it away, but for a policy."""
    topic = core.topic(params["TopicArn"], context)
    access.check(core, topic, "SetTopicAttributes", context)
    name = params["AttributeName"]
    if not topic_attributes.is_attribute(name):
        raise invalid_parameter("AttributeName")
    value = params.get("AttributeValue", "")
    topic_attributes.set_attribute(
        topic, name, value, now=context.now, refuse=topic_attributes.on_set
    )
    return {}


def add_permission(core: Core, params: Params, context: CallContext) -> Output:
    """Add a statement to the topic's policy."""
    topic = core.topic(params["TopicArn"], context)
    access.check(core, topic, "AddPermission", context)
    policy_document.add_statement(
        topic, params["Label"], params["AWSAccountId"], params["ActionName"]
    )
    return {}


def remove_permission(core: Core, params: Params, context: CallContext) -> Output:
    """Remove a statement from the topic's policy."""
    topic = core.topic(params["TopicArn"], context)
    access.check(core, topic, "RemovePermission", context)
    policy_document.remove_statement(topic, params["Label"])
    return {}


def tag_resource(core: Core, params: Params, context: CallContext) -> Output:
    """Add tags to a topic, replacing those of the same keys."""
    topic = _tagged(core, params, context, "TagResource")
    tags = topic.tags | _tags(params["Tags"])
    if len(tags) > core.limits.tags_per_topic:
        raise TagLimitExceeded()
    topic.tags = tags
    return {}


def untag_resource(core: Core, params: Params, context: CallContext) -> Output:
    """Remove tags from a topic; keys it does not have are no error."""
    topic = _tagged(core, params, context, "UntagResource")
    for key in params["TagKeys"]:
        topic.tags.pop(key, None)
    return {}


def list_tags_for_resource(core: Core, params: Params, context: CallContext) -> Output:
    """A topic's tags."""
    topic = _tagged(core, params, context, "ListTagsForResource")
    return {"Tags": [{"Key": key, "Value": value} for key, value in topic.tags.items()]}


def put_data_protection_policy(core: Core, params: Params, context: CallContext) -> Output:
    """Set a topic's data protection policy, as JSON of at most 30,720 characters."""
    topic = core.topic(params["ResourceArn"], context, "ResourceArn")
    access.check(core, topic, "PutDataProtectionPolicy", context)
    _set_data_protection(topic, params["DataProtectionPolicy"])
    return {}


def get_data_protection_policy(core: Core, params: Params, context: CallContext) -> Output:
    """A topic's data protection policy, "" when it has none."""
    topic = core.topic(params["ResourceArn"], context, "ResourceArn")
    access.check(core, topic, "GetDataProtectionPolicy", context)
    policy = topic.data_protection
    return {"DataProtectionPolicy": "" if policy is None else policy.text}


def _is_fifo(name: str, attribute: str | None) -> bool:
    """Whether name and `FifoTopic` make a FIFO topic; they have to agree."""
    wanted = "false" if attribute is None else attribute.lower()
    if wanted not in ("true", "false"):
        msg = f"FifoTopic: Invalid value [{attribute}]. Must be true or false."
        raise invalid_attributes(msg)
    fifo = wanted == "true"
    if not (_FIFO_NAME if fifo else _NAME).fullmatch(name):
        raise invalid_parameter("Topic Name")
    return fifo


def _check_limit(core: Core, context: CallContext, *, fifo: bool) -> None:
    limit = core.limits.fifo_topics if fifo else core.limits.topics
    owner = (context.account, context.region)
    topics = core.state.topics
    if len(topics) < limit:
        return
    count = sum(
        (item.account, item.region, item.fifo) == (*owner, fifo) for item in topics.values()
    )
    if count >= limit:
        msg = f"The topic limit of {limit} is exceeded for the account"
        raise TopicLimitExceeded(msg)


def _set_attributes(topic: Topic, attributes: dict[str, str], context: CallContext) -> None:
    for name, value in attributes.items():
        if not topic_attributes.is_attribute(name):
            msg = f"Unknown attribute {name}"
            raise invalid_attributes(msg)
        topic_attributes.set_attribute(
            topic, name, value, now=context.now, refuse=topic_attributes.on_create
        )


def _check_same(
    topic: Topic,
    attributes: dict[str, str],
    protection: str | None,
    tags: dict[str, str],
    context: CallContext,
) -> None:
    """Let a repeated CreateTopic pass that asks for what exists."""
    wanted = Topic(topic.arn, topic.name, topic.account, topic.region, context.now, topic.fifo)
    _set_attributes(wanted, attributes, context)
    current, asked = (
        topic_attributes.DEFAULTS | topic_attributes.rendered(item, now=context.now)
        for item in (topic, wanted)
    )
    different = any(current.get(name, "") != asked.get(name, "") for name in attributes)
    if protection is not None:
        _set_data_protection(wanted, protection)
        different |= wanted.data_protection != topic.data_protection
    if different:
        raise invalid_attributes("Topic already exists with different attributes")
    if not tags.items() <= topic.tags.items():
        raise invalid_parameter("Tags", "Topic already exists with different tags")


def _tagged(core: Core, params: Params, context: CallContext, action: str) -> Topic:
    try:
        topic = core.topic(params["ResourceArn"], context, "ResourceArn")
    except NotFound as error:
        raise ResourceNotFound() from error
    access.check(core, topic, action, context)
    return topic


def _tags(given: list[dict[str, Any]]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag in given:
        key, value = tag["Key"], tag["Value"]
        if key.lower().startswith("aws:"):
            raise invalid_parameter("Tags", "aws: prefixed tag key names are not allowed")
        if key in tags:
            raise invalid_parameter("Duplicated keys are not allowed.")
        tags[key] = value
    return tags


def _set_data_protection(topic: Topic, text: str) -> None:
    if topic.fifo:
        reason = "Data protection policies are not supported for FIFO topics"
        raise invalid_parameter("DataProtectionPolicy", reason)
    try:
        topic.data_protection = parse_policy(text) if text else None
    except InvalidDataProtectionPolicy as error:
        raise invalid_parameter("DataProtectionPolicy", str(error)) from error
