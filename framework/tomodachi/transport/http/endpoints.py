"""What a route or an HTTP error leads to.

Which request comes here is decided by `routes.py`, what becomes of the value or the exception that
comes back, by `dispatcher.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tomodachi.transport.http.logging_rule import LOG_ALL, LoggingRule
from tomodachi.transport.http.match_info import PatternRoute

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tomodachi.transport.http.request import Request
    from tomodachi.transport.http.response import ReturnValue
    from tomodachi.transport.http.routes import Groups

    Answer = Callable[[Request, Groups], Awaitable[ReturnValue]]


class Endpoint:
    """What a route leads to.

    Attributes:
        name: The handler's name, as tools and logs show it.
        answer: Gives a request's return value, or raises.
        method: As registered.
        pattern: The route's regular expression, without anchors.
        logging_rule: Which responses get no line in the access log.
        streams_body: The body is left on the wire for the handler to read.
        is_reported: Whether calls are reported to the observer here (websockets report their own,
            static files have no handler).
        route: The route as aiohttp knows it.
    """

    __slots__ = (
        "answer",
        "is_reported",
        "logging_rule",
        "method",
        "name",
        "pattern",
        "route",
        "streams_body",
    )

    def __init__(
        self,
        name: str,
        answer: Answer,
        method: str,
        pattern: str,
        logging_rule: LoggingRule = LOG_ALL,
        *,
        streams_body: bool = False,
        is_reported: bool = True,
    ) -> None:
        self.name = name
        self.answer = answer
        self.method = method
        self.pattern = pattern
        self.logging_rule = logging_rule
        self.streams_body = streams_body
        self.is_reported = is_reported
        self.route = PatternRoute(method, pattern)


class ErrorEndpoint(NamedTuple):
    """What answers an HTTP error.

    Attributes:
        name: The handler's name.
        answer: Gives the return value for a request and the error's status, or raises.
    """

    name: str
    answer: Callable[[Request, int], Awaitable[ReturnValue]]
