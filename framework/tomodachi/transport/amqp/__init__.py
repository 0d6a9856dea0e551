"""RabbitMQ for services: handlers consume with `@amqp`, `amqp_publish` publishes.

The parts, from the wire up: `frames` (bytes of messages), `connection` (the one package that knows
aioamqp), `link` (keeps a service connected), `topology`, `consumer` and `publisher` (what happens on
a connection), `dispatcher` (one message to its end), `service` (one service's whole),
`transport` (the public class methods). Decisions are
pure: `names`, `disposition`, `deduplication`, `concurrency`, `confirms`, `backoff`.
"""

from __future__ import annotations

from tomodachi.transport.amqp.decorators import amqp, amqp_publish
from tomodachi.transport.amqp.errors import (
    AmqpChannelClosed,
    AmqpConnectionException,
    AmqpException,
    AmqpExclusiveQueueLockedException,
    AmqpInternalServiceError,
    AmqpInternalServiceErrorException,
    AmqpInternalServiceException,
    AmqpPublishException,
    AmqpTooManyConsumersException,
    AmqpUnroutableException,
)
from tomodachi.transport.amqp.properties import Properties
from tomodachi.transport.amqp.transport import (
    MESSAGE_ENVELOPE_DEFAULT,
    MESSAGE_PROTOCOL_DEFAULT,
    MESSAGE_ROUTING_KEY_PREFIX,
    AmqpTransport,
)

publish = AmqpTransport.publish

__all__ = [
    "MESSAGE_ENVELOPE_DEFAULT",
    "MESSAGE_PROTOCOL_DEFAULT",
    "MESSAGE_ROUTING_KEY_PREFIX",
    "AmqpChannelClosed",
    "AmqpConnectionException",
    "AmqpException",
    "AmqpExclusiveQueueLockedException",
    "AmqpInternalServiceError",
    "AmqpInternalServiceErrorException",
    "AmqpInternalServiceException",
    "AmqpPublishException",
    "AmqpTooManyConsumersException",
    "AmqpTransport",
    "AmqpUnroutableException",
    "Properties",
    "amqp",
    "amqp_publish",
    "publish",
]
