"""Drawn messages survive the wire."""

import json

from hypothesis import given

from tomodachi_testkit import strategies


@given(strategies.messages())
def test_messages_survive_json(message: dict[str, object]) -> None:
    assert json.loads(json.dumps(message)) == message


@given(strategies.texts())
def test_texts_hold_only_characters_that_sqs_accepts(text: str) -> None:
    """SQS API reference, SendMessage: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | above."""
    for character in text:
        code = ord(character)
        assert (
            code in (9, 10, 13)
            or 0x20 <= code <= 0xD7FF
            or 0xE000 <= code <= 0xFFFD
            or (0x10000 <= code <= 0x10FFFF)
        )
