"""The program `svc-fake-broker`: both brokers for local development and CI."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from tomodachi_fakes.errors import FakesError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code (0 fine, 1 could not do it, 2 wrong usage)."""
    from tomodachi_fakes.cli.arguments import parse

    arguments = parse(sys.argv[1:] if argv is None else argv)
    try:
        code: int = arguments.run(arguments)
        return code
    except BrokenPipeError:
        # Whoever read the output has had enough; Python's own flush at the end would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except FakesError as error:
        if arguments.json:
            sys.stdout.write(json.dumps({"error": str(error)}) + "\n")
        sys.stderr.write(f"svc-fake-broker: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
