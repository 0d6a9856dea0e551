"""Connections to RabbitMQ and their channels: the only package that knows aioamqp.

The rest of the transport sees what is named here; `protocol.py` and `connection.py` wrap the library,
so that another could take its place.
"""

from __future__ import annotations

from aioamqp import __version__ as LIBRARY_VERSION  # noqa: N812 - a constant to us

from tomodachi.transport.amqp.connection.channel import (
    Channel,
    ChannelListener,
    DeclaredQueue,
    Delivery,
)
from tomodachi.transport.amqp.connection.connection import Connection, open_connection

__all__ = [
    "LIBRARY_VERSION",
    "Channel",
    "ChannelListener",
    "Connection",
    "DeclaredQueue",
    "Delivery",
    "open_connection",
]
