"""Names: what topics and queues are called on AWS, and what a received topic is called in a service.

Pure. A topic's name is the service's prefix and the topic with every character that SNS refuses
written as `___<hex of its UTF-8 bytes>_` ("order.created" is "order___2e_created"); a wildcard topic
is a pattern over such names. A queue without a name of its own is called by a digest.

Source: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html (names),
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from os.path import commonprefix

from tomodachi.transport.aws_sns_sqs.errors import InvalidName

MAX_TOPIC_LENGTH = 256
MAX_QUEUE_LENGTH = 80
FIFO_SUFFIX = ".fifo"
ENCODED_DOT = "___2e_"
WILDCARDS = frozenset("*#")

_ENCODED = re.compile(r"___((?:[a-f0-9]{2}){1,4})_")
_REFUSED_BY_SNS = re.compile(r"[^A-Za-z0-9_*#-]")
_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
_ARN_PARTS = 6


@lru_cache(maxsize=1024)
def encode(name: str) -> str:
    """`name` in the characters that SNS allows, wildcards and a final ".fifo" kept."""
    stem, suffix = _split_fifo(name)
    return _REFUSED_BY_SNS.sub(lambda char: f"___{char[0].encode().hex()}_", stem) + suffix


def decode(name: str) -> str:
    """The inverse of `encode`; what only looks like an encoded character stays as it is."""
    return _ENCODED.sub(lambda match: _decoded(match[0], match[1]), name)


def _decoded(whole: str, digits: str) -> str:
    try:
        return bytes.fromhex(digits).decode()
    except UnicodeDecodeError:
        return whole


def topic_name(topic: str, prefix: str | None, *, fifo: bool = False) -> str:
    """The name on SNS of a service's topic, or the pattern of names for one with wildcards.

    Raises:
        InvalidName: the topic is empty, no text, or longer than 256 characters once it is encoded.
    """
    if not isinstance(topic, str) or not topic:
        msg = f"Invalid topic name {topic!r}: it must be a non-empty string."
        raise InvalidName(msg)
    name = encode(with_fifo((prefix or "") + topic, fifo=fifo))
    if len(name) > MAX_TOPIC_LENGTH:
        msg = (
            f"Topic name ({name}) is {len(name)} characters long, and SNS allows "
            f"{MAX_TOPIC_LENGTH}: shorten the topic or the topic prefix."
        )
        raise InvalidName(msg)
    return name


@lru_cache(maxsize=1024)
def topic_of_arn(topic_arn: str, prefix: str | None) -> str:
    """What a service calls the topic of an ARN: decoded, without its prefix."""
    return decode(topic_arn.rpartition(":")[2]).removeprefix(prefix or "")


def is_wildcard(topic: str) -> bool:
    """Whether a topic stands for many."""
    return not WILDCARDS.isdisjoint(topic)


def matching_topics(pattern: str, topic_arns: Iterable[str]) -> list[str]:
    """The ARNs whose encoded topic name matches; `*` is anything but a dot, `#` is anything.

    Args:
        pattern: What `topic_name` gave for the wildcard topic.
        topic_arns: Every topic of the account and region.
    """
    regex = re.compile("".join(_piece(char) for char in pattern))
    return [arn for arn in topic_arns if regex.fullmatch(arn.rpartition(":")[2])]


def _piece(char: str) -> str:
    if char == "*":
        return f"(?:(?!{ENCODED_DOT}).)*"
    return ".*" if char == "#" else re.escape(char)


def source_arn(topic_arns: Iterable[str]) -> str:
    """One ARN pattern that covers all of some topics: the ARN itself, or a common prefix and `*`."""
    arns = sorted(set(topic_arns))
    if len(arns) == 1:
        return arns[0]
    return commonprefix(arns) + "*"  # noqa: RUF071 - characters are what a policy's pattern is about


# --- queues -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of an ARN that matter here."""

    service: str
    region: str
    account: str
    name: str


def parse_arn(text: str) -> Arn | None:
    """The parts of an ARN; None for anything that is none."""
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[0] != "arn":
        return None
    return Arn(parts[2], parts[3], parts[4], parts[5])


def is_queue_arn(text: str) -> bool:
    """Whether a queue is named by its ARN."""
    arn = parse_arn(text)
    return arn is not None and arn.service == "sqs"


def is_queue_url(text: str) -> bool:
    """Whether a queue is named by its URL."""
    return text.startswith(("https://", "http://"))


def named_queue(name: str, prefix: str | None) -> str:
    """The name on SQS of a queue that a service has a name for.

    Raises:
        InvalidName: SQS cannot have a queue of that name.
    """
    full = (prefix or "") + name
    if len(full) > MAX_QUEUE_LENGTH:
        msg = (
            f"Queue name ({full}) is {len(full)} characters long, and SQS allows "
            f"{MAX_QUEUE_LENGTH}: shorten the name or the queue name prefix."
        )
        raise InvalidName(msg)
    if not _QUEUE_NAME.match(_split_fifo(full)[0]):
        msg = (
            f"Queue name ({full}) may only contain alphanumeric characters, hyphens (-), "
            "and underscores (_)."
        )
        raise InvalidName(msg)
    return full


def digest_queue(
    topic: str, func_name: str, uuid: str, prefix: str | None, *, competing: bool, fifo: bool
) -> str:
    """The name on SQS of a queue that has none: shared by a topic's services when competing.

    Args:
        topic: Encoded, without prefix; "" without a topic.
        func_name: The handler's name.
        uuid: The service's uuid.
        prefix: The service's queue name prefix.
        competing: Whether every service of the topic shares the queue.
        fifo: Whether it is a FIFO queue.

    Raises:
        InvalidName: the prefix makes it longer than SQS allows.
    """
    identity = topic if competing else f"{topic}{func_name}{uuid}"
    digest = hashlib.sha256(identity.encode()).hexdigest()
    return named_queue(with_fifo(digest, fifo=fifo), prefix)


def with_fifo(name: str, *, fifo: bool) -> str:
    """A name with the suffix that FIFO topics and queues have."""
    return name + FIFO_SUFFIX if fifo and not name.endswith(FIFO_SUFFIX) else name


def _split_fifo(name: str) -> tuple[str, str]:
    stem = name.removesuffix(FIFO_SUFFIX)
    return stem, name[len(stem) :]
