"""The mutation check: every hand-written mutant of the fakes' cores must be killed by the machines.

    python -m tools.mutants [--only sqs|sns|amqp] [--examples 400] [--jobs 2] [--resume FILE]

One mutant at a time is put into a temporary copy of `tomodachi_fakes`, and the shipped machines are run
on it with a fixed seed. A mutant is killed when a machine fails, or when it takes five times the CPU
time that the core takes as it is. Prints one line each and the share; ends with 1 when one survives.
With --resume, what was decided stands in FILE and is not tried again while the mutant and the core are
the same. Run from the root of a checkout.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from tools.mutant_tables import AMQP, SQS, Mutant
from tools.mutant_tables_sns import SNS

_PACKAGE = Path(__file__).parent.parent / "fakes" / "tomodachi_fakes"
_TABLES: dict[str, tuple[Mutant, ...]] = {"sqs": SQS, "sns": SNS, "amqp": AMQP}
_STEPS = 50
_PATIENCE = 5
_UNBOUNDED_S = 3600
_BROKEN = 3


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant.

    Attributes:
        word: "killed", "hangs" (killed too), "SURVIVED", "OUTDATED" (its old text is not in the file) or
            "BROKEN" (it is no program).
        cpu_s: CPU seconds until then.
        key: Of the mutant, the core and the number of examples.
        mutant: File and what it breaks.
    """

    word: str
    cpu_s: float
    key: str
    mutant: str

    @property
    def is_killed(self) -> bool:
        """Whether the machines noticed."""
        return self.word in ("killed", "hangs")


def main() -> int:
    """Check every mutant; 0 when none survives."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=_TABLES)
    parser.add_argument("--examples", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--resume", type=Path, metavar="FILE")
    parser.add_argument("--run", choices=_TABLES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        try:
            run_machines(options.run, options.examples)
        except (ImportError, NameError, SyntaxError):
            return _BROKEN
        return 0
    verdicts: list[Verdict] = []
    for kind in [options.only] if options.only else _TABLES:
        word, cpu_s = trial(_PACKAGE.parent, kind, options.examples, _UNBOUNDED_S)
        if word != "SURVIVED":
            sys.stdout.write(f"the machines fail on the {kind} core as it is\n")
            return 1
        verdicts += check_all(kind, options, limit_s=int(cpu_s * _PATIENCE) + _PATIENCE)
    killed = sum(verdict.is_killed for verdict in verdicts)
    share = killed / len(verdicts)
    sys.stdout.write(f"{killed} of {len(verdicts)} mutants killed ({share:.0%})\n")
    return 0 if killed == len(verdicts) else 1


def check_all(kind: str, options: argparse.Namespace, *, limit_s: int) -> list[Verdict]:
    """The verdicts on a table, those that are known first."""
    known = known_verdicts(options.resume)
    keys = {key_of(kind, mutant, options.examples): mutant for mutant in _TABLES[kind]}
    found = [known[key] for key in keys if key in known]
    left = [key for key in keys if key not in known]
    judge = partial(check, kind, options.examples, limit_s)
    with ThreadPoolExecutor(options.jobs) as pool:
        for verdict in pool.map(lambda key: judge(key, keys[key]), left):
            sys.stdout.write(f"{verdict.word:8} {verdict.cpu_s:6.1f} s  {verdict.mutant}\n")
            sys.stdout.flush()
            found.append(verdict)
            if options.resume:
                with options.resume.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(verdict)) + "\n")
    return found


def known_verdicts(path: Path | None) -> dict[str, Verdict]:
    """What earlier runs decided; a mutant that survived is tried again."""
    if path is None or not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    verdicts = [Verdict(**json.loads(line)) for line in lines]
    return {verdict.key: verdict for verdict in verdicts if verdict.is_killed}


def key_of(kind: str, mutant: Mutant, examples: int) -> str:
    """Says what a verdict holds for: the mutant, the file it changes, how long it was tried."""
    path = _PACKAGE / mutant[0]
    source = path.read_text(encoding="utf-8") if path.exists() else ""
    return hashlib.sha256(repr((kind, mutant, examples, source)).encode()).hexdigest()[:16]


def check(kind: str, examples: int, limit_s: int, key: str, mutant: Mutant) -> Verdict:
    """Put the mutant into a copy of the package, and run the machines on it."""
    file, old, new, breaks = mutant
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tomodachi_fakes"
        shutil.copytree(_PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        path = copy / file
        source = path.read_text(encoding="utf-8") if path.exists() else ""
        if source.count(old) != 1:
            return Verdict("OUTDATED", 0.0, key, f"{file}: {breaks}")
        path.write_text(source.replace(old, new), encoding="utf-8")
        word, cpu_s = trial(Path(folder), kind, examples, limit_s)
    return Verdict(word, cpu_s, key, f"{file}: {breaks}")


def trial(folder: Path, kind: str, examples: int, limit_s: int) -> tuple[str, float]:
    """Run the machines on the package in `folder`; what became of it, and CPU seconds."""
    command = [sys.executable, "-m", "tools.mutants", f"--run={kind}", f"--examples={examples}"]
    paths = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    env = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    limits = (limit_s, limit_s)
    with subprocess.Popen(  # noqa: S603 - our own module
        command,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_CPU, limits),
    ) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    words = {0: "SURVIVED", _BROKEN: "BROKEN", -signal.SIGKILL: "hangs", -signal.SIGXCPU: "hangs"}
    return words.get(child.returncode, "killed"), usage.ru_utime + usage.ru_stime


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
