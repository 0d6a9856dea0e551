"""The methods of AMQP 0-9-1 as RabbitMQ speaks it: ids, names and arguments, in wire order.

The 64 of the specification and RabbitMQ's extensions, and the pair of access.request, which RabbitMQ
still answers. The codec is compiled from this table and nothing else knows a method's layout. Consecutive bits
share octets, first bit lowest.

Source: AMQP 0-9-1 specification (XML), with RabbitMQ's basic.nack, exchange.bind, confirm.select,
connection.blocked, connection.update-secret and access.request.
"""

from __future__ import annotations

from dataclasses import dataclass

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
FRAME_METHOD, FRAME_HEADER, FRAME_BODY, FRAME_HEARTBEAT = 1, 2, 3, 8
FRAME_END = 0xCE
FRAME_MIN_SIZE = 4096
BASIC_CLASS = 60


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """One method.

    Attributes:
        class_id: Class of the method.
        method_id: Number within the class.
        name: "queue.declare".
        arguments: Pairs of (argument, domain), in wire order.
        content: Whether a content header and body follow.
    """

    class_id: int
    method_id: int
    name: str
    arguments: tuple[tuple[str, str], ...]
    content: bool = False

    @property
    def key(self) -> int:
        """Class and method id as one number."""
        return self.class_id << 16 | self.method_id


_CLOSE = "reply_code:short reply_text:shortstr class_id:short method_id:short"
_BIND = "ticket:short destination:shortstr source:shortstr routing_key:shortstr nowait:bit arguments:table"

_TABLE: tuple[tuple[int, int, str, str], ...] = (
    (10, 10, "connection.start", "version_major:octet version_minor:octet server_properties:table mechanisms:longstr locales:longstr"),
    (10, 11, "connection.start-ok", "client_properties:table mechanism:shortstr response:longstr locale:shortstr"),
    (10, 20, "connection.secure", "challenge:longstr"),
    (10, 21, "connection.secure-ok", "response:longstr"),
    (10, 30, "connection.tune", "channel_max:short frame_max:long heartbeat:short"),
    (10, 31, "connection.tune-ok", "channel_max:short frame_max:long heartbeat:short"),
    (10, 40, "connection.open", "virtual_host:shortstr capabilities:shortstr insist:bit"),
    (10, 41, "connection.open-ok", "known_hosts:shortstr"),
    (10, 50, "connection.close", _CLOSE),
    (10, 51, "connection.close-ok", ""),
    (10, 60, "connection.blocked", "reason:shortstr"),
    (10, 61, "connection.unblocked", ""),
    (10, 70, "connection.update-secret", "new_secret:longstr reason:shortstr"),
    (10, 71, "connection.update-secret-ok", ""),
    (20, 10, "channel.open", "out_of_band:shortstr"),
    (20, 11, "channel.open-ok", "channel_id:longstr"),
    (20, 20, "channel.flow", "active:bit"),
    (20, 21, "channel.flow-ok", "active:bit"),
    (20, 40, "channel.close", _CLOSE),
    (20, 41, "channel.close-ok", ""),
    (30, 10, "access.request", "realm:shortstr exclusive:bit passive:bit active:bit write:bit read:bit"),
    (30, 11, "access.request-ok", "ticket:short"),
    (40, 10, "exchange.declare", "ticket:short exchange:shortstr type:shortstr passive:bit durable:bit auto_delete:bit internal:bit nowait:bit arguments:table"),
    (40, 11, "exchange.declare-ok", ""),
    (40, 20, "exchange.delete", "ticket:short exchange:shortstr if_unused:bit nowait:bit"),
    (40, 21, "exchange.delete-ok", ""),
    (40, 30, "exchange.bind", _BIND),
    (40, 31, "exchange.bind-ok", ""),
    (40, 40, "exchange.unbind", _BIND),
    (40, 51, "exchange.unbind-ok", ""),
    (50, 10, "queue.declare", "ticket:short queue:shortstr passive:bit durable:bit exclusive:bit auto_delete:bit nowait:bit arguments:table"),
    (50, 11, "queue.declare-ok", "queue:shortstr message_count:long consumer_count:long"),
    (50, 20, "queue.bind", "ticket:short queue:shortstr exchange:shortstr routing_key:shortstr nowait:bit arguments:table"),
    (50, 21, "queue.bind-ok", ""),
    (50, 30, "queue.purge", "ticket:short queue:shortstr nowait:bit"),
    (50, 31, "queue.purge-ok", "message_count:long"),
    (50, 40, "queue.delete", "ticket:short queue:shortstr if_unused:bit if_empty:bit nowait:bit"),
    (50, 41, "queue.delete-ok", "message_count:long"),
    (50, 50, "queue.unbind", "ticket:short queue:shortstr exchange:shortstr routing_key:shortstr arguments:table"),
    (50, 51, "queue.unbind-ok", ""),
    (60, 10, "basic.qos", "prefetch_size:long prefetch_count:short global_:bit"),
    (60, 11, "basic.qos-ok", ""),
    (60, 20, "basic.consume", "ticket:short queue:shortstr consumer_tag:shortstr no_local:bit no_ack:bit exclusive:bit nowait:bit arguments:table"),
    (60, 21, "basic.consume-ok", "consumer_tag:shortstr"),
    (60, 30, "basic.cancel", "consumer_tag:shortstr nowait:bit"),
    (60, 31, "basic.cancel-ok", "consumer_tag:shortstr"),
    (60, 40, "basic.publish", "ticket:short exchange:shortstr routing_key:shortstr mandatory:bit immediate:bit"),
    (60, 50, "basic.return", "reply_code:short reply_text:shortstr exchange:shortstr routing_key:shortstr"),
    (60, 60, "basic.deliver", "consumer_tag:shortstr delivery_tag:longlong redelivered:bit exchange:shortstr routing_key:shortstr"),
    (60, 70, "basic.get", "ticket:short queue:shortstr no_ack:bit"),
    (60, 71, "basic.get-ok", "delivery_tag:longlong redelivered:bit exchange:shortstr routing_key:shortstr message_count:long"),
    (60, 72, "basic.get-empty", "cluster_id:shortstr"),
    (60, 80, "basic.ack", "delivery_tag:longlong multiple:bit"),
    (60, 90, "basic.reject", "delivery_tag:longlong requeue:bit"),
    (60, 100, "basic.recover-async", "requeue:bit"),
    (60, 110, "basic.recover", "requeue:bit"),
    (60, 111, "basic.recover-ok", ""),
    (60, 120, "basic.nack", "delivery_tag:longlong multiple:bit requeue:bit"),
    (85, 10, "confirm.select", "nowait:bit"),
    (85, 11, "confirm.select-ok", ""),
    (90, 10, "tx.select", ""),
    (90, 11, "tx.select-ok", ""),
    (90, 20, "tx.commit", ""),
    (90, 21, "tx.commit-ok", ""),
    (90, 30, "tx.rollback", ""),
    (90, 31, "tx.rollback-ok", ""),
)  # fmt: skip
_WITH_CONTENT = {"basic.publish", "basic.return", "basic.deliver", "basic.get-ok"}


def _arguments(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (item.split(":") for item in text.split())
    return tuple((name, domain) for name, domain in pairs)


METHODS: tuple[MethodSpec, ...] = tuple(
    MethodSpec(class_id, method_id, name, _arguments(text), name in _WITH_CONTENT)
    for class_id, method_id, name, text in _TABLE
)
BY_NAME: dict[str, MethodSpec] = {method.name: method for method in METHODS}
BY_KEY: dict[int, MethodSpec] = {method.key: method for method in METHODS}
