"""`svc-fake-broker env`: shell exports that point clients at a running broker."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING

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
    """The variables by name; a wildcard host becomes the loopback address."""
    host = "127.0.0.1" if arguments.host in ("0.0.0.0", "::", "") else arguments.host  # noqa: S104
    variables: dict[str, str] = {}
    if not arguments.no_aws:
        variables |= {
            "AWS_ENDPOINT_URL": f"http://{host}:{arguments.aws_port}",
            "AWS_DEFAULT_REGION": arguments.region,
            "AWS_REGION": arguments.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
    if not arguments.no_amqp:
        variables["AMQP_URL"] = f"amqp://guest:guest@{host}:{arguments.amqp_port}/"
        if arguments.tls:
            variables["AMQPS_URL"] = f"amqps://guest:guest@{host}:{arguments.amqps_port}/"
    return variables
