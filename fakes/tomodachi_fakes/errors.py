"""The root of every error this package raises for its own sake.

Errors that travel on the wire (AWS error codes, AMQP reply codes) live beside the protocol they
belong to: `aws/errors.py` and `amqp/errors.py`. What is here is for the person who runs the fakes.
"""

from __future__ import annotations

import errno
import os


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


class CannotListen(FakesError):
    """A server could not listen, and another port of the same kind would not help."""

    def __init__(self, host: str, port: int, option: str, error: OSError) -> None:
        number = error.errno or 0
        # asyncio tells of an address that is none of this machine's without a number.
        reason = os.strerror(number) if number > 0 else error.strerror or str(error)
        advice = (
            f"Pass {option} with a port above 1023."
            if number == errno.EACCES
            else "Pass --host with an address or a name of this machine."
        )
        super().__init__(f"{host}:{port} cannot be listened on: {reason}. {advice}")


def not_listening(error: OSError, host: str, port: int, option: str) -> FakesError:
    """Why a server does not listen, for whoever chose its address; `option` is the flag of its port."""
    if error.errno == errno.EADDRINUSE:
        return PortInUse(host, port, option)
    return CannotListen(host, port, option, error)
