"""NextToken: pages of a sorted list, cut where the last page ended even when the list has changed.

Source: SQS API reference, ListQueues and ListDeadLetterSourceQueues.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from tomodachi_fakes.sqs.errors import InvalidParameterValue
from tomodachi_fakes.sqs.limits import MAX_LISTED_QUEUES


def page_of(names: Sequence[str], params: dict[str, Any]) -> tuple[list[str], str | None]:
    """The page of sorted `names` that MaxResults and NextToken ask for, and the next token.

    Raises:
        InvalidParameterValue: MaxResults is out of range or NextToken was not given here.
    """
    limit = params.get("MaxResults")
    if limit is not None and not 1 <= limit <= MAX_LISTED_QUEUES:
        raise InvalidParameterValue.of(
            limit, "MaxResults", f"MaxResults must be an integer between 1 and {MAX_LISTED_QUEUES}."
        )
    after = _read_token(params.get("NextToken"))
    rest = [name for name in names if name > after]
    page = rest[: limit or MAX_LISTED_QUEUES]
    # Without MaxResults there is never a token.
    more = limit is not None and len(rest) > limit
    return page, _write_token(page[-1]) if more else None


def _write_token(name: str) -> str:
    return urlsafe_b64encode(name.encode()).decode("ascii")


def _read_token(token: str | None) -> str:
    if token is None:
        return ""
    try:
        return b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidParameterValue.of(token, "NextToken", "Invalid NextToken value.") from error
