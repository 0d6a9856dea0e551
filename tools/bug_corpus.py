"""Examines every service of the corpus of bugs, buggy and fixed, and prints the share caught.

    python -m tools.bug_corpus [NAME...]

Run from the root of a checkout. Ends with 1 when a bug is missed, or a fix is found fault with.
"""

from __future__ import annotations

import argparse
import logging
import sys
from importlib import import_module
from pathlib import Path

from tomodachi_testkit.machines import examine

_CORPUS = Path(__file__).parent.parent / "tests" / "testkit" / "bugs"


def main() -> int:
    """Examine the corpus; 0 when every bug is caught and no fix is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="bugs to examine; all by default")
    known = [p.stem for p in _CORPUS.glob("*.py") if not p.stem.startswith(("support_", "test_"))]
    names = parser.parse_args().names or sorted(known)
    logging.disable(logging.CRITICAL)
    caught = silent = 0
    for name in names:
        module = import_module(f"tests.testkit.bugs.{name}")
        idempotent = getattr(module, "IDEMPOTENT", False)
        samples = getattr(module, "SAMPLES", None)
        bugs = examine(module.Buggy, idempotent=idempotent, samples=samples, first_only=True)
        false = examine(module.Fixed, idempotent=idempotent, samples=samples)
        caught, silent = caught + bool(bugs), silent + (not false)
        sys.stdout.write(f"{'caught' if bugs else 'MISSED'}  {name}: {bugs[0] if bugs else ''}\n")
        sys.stdout.writelines(f"  FALSE ALARM for the fix: {finding}\n" for finding in false)
        sys.stdout.flush()
    total = len(names)
    sys.stdout.write(f"{caught} of {total} bugs caught ({caught / total:.0%}), ")
    sys.stdout.write(f"{silent} of {total} fixes found in order\n")
    return 0 if caught == silent == total else 1


if __name__ == "__main__":
    sys.exit(main())
