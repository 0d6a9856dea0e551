"""Ages of messages in streams, as arguments write them: "7D", "12h".

Source: https://www.rabbitmq.com/docs/streams#retention
"""

from __future__ import annotations

import re

_SECONDS = {"Y": 31_536_000, "M": 2_592_000, "D": 86_400, "h": 3_600, "m": 60, "s": 1}
_AGE = re.compile(r"(\d+)([YMDhms])\Z")


def age_in_ms(text: str) -> int | None:
    """Milliseconds; None when it is no age, or 0."""
    found = _AGE.match(text)
    return None if found is None else int(found[1]) * _SECONDS[found[2]] * 1000 or None
