"""`python -m tomodachi.run file ...` is `tomodachi run file ...`."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from tomodachi.cli import CLI

    CLI().run_command(sys.argv[1:])
else:
    # `tomodachi.run` is a function; importing this module must not put the module in its place.
    from tomodachi.run_program import run

    sys.modules[__name__] = run  # type: ignore[assignment]  # the import system takes what is there
