"""`tomodachi` as a process whose log lines and output can be waited for."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import tomodachi


class Process:
    """A running command whose JSON log lines are read one by one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def logged(self, message: str) -> dict[str, Any]:
        """The next line with that message; lines before it are skipped."""
        assert self._process.stderr is not None
        async with asyncio.timeout(20):
            async for line in self._process.stderr:
                found = json.loads(line) if line.startswith(b"{") else {"message": line.decode()}
                if found["message"] == message:
                    return found
        raise AssertionError(message)

    def send_signal(self, number: int) -> None:
        """Send a signal to the process."""
        self._process.send_signal(number)

    async def ended(self) -> tuple[int, str]:
        """Send SIGTERM; the exit code and what was written to standard output."""
        self.send_signal(signal.SIGTERM)
        return await self.result()

    async def result(self) -> tuple[int, str]:
        """The exit code and what was written to standard output."""
        async with asyncio.timeout(20):
            output, _ = await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode, output.decode()

    async def lines(self) -> tuple[int, list[dict[str, Any]]]:
        """The exit code, and the JSON lines that were logged until the process ended."""
        async with asyncio.timeout(20):
            _, logged = await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode, [json.loads(line) for line in logged.splitlines()]


@asynccontextmanager
async def tomodachi_command(folder: Path, *argv: str, **environ: str) -> AsyncIterator[Process]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOMODACHI")}
    path = [str(Path(tomodachi.__file__).parents[1]), environ.pop("PYTHONPATH", "")]
    env |= {"PYTHONPATH": os.pathsep.join(filter(None, path)), "PYTHONWARNINGS": "error"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tomodachi",
        *argv,
        cwd=folder,
        env=env | environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
