"""Errors that travel on the wire, and the one that is no answer at all.

Handlers raise these; `connection.py` turns them into `channel.close`, `connection.close` or a bare
end of the TCP connection.
"""

from __future__ import annotations

from tomodachi_fakes.amqp.reply_codes import ChannelReply, ConnectionReply

_MAX_TEXT = 255


class AmqpError(Exception):
    """A refusal with a reply code; `class_id` and `method_id` name the method that failed.

    Attributes:
        reply_code: One of the two enums.
        reply_text: As it goes on the wire: at most 255 octets, longer ones end in "...".
        class_id: Class of the failed method; None means the method being handled.
        method_id: The failed method; None means the method being handled.
    """

    def __init__(
        self,
        reply_code: ChannelReply | ConnectionReply,
        explanation: str,
        *,
        class_id: int | None = None,
        method_id: int | None = None,
    ) -> None:
        self.reply_code = reply_code
        text = f"{reply_code.name} - {explanation}" if explanation else reply_code.name
        self.reply_text = shorten(text)
        self.class_id = class_id
        self.method_id = method_id
        super().__init__(self.reply_text)


class AmqpChannelError(AmqpError):
    """Soft: closes the channel."""

    def __init__(self, reply_code: ChannelReply, explanation: str) -> None:
        super().__init__(reply_code, explanation)


class AmqpConnectionError(AmqpError):
    """Hard: closes the connection."""

    def __init__(
        self,
        reply_code: ConnectionReply,
        explanation: str,
        *,
        class_id: int | None = None,
        method_id: int | None = None,
    ) -> None:
        super().__init__(reply_code, explanation, class_id=class_id, method_id=method_id)


class PeerGone(Exception):
    """End the TCP connection without a word, `delay_s` seconds from now."""

    def __init__(self, reason: str, *, delay_s: float = 0.0) -> None:
        self.reason = reason
        self.delay_s = delay_s
        super().__init__(reason)


class CannotDecode(Exception):
    """The arguments of a method do not have the shape of its definition."""

    def __init__(self, arguments: bytes) -> None:
        self.arguments = arguments
        super().__init__(f"cannot decode {arguments!r}")


class MalformedTable(Exception):
    """A field table is cut short, nested too deeply or holds an unknown type."""


def shorten(text: str) -> str:
    """`text` if it fits a short string, else its beginning and "..."."""
    if len(text.encode("utf-8", "surrogateescape")) <= _MAX_TEXT:
        return text
    return (
        text.encode("utf-8", "surrogateescape")[: _MAX_TEXT - 3].decode("utf-8", "ignore") + "..."
    )
