"""`--init DIR`: scripts that make initial resources with any client, run before the brokers are ready.

Shell scripts and Python programs, in alphabetical order, those of a folder before those of the folders in
it. All are run even where one fails, as LocalStack runs its `ready.d`; but then the brokers do not get
ready, because what the scripts should have made is not there.

Source: https://docs.localstack.cloud/references/init-hooks
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tomodachi_fakes.errors import FakesError

if TYPE_CHECKING:
    from tomodachi_fakes.servers.localstack_init import State

LOGGER = logging.getLogger("svc-fake-broker")
_ENDINGS = (".sh", ".py")
# Scripts of LocalStack call it; it is the AWS CLI with an endpoint.
_AWSLOCAL = '#!/bin/sh\nexec aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n'


class InitFailed(FakesError):
    """An initial script could not be run, or said that it failed."""


def scripts_in(folder: Path) -> list[Path]:
    """The scripts of a folder, in the order in which they are run.

    Raises:
        InitFailed: there is no such folder, or nothing in it that is run.
    """
    if not folder.is_dir():
        msg = f"--init {folder}: there is no such folder; name one with scripts (*.sh, *.py) in it"
        raise InitFailed(msg)
    try:
        found = list(_walk(folder))
    except OSError as error:
        msg = f"--init {folder}: {error.filename} cannot be looked into: {error.strerror}"
        raise InitFailed(msg) from error
    if not found:
        msg = f"--init {folder}: there is no script in it; scripts end in {' or '.join(_ENDINGS)}"
        raise InitFailed(msg)
    return found


def _walk(folder: Path) -> Iterator[Path]:
    entries = sorted(folder.iterdir())
    yield from (entry for entry in entries if entry.suffix in _ENDINGS and entry.is_file())
    for entry in entries:
        if entry.is_dir():
            yield from _walk(entry)


async def run_scripts(
    scripts: list[Path], variables: Mapping[str, str], states: dict[str, State]
) -> None:
    """Run each with the variables that point clients at the brokers; their output goes to stderr.

    Args:
        scripts: The files, in this order.
        variables: What is set for them beside the program's own environment.
        states: Told of each script, by its file, what becomes of it.

    Raises:
        InitFailed: one or more failed; all of them have been run.
    """
    with TemporaryDirectory(prefix="svc-fake-broker-init-") as tools:
        environment = _environment(variables, Path(tools))
        failed = []
        states.update({str(script): "UNKNOWN" for script in scripts})
        for script in scripts:
            states[str(script)] = "RUNNING"
            reason = await _run(script, environment)
            states[str(script)] = "ERROR" if reason else "SUCCESSFUL"
            if reason:
                failed.append(f"{script} ({reason})")
    if failed:
        msg = f"initial scripts failed: {', '.join(failed)}; their output is above"
        raise InitFailed(msg)


def _environment(variables: Mapping[str, str], tools: Path) -> dict[str, str]:
    environment = {**os.environ, **variables}
    url = urlsplit(variables.get("AWS_ENDPOINT_URL", ""))
    if url.hostname:
        environment |= {"LOCALSTACK_HOSTNAME": url.hostname, "EDGE_PORT": str(url.port)}
    if shutil.which("awslocal") is None:
        tool = tools / "awslocal"
        tool.write_text(_AWSLOCAL)
        tool.chmod(0o755)
        environment["PATH"] = f"{environment.get('PATH', os.defpath)}{os.pathsep}{tools}"
    return environment


async def _run(script: Path, environment: Mapping[str, str]) -> str:
    """Why it failed; "" when it did not."""
    LOGGER.info("running %s", script)
    try:
        process = await asyncio.create_subprocess_exec(
            *_command(script),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            # Standard output is for the READY line alone.
            stdout=sys.stderr.fileno(),
            # With a group of its own, what the script has started can be ended with it.
            start_new_session=True,
        )
    except OSError as error:
        return str(error.strerror)
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    return f"exit code {code}" if code else ""


def _command(script: Path) -> list[str]:
    file = str(script.absolute())
    if script.suffix == ".py":
        return [sys.executable, file]
    return [file] if os.access(script, os.X_OK) else ["sh", file]
