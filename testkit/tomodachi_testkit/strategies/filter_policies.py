"""SNS filter policies that the service accepts, and payloads that are likely to meet them.

Source: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
(at most five keys, at most 150 combinations of values).
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_KEYS = ("store", "price", "event", "region", "tags")
_WORDS = ("book", "books", "ebook", "car", "Book", "")
_NUMBERS = (-1, 0, 1, 10, 10.5, 100)
_ADDRESSES = ("10.0.0.0/8", "192.168.1.0/24", "2001:db8::/32")


def filter_policies(*, max_keys: int = 3) -> st.SearchStrategy[dict[str, list[Any]]]:
    """Policies over few keys and values, so that a drawn payload matches now and then."""
    return st.dictionaries(
        st.sampled_from(_KEYS),
        st.lists(_conditions(), min_size=1, max_size=3, unique_by=repr),
        min_size=1,
        max_size=max_keys,
    )


def filterable_values() -> st.SearchStrategy[dict[str, Any]]:
    """Payloads (or attribute values) over the same few keys and values."""
    value = st.sampled_from((*_WORDS, *_NUMBERS, True, None, "10.1.2.3", "192.168.1.7"))
    return st.dictionaries(st.sampled_from(_KEYS), value, max_size=len(_KEYS))


def _conditions() -> st.SearchStrategy[Any]:
    word = st.sampled_from(_WORDS[:-1])
    number = st.sampled_from(_NUMBERS)
    return (
        st.sampled_from(_WORDS)
        | number
        | st.booleans()
        | st.none()
        | word.map(lambda text: {"prefix": text})
        | word.map(lambda text: {"suffix": text})
        | word.map(lambda text: {"equals-ignore-case": text})
        | st.booleans().map(lambda wanted: {"exists": wanted})
        | st.lists(word, min_size=1, max_size=2, unique=True).map(
            lambda all_: {"anything-but": all_}
        )
        | word.map(lambda text: {"anything-but": {"prefix": text}})
        | st.sampled_from(_ADDRESSES).map(lambda block: {"cidr": block})
        | _ranges(number)
    )


def _ranges(number: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    one = st.tuples(st.sampled_from(("=", "<", "<=", ">", ">=")), number)
    both = st.tuples(number, number).filter(lambda pair: pair[0] < pair[1])
    return one.map(lambda pair: {"numeric": list(pair)}) | both.map(
        lambda pair: {"numeric": [">=", pair[0], "<", pair[1]]}
    )
