"""The long lane of the AMQP comparison: random commands to the fake and a real RabbitMQ in lockstep.

    python -m tools.lockstep_amqp amqp://guest:guest@127.0.0.1:5672/ [--commands 100000] [--seed 1]

Run from the root of a checkout. The fake takes the profile of the RabbitMQ's release. The lane goes on after a divergence; each is told with its commands,
shortened for at most a minute to what the difference needs, so that it can become a scenario of
`tests/fakes/amqp/test_lockstep.py`. A difference that does not come again with the same commands was a
matter of timing and is told as one. Ends with 1 when there was a divergence.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
from importlib import import_module

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from tools.shortening import shortened

conversations = import_module("tests.fakes.amqp.support_conversations")
lockstep = import_module("tests.fakes.amqp.support_lockstep")
Steps = list[tuple[object, ...]]
_LENGTH = 60
_SHORTEN_S = 60.0
_PROGRESS = 10_000
_TRIES = 2


class Lane:
    """One run: what was done, and what differed.

    Attributes:
        done: Commands performed, those of shortening left out.
        diverged: How many lists of commands were answered differently, again and again.
        passing: How many were answered differently once.
    """

    def __init__(self, url: str) -> None:
        self.done = self.diverged = self.passing = 0
        self._url = url
        self._release = conversations.RealBroker(url).release
        self._runs = itertools.count()

    def perform(self, steps: Steps) -> None:
        """Perform the commands on both sides; tell a difference."""
        difference = self._difference(steps)
        self.done += len(steps)
        if self.done // _PROGRESS != (self.done - len(steps)) // _PROGRESS:
            tell(f"{self.done} commands, {self.diverged} divergences, {self.passing} passing")
        if difference is None:
            return
        if not self._differs(steps):
            self.passing += 1
            tell(f"once, and not again: {difference}")
            return
        self.diverged += 1
        steps = shortened(steps, lambda fewer: self._difference(fewer) is not None, _SHORTEN_S)
        tell(f"{self._difference(steps) or difference}\n  steps = {steps}")

    def _difference(self, steps: Steps) -> str | None:
        try:
            prefix = f"lockstep-{os.getpid()}-{next(self._runs)}-"
            lockstep.run(self._url, prefix, steps, self._release)
        except AssertionError as difference:
            return str(difference)
        return None

    def _differs(self, steps: Steps) -> bool:
        return any(self._difference(steps) is not None for _ in range(_TRIES))


def tell(line: str) -> None:
    """Say it at once, also into a file."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run the lane; 0 when both sides always agreed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default=os.environ.get("SVC_TEST_RABBITMQ"))
    parser.add_argument("--commands", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))  # noqa: S311 - a test's seed
    options = parser.parse_args()
    if not options.url:
        parser.error("give the URL of a RabbitMQ, or set SVC_TEST_RABBITMQ")
    tell(f"seed {options.seed}")
    lane = Lane(options.url)

    @seeded(options.seed)
    @settings(
        max_examples=options.commands // _LENGTH + 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.lists(lockstep.commands(), min_size=_LENGTH, max_size=_LENGTH))
    def agree(steps: Steps) -> None:
        lane.perform(steps)

    agree()
    tell(f"{lane.done} commands: {lane.diverged} divergences, {lane.passing} passing differences")
    return 1 if lane.diverged else 0


if __name__ == "__main__":
    sys.exit(main())
