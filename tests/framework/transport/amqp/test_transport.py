"""A service's handlers and publishes, from decorator to wire."""

from __future__ import annotations

from typing import Any

import tomodachi
from tests.framework.transport.amqp.support_rig import Rig


class Plain(tomodachi.Service):
    name = "plain"

    def __init__(self) -> None:
        self.got: list[Any] = []

    @tomodachi.amqp("a.*", queue_name="q")
    async def handle(self, message: str) -> None:
        self.got.append(message)


async def test_a_message_is_handled_and_acked(rig: Rig) -> None:
    service = await rig.start(Plain)
    rig.peer.deliver(b"hello")
    await rig.settle()
    assert service.got == ["hello"]
    assert rig.peer.acked == [1]
    assert rig.calls.outcomes == ["acked"]
