"""The root of the runtime's own errors.

Public exception classes keep the names and modules that services catch them by
(`tomodachi.transport.amqp.AmqpException`, ...); all of them descend from here.
"""

from __future__ import annotations


class TomodachiError(Exception):
    """Root of every error the runtime raises for its own sake."""
