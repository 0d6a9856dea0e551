"""`svc-fake-broker start`: listen, make what shall exist, say READY, stop in good order."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tomodachi_fakes.cli import logs
from tomodachi_fakes.cli.descriptors import WhenUsedUp, ask_for_enough
from tomodachi_fakes.cli.endings import Endings
from tomodachi_fakes.cli.initial import read_files, settings_with
from tomodachi_fakes.cli.persistence import keep, resume
from tomodachi_fakes.cli.printing import Progress
from tomodachi_fakes.cli.ready_file import ReadyFile
from tomodachi_fakes.clock import AdjustableClock, SystemClock
from tomodachi_fakes.servers.fake_broker import FakeBroker
from tomodachi_fakes.servers.http_guard import is_loopback

if TYPE_CHECKING:
    from tomodachi_fakes.cli.arguments import Arguments

LOGGER = logging.getLogger("svc-fake-broker")


def start(arguments: Arguments) -> int:
    """Serve until something ends the program; a second signal ends it at once."""
    began = time.monotonic()
    logs.configure(arguments.log_level, arguments.log_format)
    ask_for_enough()
    return asyncio.run(_Program(arguments, began).run())


class _Program:
    """One run."""

    def __init__(self, arguments: Arguments, began: float) -> None:
        self._arguments = arguments
        self._began = began
        self._declared = read_files(arguments.config_files)
        self._scripts = _scripts(arguments.init)
        self._ready_file = ReadyFile(arguments.ready_file)

    async def run(self) -> int:
        """Serve; the exit code."""
        asyncio.get_running_loop().set_exception_handler(WhenUsedUp())
        endings = Endings()
        if self._arguments.parent_pid is not None:
            endings.when_gone(self._arguments.parent_pid)
        settings = settings_with(self._arguments, self._declared)
        broker = FakeBroker(settings, clock=AdjustableClock(SystemClock()))
        broker.on_stop = endings.end
        broker.ready = False
        # What is imported stays: looking for garbage among it would cost a tenth of the start.
        gc.disable()
        self._ready_file.forget()
        await broker.start()
        try:
            self._make_resources(broker)
            await self._serve(broker, endings)
        finally:
            self._ready_file.forget()
            await broker.stop()
        if self._arguments.persist:
            keep(broker, Path(self._arguments.persist))
        return 0

    async def _serve(self, broker: FakeBroker, endings: Endings) -> None:
        if self._scripts and not await self._run_scripts(broker, endings):
            return
        gc.freeze()
        gc.enable()
        broker.ready = True
        self._warn(broker)
        self._say_ready(broker)
        if self._arguments.idle_exit is not None:
            endings.when_idle(broker, self._arguments.idle_exit)
        await endings.came.wait()
        LOGGER.info("stopping")

    # --- what shall exist --------------------------------------------------------------------------

    def _make_resources(self, broker: FakeBroker) -> None:
        if self._declared:
            self._apply(broker)
            broker.begin_here()
            broker.make_initial = lambda: self._apply(broker)
        if self._arguments.persist and resume(broker, Path(self._arguments.persist)):
            # What was kept comes before what the files say, who may have got new parts since.
            self._apply(broker)

    def _apply(self, broker: FakeBroker) -> None:
        if not self._declared:
            return
        # Imported with the first file, as what reads it.
        from tomodachi_fakes.definitions.applying import apply

        progress = Progress(sum(declared.size for declared in self._declared))
        for declared in self._declared:
            for note in apply(declared, broker, progress.step):
                LOGGER.warning(note)
        progress.end()

    async def _run_scripts(self, broker: FakeBroker, endings: Endings) -> bool:
        """Whether they came to their end before the program did."""
        from tomodachi_fakes.cli.init_scripts import run_scripts

        running = asyncio.ensure_future(run_scripts(self._scripts, broker.env(), broker.scripts))
        ended = asyncio.ensure_future(endings.came.wait())
        await asyncio.wait((running, ended), return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not running.done():
            running.cancel()
            await asyncio.wait((running,))
            return False
        running.result()
        broker.begin_here()
        return True

    # --- what is said ------------------------------------------------------------------------------

    def _warn(self, broker: FakeBroker) -> None:
        host = self._arguments.host
        if not is_loopback(host):
            LOGGER.warning("listening on %s: anybody who reaches it can use it", host)
        for what in broker.unavailable:
            LOGGER.warning(what)

    def _say_ready(self, broker: FakeBroker) -> None:
        took_ms = round((time.monotonic() - self._began) * 1000)
        if self._arguments.json:
            line = json.dumps({"ready": True, **broker.shown, "took_ms": took_ms})
        else:
            urls = " ".join(f"{name}={url}" for name, url in broker.shown.items())
            line = f"READY {urls} ({took_ms} ms)"
        self._ready_file.write(line)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _scripts(folder: str) -> list[Path]:
    if not folder:
        return []
    from tomodachi_fakes.cli.init_scripts import scripts_in

    return scripts_in(Path(folder))
