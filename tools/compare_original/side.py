"""One side: answers cases, a line of JSON each way, until its input ends.

    python -m tools.compare_original.side

Runs on either interpreter, and imports nothing but the framework and what it depends on.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import warnings
from typing import Any

from tools.compare_original.answers import raised
from tools.compare_original.kinds import KINDS


async def answer(kind: str, case: dict[str, Any]) -> Any:
    """What this interpreter's framework makes of a case; an exception is an answer, too."""
    try:
        return await KINDS[kind].answer(case)
    except Exception as error:  # noqa: BLE001 - what is raised is what is compared
        return raised(error)


async def _serve() -> None:
    # The frameworks print; the answers go where nothing else does.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            kind, case = json.loads(line)
            answers.write(f"{json.dumps(await answer(kind, case))}\n")
            answers.flush()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    asyncio.run(_serve())
