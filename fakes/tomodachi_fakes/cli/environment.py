"""`svc-fake-broker env`: shell exports that point clients at a running broker."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tomodachi_fakes.cli.initial import read_files, settings_with
from tomodachi_fakes.errors import FakesError
from tomodachi_fakes.servers.environment import (
    amqp_environment,
    aws_environment,
    management_environment,
    reachable,
)

if TYPE_CHECKING:
    from tomodachi_fakes.cli.arguments import Arguments


def print_environment(arguments: Arguments) -> int:
    """Print `export NAME=value` lines for the addresses that the flags name."""
    variables = environment(arguments)
    if arguments.json:
        sys.stdout.write(json.dumps(variables) + "\n")
    else:
        lines = (f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
        sys.stdout.write("".join(lines))
    return 0


def environment(arguments: Arguments) -> dict[str, str]:
    """The variables by name; a wildcard host becomes the loopback address.

    Raises:
        FakesError: a port is not known before the start.
    """
    settings = settings_with(arguments, read_files(arguments.config_files))
    if 0 in (settings.aws_port, settings.amqp_port, settings.management_port):
        msg = "port 0 is one that only the READY line tells; name the port that it told instead"
        raise FakesError(msg)
    variables: dict[str, str] = {}
    if settings.aws_port is not None:
        url = f"http://{reachable(settings.host)}:{settings.aws_port}"
        variables |= aws_environment(url, settings.region)
    if settings.amqp_port is not None:
        login = settings.login
        variables |= amqp_environment(login.url(settings.host, settings.amqp_port), login)
        if settings.tls:
            variables["AMQPS_URL"] = login.url(settings.host, settings.amqps_port, scheme="amqps")
            # The certificates of "auto" are in a folder that only the READY line tells.
            if settings.tls != "auto":
                variables["AMQPS_CA_FILE"] = str(Path(settings.tls).absolute() / "ca.pem")
    if settings.management_port is not None:
        url = f"http://{reachable(settings.host)}:{settings.management_port}"
        variables |= management_environment(url)
    return variables
