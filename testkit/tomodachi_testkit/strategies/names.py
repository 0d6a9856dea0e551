"""Names of topics, queues and routing keys, within the limits of the real services.

Source: SNS API reference, CreateTopic (256 of A-Za-z0-9_-); SQS API reference, CreateQueue (80);
AMQP 0-9-1 spec 3.1.3.3 (routing keys are words, separated by dots, of 255 octets at most).
"""

from __future__ import annotations

from string import ascii_letters, digits

from hypothesis import strategies as st

_NAME = ascii_letters + digits + "_-"
_WORD = ascii_letters + digits
_MOST_TOPIC, _MOST_QUEUE, _FIFO = 256, 80, ".fifo"


def topic_names(
    *, fifo: bool | None = False, max_size: int = _MOST_TOPIC
) -> st.SearchStrategy[str]:
    """Names of SNS topics.

    Args:
        fifo: Whether they end in `.fifo`; None for either.
        max_size: Most characters.
    """
    return _names(fifo, max_size)


def queue_names(
    *, fifo: bool | None = False, max_size: int = _MOST_QUEUE
) -> st.SearchStrategy[str]:
    """Names of SQS queues.

    Args:
        fifo: Whether they end in `.fifo`; None for either.
        max_size: Most characters.
    """
    return _names(fifo, max_size)


def _names(fifo: bool | None, max_size: int) -> st.SearchStrategy[str]:  # noqa: FBT001 - private
    standard = st.text(_NAME, min_size=1, max_size=max_size)
    ordered = st.text(_NAME, min_size=1, max_size=max_size - len(_FIFO)).map(lambda n: n + _FIFO)
    if fifo is None:
        return standard | ordered
    return ordered if fifo else standard


def routing_keys(*, max_words: int = 5) -> st.SearchStrategy[str]:
    """AMQP routing keys: words with dots between them; empty words are legal, and are drawn."""
    word = st.text(_WORD, max_size=6)
    return st.lists(word, min_size=1, max_size=max_words).map(".".join)


def binding_keys(*, max_words: int = 5) -> st.SearchStrategy[str]:
    """Topic patterns: words, `*` for exactly one word, `#` for any number of words."""
    word = st.text(_WORD, max_size=6) | st.sampled_from(("*", "#"))
    return st.lists(word, min_size=1, max_size=max_words).map(".".join)
