"""How long a delivery may stay unacknowledged before its channel is closed.

Source: https://www.rabbitmq.com/docs/consumers#acknowledgement-timeout
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.reply_codes import ChannelReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.channel import Channel
    from tomodachi_fakes.amqp.model.timers import Timer


class DeliveryTimeout:
    """One timer for the oldest delivery of a channel, set when there is one."""

    __slots__ = ("_channel", "timer")

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.timer: Timer | None = None

    def watch(self, now: float) -> None:
        """Look at the oldest delivery when its time is up."""
        due = self._oldest_due()
        if due is not None:
            self.timer = self._channel.broker.timers.at(
                max(due, now), self._on_timeout, "consumer timeout"
            )

    def stop(self) -> None:
        """The channel ends."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _oldest_due(self) -> float | None:
        dues = []
        for entry, consumer, since in self._channel.unacked.values():
            if consumer is None:
                continue
            own = entry.queue.rules.consumer_timeout
            limit = self._channel.broker.consumer_timeout_ms if own is None else own
            if limit:
                dues.append(since + limit / 1000)
            if own is None:
                break
        return min(dues, default=None)

    def _on_timeout(self, now: float) -> None:
        self.timer = None
        due = self._oldest_due()
        if due is None:
            return
        if due > now:
            self.watch(now)
            return
        channel = self._channel
        error = AmqpChannelError(
            ChannelReply.PRECONDITION_FAILED,
            f"delivery acknowledgement on channel {channel.number} timed out. Timeout value used: "
            f"{channel.broker.consumer_timeout_ms} ms. This timeout value can be configured, see "
            "consumers doc guide to learn more",
        )
        channel.fail(error)
