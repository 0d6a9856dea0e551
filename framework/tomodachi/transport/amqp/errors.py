"""The exceptions that services catch from RabbitMQ, under the names they know them by.

Which of them asks for a redelivery is decided in `disposition.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from tomodachi.errors import TomodachiError


class AmqpException(TomodachiError):
    """Root of what goes wrong with RabbitMQ.

    Args:
        log_level: Kept for services that pass it, as other keywords are; nothing in the runtime reads
            them.

    Attributes:
        about: What log lines bear of the handler that it is about; empty if it is about none.
    """

    def __init__(self, *args: object, log_level: str = "INFO", **_: object) -> None:
        super().__init__(*args)
        self._log_level = log_level
        self.about: Mapping[str, str] = {}


class AmqpInternalServiceError(AmqpException):
    """Raised by a handler: put the message back into its queue, whatever `on_exception` says."""


class AmqpInternalServiceErrorException(AmqpInternalServiceError):
    """The same under an older name."""


class AmqpInternalServiceException(AmqpInternalServiceError):
    """The same under an older name."""


class AmqpConnectionException(AmqpException):
    """There is no connection to the broker, or none within the time that a call waits for one."""


class AmqpChannelClosed(AmqpException):
    """The broker closed the channel, or the connection with it, and said why.

    Attributes:
        reply_code: AMQP reply code (404, 406, ...); 0 if the broker gave none.
        reply_text: The broker's own words.
    """

    def __init__(
        self, reply_code: int = 0, reply_text: str = "channel closed", *, log_level: str = "INFO"
    ) -> None:
        super().__init__(
            f"{reply_code} {reply_text}" if reply_code else reply_text, log_level=log_level
        )
        self.reply_code = reply_code
        self.reply_text = reply_text


class AmqpExclusiveQueueLockedException(AmqpException):
    """The queue belongs to another connection alone (reply code 405)."""


class AmqpTooManyConsumersException(AmqpException):
    """A queue that is meant for one consumer has one already."""


class AmqpPublishException(AmqpException):
    """The broker refused a message: negative confirm, or its exchange does not exist."""


class AmqpUnroutableException(AmqpPublishException):
    """A message published with `mandatory=True` matched no queue and came back.

    Attributes:
        reply_code: AMQP reply code of the return, usually 312.
        reply_text: The broker's own words, usually `NO_ROUTE`.
    """

    def __init__(
        self, exchange_name: str, routing_key: str, reply_code: int, reply_text: str
    ) -> None:
        super().__init__(
            f"no queue is bound for routing key {routing_key!r} on exchange {exchange_name!r} "
            f"({reply_code} {reply_text})"
        )
        self.reply_code = reply_code
        self.reply_text = reply_text
