"""What an envelope has to have, for users' own: the type of every `message_envelope`."""

from __future__ import annotations

from typing import Any, Protocol


class MessageEnvelopeProtocol(Protocol):
    """Puts data into a message, and reads messages.

    A third class method, `validate(**kwargs)`, is called with a decorator's extra keywords where an
    envelope has it, and raises if they make no sense.
    """

    @classmethod
    async def build_message(cls, service: Any, topic: str, data: Any, **kwargs: Any) -> str:
        """The message.

        Args:
            service: The service that publishes.
            topic: Or routing key; "" for a message straight to a queue.
            data: What the service published.
            **kwargs: Extra keywords of the publish; with SNS and SQS also `message_attributes`, a
                dict that may be changed.
        """
        ...

    @classmethod
    async def parse_message(cls, payload: str, **kwargs: Any) -> tuple[Any, str, str | int | float]:
        """What a message says, its id for de-duplication, and when it was built.

        Args:
            payload: The message.
            **kwargs: Extra keywords of the decorator, if there are any; with SQS then also
                `message_attributes`.
        """
        ...
