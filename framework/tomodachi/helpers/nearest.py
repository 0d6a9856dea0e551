"""Which of the known words a mistyped one may have been meant to be."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like `word`; "" if none is like it at all."""
    import difflib  # only for those who mistype

    return next(iter(difflib.get_close_matches(word, list(known), n=1)), "")
