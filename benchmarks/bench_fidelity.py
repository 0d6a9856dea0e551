"""How many of the answers recorded from AWS each fake gives: ours and its peers, side by side.

    python benchmarks/bench_fidelity.py [--ministack PYTHON] [--fauxqs FOLDER]

The tests of recorded answers (`tests/fakes/s?s/test_recorded_*.py`) run against each server over the wire,
with unmodified botocore clients. A test passes when all that AWS was seen to
answer is what the server answers, error texts included. What nobody could pass over the wire (time that has
to be moved) is left out for all.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from aws_servers import Server, add_arguments, chosen

ROOT = Path(__file__).resolve().parents[1]
SUITES = {
    "SQS": "tests/fakes/sqs/test_recorded_answers.py",
    "SNS": "tests/fakes/sns/test_recorded_answers.py",
    "SNS filter policies": "tests/fakes/sns/test_recorded_filter_policies.py",
}


def play(server: Server, suite: str) -> tuple[int, int]:
    """How many tests passed, of how many that can be asked over the wire."""
    environment = {
        **os.environ, "FIDELITY_ENDPOINT": server.endpoint, "FIDELITY_RESET": server.reset,
        "FIDELITY_ACCOUNT": server.account,
    }  # fmt: skip
    # A server that leaves a connection open is no failure of an answer.
    options = ("-q", "-p", "benchmarks.fidelity_plugin", "-W", "ignore", "--no-header", "--tb=no")
    done = subprocess.run(
        (sys.executable, "-m", "pytest", *options, suite), cwd=ROOT, env=environment, text=True, capture_output=True,
    )  # fmt: skip
    counts = {
        kind: int(count) for count, kind in re.findall(r"(\d+) (passed|failed|error)", done.stdout)
    }
    passed = counts.get("passed", 0)
    return passed, passed + counts.get("failed", 0) + counts.get("error", 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_arguments(parser)
    servers = chosen(parser.parse_args())
    print(f"| server | {' | '.join(SUITES)} |\n|---{'|---' * len(SUITES)}|")
    for name, start in servers.items():
        with start() as server:
            results = [play(server, suite) for suite in SUITES.values()]
        print(
            f"| {name} | {' | '.join(f'{passed} of {asked}' for passed, asked in results)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
