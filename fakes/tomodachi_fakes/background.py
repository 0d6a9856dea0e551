"""Both brokers in a thread of their own, for tests and programs that have no event loop to give them.

    with run_brokers() as brokers:
        queue = boto3.client("sqs", endpoint_url=brokers.aws_url)
        connection = pika.BlockingConnection(pika.URLParameters(brokers.amqp_url))

Every call here is the control API's call of the same name, made within the brokers' thread and without HTTP;
what the calls take is listed in `control/operations.py`, and served as `/_broker/openapi.json`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from tomodachi_fakes.clock import AdjustableClock, SystemClock
from tomodachi_fakes.servers.environment import (
    amqp_environment,
    aws_environment,
    management_environment,
)
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import BrokersSnapshot

T = TypeVar("T")
View = dict[str, Any]


class BackgroundBrokers:
    """Brokers that run in another thread.

    Attributes:
        broker: The brokers themselves; `ask` reaches them safely.
    """

    def __init__(self, broker: FakeBroker, loop: asyncio.AbstractEventLoop) -> None:
        self.broker = broker
        self._loop = loop

    @property
    def aws_url(self) -> str:
        """Endpoint URL of SNS, SQS, STS and KMS; empty without AWS."""
        return self.broker.aws_url

    @property
    def amqp_url(self) -> str:
        """URL of RabbitMQ; empty without AMQP."""
        return self.broker.amqp_url

    @property
    def management_url(self) -> str:
        """URL of RabbitMQ's management API and the dashboard; empty without one."""
        return self.broker.management_url

    def environment(self) -> dict[str, str]:
        """Variables that point clients here: AWS_ENDPOINT_URL and credentials, AMQP_URL, RABBITMQ_HOST, ..."""
        settings = self.broker.settings
        variables: dict[str, str] = {}
        if self.aws_url:
            variables |= aws_environment(self.aws_url, settings.region)
        if self.amqp_url:
            variables |= amqp_environment(self.amqp_url, settings.login)
        if self.management_url:
            variables |= management_environment(self.management_url)
        return variables

    def ask(self, question: Callable[[FakeBroker], T]) -> T:
        """Let the brokers' thread answer; whatever the question raises is raised here."""
        answer: Future[T] = Future()

        def ask() -> None:
            try:
                answer.set_result(question(self.broker))
            except BaseException as error:  # noqa: BLE001 - it is the asker's
                answer.set_exception(error)

        self._loop.call_soon_threadsafe(ask)
        return answer.result()

    # --- the control API's calls -----------------------------------------------------------------

    def call(self, method: str, path: str, **given: Any) -> Any:
        """Do what the control API's call does: `call("POST", "redrive", queue="orders-dlq")`.

        Raises:
            KeyError: there is no such call.
            ControlError: it cannot be done; the message says why and what to do.
        """
        from tomodachi_fakes.control.operations import BY_ROUTE

        operation = BY_ROUTE[method, path]

        def run(broker: FakeBroker) -> Any:
            answer = operation.call(broker, given)
            broker.flush_amqp()
            return answer

        return self.ask(run)

    def queues(self, **given: Any) -> list[View]:
        """Every queue of both brokers, with its messages by state."""
        return list(self.call("GET", "queues", **given))

    def peek(self, queue: str, **given: Any) -> list[View]:
        """Messages of a queue; nothing is received."""
        return list(self.call("GET", "peek", queue=queue, **given))

    def send(self, queue: str, body: str, **given: Any) -> View:
        """Put a message into a queue."""
        return dict(self.call("POST", "send", queue=queue, body=body, **given))

    def publish(self, body: str, **given: Any) -> View:
        """Publish to a `topic`, or to an `exchange` with a `routing_key`."""
        return dict(self.call("POST", "publish", body=body, **given))

    def add_fault(self, point: str, kind: str, **given: Any) -> View:
        """Plan a fault: `add_fault("sqs.SendMessage", "error", code="ThrottlingException", times=2)`."""
        return dict(self.call("POST", "faults", point=point, kind=kind, **given))

    def advance(self, seconds: float) -> None:
        """Move the brokers' time forward; everything that is due happens."""
        self.call("POST", "clock/advance", seconds=seconds)

    def wait_for(
        self, queue: str, *, count: int = 1, timeout_s: float = 5.0, **given: Any
    ) -> list[View]:
        """Wait until so many messages were in a queue since the wait began, or are there.

        Args:
            queue: Name, ARN or URL.
            count: How many.
            timeout_s: Longest wait, in seconds of real time.
            **given: Which ones, as `POST await-message` takes it: `body`, `body_contains`, `body_json`, ...

        Raises:
            TimeoutError: fewer came; it names them.
            ControlError: there is no such queue.
        """
        from tomodachi_fakes.control.expectations import AWAIT, Expectation
        from tomodachi_fakes.control.parameters import read_all

        criteria = read_all(AWAIT, {"queue": queue, **given})
        came = threading.Event()

        def begin(broker: FakeBroker) -> Expectation:
            expected = Expectation(broker, criteria)

            def look() -> None:
                if len(expected.found) >= count:
                    came.set()

            expected.on_found = look
            look()
            return expected

        expected = self.ask(begin)
        in_time = came.wait(timeout_s)
        self.ask(lambda _: expected.close())
        if not in_time:
            bodies = [view["body"] for view in expected.found]
            msg = f"{len(bodies)} of {count} messages came to {queue!r} within {timeout_s:g} s: {bodies}"
            raise TimeoutError(msg)
        return expected.found[:count]

    # --- back to the beginning -------------------------------------------------------------------

    def reset(self) -> None:
        """Forget everything, planned faults and events too; clients stay connected."""
        self.ask(_reset)

    def snapshot(self) -> BrokersSnapshot:
        """Everything stored, for `restore`."""
        return self.ask(lambda broker: broker.snapshot())

    def restore(self, snapshot: BrokersSnapshot) -> None:
        """Go back to a snapshot."""
        self.ask(lambda broker: broker.restore(snapshot))


def _reset(broker: FakeBroker) -> None:
    broker.reset()
    broker.faults.clear()
    broker.events.clear()


@contextmanager
def run_brokers(
    settings: BrokerSettings | None = None, **changes: Any
) -> Iterator[BackgroundBrokers]:
    """Run both brokers on free ports of this machine while the block lasts.

    Args:
        settings: How; ports are free ones by default.
        **changes: Fields of `BrokerSettings` that differ, such as `amqp_port=None` or `management_port=0`.

    Raises:
        PortInUse: another program holds a port that was asked for.
        TypeError: there is no such setting.
    """
    chosen = replace(settings or BrokerSettings(), **changes)
    broker = FakeBroker(chosen, clock=AdjustableClock(SystemClock()))
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(broker, started)), name="fake-brokers", daemon=True
    )
    thread.start()
    try:
        loop, stopping = started.result()
    except BaseException:
        thread.join()
        raise
    try:
        yield BackgroundBrokers(broker, loop)
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()


async def _serve(
    broker: FakeBroker, started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]
) -> None:
    stopping = asyncio.Event()
    try:
        await broker.start()
    except BaseException as error:  # noqa: BLE001 - raised where the brokers were asked for
        started.set_exception(error)
        return
    started.set_result((asyncio.get_running_loop(), stopping))
    await stopping.wait()
    await broker.stop()
