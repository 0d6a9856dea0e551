"""Everything of SNS and SQS that belongs to one service instance: clients, names found, consumers.

Kept in the service's context; nothing here is shared between services.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import aiobotocore
import aiohttp
import botocore

from tomodachi import logging
from tomodachi.helpers.execution_context import get_execution_context, set_execution_context
from tomodachi.helpers.handler_entries import HandlerEntry, add_entry
from tomodachi.invoker import Invoker, lifecycle
from tomodachi.services.registry import get_services
from tomodachi.transport.aws_sns_sqs import names, policies
from tomodachi.transport.aws_sns_sqs.clients import Clients
from tomodachi.transport.aws_sns_sqs.consumer import Consumer
from tomodachi.transport.aws_sns_sqs.dispatcher import Dispatcher
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException
from tomodachi.transport.aws_sns_sqs.heartbeat import VisibilityHeartbeat
from tomodachi.transport.aws_sns_sqs.queues import Queues
from tomodachi.transport.aws_sns_sqs.topics import Topics
from tomodachi.transport.aws_sns_sqs.topology import Subscribed, Topology
from tomodachi.transport.aws_sns_sqs.wildcards import WildcardWatch

if TYPE_CHECKING:
    from tomodachi.options import Options
    from tomodachi.transport.aws_sns_sqs.handler_settings import HandlerSettings

T = TypeVar("T")
_KEY = "_aws_sns_sqs_messaging"


class Messaging:
    """SNS and SQS for one service.

    Attributes:
        clients: Its clients.
        topics: The topics it has found.
        queues: The queues it has found.
        set_contextvars: Whether handlers find values in context variables (deprecated).
    """

    def __init__(
        self,
        options: Options,
        context: dict[str, Any] | None = None,
        *,
        has_stopped: bool = False,
    ) -> None:
        self._options = options
        self._context = {} if context is None else context
        self.clients = Clients(options, over=has_stopped)
        self.topics = Topics(self.clients)
        self.queues = Queues(self.clients)
        self.set_contextvars = False
        self._topology = Topology(self.clients, self.topics, self.queues, options)
        self._handlers: list[HandlerSettings] = []
        self._subscribed: list[tuple[HandlerSettings, Subscribed]] = []
        self._consumers: list[Consumer] = []
        self._watches: list[WildcardWatch] = []
        self._background: set[asyncio.Task[Any]] = set()
        self._service: Any = None
        self._started = False
        self._logger = logging.get_logger("tomodachi.awssnssqs")

    @classmethod
    def of(cls, context: dict[str, Any], service: Any = None) -> Messaging:
        """The one of a service's context, made when it is first asked for.

        Args:
            context: The service's.
            service: The instance, where the caller knows it; its clients are closed when it stops.
        """
        messaging: Messaging | None = context.get(_KEY)
        if messaging is None:
            service = service or _running_service(context)
            messaging = context[_KEY] = cls(
                Invoker.options(context), context, has_stopped=lifecycle.has_stopped(service)
            )
        if service is not None and messaging._service is None:
            messaging._service = service
            lifecycle.after_stopped(service, messaging.close)
        return messaging

    # --- starting -------------------------------------------------------------------------------

    def add(self, handler: HandlerSettings) -> None:
        """Register a handler."""
        self._handlers.append(handler)
        if handler.is_orphaned_on_restart:
            text = (
                f"queue '{handler.queue_name}' belongs to this run of the service alone, and stays "
                "behind when it ends: give the handler a queue_name or competing=True, or the service "
                "a fixed uuid"
            )
            self._logger.warning(text, handler=handler.name, topic=handler.topic)

    @property
    def is_starting(self) -> bool:
        """Whether `start` has been handed out already; true from the second time it is asked."""
        was, self._started = self._started, True
        return was

    async def start(self) -> None:
        """Set up every handler in order; receiving begins when the service has started.

        Raises:
            AWSSNSSQSException: AWS refused, or could not be reached.
        """
        _announce()
        lifecycle.before_stop(self._service, self.stop_consuming)
        with self.failures_logged():
            if any(handler.topic for handler in self._handlers):
                # First of all, so that a failure is named after SNS, as operators know it.
                await self.clients.get("sns")
        for handler in self._handlers:
            # In a task, so that what is bound to the logger there is bound nowhere else.
            subscribed = await asyncio.create_task(self._set_up(handler))
            self._subscribed.append((handler, subscribed))
        lifecycle.after_started(self._service, self._begin)

    async def _set_up(self, handler: HandlerSettings) -> Subscribed:
        self._logger.bind(**handler.log_values)
        with self.failures_logged():
            return await self._topology.set_up(handler)

    async def _begin(self) -> None:
        for handler, subscribed in self._subscribed:
            consumer = self._consumer(handler, subscribed)
            self._consumers.append(consumer)
            consumer.start()
            if handler.is_wildcard:
                watch = WildcardWatch(self._topology, handler, subscribed)
                self._watches.append(watch)
                watch.start()

    def _consumer(self, handler: HandlerSettings, subscribed: Subscribed) -> Consumer:
        queue = subscribed.queue
        dispatcher = Dispatcher(
            self._service,
            handler,
            queue,
            topic_prefix=self._options.aws_sns_sqs.topic_prefix,
            has_redrive_policy=policies.max_receive_count(queue.attributes) is not None,
            set_contextvars=self.set_contextvars,
        )

        detail = {
            "topic_arns": subscribed.topic_arns,
            "queue_url": queue.url,
            "envelope": handler.envelope,
        }
        entry = HandlerEntry("aws_sns_sqs", handler.name, dispatcher.dispatch, detail)
        add_entry(self._context, entry)

        async def recover() -> None:
            again = await self._topology.set_up_again(handler)
            subscribed.queue, subscribed.topic_arns = again.queue, again.topic_arns
            dispatcher.queue = again.queue

        heartbeat = None
        if handler.visibility_heartbeat:
            timeout_s = int(queue.attributes.get("VisibilityTimeout", 30))
            heartbeat = VisibilityHeartbeat(self.clients, queue.url, timeout_s)
        return Consumer(self.clients, handler, dispatcher, recover=recover, heartbeat=heartbeat)

    # --- running --------------------------------------------------------------------------------

    def in_background(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` as a task that stopping waits for."""
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    def topic_of(self, topic_arn: str) -> str:
        """What the service calls a topic."""
        return names.topic_of_arn(topic_arn, self._options.aws_sns_sqs.topic_prefix)

    @contextmanager
    def failures_logged(self, **values: str) -> Iterator[None]:
        """Log what AWS refuses, or does not do in time, on its way to the caller.

        Args:
            **values: What it was done for, as the log names it: `topic`, `queue_name`.
        """
        try:
            yield
        except AWSSNSSQSException as error:
            self._logger.warning(str(error), **values)
            raise

    # --- stopping -------------------------------------------------------------------------------

    async def stop_consuming(self) -> None:
        """Receive no more, and return when everything received is handled and deleted."""
        if self._consumers:
            self._logger.info("draining sqs receiver loop")
        await asyncio.gather(
            *(watch.stop() for watch in self._watches),
            *(consumer.stop() for consumer in self._consumers),
        )
        self._consumers.clear()
        self._watches.clear()

    async def close(self) -> None:
        """Wait for messages that are published in the background, then close the clients."""
        while self._background:
            await asyncio.wait(self._background)
        await self.clients.close()


def _running_service(context: dict[str, Any]) -> Any:
    return next((one for one in get_services() if getattr(one, "context", None) is context), None)


def _announce() -> None:
    counters = {"aws_sns_sqs_current_tasks": 0, "aws_sns_sqs_total_tasks": 0}
    known = get_execution_context()
    set_execution_context(
        {
            "aws_sns_sqs_enabled": True,
            # Another service in the process may be counting already.
            **{key: known.get(key, start) for key, start in counters.items()},
            "aiobotocore_version": aiobotocore.__version__,
            "aiohttp_version": aiohttp.__version__,
            "botocore_version": botocore.__version__,
        }
    )
