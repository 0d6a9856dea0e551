"""A stream: an append-only log that consumers read from an offset, each at its own pace.

Nothing a consumer does removes a message; retention by size and age does. Only what a single node
shows over AMQP 0-9-1 is here.

Source: https://www.rabbitmq.com/docs/streams
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.errors import AmqpChannelError, AmqpConnectionError
from tomodachi_fakes.amqp.fields import INTEGERS, Field, FieldType, Table
from tomodachi_fakes.amqp.model import erlang
from tomodachi_fakes.amqp.model.ages import age_in_ms
from tomodachi_fakes.amqp.model.arguments import STREAM, text_of
from tomodachi_fakes.amqp.model.consumers import Consumer
from tomodachi_fakes.amqp.model.description import describe
from tomodachi_fakes.amqp.model.message import Entry, EntryState, Message
from tomodachi_fakes.amqp.model.policies import QueueRules
from tomodachi_fakes.amqp.model.queue import Outcome
from tomodachi_fakes.amqp.properties import DELIVERY_MODE, encode_header, flags_of
from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.vhost import Vhost


class Stream:
    """One stream.

    Attributes:
        consumers: Consumers and the offset each reads next.
        first_offset: Offset of the oldest message that was not dropped.
    """

    kind = STREAM
    durable = True
    auto_delete = False
    owner: str | None = None

    def __init__(self, vhost: Vhost, name: str, *, arguments: Table, rules: QueueRules) -> None:
        self.vhost = vhost
        self.name = name
        self.arguments = arguments
        self.rules = rules
        self.consumers: dict[Consumer, int] = {}
        self.deleted = False
        self._log: list[Message] = []
        self._appended: list[float] = []
        self.first_offset = 0

    # --- arrival and retention ------------------------------------------------------------------

    def enqueue(self, message: Message, *, now: float) -> Outcome:
        """Append a message."""
        if self.vhost.log is not None:
            message.cause = self.vhost.log.append(
                "amqp",
                "enqueued",
                self.name,
                now=now,
                message_id=message.message_id,
                cause=message.cause,
                exchange=None if message.is_letter else message.exchange,
            )
        self._log.append(message)
        self._appended.append(now)
        self.vhost.usage.add(message.octets)
        self._retain(now)
        self.pump(now)
        return Outcome.ACCEPTED

    def _retain(self, now: float) -> None:
        """Drop what is too old or too much; the newest message always stays."""
        keep = 0
        if (age_ms := age_in_ms(self.rules.max_age or "")) is not None:
            keep = bisect_left(self._appended, now - age_ms / 1000)
        if self.rules.max_length_bytes is not None:
            held = sum(len(message.body) for message in self._log[keep:])
            while held > self.rules.max_length_bytes and keep < len(self._log) - 1:
                held -= len(self._log[keep].body)
                keep += 1
        keep = min(keep, len(self._log) - 1)
        if keep > 0:
            self.vhost.usage.add(-sum(message.octets for message in self._log[:keep]))
            del self._log[:keep], self._appended[:keep]
            self.first_offset += keep

    # --- delivery -------------------------------------------------------------------------------

    def pump(self, now: float) -> None:
        """Deliver to every consumer what it can take, the last tag first. Source: RabbitMQ 3.10.8, 4.0.5, 4.3.6."""
        for consumer in sorted(self.consumers, key=attrgetter("tag"), reverse=True):
            while consumer in self.consumers and consumer.can_take():
                offset = max(self.consumers[consumer], self.first_offset)
                if offset >= self.first_offset + len(self._log):
                    break
                self.consumers[consumer] = offset + 1
                entry = Entry(self._log[offset - self.first_offset], self, offset, None)
                consumer.channel.deliver(consumer, entry, now)

    def header_for(self, entry: Entry, *, got: bool = False) -> bytes:
        """The content header with the message's offset."""
        message = entry.message
        properties = message.properties
        if self.vhost.profile.stream_sets_delivery_mode and not (
            flags_of(message.header) & DELIVERY_MODE
        ):
            properties["delivery_mode"] = 1
        offset = {"x-stream-offset": Field(FieldType.LONG, entry.position)}
        properties["headers"] = dict(sorted({**offset, **message.headers}.items()))
        return encode_header(len(message.body), properties)

    def get(self, *, no_ack: bool, now: float) -> Entry | None:
        """Streams have no `basic.get`.

        Raises:
            AmqpConnectionError: 540.
        """
        raise AmqpConnectionError(
            ConnectionReply.NOT_IMPLEMENTED,
            f"basic.get not supported by stream queues {self.where}",
        )

    def check_offset_text(self, arguments: Table) -> None:
        """Refuse a text that is no offset; it is looked at before anything else, other types last.

        Raises:
            AmqpChannelError: 406, from 4.3 on.
            AmqpConnectionError: 541, before 4.3.
        """
        offset = arguments.get("x-stream-offset")
        if offset is not None and offset.type is FieldType.LONGSTR:
            self._offset(arguments)

    def check_consumer(self, consumer: Consumer) -> None:
        """Refuse a consumer that a stream cannot serve.

        Raises:
            AmqpChannelError: 406, no prefetch, or a bad offset from 4.3 on.
            AmqpConnectionError: 540, no-ack; 541, a bad offset before 4.3.
        """
        new = self.vhost.profile.stream_texts_new
        if not consumer.prefetch:
            where = f"stream {self.where}" if new else f"'{self.where}'"
            raise AmqpChannelError(
                ChannelReply.PRECONDITION_FAILED, f"consumer prefetch count is not set for {where}"
            )
        if consumer.no_ack:
            kind = f"stream {self.where}" if new else f"stream queues {self.where}"
            raise AmqpConnectionError(
                ConnectionReply.NOT_IMPLEMENTED,
                f"automatic acknowledgement not supported by {kind}",
            )
        self._offset(consumer.arguments)

    def add_consumer(self, consumer: Consumer, now: float) -> None:
        """A consumer begins to read at the offset it asked for."""
        self.consumers[consumer] = self._offset(consumer.arguments)
        self.pump(now)

    def _offset(self, arguments: Table) -> int:
        field = arguments.get("x-stream-offset")
        after_last = self.first_offset + len(self._log)
        if field is None or field.value == b"next":
            return after_last
        if field.type in INTEGERS:
            return int(field.value)
        if field.type is FieldType.TIMESTAMP:
            return self.first_offset + bisect_left(self._appended, float(field.value))
        if field.value == b"first":
            return self.first_offset
        if field.value == b"last":
            return max(self.first_offset, after_last - 1)
        age_ms = age_in_ms(text_of(field))
        if age_ms is None:
            raise self._bad_offset(field)
        since = self._appended[-1] - age_ms / 1000 if self._appended else 0.0
        return self.first_offset + bisect_left(self._appended, since)

    def _bad_offset(self, field: Field) -> AmqpChannelError | AmqpConnectionError:
        soft = self.vhost.profile.stream_errors_soft or text_of(field)[:1].isdigit()
        if not soft or not isinstance(field.value, bytes):
            return AmqpConnectionError(ConnectionReply.INTERNAL_ERROR, "", class_id=0, method_id=0)
        return AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED,
            f"invalid arg 'x-stream-offset' for {self.where}: "
            f"{{invalid_stream_offset_arg,{{{field.type.title},{erlang.term(field)}}}}}",
        )

    def remove_consumer(self, consumer: Consumer, now: float) -> None:
        """A consumer ends."""
        self.consumers.pop(consumer, None)

    def channel_ended(self, consumers: list[Consumer], entries: list[Entry], now: float) -> None:
        """A channel is gone, and its consumers with it."""
        for consumer in consumers:
            self.consumers.pop(consumer, None)

    def wake(self, consumers: Collection[Consumer], now: float) -> None:
        """Consumers may be able to take again."""
        self.pump(now)

    # --- settlement: an acknowledgement is credit; a refusal is one too, or refused by the release ----

    def settle(self, entry: Entry) -> None:
        """An acknowledgement removes nothing."""

    def requeue(
        self, entries: list[Entry], *, failed: bool, now: float, by: Consumer | None = None
    ) -> None:
        """Nothing goes back: the message never left.

        Raises:
            AmqpConnectionError: 540, before 4.0.
        """
        self._check_refusal()

    def reject(self, entry: Entry, *, failed: bool, now: float) -> None:
        """A refusal removes nothing.

        Raises:
            AmqpConnectionError: 540, before 4.0.
        """
        self._check_refusal()

    def _check_refusal(self) -> None:
        if not self.vhost.profile.stream_takes_nacks and not self.deleted:
            raise AmqpConnectionError(
                ConnectionReply.NOT_IMPLEMENTED,
                f"basic.nack and basic.reject not supported by stream queues {self.where}",
            )

    # --- the rest of a queue's life ----------------------------------------------------------------

    def purge(self, now: float) -> int:
        """Streams cannot be purged.

        Raises:
            AmqpConnectionError: 540.
        """
        raise AmqpConnectionError(
            ConnectionReply.NOT_IMPLEMENTED,
            f"queue.purge not supported by stream queues {self.where}",
        )

    def close(self, now: float) -> None:
        """The stream is being deleted."""
        self.deleted = True
        self.vhost.usage.add(-sum(message.octets for message in self._log))
        self.consumers.clear()
        self._log.clear()

    def touch(self, now: float) -> None:
        """Streams do not expire for want of use."""

    def apply_rules(self, rules: QueueRules, now: float) -> None:
        """Policies changed."""
        self.rules = rules
        self._retain(now)

    @property
    def consumer_count(self) -> int:
        """Consumers as a declare tells them: a stream tells none. Source: a RabbitMQ 3.10.8."""
        return 0

    @property
    def message_count(self) -> int:
        """Messages in the log."""
        return len(self._log)

    @property
    def where(self) -> str:
        """How reply texts name it."""
        return f"queue '{self.name}' in vhost '{self.vhost.name}'"

    def peek(self) -> list[dict[str, Any]]:
        """Every message in the log, oldest first."""
        return [entry.describe() for entry in self.entries()]

    def entries(self) -> list[Entry]:
        """The log as entries, oldest first."""
        return [
            Entry(message, self, self.first_offset + n, None) for n, message in enumerate(self._log)
        ]

    def kept(self) -> list[tuple[Message, EntryState]]:
        """What a snapshot keeps of the log, oldest first."""
        states = (EntryState(arrived_at=at) for at in self._appended)
        return list(zip(self._log, states, strict=True))

    def put_back(self, message: Message, state: EntryState, now: float) -> None:
        """Append a message from a snapshot."""
        self._log.append(message)
        self._appended.append(state.arrived_at)
        self.vhost.usage.add(message.octets)

    def describe(self) -> dict[str, Any]:
        """Plain facts for people and tests."""
        return describe(self, unacknowledged=0)
