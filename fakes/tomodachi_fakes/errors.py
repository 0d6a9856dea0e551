"""The root of every error this package raises for its own sake.

Errors that travel on the wire (AWS error codes, AMQP reply codes) live beside the protocol they
belong to: `aws/errors.py` and `amqp/errors.py`. What is here is for the person who runs the fakes.
"""

from __future__ import annotations


class FakesError(Exception):
    """Something about the fakes' own set-up is wrong; the message says what to do."""


class PortInUse(FakesError):
    """A server could not listen because another program holds the port."""

    def __init__(self, host: str, port: int, option: str) -> None:
        self.host = host
        self.port = port
        super().__init__(
            f"{host}:{port} is already in use. Stop the program that listens there, "
            f"or pass {option} 0 to let the system choose a free port."
        )
