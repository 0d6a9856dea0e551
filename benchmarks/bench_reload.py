"""How long a hot reload takes: from writing a changed service file to the new service running.

    python benchmarks/bench_reload.py [interpreter with the framework to compare with]

The service answers HTTP; the new code is running when its `_started_service` says so. The interpreter
given as an argument runs the same service by its own `tomodachi`.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 7
SERVICE = """
import sys
import tomodachi

class Service(tomodachi.Service):
    name = "bench"
    options = tomodachi.Options(http={{"port": {port}, "host": "127.0.0.1"}})

    @tomodachi.http("GET", "/")
    async def index(self, request):
        return "{number}"

    async def _started_service(self):
        print("running {number}", flush=True)
"""


def measure(interpreter: str, port: int) -> list[float]:
    """Milliseconds of each reload."""
    took = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "service.py")
        file.write_text(SERVICE.format(port=port, number=0))
        env = {**os.environ, "NO_COLOR": "1"}
        process = subprocess.Popen(
            [interpreter, "-m", "tomodachi", "run", "service.py", "--log-level", "warning"],
            cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            wait_for(process, "running 0")
            for number in range(1, ROUNDS + 1):
                time.sleep(1.2)
                start = time.perf_counter()
                file.write_text(SERVICE.format(port=port, number=number))
                wait_for(process, f"running {number}")
                took.append((time.perf_counter() - start) * 1000)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    return took


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    for line in process.stdout:
        if line.strip() == text:
            return
    msg = f"the service ended before it said {text!r}"
    raise RuntimeError(msg)


def main() -> None:
    for interpreter in (sys.executable, *sys.argv[1:2]):
        name = "this runtime" if interpreter == sys.executable else "other"
        took = measure(interpreter, port=19_731)
        print(
            f"{name:<14} median {statistics.median(took):7.1f} ms   "
            f"least {min(took):7.1f}   most {max(took):7.1f}"
        )


if __name__ == "__main__":
    main()
