"""`python -m tomodachi_fakes` is `svc-fake-broker`."""

from __future__ import annotations

import sys

from tomodachi_fakes.cli import main

if __name__ == "__main__":
    sys.exit(main())
