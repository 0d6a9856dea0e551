"""Which envelope a decorator or a call means: its own, or the service's as it is then.

The same for SNS + SQS and for AMQP, but for the constant that stands for "not given".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tomodachi.helpers.deprecation import warn_deprecated

_ATTRIBUTES = ("message_envelope", "message_protocol")


def choose_envelope(
    service: Any, context: Mapping[str, Any], given: Any, older: Any, *, not_given: str
) -> Any:
    """The envelope in force; None for plain text.

    Args:
        service: Its attribute may have changed since it started.
        context: Has what the service is started with, where there is no service to look at.
        given: Keyword `message_envelope`.
        older: Keyword `message_protocol`, the same under its older name.
        not_given: What either is by default, None being a choice.
    """
    if older != not_given:
        warn_deprecated("message_protocol is deprecated, use message_envelope")
    if given != not_given:
        return given
    if older != not_given:
        return older
    for name in _ATTRIBUTES:
        if hasattr(service, name):
            return getattr(service, name)
        if name in context:
            return context[name]
    return None
