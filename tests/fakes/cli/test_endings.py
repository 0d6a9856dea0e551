"""What ends the program: signals, as a process gets them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from tomodachi_fakes.cli.endings import Endings
from tomodachi_fakes.errors import FakesError

# Told to end, it would go on for ever.
SLOW = """
import asyncio
from tomodachi_fakes.cli.endings import Endings
async def main():
    endings = Endings()
    print("ready", flush=True)
    await endings.came.wait()
    print("ending", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_asks_and_the_second_ends_it_at_once(first: int, second: int) -> None:
    """Source: docs/svc-fake-broker.md."""
    with subprocess.Popen([sys.executable, "-c", SLOW], stdout=subprocess.PIPE, text=True) as slow:
        assert slow.stdout is not None
        assert slow.stdout.readline() == "ready\n"
        slow.send_signal(first)
        assert slow.stdout.readline() == "ending\n"
        slow.send_signal(second)
        assert slow.wait(10) == -second


@pytest.mark.slow
def test_a_hangup_that_nohup_keeps_away_is_none() -> None:
    """A terminal that is closed sends SIGHUP; `nohup` has it ignored from the start."""
    ignoring = f"import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n{SLOW}"
    with subprocess.Popen(
        [sys.executable, "-c", ignoring], stdout=subprocess.PIPE, text=True
    ) as slow:
        assert slow.stdout is not None
        assert slow.stdout.readline() == "ready\n"
        slow.send_signal(signal.SIGHUP)
        slow.send_signal(signal.SIGTERM)
        assert slow.stdout.readline() == "ending\n"
        slow.send_signal(signal.SIGTERM)
        assert slow.wait(10) == -signal.SIGTERM


async def test_without_a_descriptor_of_the_process_it_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Systems other than Linux have no pidfd_open."""
    # asyncio itself asks for one as it starts a process, on Python 3.12 and later.
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )
    monkeypatch.delattr(os, "pidfd_open")
    monkeypatch.setattr("tomodachi_fakes.cli.endings._LOOK_AGAIN_S", 0.0)
    endings = Endings()
    endings.when_gone(parent.pid)
    assert not endings.came.is_set()
    parent.kill()
    await parent.wait()
    await endings.came.wait()


async def test_a_process_that_is_no_more_is_a_mistake() -> None:
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    with pytest.raises(FakesError, match="there is no such process; name one that runs"):
        Endings().when_gone(gone.pid)
