"""One channel: its frames, deliveries and acknowledgements, the channel's own errors.

What each method does is in `methods/`; how a publish gets its content is in `assembly.py`; whether a queue
has something is the queue's matter.

Source: AMQP 0-9-1 spec 4.2.6, 1.5 to 1.8; https://www.rabbitmq.com/docs/channels
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.assembly import Assembly
from tomodachi_fakes.amqp.codec import DECODERS, encode_method
from tomodachi_fakes.amqp.confirms import Confirms
from tomodachi_fakes.amqp.delivery_timeout import DeliveryTimeout
from tomodachi_fakes.amqp.errors import (
    AmqpChannelError,
    AmqpConnectionError,
    AmqpError,
    MalformedTable,
    PeerGone,
)
from tomodachi_fakes.amqp.frames import FRAME_HEAD, OVERHEAD, body_frames, frame_error, is_known
from tomodachi_fakes.amqp.methods import HANDLERS
from tomodachi_fakes.amqp.methods.basic_acknowledge import wake
from tomodachi_fakes.amqp.methods.basic_publish import Target, publish, target_of
from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply
from tomodachi_fakes.amqp.spec import BASIC_CLASS, BY_KEY, FRAME_BODY, FRAME_METHOD
from tomodachi_fakes.faults import Fault, FaultKind

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.amqp.connection import Connection
    from tomodachi_fakes.amqp.methods.tx import Transaction
    from tomodachi_fakes.amqp.model.consumers import Consumer
    from tomodachi_fakes.amqp.model.message import Entry, Message
    from tomodachi_fakes.amqp.model.source import Source
    from tomodachi_fakes.amqp.model.vhost import Vhost

_PUBLISH, _CLOSE, _CLOSE_OK = 60 << 16 | 40, 20 << 16 | 40, 20 << 16 | 41
_TAG = struct.Struct(">QB")
_PREFIX = struct.Struct(">BHI")
_HEADER_HEAD = b"\xce\x02"
_CHANNEL_SIZE = struct.Struct(">HI")
_IDS_SIZE = 4


class Channel:
    """One channel.

    Attributes:
        consumers: By consumer tag.
        unacked: What was delivered and not settled, by delivery tag, in order; the consumer is None
            for what `basic.get` took.
        prefetch: For consumers started from now on.
        global_prefetch: Shared by the channel's consumers; 0 is no limit.
        confirm_mode: The tracker, in confirm mode.
        transaction: What waits for commit, in tx mode.
        last_queue: The name that "" means.
        void_tag: Delivery tags up to it were given out before a restore: settling them does nothing.
        closing: An error was told; only close-ok counts.
        name: How events call it: connection and number.
        timeout: Looks after deliveries that are not settled in time.
    """

    def __init__(self, connection: Connection, number: int) -> None:
        assert connection.vhost is not None  # a channel opens on a running connection
        assert connection.user is not None
        self.connection = connection
        self.broker: Broker = connection.broker
        self.vhost: Vhost = connection.vhost
        self.user = connection.user
        self.number = number
        self.name = f"{connection.id} ({number})"
        self.opened = False
        self.closing = False
        self.consumers: dict[str, Consumer] = {}
        self.unacked: dict[int, tuple[Entry, Consumer | None, float]] = {}
        self.prefetch = 0
        self.global_prefetch = 0
        self.global_unacked = 0
        self.last_tag = 0
        self.void_tag = 0
        self.confirms: Confirms | None = None
        self.transaction: Transaction | None = None
        self.last_queue = ""
        self.reply_consumer: Consumer | None = None
        self.reply_address = ""
        self.targets: dict[bytes, Target] = {}
        self.valid_properties = b""
        self._assembly = Assembly(self.broker.profile)
        self.timeout = DeliveryTimeout(self)

    # --- frames ---------------------------------------------------------------------------------

    def frame(self, kind: int, payload: bytes) -> None:
        """Take a frame of this channel.

        Raises:
            AmqpError, CannotDecode, MalformedTable, PeerGone: as `connection.py` answers them.
        """
        if self.closing:
            self._after_error(kind, payload)
        elif self._assembly.target is not None:
            content = self._assembly.take(kind, payload)
            if content is not None:
                self._publish(*content)
        elif kind == FRAME_METHOD and len(payload) >= _IDS_SIZE:
            self._method(payload)
        elif is_known(kind, payload):
            raise AmqpConnectionError(
                ConnectionReply.UNEXPECTED_FRAME,
                "expected method frame, got non method frame instead",
                class_id=0,
                method_id=0,
            )
        else:
            raise frame_error(kind, payload, "unknown_frame")

    def _method(self, payload: bytes) -> None:
        key = int.from_bytes(payload[:4])
        if key == _PUBLISH:
            target = self.targets.get(payload)
            self._assembly.target = target_of(self, payload) if target is None else target
            if self.broker.usage.alarm and not self.connection.backlog.blocked:
                self._block_publisher(payload)
            return
        decoder = DECODERS.get(key)
        if decoder is None:
            msg = f"unknown class or method {key >> 16}.{key & 0xFFFF}"
            raise PeerGone(msg)
        arguments = decoder(payload)
        handler = HANDLERS.get(BY_KEY[key].name)
        if handler is None:
            raise AmqpConnectionError(ConnectionReply.COMMAND_INVALID, "unimplemented method")
        handler(self, *arguments)

    def _block_publisher(self, payload: bytes) -> None:
        self._assembly.target = None
        self.connection.backlog.block("low on memory", (FRAME_METHOD, self.number, payload))

    def _after_error(self, kind: int, payload: bytes) -> None:
        if kind != FRAME_METHOD:
            return
        key = int.from_bytes(payload[:4])
        if key == _CLOSE:
            self.connection.crossed.add(self.number)
            self.send("channel.close-ok")
        if key in (_CLOSE, _CLOSE_OK):
            self.release()
            self.connection.channels.pop(self.number, None)

    def _publish(self, target: Target, header: bytes, body: bytes) -> None:
        try:
            publish(self, target, header, body)
        except AmqpError as error:
            error.class_id, error.method_id = BASIC_CLASS, 40
            raise
        except MalformedTable as error:
            # RabbitMQ's channel crashes on properties that it cannot read.
            raise AmqpConnectionError(
                ConnectionReply.INTERNAL_ERROR, "", class_id=0, method_id=0
            ) from error

    # --- deliveries -----------------------------------------------------------------------------

    def deliver(self, consumer: Consumer, entry: Entry, now: float) -> None:
        """Send a message to a consumer, and remember it until it is settled."""
        self.last_tag = tag = self.last_tag + 1
        message = entry.message
        log = self.vhost.log
        if log is not None:
            entry.cause = log.append(
                "amqp",
                "delivered",
                entry.queue.name,
                now=now,
                message_id=message.message_id,
                cause=entry.cause if entry.cause is not None else message.cause,
                consumer_tag=consumer.tag,
                delivery_tag=tag,
                no_ack=consumer.no_ack,
                redelivered=entry.redelivered,
                channel=self.name,
            )
        if not consumer.no_ack:
            self.unacked[tag] = (entry, consumer, now)
            consumer.unacked += 1
            self.global_unacked += 1
            if (
                self.timeout.timer is None
                or consumer.arguments
                or entry.queue.rules.consumer_timeout
            ):
                self.timeout.watch(entry, consumer, now)
        head = consumer.head + _TAG.pack(tag, entry.redelivered) + message.route
        self._send_content(head, entry.queue.header_for(entry), message.body)
        if self.broker.faults:
            self._disturb(consumer, entry, head)

    def _disturb(self, consumer: Consumer, entry: Entry, head: bytes) -> None:
        faults = self.broker.faults
        if faults.take(entry.queue.name, FaultKind.DUPLICATE) is not None:
            self._send_content(head, entry.queue.header_for(entry), entry.message.body)

    def _send_content(self, head: bytes, header: bytes, body: bytes) -> None:
        """A method with its content: header and body as they are, cut to the client's frame size."""
        number, size = self.number, len(body)
        parts = [
            FRAME_HEAD.pack(FRAME_METHOD, number, len(head)),
            head,
            _HEADER_HEAD,
            _CHANNEL_SIZE.pack(number, len(header)),
            header,
            b"\xce",
        ]
        if size:
            if size + OVERHEAD <= self.connection.frame_max:
                parts += [FRAME_HEAD.pack(FRAME_BODY, number, size), body, b"\xce"]
            else:
                parts.append(body_frames(number, body, self.connection.frame_max))
        self.connection.write(b"".join(parts))

    def send_with_content(self, head: bytes, header: bytes, body: bytes) -> None:
        """A method other than `basic.deliver` with its content."""
        self._send_content(head, header, body)

    def at_global_limit(self) -> bool:
        """Whether `basic.qos` global=1 holds deliveries back."""
        return bool(self.global_prefetch) and self.global_unacked >= self.global_prefetch

    def settled(self, tag: int) -> tuple[Entry, Consumer | None, float]:
        """Forget a delivery that was settled; its consumer has room again."""
        delivery = self.unacked.pop(tag)
        consumer = delivery[1]
        if consumer is not None:
            consumer.unacked -= 1
            self.global_unacked -= 1
        return delivery

    def wake_consumers(self) -> None:
        """Consumers that were held back may have room now."""
        wake(self.consumers.values(), self.broker.now)

    # --- replies, errors, the end -------------------------------------------------------------------

    def send(self, name: str, *values: Any) -> None:
        """Queue a method on this channel."""
        self.connection.send(self.number, name, *values)

    def send_return(self, message: Message, code: int, text: str) -> None:
        """Give a message back to its publisher."""
        head = encode_method("basic.return", code, text, message.exchange, message.routing_key)
        self._send_content(head, message.header, message.body)
        self.record("returned", message.exchange, message, reason=text)

    def record(
        self,
        kind: str,
        subject: str,
        message: Message,
        *,
        cause: int | None = None,
        **detail: Any,
    ) -> None:
        """Write an event about a message on this channel; its cause is its publish unless one is given."""
        now = self.broker.now
        self.vhost.record_message(
            kind, subject, message, now=now, cause=cause, channel=self.name, **detail
        )

    def flush_confirms(self) -> None:
        """Send the publisher confirms that have gathered."""
        if self.confirms is None:
            return
        for kind, number, multiple in self.confirms.take():
            if kind == "ack":
                self.send("basic.ack", number, multiple)
            else:
                self.send("basic.nack", number, multiple, True)

    def consumer_cancelled(self, consumer: Consumer, now: float) -> None:
        """The queue of a consumer is gone: the consumer ends, and is told when it can hear it."""
        self.consumers.pop(consumer.tag, None)
        if "consumer_cancel_notify" in self.connection.capabilities:
            tag = consumer.tag
            self.broker.later.append(lambda at: self.send("basic.cancel", tag, True))

    def fail_with(self, fault: Fault) -> None:
        """Close the channel because a test wants it."""
        code = ChannelReply(int(fault.code)) if fault.code else ChannelReply.PRECONDITION_FAILED
        error = AmqpChannelError(code, fault.message or "injected fault")
        self.fail(error)

    def fail(self, error: AmqpChannelError, class_id: int = 0, method_id: int = 0) -> None:
        """Tell the client why its channel ends, and give back what it holds."""
        self.flush_confirms()
        self.release(errored=True)
        self.closing = True
        self.broker.record("channel-error", self.connection.id, text=error.reply_text)
        self.send(
            "channel.close",
            int(error.reply_code),
            error.reply_text,
            class_id if error.class_id is None else error.class_id,
            method_id if error.method_id is None else error.method_id,
        )

    def forget_deliveries(self) -> None:
        """A snapshot was restored: tags given out so far mean nothing any more."""
        self.void_tag = self.last_tag
        self.unacked.clear()
        self.global_unacked = 0
        for consumer in self.consumers.values():
            consumer.unacked = 0

    def release(self, *, errored: bool = False) -> None:
        """Consumers end, and what was not settled goes back to its queues.

        After a channel error, RabbitMQ tells at once only the queues that the channel consumes; what
        other queues delivered (`basic.get`, cancelled consumers) goes back when the client says close-ok.
        """
        now = self.broker.now
        if self.opened and not errored:
            self.broker.record("channel-closed", self.connection.id, channel=self.name)
        self.timeout.stop()
        if self.reply_address:
            self.vhost.replies.pop(self.reply_address, None)
            self.reply_address, self.reply_consumer = "", None
        if self.transaction is not None:
            self.transaction.undo_acks(self)
            self.transaction.take_publishes(self)
        consumers, self.consumers = list(self.consumers.values()), {}
        ended: dict[Source, tuple[list[Consumer], list[Entry]]] = {}
        for consumer in consumers:
            consumer.paused = True
            ended.setdefault(consumer.queue, ([], []))[0].append(consumer)
        consumed = {consumer.queue.name for consumer in consumers}
        for tag, (entry, holder, _) in list(self.unacked.items()):
            if not errored or entry.queue.name in consumed:
                if holder is not None:
                    holder.unacked -= 1
                ended.setdefault(entry.queue, ([], []))[1].append(entry)
                del self.unacked[tag]
        for queue, (its_consumers, entries) in ended.items():
            queue.channel_ended(its_consumers, entries, now)

    def describe(self) -> dict[str, Any]:
        """Plain facts for people and tests."""
        return {
            "number": self.number,
            "prefetch_count": self.prefetch,
            "global_prefetch_count": self.global_prefetch,
            "messages_unacknowledged": len(self.unacked),
            "confirm": self.confirms is not None,
            "transactional": self.transaction is not None,
            "consumers": [
                {
                    "consumer_tag": consumer.tag,
                    "queue": consumer.queue.name,
                    "prefetch_count": consumer.prefetch,
                    "unacked": consumer.unacked,
                }
                for consumer in self.consumers.values()
            ],
        }
