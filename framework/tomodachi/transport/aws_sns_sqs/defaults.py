"""What stands for "not given" where None means something, and the other constants of the transport.

The sentinels are strings and -1, as users' type hints and keyword dictionaries expect them.
"""

from __future__ import annotations

MESSAGE_ENVELOPE_DEFAULT = "73e1fbf2-3a1b-4e43-9d15-9f0b5b5ad7a1"
MESSAGE_PROTOCOL_DEFAULT = MESSAGE_ENVELOPE_DEFAULT
MESSAGE_TOPIC_PREFIX = "b8a1d5a4-33fd-4a0a-8a0f-5d0e3e0d2c55"
QUEUE_NAME_PREFIX = "1c39f1a8-7d8e-4a55-a2c1-2d0f7c8e1b9d"
FILTER_POLICY_DEFAULT = "6f0b9f7e-14d4-4f6c-8c6e-7f2a9f2f8c3b"
DEAD_LETTER_QUEUE_DEFAULT = "e4d6c6d2-8b43-4e3c-9a6b-0e9d7f6b1a57"
MESSAGE_TOPIC_ATTRIBUTES = "a9d2e7b0-51c6-47b4-bd52-4a7f0d9b6e18"
MESSAGE_RETENTION_PERIOD_DEFAULT = "f2a6e0c1-6f8d-4c02-8a7e-3d1b5c9e0f44"
DLQ_MESSAGE_RETENTION_PERIOD_DEFAULT = 1_209_600
VISIBILITY_TIMEOUT_DEFAULT = -1
MAX_RECEIVE_COUNT_DEFAULT = -1
MAX_NUMBER_OF_CONSUMED_MESSAGES = 10

DRAIN_MESSAGE_PAYLOAD = "__TOMODACHI_DRAIN__cdab4416-1727-4603-87c9-0ff8dddf1f22__"
"""A message with this payload is deleted without being handled."""
