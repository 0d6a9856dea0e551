"""The protobuf envelope: service, metadata and a serialised message, as base64 text.

Data that is long travels compressed with zlib. Needs the package `protobuf`; without it `ProtobufBase`
can be imported, and says so when it is used.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tomodachi import logging
from tomodachi.errors import TomodachiError
from tomodachi.helpers import clock, entropy

if TYPE_CHECKING:
    from google.protobuf.message import Message

PROTOCOL_VERSION = "tomodachi-protobuf-base--1.0.0"
# Octets of a serialised message above which it is compressed.
COMPRESS_ABOVE = 60_000

_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "proto": bytes,
    "gzip_proto": zlib.decompress,
    "base64": base64.b64decode,
    "base64_gzip_proto": lambda data: zlib.decompress(base64.b64decode(data)),
}


class ProtobufNotInstalledError(TomodachiError, ImportError):
    """The package `protobuf` is missing."""

    def __init__(self) -> None:
        super().__init__(
            "google.protobuf package not installed: pip install 'tomodachi-testkit[protobuf]'"
        )


class InvalidProtoClassError(TomodachiError, ValueError):
    """A decorator's `proto_class` is missing, or no class of protobuf messages."""


class ProtobufBase:
    """Envelope of protobuf messages; set as `message_envelope` of a service or a decorator.

    Decorators pass on two keywords of their own: `proto_class`, the class of the data, and
    `validator`, a function that is called with each message's data and raises if it won't do.
    """

    @classmethod
    def validate(cls, **kwargs: Any) -> None:
        """Check a decorator's keywords when its handler is registered.

        Raises:
            InvalidProtoClassError: `proto_class` is missing or no class of protobuf messages.
            ProtobufNotInstalledError: the package is missing.
        """
        message_type = _protobuf().message.Message
        if "proto_class" not in kwargs:
            raise InvalidProtoClassError("No proto_class defined")
        proto_class = kwargs["proto_class"]
        if not (isinstance(proto_class, type) and issubclass(proto_class, message_type)):
            msg = f"keyword argument 'proto_class' is not a protobuf message class: {proto_class!r}"
            raise InvalidProtoClassError(msg)

    @classmethod
    async def build_message(cls, service: Any, topic: str, data: Message, **kwargs: Any) -> str:
        """The text that is published.

        Args:
            service: The sender; its name and uuid go into the message.
            topic: Topic or routing key.
            data: A protobuf message.
            kwargs: Ignored.

        Raises:
            ProtobufNotInstalledError: the package is missing.
        """
        del kwargs
        message = _message_class()()
        serialised = data.SerializeToString()
        compressed = len(serialised) > COMPRESS_ABOVE
        service_uuid = getattr(service, "uuid", None) or ""
        message.service.name = getattr(service, "name", None) or ""
        message.service.uuid = service_uuid
        message.metadata.message_uuid = f"{service_uuid}.{entropy.uuid4()}"
        message.metadata.protocol_version = PROTOCOL_VERSION
        message.metadata.timestamp = clock.now()
        message.metadata.topic = topic
        message.metadata.data_encoding = "gzip_proto" if compressed else "proto"
        message.data = zlib.compress(serialised) if compressed else serialised
        return base64.b64encode(message.SerializeToString()).decode("ascii")

    @classmethod
    async def parse_message(
        cls,
        payload: str,
        proto_class: type[Message] | None = None,
        validator: Callable[[Any], object] | None = None,
        **kwargs: Any,
    ) -> tuple[dict[str, Any], str, float]:
        """Message, message uuid and timestamp (Unix seconds) of a received text.

        Args:
            payload: The text.
            proto_class: Class of the data; without it the data is given as the bytes that came.
            validator: Called with the data; what it raises is logged, and raised again.
            kwargs: Ignored.

        Raises:
            ValueError: the payload is no base64.
            google.protobuf.message.DecodeError: it is no such message, or its data is none of
                `proto_class`.
            ProtobufNotInstalledError: the package is missing.
        """
        del kwargs
        received = _message_class().FromString(base64.b64decode(payload))
        metadata = received.metadata
        data = _data(received, proto_class)
        _check(data, validator)
        message = {
            "service": {"name": received.service.name, "uuid": received.service.uuid},
            "metadata": {
                "message_uuid": metadata.message_uuid,
                "protocol_version": metadata.protocol_version,
                "timestamp": metadata.timestamp,
                "topic": metadata.topic,
                "data_encoding": metadata.data_encoding,
            },
            "data": data,
        }
        return message, metadata.message_uuid, metadata.timestamp


def _data(received: Any, proto_class: type[Message] | None) -> Any:
    encoding = received.metadata.data_encoding
    if proto_class is None or encoding == "raw":
        return received.data
    decode = _DECODERS.get(encoding)
    # Of an encoding that nobody knows, an empty message is all that can be told.
    return proto_class() if decode is None else proto_class.FromString(decode(received.data))


def _check(data: Any, validator: Callable[[Any], object] | None) -> None:
    if validator is None:
        return
    try:
        # A validator kept as a class attribute arrives as the staticmethod it was declared as.
        (validator.__func__ if isinstance(validator, staticmethod) else validator)(data)
    except Exception as error:
        logging.get_logger("tomodachi.envelope").warning(str(error), envelope="ProtobufBase")
        raise


def _message_class() -> Any:
    _protobuf()
    from tomodachi.envelope.proto_build.protobuf.sns_sqs_message_pb2 import SNSSQSMessage

    return SNSSQSMessage


def _protobuf() -> Any:
    try:
        import google.protobuf.message
    except ModuleNotFoundError as error:
        raise ProtobufNotInstalledError from error
    return google.protobuf


def __getattr__(name: str) -> Any:
    """The message's class, for who imports it from here; protobuf is not everybody's."""
    if name == "SNSSQSMessage":
        return _message_class()
    msg = f"module '{__name__}' has no attribute '{name}'"
    raise AttributeError(msg, name=name)
