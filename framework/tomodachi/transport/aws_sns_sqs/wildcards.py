"""Looks for topics made since a wildcard handler was set up, and subscribes its queue to them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tomodachi import logging
from tomodachi.helpers import clock
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException

if TYPE_CHECKING:
    from tomodachi.transport.aws_sns_sqs.handler_settings import HandlerSettings
    from tomodachi.transport.aws_sns_sqs.topology import Subscribed, Topology

INTERVAL_S = 60.0


class WildcardWatch:
    """Lists the topics again every minute, for one handler."""

    def __init__(
        self, topology: Topology, handler: HandlerSettings, subscribed: Subscribed
    ) -> None:
        self._topology = topology
        self._handler = handler
        self._subscribed = subscribed
        self._task: asyncio.Task[None] | None = None
        self._logger = logging.get_logger("tomodachi.awssnssqs").new(handler=handler.name)

    def start(self) -> None:
        """Begin; the first look is an interval from now."""
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _watch(self) -> None:
        while True:
            await clock.sleep(INTERVAL_S)
            try:
                new = await self._topology.subscribe_new_topics(self._handler, self._subscribed)
            except AWSSNSSQSException as error:
                self._logger.warning("topics could not be listed, trying again", reason=str(error))
                continue
            if new:
                self._logger.info("subscribed to new topics", topics=new)
