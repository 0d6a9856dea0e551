"""The fake says what a RabbitMQ 3.10.8 said in some hundreds of short conversations, frame by frame.

The conversations are in `support_conversations_*.py`; `python -m tools.hold_conversations URL` has them with a
RabbitMQ again and writes down what it says.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest
from tests.fakes.amqp.support_conversations import Conversation, FakeBroker, hold

SUBJECTS = ("declare", "messages", "consumers", "frames")
CONVERSATIONS: dict[str, Conversation] = {
    name: steps
    for subject in SUBJECTS
    for name, steps in import_module(
        f"tests.fakes.amqp.support_conversations_{subject}"
    ).CONVERSATIONS.items()
}
ANSWERS: dict[str, list[list[str]]] = json.loads(
    (Path(__file__).parent / "facts" / "conversations-3.10.8.json").read_text()
)


def test_every_conversation_was_had_with_rabbitmq() -> None:
    assert ANSWERS.keys() == CONVERSATIONS.keys()


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_fake_says_what_rabbitmq_said(name: str) -> None:
    said = hold(CONVERSATIONS[name], FakeBroker("3.10"))
    assert list(zip(CONVERSATIONS[name], said, strict=True)) == list(
        zip(CONVERSATIONS[name], ANSWERS[name], strict=True)
    )
