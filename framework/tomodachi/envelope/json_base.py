"""The JSON envelope: service, metadata and data of a message as one JSON object.

Data whose JSON is long travels compressed: zlib, then base64.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from tomodachi.helpers import clock, entropy

PROTOCOL_VERSION = "tomodachi-json-base--1.0.0"
_COMPATIBLE_VERSIONS = ("json_base-wip",)
_RAW, _COMPRESSED = "raw", "base64_gzip_json"
# Characters of JSON from which data is compressed.
COMPRESS_FROM = 60_000


class JsonBase:
    """Envelope of JSON messages; set as `message_envelope` of a service or a decorator."""

    @classmethod
    async def build_message(cls, service: Any, topic: str, data: Any, **kwargs: Any) -> str:
        """The text that is published.

        Args:
            service: The sender; its name and uuid go into the message.
            topic: Topic or routing key.
            data: Anything that JSON can hold.
            kwargs: Ignored.

        Raises:
            TypeError: JSON can't hold the data.
        """
        del kwargs
        encoding, encoded = _encode(data)
        message = {
            "service": {
                "name": getattr(service, "name", None),
                "uuid": getattr(service, "uuid", None),
            },
            "metadata": {
                "message_uuid": f"{getattr(service, 'uuid', '')}.{entropy.uuid4()}",
                "protocol_version": PROTOCOL_VERSION,
                "compatible_protocol_versions": list(_COMPATIBLE_VERSIONS),
                "timestamp": clock.now(),
                "topic": topic,
                "data_encoding": encoding,
            },
            "data": encoded,
        }
        return json.dumps(message)

    @classmethod
    async def parse_message(cls, payload: str, **kwargs: Any) -> tuple[dict[str, Any], str, float]:
        """Message, message uuid and timestamp (Unix seconds) of a received text.

        What the text lacks of an envelope is None, its data too.

        Raises:
            ValueError: the payload is no JSON.
            AttributeError: it is JSON, but no object.
        """
        del kwargs
        received = json.loads(payload)
        metadata = received.get("metadata", {})
        data = _decode(metadata.get("data_encoding"), received.get("data"))
        message_uuid, timestamp = metadata.get("message_uuid"), metadata.get("timestamp")
        message = {
            "service": {
                "name": received.get("service", {}).get("name"),
                "uuid": received.get("service", {}).get("uuid"),
            },
            "metadata": {
                "message_uuid": message_uuid,
                "protocol_version": metadata.get("protocol_version"),
                "timestamp": timestamp,
                "topic": metadata.get("topic"),
                "data_encoding": metadata.get("data_encoding"),
            },
            "data": data,
        }
        return message, message_uuid, timestamp


def _encode(data: Any) -> tuple[str, Any]:
    text = json.dumps(data)
    if len(text) < COMPRESS_FROM:
        return _RAW, data
    return _COMPRESSED, base64.b64encode(zlib.compress(text.encode())).decode()


def _decode(encoding: str | None, data: Any) -> Any:
    if encoding == _RAW:
        return data
    if encoding == _COMPRESSED:
        return json.loads(zlib.decompress(base64.b64decode(data)))
    return None
