"""The mutation check: every hand-written mutant of the SQS and AMQP cores must be killed.

    python -m tools.mutants [--only sqs|amqp] [--examples 400] [--jobs 2] [--timeout 600]

One mutant at a time is put into a temporary copy of `tomodachi_fakes`, and the shipped machines are run
on it with a fixed seed. A mutant is killed when a machine fails, or does not come to an end. Prints one
line each and the share; ends with 1 when one survives. Run from the root of a checkout.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tools.mutant_tables import AMQP, SQS, Mutant

_PACKAGE = Path(__file__).parent.parent / "fakes" / "tomodachi_fakes"
_STEPS = 50


def main() -> int:
    """Check every mutant; 0 when none survives."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("sqs", "amqp"))
    parser.add_argument("--examples", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=600.0)
    parser.add_argument("--run", choices=("sqs", "amqp"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run_machines(options.run, options.examples)
        return 0
    kinds = {"sqs": SQS, "amqp": AMQP}
    unhurried = argparse.Namespace(**{**vars(options), "timeout": None})
    chosen = [(k, m) for k, table in kinds.items() if options.only in (None, k) for m in table]
    for kind in ("sqs", "amqp"):
        if options.only in (None, kind) and is_killed(_PACKAGE.parent, kind, unhurried):
            sys.stdout.write(f"the machines fail on the {kind} core as it is\n")
            return 1
    with ThreadPoolExecutor(options.jobs) as pool:
        killed = list(pool.map(partial(check, options=options), chosen))
    share = sum(killed) / len(killed)
    sys.stdout.write(f"{sum(killed)} of {len(killed)} mutants killed ({share:.0%})\n")
    return 0 if all(killed) else 1


def check(chosen: tuple[str, Mutant], *, options: argparse.Namespace) -> bool:
    """Whether the machines kill a mutant; says so."""
    kind, (file, old, new, breaks) = chosen
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tomodachi_fakes"
        shutil.copytree(_PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        path = copy / file
        source = path.read_text(encoding="utf-8")
        if source.count(old) != 1:
            sys.stdout.write(
                f"OUTDATED {file}: {old!r} occurs {source.count(old)} times: {breaks}\n"
            )
            return False
        path.write_text(source.replace(old, new), encoding="utf-8")
        dead = is_killed(Path(folder), kind, options)
    word = "killed  " if dead else "SURVIVED"
    sys.stdout.write(f"{word} {time.monotonic() - began:5.1f} s  {file}: {breaks}\n")
    sys.stdout.flush()
    return dead


def is_killed(folder: Path, kind: str, options: argparse.Namespace) -> bool:
    """Whether the machines fail, or hang, on the package in `folder`."""
    command = [sys.executable, "-m", "tools.mutants", f"--run={kind}"]
    command.append(f"--examples={options.examples}")
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, env=env, capture_output=True, check=False, timeout=options.timeout
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def run_machines(kind: str, examples: int) -> None:
    """Run the shipped machines of a broker on the package that is imported.

    Raises:
        AssertionError: an invariant does not hold.
    """
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test
    from tools.mutant_machines import MACHINES

    bounded = settings(
        max_examples=examples,
        stateful_step_count=_STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for machine in MACHINES[kind]:
        run_state_machine_as_test(machine, settings=bounded)


if __name__ == "__main__":
    sys.exit(main())
