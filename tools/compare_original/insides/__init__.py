"""What a kind of case has to reach for that is no interface of a framework, for either of them."""

from __future__ import annotations

import importlib
from asyncio import Task
from typing import Any, Protocol

from tools.compare_original.handling import Handling

import tomodachi.transport.aws_sns_sqs


class Insides(Protocol):
    """One framework's."""

    def internal_service_error(self, transport: str) -> type[Exception]:
        """What a handler raises to get its message again."""

    async def handle_sqs(self, handling: Handling) -> list[str]:
        """Take a message from SQS to its end: "deleted" or "kept"."""

    async def handle_amqp(self, handling: Handling) -> list[str]:
        """Take a message from RabbitMQ to its end: "acknowledged", "requeued", "dead-lettered" or none."""

    async def forget(self, context: dict[str, Any], begun: set[Task[Any]]) -> None:
        """End what setting up the handlers of a service has begun, these tasks among it."""


def insides() -> Insides:
    """Those of the framework that this interpreter has."""
    is_ours = hasattr(tomodachi.transport.aws_sns_sqs, "__path__")
    module = importlib.import_module(f"{__name__}.{'ours' if is_ours else 'original'}")
    found: Insides = module.INSIDES
    return found
