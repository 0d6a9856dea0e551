"""The driver's view of a side: a child process that answers cases, and the AWS that it is set up against."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any, Protocol

from tools.compare_original.aws import Aws
from tools.compare_original.kinds import Case
from tools.compare_original.setups import URL_VARIABLE

from tomodachi_fakes.aws.errors import AwsError

# What a call of `before` raises that has lost its name or its parameters to a smaller case.
_NO_CASE = (ValueError, LookupError, TypeError)
_SIDE = "tools.compare_original.side"
_LONGEST_ANSWER_S = 30.0
_LONGEST_LINE = 2**22


class Side(Protocol):
    """Whoever answers cases."""

    async def ask(self, kind: str, case: Case) -> Any:
        """The answer to one case."""


class Child:
    """An interpreter with one of the two frameworks.

    Args:
        python: Path of the interpreter. It finds the framework in its own environment: PYTHONPATH is
            not handed on.
    """

    def __init__(self, python: str) -> None:
        self._python = python
        self._aws = Aws()
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Child:
        """Start the AWS; the process starts with the first case."""
        await self._aws.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End both."""
        await self._end()
        await self._aws.stop()

    async def ask(self, kind: str, case: Case) -> Any:
        """The answer to one case; a process that ends or hangs is an answer, too, and is replaced."""
        if kind != "setups":
            return await self._answer(kind, case)
        try:
            self._aws.prepare(case)
        except (AwsError, *_NO_CASE) as error:
            return {"cannot be prepared": str(error)}
        answer = await self._answer(kind, case)
        return {"result": answer, "state": self._aws.state()}

    async def _answer(self, kind: str, case: Case) -> Any:
        process = self._process or await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{json.dumps([kind, case])}\n".encode())
        try:
            line = await asyncio.wait_for(process.stdout.readline(), _LONGEST_ANSWER_S)
        except TimeoutError:
            await self._end()
            return {"no answer within": _LONGEST_ANSWER_S}
        if not line:
            self._process = None
            return {"process ended": await process.wait()}
        return json.loads(line)

    async def _start(self) -> asyncio.subprocess.Process:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._process = await asyncio.create_subprocess_exec(
            *(self._python, "-m", _SIDE),
            env=environment | {URL_VARIABLE: self._aws.url, "TZ": "UTC"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_LONGEST_LINE,
        )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
