"""Our own framework's: the dispatchers of the two transports, without a broker."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tools.compare_original.handling import Handling, sqs_body

from tomodachi import Options
from tomodachi.transport.amqp import AmqpInternalServiceError, frames
from tomodachi.transport.amqp.connection import Delivery
from tomodachi.transport.amqp.dispatcher import Dispatcher as AmqpDispatcher
from tomodachi.transport.amqp.dispatcher import Handler
from tomodachi.transport.amqp.seen_messages import SeenMessages
from tomodachi.transport.aws_sns_sqs import AWSSNSSQSInternalServiceError, defaults
from tomodachi.transport.aws_sns_sqs.dispatcher import Dispatcher as SqsDispatcher
from tomodachi.transport.aws_sns_sqs.disposition import Disposition
from tomodachi.transport.aws_sns_sqs.handler_settings import DecoratorArguments, resolve
from tomodachi.transport.aws_sns_sqs.queues import Queue
from tomodachi.transport.handler_arguments import HandlerArguments


class _Channel:
    """Writes down what the broker is told."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    def ack(self, _delivery_tag: int) -> bool:
        self.ends.append("acknowledged")
        return True

    def nack(self, _delivery_tag: int, requeue: bool) -> bool:  # noqa: FBT001 - the channel's own
        self.ends.append("requeued" if requeue else "dead-lettered")
        return True


class _Ours:
    def internal_service_error(self, transport: str) -> type[Exception]:
        return AWSSNSSQSInternalServiceError if transport == "sqs" else AmqpInternalServiceError

    async def handle_sqs(self, handling: Handling) -> list[str]:
        arguments = DecoratorArguments(
            func=handling.function,
            topic="t",
            callback_kwargs=handling.callback_kwargs,
            competing=None,
            queue_name="q",
            envelope=handling.envelope,
            filter_policy=defaults.FILTER_POLICY_DEFAULT,
            visibility_timeout=defaults.VISIBILITY_TIMEOUT_DEFAULT,
            dead_letter_queue_name=defaults.DEAD_LETTER_QUEUE_DEFAULT,
            max_receive_count=defaults.MAX_RECEIVE_COUNT_DEFAULT,
            fifo=False,
            max_number_of_consumed_messages=10,
            on_exception=None,
            visibility_heartbeat=False,
            envelope_kwargs=handling.envelope_kwargs,
        )
        settings = resolve(arguments, Options(), uuid="own-uuid", uuid_is_random=False)
        dispatcher = SqsDispatcher(
            handling.service,
            settings,
            Queue("q", "queue-url", "arn"),
            topic_prefix="",
            has_redrive_policy=False,
        )
        ends: list[str] = []

        async def settle(disposition: Disposition) -> Disposition:
            ends.append(disposition.value)
            return disposition

        received = {
            "Body": json.dumps(sqs_body(handling)),
            "MessageId": "sqs-id",
            "ReceiptHandle": "receipt-handle",
            "Attributes": {"ApproximateReceiveCount": "2"},
        }
        await dispatcher.dispatch(received, settle)
        return ends

    async def handle_amqp(self, handling: Handling) -> list[str]:
        handler = Handler(
            service=handling.service,
            function=handling.function,
            name="handler",
            arguments=HandlerArguments.of(handling.function, handling.callback_kwargs),
            binding_key=handling.topic,
            routing_key_prefix="",
            exchange_name="amq.topic",
            queue_name="q",
            on_exception="delete",
            envelope=handling.envelope,
            envelope_kwargs=handling.envelope_kwargs,
        )
        middlewares = handling.service.message_middleware
        dispatcher = AmqpDispatcher(
            handler, middlewares, seen=SeenMessages(), stopping=asyncio.Event()
        )
        # Any: a channel is a whole connection's; the dispatcher calls these two of its methods.
        channel: Any = _Channel()
        delivery = Delivery(
            channel=channel,
            delivery_tag=1,
            redelivered=False,
            exchange="amq.topic",
            routing_key=handling.topic,
            header=frames.encode_properties({}),
            body=handling.payload.encode(),
        )
        await dispatcher(delivery)
        ends: list[str] = channel.ends
        return ends

    async def forget(self, context: dict[str, Any], _begun: set[asyncio.Task[Any]]) -> None:
        messaging = context.get("_aws_sns_sqs_messaging")
        if messaging is not None:
            await messaging.close()


INSIDES = _Ours()
