"""What tags of a queue may be: how many, how long, and of which characters.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
(queue tag).
"""

from __future__ import annotations

import re

from tomodachi_fakes.sqs import limits
from tomodachi_fakes.sqs.errors import InvalidParameterValue

KEY_RULE = "Tag keys must be between 1 and 128 characters in length."
_VALUE_RULE = "Tag values must be between 0 and 256 characters in length."
_RESERVED = "aws:"
_CHARACTERS = re.compile(r"[\w\s.:/=+\-@]*")
_CHARACTER_RULE = "Tags hold letters, digits, white space, and the symbols _ . : / = + - @ only."


def check_tags(queue_name: str, tags: dict[str, str]) -> None:
    """Let the tags pass that a queue may have.

    Raises:
        InvalidParameterValue: too many, or one whose key or value may not be.
    """
    if len(tags) > limits.MAX_TAGS:
        msg = f"Too many tags added for queue {queue_name}."
        raise InvalidParameterValue(msg)
    for key, value in tags.items():
        if not 1 <= len(key) <= limits.MAX_TAG_KEY_LENGTH:
            raise InvalidParameterValue(KEY_RULE)
        if len(value) > limits.MAX_TAG_VALUE_LENGTH:
            raise InvalidParameterValue(_VALUE_RULE)
        for name, text in (("keys", key), ("values", value)):
            if text.lower().startswith(_RESERVED):
                msg = f"Tag {name} can't start with the reserved prefix {_RESERVED}."
                raise InvalidParameterValue(msg)
            if not _CHARACTERS.fullmatch(text):
                raise InvalidParameterValue(_CHARACTER_RULE)
