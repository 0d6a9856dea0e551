"""What the AMQP options of a service come to: where its broker is, and what holds for its queues.

Options keep what they were given; here None, "", False and 0 get their meaning.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from tomodachi.options import Options
from tomodachi.options.resolve import milliseconds, whole_seconds

DEFAULT_EXCHANGE = "amq.topic"


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """A RabbitMQ, and who connects to it.

    Attributes:
        host: Name or address.
        port: TCP port.
        login: User name.
        password: Never printed.
        virtualhost: Virtual host.
        tls: How to encrypt the connection; None leaves it plain.
        heartbeat: Seconds; 0 turns heartbeats off.
    """

    host: str
    port: int
    login: str
    password: str = field(repr=False)
    virtualhost: str
    tls: ssl.SSLContext | None
    heartbeat: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class AmqpSettings:
    """The AMQP options of one service, resolved.

    Attributes:
        address: The broker.
        exchange_name: Exchange of handlers and publishes that name none.
        routing_key_prefix: Put before every routing and binding key.
        queue_name_prefix: Put before every queue name.
        queue_ttl_ms: Milliseconds after which an unused queue is deleted; 0 keeps it.
        per_consumer: Unacknowledged messages of one consumer; 0 means any number.
        in_all: Unacknowledged messages of all consumers; 0 means any number.
        on_exception: "delete" or "retry".
    """

    address: BrokerAddress
    exchange_name: str
    routing_key_prefix: str
    queue_name_prefix: str
    queue_ttl_ms: int
    per_consumer: int
    in_all: int
    on_exception: str

    @staticmethod
    def of(options: Options) -> AmqpSettings:
        """Resolve the options of a service."""
        amqp = options.amqp
        address = BrokerAddress(
            host=amqp.host,
            port=amqp.port,
            login=amqp.login,
            password=amqp.password,
            virtualhost=amqp.virtualhost,
            tls=ssl.create_default_context() if amqp.ssl is True else amqp.ssl or None,
            heartbeat=whole_seconds(amqp.heartbeat),
        )
        return AmqpSettings(
            address=address,
            exchange_name=amqp.exchange_name or DEFAULT_EXCHANGE,
            routing_key_prefix=amqp.routing_key_prefix or "",
            queue_name_prefix=amqp.queue_name_prefix or "",
            queue_ttl_ms=milliseconds(amqp.queue_ttl),
            per_consumer=amqp.qos.queue_prefetch_count,
            in_all=amqp.qos.global_prefetch_count,
            on_exception=amqp.on_exception,
        )
