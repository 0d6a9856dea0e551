"""Digests: the MD5s that SQS returns and every SDK compares, and the SHA-256 of deduplication.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
(calculating the MD5 message digest for message attributes).
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import md5, sha256
from typing import Any

_STRING, _BINARY = b"\x01", b"\x02"


def md5_of_body(body: str) -> str:
    """Lower-case hexadecimal digest of the body in UTF-8."""
    return md5(body.encode(), usedforsecurity=False).hexdigest()


def md5_of_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> str:
    """Digest over names in order, data types and values, each with its length in front."""
    digest = md5(usedforsecurity=False)
    for name in sorted(attributes):
        attribute = attributes[name]
        data_type: str = attribute["DataType"]
        digest.update(_with_length(name.encode()))
        digest.update(_with_length(data_type.encode()))
        if data_type.startswith("Binary"):
            digest.update(_BINARY + _with_length(attribute["BinaryValue"]))
        else:
            digest.update(_STRING + _with_length(attribute["StringValue"].encode()))
    return digest.hexdigest()


def _with_length(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def sha256_of_body(body: str) -> str:
    """The deduplication id that content-based deduplication gives a message."""
    return sha256(body.encode()).hexdigest()
