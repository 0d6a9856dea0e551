"""The fake says what RabbitMQ 3.10.8, 4.0.5 and 4.3.6 said in some hundreds of short conversations, frame by frame.

The conversations are in `support_conversations_*.py`; `python -m tools.hold_conversations URL` has them with a
RabbitMQ again and writes down what it says. For a later release only what it says otherwise than 3.10.8 is kept.
"""

from __future__ import annotations

import itertools
import json
from importlib import import_module
from pathlib import Path

import pytest
from tests.fakes.amqp.support_conversations import Conversation, FakeBroker, hold

SUBJECTS = ("declare", "messages", "consumers", "frames", "releases", "everyday")
FIRST, *LATER = RELEASES = ("3.10.8", "4.0.5", "4.3.6")
FACTS = Path(__file__).parent / "facts"
CONVERSATIONS: dict[str, Conversation] = {
    name: steps
    for subject in SUBJECTS
    for name, steps in import_module(
        f"tests.fakes.amqp.support_conversations_{subject}"
    ).CONVERSATIONS.items()
}
Answers = dict[str, list[list[str]]]
# In the ledger of docs/compatibility/rabbitmq.md.
NOT_ALIKE = {
    *((release, "handshake_header_1_0_sasl") for release in LATER),
    ("4.0.5", "counts_quorum_to_quorum_close_and_expiry"),
    *(("4.0.5", name) for name in CONVERSATIONS if name.startswith("late_")),
}


def read(release: str) -> Answers:
    """What is kept of one release."""
    found: Answers = json.loads((FACTS / f"conversations-{release}.json").read_text())
    return found


ANSWERS = {release: {**read(FIRST), **read(release)} for release in RELEASES}


def test_every_conversation_was_had_with_rabbitmq() -> None:
    assert read(FIRST).keys() == CONVERSATIONS.keys()
    for release in LATER:
        assert read(release).keys() <= CONVERSATIONS.keys()


@pytest.mark.parametrize(
    ("release", "name"),
    [pair for pair in itertools.product(RELEASES, CONVERSATIONS) if pair not in NOT_ALIKE],
)
def test_the_fake_says_what_rabbitmq_said(release: str, name: str) -> None:
    said = hold(CONVERSATIONS[name], FakeBroker(release))
    assert list(zip(CONVERSATIONS[name], said, strict=True)) == list(
        zip(CONVERSATIONS[name], ANSWERS[release][name], strict=True)
    )
