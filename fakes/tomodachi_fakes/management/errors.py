"""Refusals of the management API, in the shape that RabbitMQ's HTTP layer gives them.

Source: https://www.rabbitmq.com/docs/management#http-api; texts as a RabbitMQ 3.10.8 answers them
"""

from __future__ import annotations

from typing import Any


class ManagementError(Exception):
    """An answer that is an error: `{"error": ..., "reason": ...}`.

    Attributes:
        reason: A text, or a list where RabbitMQ shows an Erlang tuple.
        ask_to_log_in: The answer asks for credentials.
    """

    def __init__(
        self, status: int, error: str, reason: Any, *, ask_to_log_in: bool = False
    ) -> None:
        self.status = status
        self.error = error
        self.reason = reason
        self.ask_to_log_in = ask_to_log_in
        super().__init__(f"{error}: {reason}")


def not_found() -> ManagementError:
    """404: no such object, or no such path."""
    return ManagementError(404, "Object Not Found", "Not Found")


def missing(reason: str) -> ManagementError:
    """404: something that the request needs is not there."""
    return ManagementError(404, "not_found", reason)


def bad_request(reason: Any) -> ManagementError:
    """400."""
    return ManagementError(400, "bad_request", reason)


def not_authorised(reason: str) -> ManagementError:
    """401: logged in, but not allowed to."""
    return ManagementError(401, "not_authorised", reason)


def invalid(text: str) -> ManagementError:
    """400: a parameter or policy did not pass its validation."""
    return bad_request(f"Validation failed\n\n{text}\n")
