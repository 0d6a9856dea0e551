"""Questions to a real RabbitMQ 3.10 whose answers no document gives, and the fake's answers beside them.

    python -m tools.probe_amqp amqp://guest:guest@127.0.0.1:5672/ [--ctl COMMAND] [--only TEXT]

Run from the root of a checkout. What both answer alike is told in one line; where they differ, both
answers are told and the end is 1. `--ctl` is the command that runs `rabbitmqctl` for this RabbitMQ, with
its environment ("env HOME=/rmq rabbitmqctl -n rabbit@localhost"); without it nothing is asked of policies.
Waiting takes real time on RabbitMQ's side, none on the fake's.
"""

from __future__ import annotations

import argparse
import os
import sys

from tools.amqp_questions import QUESTIONS, Question
from tools.amqp_talk import FakeSide, RealSide, Side, Talk


def ask(asked: Question, side: Side) -> list[str]:
    """One side's answer, from a clean start."""
    talk = Talk(side)
    talk.clean()
    try:
        return asked(talk)
    finally:
        talk.close()
        if asked.__name__.startswith("policy"):
            side.policy("p-policy", "", {})


def main() -> int:
    """Ask everything; 0 when both sides answered alike."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default=os.environ.get("SVC_TEST_RABBITMQ"))
    parser.add_argument("--ctl", default="")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    if not options.url:
        parser.error("give the URL of a RabbitMQ 3.10, or set SVC_TEST_RABBITMQ")
    different = 0
    for name, asked in QUESTIONS.items():
        if options.only not in name or (name.startswith("policy") and not options.ctl):
            continue
        real = ask(asked, RealSide(options.url, options.ctl))
        fake = ask(asked, FakeSide())
        different += real != fake
        mark = "alike" if real == fake else "DIFFERENT"
        sys.stdout.write(f"{name}: {mark}\n    {real}\n")
        if real != fake:
            sys.stdout.write(f"  fake:\n    {fake}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{different} different\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
