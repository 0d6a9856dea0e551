"""aiobotocore's HTTP session, which tells whoever asks what goes through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from aiobotocore.httpsession import AIOHTTPSession


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that went out, and the session it went through."""

    session: ObservedSession
    request: Any


_observed: ContextVar[list[Sent] | None] = ContextVar("tomodachi.sent_to_aws", default=None)


class ObservedSession(AIOHTTPSession):
    """An HTTP session whose requests can be observed."""

    async def send(self, request: Any) -> Any:
        """As the base class does."""
        observed = _observed.get()
        if observed is not None:
            observed.append(Sent(self, request))
        return await super().send(request)


@contextmanager
def observed_requests() -> Iterator[list[Sent]]:
    """Collects what this task sends meanwhile."""
    sent: list[Sent] = []
    token = _observed.set(sent)
    try:
        yield sent
    finally:
        _observed.reset(token)
