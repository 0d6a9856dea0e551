"""Hold the recorded conversations with a real RabbitMQ 3.10 again, and compare or record what it says.

    python -m tools.hold_conversations amqp://guest:guest@127.0.0.1:5672/vhost [--only TEXT] [--record]

Run from the root of a checkout. The virtual host should be one of its own: the conversations use short names.
Without `--record` the end is 1 when the fake says something else; with it the answers are written to
`tests/fakes/amqp/facts/conversations-3.10.8.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from importlib import import_module
from pathlib import Path

conversations = import_module("tests.fakes.amqp.support_conversations")
cases = import_module("tests.fakes.amqp.test_conversations")
_FACTS = Path("tests/fakes/amqp/facts/conversations-3.10.8.json")


def compare(name: str, real: list[list[str]]) -> bool:
    """Tell the steps that both sides answer differently; whether there was none."""
    steps = cases.CONVERSATIONS[name]
    fake = conversations.hold(steps, conversations.FakeBroker("3.10"))
    for step, said, wanted in zip(steps, fake, real, strict=True):
        if said != wanted:
            sys.stdout.write(f"{name}: {step}\n    real {wanted}\n    fake {said}\n")
    return bool(fake == real)


def main() -> int:
    """Hold the conversations; 0 when the fake says the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default=os.environ.get("SVC_TEST_RABBITMQ"))
    parser.add_argument("--only", default="")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    if not options.url:
        parser.error("give the URL of a RabbitMQ 3.10, or set SVC_TEST_RABBITMQ")
    names = [name for name in cases.CONVERSATIONS if options.only in name]
    real = conversations.RealBroker(options.url)
    answers = {name: conversations.hold(cases.CONVERSATIONS[name], real) for name in names}
    different = sum(not compare(name, said) for name, said in answers.items())
    if options.record:
        known = json.loads(_FACTS.read_text()) if options.only else {}
        merged = {**known, **answers}
        kept = {name: merged[name] for name in cases.CONVERSATIONS if name in merged}
        _FACTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    sys.stdout.write(f"{len(names)} conversations, {different} different\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
