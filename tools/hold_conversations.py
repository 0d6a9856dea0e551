"""Hold the recorded conversations with a real RabbitMQ again, and compare or record what it says.

    python -m tools.hold_conversations amqp://guest:guest@127.0.0.1:5672/vhost [--only TEXT] [--record]

Run from the root of a checkout. The virtual host should be one of its own, of a name that occurs in no
conversation: the conversations use short names. Without `--record` the end is 1 when the fake, in the profile of
the same release, says something else; with it the answers are written to
`tests/fakes/amqp/facts/conversations-RELEASE.json`. Which releases may be asked, and how to have them, is told in
`docs/compatibility/rabbitmq.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from importlib import import_module

conversations = import_module("tests.fakes.amqp.support_conversations")
cases = import_module("tests.fakes.amqp.test_conversations")
Answers = dict[str, list[list[str]]]


def compare(name: str, real: list[list[str]], release: str) -> bool:
    """Tell the steps that both sides answer differently; whether there was none."""
    steps = cases.CONVERSATIONS[name]
    fake = conversations.hold(steps, conversations.FakeBroker(release))
    for step, said, wanted in zip(steps, fake, real, strict=True):
        if said != wanted:
            sys.stdout.write(f"{name}: {step}\n    real {wanted}\n    fake {said}\n")
    return bool(fake == real)


def record(release: str, answers: Answers) -> None:
    """Write down what a release says; of a later one only what the first does not say as well."""
    file = cases.FACTS / f"conversations-{release}.json"
    merged = {**(json.loads(file.read_text()) if file.exists() else {}), **answers}
    first = {} if release == cases.FIRST else cases.read(cases.FIRST)
    kept = {
        name: merged[name]
        for name in cases.CONVERSATIONS
        if name in merged and merged[name] != first.get(name)
    }
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def main() -> int:
    """Hold the conversations; 0 when the fake says the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default=os.environ.get("SVC_TEST_RABBITMQ"))
    parser.add_argument("--only", default="")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    if not options.url:
        parser.error("give the URL of a RabbitMQ, or set SVC_TEST_RABBITMQ")
    names = [name for name in cases.CONVERSATIONS if options.only in name]
    real = conversations.RealBroker(options.url)
    release = real.release
    answers = {name: conversations.hold(cases.CONVERSATIONS[name], real) for name in names}
    different = sum(not compare(name, said, release) for name, said in answers.items())
    if options.record:
        record(release, answers)
    sys.stdout.write(f"{len(names)} conversations with {release}, {different} different\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
