"""The long lane of the AMQP comparison: random commands to the fake and a real RabbitMQ 3.10 in lockstep.

    python -m tools.lockstep_amqp amqp://guest:guest@127.0.0.1:5672/ [--commands 100000] [--seed 1]

Run from the root of a checkout. Ends with 1, the commands and the difference at the first divergence.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from importlib import import_module

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

lockstep = import_module("tests.fakes.amqp.support_lockstep")
_LENGTH = 60


def main() -> int:
    """Run the lane; 0 when both sides always agreed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default=os.environ.get("SVC_TEST_RABBITMQ"))
    parser.add_argument("--commands", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))  # noqa: S311 - a test's seed
    options = parser.parse_args()
    if not options.url:
        parser.error("give the URL of a RabbitMQ 3.10, or set SVC_TEST_RABBITMQ")
    sys.stdout.write(f"seed {options.seed}\n")
    done = 0

    @seeded(options.seed)
    @settings(
        max_examples=options.commands // _LENGTH + 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(st.lists(lockstep.commands(), min_size=_LENGTH, max_size=_LENGTH))
    def agree(steps: list[tuple[object, ...]]) -> None:
        nonlocal done
        done += len(steps)
        lockstep.run(options.url, f"lockstep-{os.getpid()}-{done}-", steps)

    try:
        agree()
    except AssertionError as divergence:
        sys.stdout.write(f"{done} commands, then: {divergence}\n")
        return 1
    sys.stdout.write(f"{done} commands: 0 divergences\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
