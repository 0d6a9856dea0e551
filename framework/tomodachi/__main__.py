"""`python -m tomodachi ...` is the command line."""

from __future__ import annotations

from tomodachi.cli import cli_entrypoint

if __name__ == "__main__":
    cli_entrypoint()
