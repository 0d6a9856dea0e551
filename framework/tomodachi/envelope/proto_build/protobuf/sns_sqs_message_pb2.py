"""The protobuf message that `ProtobufBase` sends, declared field by field.

    package proto;
    message SNSSQSMessage {
        message Service { string name = 1; string uuid = 2; }
        message Metadata {
            string message_uuid = 1; string protocol_version = 2; double timestamp = 3;
            string topic = 4; string data_encoding = 5;
        }
        Service service = 1; Metadata metadata = 2; bytes data = 3;
    }

It lives in a descriptor pool of its own, so that a service may have compiled a copy of it too.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FILE = "tomodachi/sns_sqs_message.proto"
_Field = descriptor_pb2.FieldDescriptorProto
_STRING, _DOUBLE, _BYTES = _Field.TYPE_STRING, _Field.TYPE_DOUBLE, _Field.TYPE_BYTES


def _add_fields(
    message: descriptor_pb2.DescriptorProto, *fields: tuple[str, _Field.Type.ValueType]
) -> None:
    for number, (name, kind) in enumerate(fields, start=1):
        message.field.add(name=name, number=number, type=kind, label=_Field.LABEL_OPTIONAL)


def _message_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name=_FILE, package="proto", syntax="proto3")
    message = file.message_type.add(name="SNSSQSMessage")
    _add_fields(message.nested_type.add(name="Service"), ("name", _STRING), ("uuid", _STRING))
    _add_fields(
        message.nested_type.add(name="Metadata"),
        ("message_uuid", _STRING),
        ("protocol_version", _STRING),
        ("timestamp", _DOUBLE),
        ("topic", _STRING),
        ("data_encoding", _STRING),
    )
    for number, (name, kind) in enumerate((("service", "Service"), ("metadata", "Metadata")), 1):
        message.field.add(
            name=name,
            number=number,
            type=_Field.TYPE_MESSAGE,
            label=_Field.LABEL_OPTIONAL,
            type_name=f".proto.SNSSQSMessage.{kind}",
        )
    message.field.add(name="data", number=3, type=_BYTES, label=_Field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("proto.SNSSQSMessage"))


# Made at run time: its fields are known to protobuf only.
SNSSQSMessage: Any = _message_class()
