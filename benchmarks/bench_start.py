"""Process start to the first 200, and SIGTERM to the process's end, of a hello-world service.

    python benchmarks/bench_start.py [interpreter with the framework to compare with]

The peer in the same run is a bare aiohttp application; rounds take turns, so that a busy machine hurts
all of them alike, and the median and the least of the rounds are printed. The start includes the
interpreter's own; so does the end: what the service itself takes is the difference to the row of an
interpreter that has loaded aiohttp and waits for the signal with nothing to stop. Printed last is what
`import tomodachi` takes in an interpreter that runs already.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROUNDS = 11
# A path relative to the working directory is the only one that every release understands.
FOLDER, SERVICE = Path(__file__).parent, "http_service.py"
REQUEST = b"GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
WAITING = """
import signal, socket, os
from aiohttp import web
signal.signal(signal.SIGTERM, lambda *_: exit())
with socket.create_server(("127.0.0.1", int(os.environ["BENCH_PORT"]))) as server:
    connection, _ = server.accept()
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
    connection.close()
    signal.pause()
"""
IMPORT = """
import time
start = time.perf_counter()
import tomodachi
print(time.perf_counter() - start)
"""


@dataclass
class Program:
    name: str
    command: list[str]
    started_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    ended_ms: list[float] = field(default_factory=list)


def programs(other: str | None) -> list[Program]:
    run = ["-m", "tomodachi", "run", SERVICE, "--production"]
    found = [
        Program("nothing to stop", [sys.executable, "-c", WAITING]),
        Program("bare aiohttp", [sys.executable, "bench_http.py", "--serve-bare"]),
        Program("tomodachi", [sys.executable, *run]),
    ]
    return [*found, Program("compared", [other, *run])] if other else found


def environment(bytecode: str) -> dict[str, str]:
    """The environment, with bytecode kept in a folder of its own, whatever is said of it outside."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": bytecode, "BENCH_ACCESS_LOG": "0"}


def measure(program: Program, environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    env = environment | {"BENCH_PORT": str(port)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(
        program.command, env=env, cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        answer = first_answer(port, start + 20)
        if not answer.startswith(b"HTTP/1.1 200"):
            sys.exit(f"{program.name} answers {answer!r}: {program.command}")
        program.started_ms.append((time.perf_counter() - start) * 1000)
        time.sleep(0.1)
        start = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        wait(process)
        program.ended_ms.append((time.perf_counter() - start) * 1000)
    finally:
        process.kill()
        process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    program.cpu_ms.append(used * 1000)


def wait(process: subprocess.Popen[bytes]) -> None:
    # `Popen.wait` with a timeout looks every 50 ms.
    ended = os.pidfd_open(process.pid)
    try:
        if not select.select([ended], [], [], 20)[0]:
            sys.exit(f"{process.args} does not end")
    finally:
        os.close(ended)


def first_answer(port: int, deadline: float) -> bytes:
    while time.perf_counter() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as connection:
                connection.sendall(REQUEST)
                return connection.recv(1000)
        except OSError:
            time.sleep(0.001)
    return b"nothing"


def import_ms(interpreter: str, environment: dict[str, str]) -> float:
    command = [interpreter, "-c", IMPORT]
    runs = [
        subprocess.run(command, env=environment, capture_output=True, check=True)
        for _ in range(ROUNDS)
    ]
    return min(float(run.stdout) for run in runs) * 1000


def main() -> None:
    other = sys.argv[1] if len(sys.argv) > 1 else None
    found = programs(other)
    with tempfile.TemporaryDirectory() as bytecode:
        env = environment(bytecode)
        for program in found:
            measure(program, env)  # writes the bytecode
            program.started_ms, program.cpu_ms, program.ended_ms = [], [], []
        for _ in range(ROUNDS):
            for program in found:
                measure(program, env)
        imports = [import_ms(each, env) for each in (sys.executable, other) if each]
    print(f"{'milliseconds':18}{'start':>8}{'least':>8}{'end':>8}{'least':>8}{'CPU':>8}")
    for program in found:
        row = [
            statistics.median(program.started_ms), min(program.started_ms),
            statistics.median(program.ended_ms), min(program.ended_ms),
            min(program.cpu_ms),
        ]  # fmt: skip
        print(f"{program.name:18}" + "".join(f"{value:8.1f}" for value in row))
    print("import tomodachi: " + ", compared ".join(f"{value:.1f} ms" for value in imports))


if __name__ == "__main__":
    main()
