"""How far a conversation has come, and how its TCP connection shall end."""

from __future__ import annotations

from enum import Enum, auto


class State(Enum):
    """How far the conversation has come."""

    HEADER = auto()
    START = auto()
    TUNE = auto()
    OPEN = auto()
    RUNNING = auto()
    CLOSING = auto()
    CLOSED = auto()


class End(Enum):
    """How the TCP connection shall end."""

    NO = auto()
    CLEAN = auto()
    RESET = auto()
