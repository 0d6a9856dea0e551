"""Reply codes: two enums, so that a soft error can never go out as a hard one.

Source: AMQP 0-9-1 spec 1.2, constants; the names in reply texts are RabbitMQ's.
"""

from __future__ import annotations

from enum import IntEnum


class ChannelReply(IntEnum):
    """Soft errors: they close the channel."""

    CONTENT_TOO_LARGE = 311
    NO_ROUTE = 312
    NO_CONSUMERS = 313
    ACCESS_REFUSED = 403
    NOT_FOUND = 404
    RESOURCE_LOCKED = 405
    PRECONDITION_FAILED = 406


class ConnectionReply(IntEnum):
    """Hard errors: they close the connection. Two soft names are hard when RabbitMQ makes them so."""

    CONNECTION_FORCED = 320
    INVALID_PATH = 402
    ACCESS_REFUSED = 403
    FRAME_ERROR = 501
    SYNTAX_ERROR = 502
    COMMAND_INVALID = 503
    CHANNEL_ERROR = 504
    UNEXPECTED_FRAME = 505
    RESOURCE_ERROR = 506
    NOT_ALLOWED = 530
    NOT_IMPLEMENTED = 540
    INTERNAL_ERROR = 541


REPLY_SUCCESS = 200
