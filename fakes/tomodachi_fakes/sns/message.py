"""A published message: what Publish accepts, and the message that comes of it.

Message bodies by protocol (`MessageStructure`), subject, attributes and their types, size, message
group and deduplication ids. Deduplication itself is in `deduplication.py`, envelopes in
`notification.py`, attributes in `message_attributes.py`.

Sources: SNS API reference, Publish; recorded answers of AWS;
https://github.com/evanshortiss/sns-mobile/issues/6 (what a message for one device lacks).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.sns.errors import InvalidParameter, invalid_parameter
from tomodachi_fakes.sns.message_attributes import attributes_size, check_attributes

if TYPE_CHECKING:
    from tomodachi_fakes.sns.state import Topic

DEFAULT_MAXIMUM_MESSAGE_SIZE = 262_144
_MAXIMUM_SUBJECT_LENGTH = 100
_NOT_IN_A_SUBJECT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_FIFO_ID = re.compile(r"[a-zA-Z0-9!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}")


@dataclass(slots=True)
class Message:
    """A message on its way to the subscriptions of a topic, or to one endpoint or number.

    Attributes:
        topic_arn: The topic, or the platform endpoint, or the phone number it was published to.
        body: The message as given; with `MessageStructure: json` its default entry.
        bodies: Message bodies by protocol, for `MessageStructure: json`; empty otherwise.
        attributes: Message attributes in wire form, blobs as bytes.
        published_at: Unix time in seconds.
        base_url: Scheme and authority for the URLs in the envelope.
        replayed: True for a copy from the archive.
        cause: `seq` of the "published" event.
    """

    topic_arn: str
    message_id: str
    body: str
    published_at: float
    base_url: str = ""
    bodies: dict[str, str] = field(default_factory=dict)
    subject: str | None = None
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    message_group_id: str | None = None
    message_deduplication_id: str | None = None
    sequence_number: str | None = None
    trace_header: str | None = None
    replayed: bool = False
    cause: int | None = None

    def body_for(self, protocol: str) -> str:
        """The message body that subscribers of `protocol` get."""
        return self.bodies.get(protocol, self.body)


@dataclass(frozen=True, slots=True)
class Content:
    """The checked parameters of a Publish request or of one batch entry.

    Attributes:
        size_bytes: Octets of the message and its attributes.
        raw: The `Message` parameter itself, of which content-based deduplication takes the hash.
    """

    raw: str
    body: str
    bodies: dict[str, str]
    subject: str | None
    attributes: dict[str, dict[str, Any]]
    message_group_id: str | None
    message_deduplication_id: str | None
    size_bytes: int


def content_of(params: dict[str, Any], *, platform: str = "") -> Content:
    """Check what Publish and a batch entry have in common.

    `platform` is the push service of the one device that the message is for, if it is for one: its
    entry in a JSON message makes a default one needless.

    Raises:
        InvalidParameter: empty message, bad subject, bad structure.
        InvalidParameterValue: an attribute that does not follow its type.
    """
    raw = params.get("Message", "")
    if not raw:
        raise invalid_parameter("Empty message")
    try:
        size_bytes = len(raw.encode())
    except UnicodeEncodeError as error:
        raise invalid_parameter("Message") from error
    subject = params.get("Subject")
    _check_subject(subject)
    attributes = params.get("MessageAttributes") or {}
    check_attributes(attributes)
    bodies = _bodies(raw, params.get("MessageStructure"), platform)
    return Content(
        raw=raw,
        body=bodies.get("default", raw),
        bodies=bodies,
        subject=subject,
        attributes=attributes,
        message_group_id=params.get("MessageGroupId"),
        message_deduplication_id=params.get("MessageDeduplicationId"),
        size_bytes=size_bytes + attributes_size(attributes),
    )


def check_size(content: Content, topic: Topic | None) -> None:
    """Refuse what is larger than the topic takes (256 KiB unless it says otherwise).

    Raises:
        InvalidParameter: too long.
    """
    if content.size_bytes > maximum_message_size(topic):
        raise invalid_parameter("Message too long")


def maximum_message_size(topic: Topic | None) -> int:
    """Octets that one message of `topic` may have, attributes included."""
    if topic is None:
        return DEFAULT_MAXIMUM_MESSAGE_SIZE
    return int(topic.attributes.get("MaximumMessageSize", DEFAULT_MAXIMUM_MESSAGE_SIZE))


def check_fifo_ids(content: Content, topic: Topic) -> None:
    """Check message group and deduplication id against the kind of topic.

    Raises:
        InvalidParameter: missing on a FIFO topic, not allowed on a standard one, or malformed.
    """
    if topic.fifo:
        if not content.message_group_id:
            raise invalid_parameter("The MessageGroupId parameter is required for FIFO topics")
        if not content.message_deduplication_id and not _content_based(topic):
            raise invalid_parameter(
                "The topic should either have ContentBasedDeduplication enabled or "
                "MessageDeduplicationId provided explicitly"
            )
    elif content.message_deduplication_id is not None:
        raise invalid_parameter(
            "MessageDeduplicationId",
            "The request includes MessageDeduplicationId parameter that is not valid for this "
            "topic type",
        )
    _check_id("MessageGroupId", content.message_group_id)
    _check_id("MessageDeduplicationId", content.message_deduplication_id)


def deduplication_id(content: Content, topic: Topic) -> str | None:
    """The deduplication id on a FIFO topic: the given one, or the SHA-256 of the message."""
    if not topic.fifo:
        return None
    return content.message_deduplication_id or hashlib.sha256(content.raw.encode()).hexdigest()


def _content_based(topic: Topic) -> bool:
    return topic.attributes.get("ContentBasedDeduplication", "false").lower() == "true"


def _check_id(parameter: str, value: str | None) -> None:
    if value is not None and not _FIFO_ID.fullmatch(value):
        raise invalid_parameter(
            parameter,
            f"{parameter} can only include alphanumeric and punctuation characters. "
            "1 to 128 in length.",
        )


def _check_subject(subject: str | None) -> None:
    if subject is None:
        return
    if not 0 < len(subject) <= _MAXIMUM_SUBJECT_LENGTH or _NOT_IN_A_SUBJECT.search(subject):
        raise invalid_parameter("Subject")


def _bodies(message: str, structure: str | None, platform: str) -> dict[str, str]:
    """Bodies by protocol; entries that are not strings are left out, as SNS does.

    Raises:
        InvalidParameter: not JSON, or without a default entry and one for the one `platform`.
    """
    if structure in (None, "string"):
        return {}
    if structure != "json":
        raise invalid_parameter("MessageStructure")
    try:
        entries = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise _bad_structure("JSON message body failed to parse") from error
    strings = (
        {key: _encodable(value) for key, value in entries.items() if isinstance(value, str)}
        if isinstance(entries, dict)
        else {}
    )
    if strings.keys().isdisjoint(("default", platform)):
        raise _no_entry(platform)
    return strings


def _no_entry(platform: str) -> InvalidParameter:
    if platform:
        return invalid_parameter(f"JSON must contain an entry for 'default' or '{platform}'.")
    return _bad_structure("No default entry in JSON message body")


def _encodable(text: str) -> str:
    """`text` with "?" for halves of surrogate pairs, which JSON can escape and UTF-8 can't hold."""
    return text.encode("utf-8", "replace").decode()


def _bad_structure(reason: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid parameter: Message Structure - {reason}")
