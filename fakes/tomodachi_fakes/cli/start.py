"""`svc-fake-broker start`: listen, say READY, stop in good order on SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tomodachi_fakes.cli.persistence import keep, resume
from tomodachi_fakes.clock import AdjustableClock, SystemClock
from tomodachi_fakes.servers.fake_broker import FakeBroker

if TYPE_CHECKING:
    from tomodachi_fakes.cli.arguments import Arguments

LOGGER = logging.getLogger("svc-fake-broker")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def start(arguments: Arguments) -> int:
    """Serve until a signal; a second one ends the process at once."""
    began = time.monotonic()
    logging.basicConfig(
        level=arguments.log_level.upper(),
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )
    return asyncio.run(_serve(arguments, began))


async def _serve(arguments: Arguments, began: float) -> int:
    stopping = asyncio.Event()
    broker = FakeBroker(arguments.settings(), clock=AdjustableClock(SystemClock()))
    broker.on_stop = stopping.set
    _on_signals(stopping)
    # What is imported stays: looking for garbage among it would cost a tenth of the start.
    gc.disable()
    broker.ready = not arguments.persist
    await broker.start()
    try:
        if arguments.persist:
            resume(broker, Path(arguments.persist))
            broker.ready = True
        gc.freeze()
        gc.enable()
        _warn(broker, arguments)
        _say_ready(broker, arguments, time.monotonic() - began)
        await stopping.wait()
        LOGGER.info("stopping")
    finally:
        await broker.stop()
    if arguments.persist:
        keep(broker, Path(arguments.persist))
    return 0


def _warn(broker: FakeBroker, arguments: Arguments) -> None:
    if arguments.host not in _LOOPBACK:
        LOGGER.warning("listening on %s: anybody who reaches it can use it", arguments.host)
    if broker.without_management:
        LOGGER.warning("no management API: %s", broker.without_management)


def _on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)


def _say_ready(broker: FakeBroker, arguments: Arguments, took_s: float) -> None:
    addresses = {"aws": broker.aws_url, "amqp": broker.amqp_url, "amqps": broker.amqps_url}
    if broker.certificates is not None:
        addresses["ca"] = str(broker.certificates.authority)
    addresses["management"] = broker.management_url
    addresses = {name: url for name, url in addresses.items() if url}
    took_ms = round(took_s * 1000)
    if arguments.json:
        line = json.dumps({"ready": True, **addresses, "took_ms": took_ms})
    else:
        urls = " ".join(f"{name}={url}" for name, url in addresses.items())
        line = f"READY {urls} ({took_ms} ms)"
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    if arguments.ready_file:
        Path(arguments.ready_file).write_text(line + "\n", encoding="utf-8")
