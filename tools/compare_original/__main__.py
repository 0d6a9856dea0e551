"""The command: `python -m tools.compare_original`; what it does is said in the package's docstring."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

import tools.compare_original
from tools.compare_original.children import Child
from tools.compare_original.driver import Comparison, Outcome
from tools.compare_original.kinds import KINDS, cases


def report(kind: str, outcome: Outcome) -> str:
    """What came of one kind, for reading."""
    known = sum(outcome.known.values())
    lines = [f"{kind}: {outcome.cases} cases, {outcome.unknown} differ, {known} differ as known"]
    lines += [f"  {count:6} {reason}" for reason, count in sorted(outcome.known.items())]
    for difference in outcome.told:
        lines.append(f"  DIFFERENCE in {json.dumps(difference.case, ensure_ascii=False)}")
        lines.append(f"    theirs {json.dumps(difference.theirs, ensure_ascii=False)}")
        lines.append(f"    ours   {json.dumps(difference.ours, ensure_ascii=False)}")
    if outcome.unknown > len(outcome.told):
        lines.append(f"  and {outcome.unknown - len(outcome.told)} more")
    return "\n".join(lines)


async def _compare(peer: str, names: list[str], seed: int, count: int) -> int:
    differ = 0
    async with Child(peer) as theirs, Child(sys.executable) as ours:
        comparison = Comparison(theirs, ours)
        for kind in names:
            outcome = await comparison.run(kind, cases(kind, seed, count))
            sys.stdout.write(f"{report(kind, outcome)}\n")
            sys.stdout.flush()
            differ += outcome.unknown
    return 1 if differ else 0


def main() -> int:
    """Compare; 0 when the two differ in nothing but what is known."""
    description = (tools.compare_original.__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m tools.compare_original", description=description)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--peer", required=True, help="an interpreter that has tomodachi 0.29")
    parser.add_argument("--seed", type=int, default=1, help="of the cases")
    parser.add_argument("--count", type=int, default=1000, help="cases of each kind")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in KINDS]
    if unknown:
        parser.error(f"no such kind: {', '.join(unknown)}; there are {', '.join(KINDS)}")
    names = arguments.names or list(KINDS)
    return asyncio.run(_compare(arguments.peer, names, arguments.seed, arguments.count))


if __name__ == "__main__":
    sys.exit(main())
