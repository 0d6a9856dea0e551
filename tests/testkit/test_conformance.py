"""The conformance class: AMQP and a transport of a user's own pass, a broken one does not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import tomodachi
from tomodachi.helpers.handler_entries import HandlerEntry, add_entry
from tomodachi.helpers.observer import observed
from tomodachi.invoker import Invoker, lifecycle
from tomodachi_testkit.conformance import TransportConformance


class Mailbox(Invoker):
    """A transport as a user writes one: messages are put into a queue of the process."""

    @classmethod
    async def subscribe(cls, obj: Any, context: Any, func: Any) -> Any:
        inbox: asyncio.Queue[str] = asyncio.Queue()
        context.setdefault("inboxes", {})[func.__name__] = inbox
        running: set[asyncio.Task[None]] = set()

        async def handle(data: str) -> None:
            with observed("mailbox", obj, func.__name__) as call:
                try:
                    call.result = await func(obj, data)
                except Exception as error:  # noqa: BLE001 - the handler may raise anything
                    call.error = error

        async def consume() -> None:
            while True:
                task = asyncio.ensure_future(handle(await inbox.get()))
                running.add(task)
                task.add_done_callback(running.discard)

        async def start() -> None:
            async def begin() -> None:
                loop = asyncio.ensure_future(consume())

                async def end() -> None:
                    loop.cancel()
                    await asyncio.wait([loop, *running])

                lifecycle.before_stop(obj, end)

            lifecycle.after_started(obj, begin)
            add_entry(context, HandlerEntry("mailbox", func.__name__, lambda m: handle(m["data"])))

        return start


mailbox = Mailbox.decorator(Mailbox.subscribe)


class MailboxService(tomodachi.Service):
    name = "mailbox"

    def __init__(self) -> None:
        self.handled: list[tuple[str, str]] = []

    @mailbox
    async def handle(self, data: str) -> None:
        self.handled.append(("handle", data))

    @mailbox
    async def fail(self, data: str) -> None:
        raise RuntimeError(data)

    @mailbox
    async def handle_slowly(self, data: str) -> None:
        await asyncio.sleep(5)  # noqa: TID251 - virtual
        self.handled.append(("handle_slowly", data))


class TestMailbox(TransportConformance):
    transport = "mailbox"

    def service(self) -> type[tomodachi.Service]:
        return MailboxService

    async def deliver(self, svc: Any, running: Any, handler: str, data: str) -> None:
        running.context["inboxes"][handler].put_nowait(data)


class ParcelService(tomodachi.Service):
    name = "parcels"

    def __init__(self) -> None:
        self.handled: list[tuple[str, str]] = []

    @tomodachi.amqp("handle", queue_name="handle")
    async def handle(self, message: str) -> None:
        self.handled.append(("handle", message))

    @tomodachi.amqp("fail", queue_name="fail")
    async def fail(self, message: str) -> None:
        raise RuntimeError(message)

    @tomodachi.amqp("slow", queue_name="slow")
    async def handle_slowly(self, message: str) -> None:
        await asyncio.sleep(5)  # noqa: TID251 - virtual
        self.handled.append(("handle_slowly", message))


@pytest.mark.slow
class TestAmqp(TransportConformance):
    transport = "amqp"

    def service(self) -> type[tomodachi.Service]:
        return ParcelService

    async def deliver(self, svc: Any, running: Any, handler: str, data: str) -> None:
        key = handler.removeprefix("handle_").replace("slowly", "slow")
        await svc.amqp.publish("amq.topic", key, data, envelope=None)


BROKEN = '''
import asyncio
import tomodachi
from tomodachi.invoker import Invoker
from tomodachi_testkit.conformance import TransportConformance

class Careless(Invoker):
    """Shares its inbox between services, and leaves its task behind."""
    inboxes = {}

    @classmethod
    async def subscribe(cls, obj, context, func):
        inbox = cls.inboxes.setdefault(func.__name__, asyncio.Queue())

        async def consume():
            while True:
                await func(obj, await inbox.get())

        async def start():
            asyncio.ensure_future(consume())

        return start

careless = Careless.decorator(Careless.subscribe)

class CarelessService(tomodachi.Service):
    name = "careless"

    def __init__(self):
        self.handled = []

    @careless
    async def handle(self, data):
        self.handled.append(("handle", data))

class TestCareless(TransportConformance):
    failing = slow = ""

    def service(self):
        Careless.inboxes.clear()
        return CarelessService

    async def deliver(self, svc, running, handler, data):
        Careless.inboxes[handler].put_nowait(data)
'''


def test_a_transport_that_keeps_no_rule_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(BROKEN)
    result = pytester.runpytest_inprocess(
        "-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function",
        "-o", "svc_leaks=off", "-p", "no:xdist",
    )  # fmt: skip
    failed = {report.nodeid.rpartition("::")[2] for report in result.reprec.getfailures()}
    assert failed >= {
        "test_calls_are_reported_to_the_observer",
        "test_a_stopped_service_handles_nothing_and_leaves_no_task",
    }
