"""The fakes of SNS and SQS that are compared, each as a child process on a free port.

`svc-fake-broker` and moto's server come with this project's own environment; ministack (PyPI) and fauxqs (npm)
are installed elsewhere: `ministack()` takes the interpreter of its environment, `fauxqs()` the folder into which
npm installed it.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

MOTO = """
import threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
threading.Event().wait()
"""
FAUXQS = """
import http from "node:http";
import { startFauxqs } from "fauxqs";
const server = await startFauxqs({ port: 0, logger: false });
const reset = http.createServer((_, response) => { server.purgeAll(); response.end(); });
reset.listen(0, "127.0.0.1", () => console.log(server.port, reset.address().port));
"""


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        pid: Its process.
        reset: URL whose POST makes it forget everything.
        account: The account that it serves, where it has one only.
    """

    endpoint: str
    pid: int
    reset: str
    account: str = "111111111111"


@contextmanager
def process(*command: str, **options: object) -> Iterator[subprocess.Popen[str]]:
    """A child process that ends with the block."""
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


@contextmanager
def ours() -> Iterator[Server]:
    command = ("-m", "tomodachi_fakes", "--no-amqp", "--no-management", "--aws-port", "0", "--json")
    with process(sys.executable, *command) as child:
        endpoint = json.loads(child.stdout.readline())["aws"]
        yield Server(endpoint, child.pid, f"{endpoint}/moto-api/reset")


@contextmanager
def moto() -> Iterator[Server]:
    with process(sys.executable, "-c", MOTO) as child:
        endpoint = f"http://127.0.0.1:{int(child.stdout.readline())}"
        yield Server(endpoint, child.pid, f"{endpoint}/moto-api/reset")


@contextmanager
def ministack(python: str) -> Iterator[Server]:
    port = _free_port()
    endpoint = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "GATEWAY_PORT": str(port), "PYTHONPATH": ""}
    with process(str(Path(python).with_name("ministack")), env=environment) as child:
        server = Server(endpoint, child.pid, f"{endpoint}/_ministack/reset")
        _wait_for(server)
        yield server


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(urllib.request.Request(server.reset, b"", method="POST")).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


@contextmanager
def fauxqs(folder: str) -> Iterator[Server]:
    with tempfile.NamedTemporaryFile("w", suffix=".mjs", dir=folder) as script:
        script.write(FAUXQS)
        script.flush()
        with process("node", script.name, cwd=folder) as child:
            port, reset = child.stdout.readline().split()
            yield Server(
                f"http://127.0.0.1:{port}", child.pid, f"http://127.0.0.1:{reset}", "000000000000"
            )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let the command line say where the peers are."""
    parser.add_argument(
        "--ministack", metavar="PYTHON", help="interpreter of an environment with ministack"
    )
    parser.add_argument("--fauxqs", metavar="FOLDER", help="folder with node_modules/fauxqs")


def chosen(args: argparse.Namespace) -> dict[str, Callable[[], AbstractContextManager[Server]]]:
    """How each server is started, by its name: those that are there."""
    found: dict[str, Callable[[], AbstractContextManager[Server]]] = {
        "svc-fake-broker": ours,
        "moto server": moto,
    }
    if args.ministack:
        found["ministack"] = partial(ministack, args.ministack)
    if args.fauxqs:
        found["fauxqs"] = partial(fauxqs, args.fauxqs)
    return found
