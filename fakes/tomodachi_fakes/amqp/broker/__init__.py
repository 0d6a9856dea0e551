"""The broker behind the wire: virtual hosts, exchanges, queues, consumers; no I/O."""

from tomodachi_fakes.amqp.broker.broker import Broker

__all__ = ["Broker"]
