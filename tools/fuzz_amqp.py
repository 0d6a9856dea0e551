"""The long lane of the AMQP fuzzer: a million mutated or misplaced frames, and an innocent bystander.

    python -m tools.fuzz_amqp [--frames 1000000] [--seed 1]

Run from the root of a checkout. Ends with 1 and the seed when the broker crashes, takes longer than a
second for one frame, or lets an attack reach another connection.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback

from tests.fakes.amqp.support_fuzz import Fuzzer

_FRAMES_PER_BROKER = 20_000
_VERSIONS = ("3.10", "4.0", "4.3")


def main() -> int:
    """Run the lane; 0 when nothing was harmed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sent, slowest, seed = 0, 0.0, options.seed
    while sent < options.frames:
        fuzzer = Fuzzer(seed, _VERSIONS[seed % len(_VERSIONS)])
        try:
            slowest = max(slowest, _attack(fuzzer, min(_FRAMES_PER_BROKER, options.frames - sent)))
        except Exception:  # noqa: BLE001 - whatever it is, it is the finding, and is told
            traceback.print_exc()
            sys.stdout.write(f"seed {seed}, frame {fuzzer.frames}: the broker was harmed\n")
            return 1
        sent += fuzzer.frames
        seed += 1
    sys.stdout.write(f"{sent} frames, slowest {slowest * 1000:.1f} ms: nobody was harmed\n")
    return 0


def _attack(fuzzer: Fuzzer, frames: int) -> float:
    slowest = 0.0
    for number in range(frames):
        started = time.perf_counter()
        fuzzer.attack()
        took = time.perf_counter() - started
        slowest = max(slowest, took)
        if took > 1:
            msg = f"one frame took {took:.1f} s"
            raise TimeoutError(msg)
        if number % 100 == 0:
            fuzzer.check_innocent()
    fuzzer.check_innocent()
    return slowest


if __name__ == "__main__":
    sys.exit(main())
