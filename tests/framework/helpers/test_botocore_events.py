from __future__ import annotations

import functools
from typing import Any

import pytest
from aiobotocore.session import AioSession
from botocore.stub import Stubber

from tomodachi.helpers.aiobotocore_connector import ClientConnector, new_events, new_session
from tomodachi.helpers.botocore_events import WatchedEmitter, is_own, unnoticed

KEYS = {"region_name": "eu-west-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}


def listener(**_: Any) -> None:
    """Somebody's event handler."""


@unnoticed
def ours(**_: Any) -> None:
    """One that need not be called."""


class Listener:
    def __call__(self, **_: Any) -> None:
        """A handler that is an object."""


@pytest.mark.parametrize("handler", [listener, functools.partial(listener), Listener()])
def test_handlers_from_anywhere_but_botocore_are_counted(handler: Any) -> None:
    assert not is_own(handler)


def test_botocore_s_handlers_and_ours_are_not() -> None:
    assert is_own(ours)
    assert is_own(functools.partial(ours))
    assert new_events().listeners.others == 0


async def test_clients_register_nothing_that_counts() -> None:
    connector = ClientConnector()
    for service in ("sns", "sqs"):
        await connector.create_client(service, KEYS)
    assert connector.listeners.others == 0
    await connector.close()


async def test_a_handler_of_one_client_counts_for_its_session_and_no_other() -> None:
    one, other = ClientConnector(), ClientConnector()
    client = await one.create_client("sns", KEYS)
    client.meta.events.register("before-send.sns", listener)
    assert one.listeners.others == 1
    assert other.listeners.others == 0
    await one.close()


async def test_a_stubbed_client_counts() -> None:
    connector = ClientConnector()
    client = await connector.create_client("sns", KEYS)
    with Stubber(client):
        assert connector.listeners.others > 0
    await connector.close()


def test_what_was_registered_for_every_session_is_counted_in_each() -> None:
    emitter = WatchedEmitter()
    AioSession(event_hooks=emitter)
    emitter.register("before-send", listener)
    assert emitter.for_new_session().listeners.others == 1


def test_a_session_has_the_events_it_is_given() -> None:
    events = new_events()
    new_session(events).register("before-send", listener)
    assert events.listeners.others == 1


async def test_old_event_names_are_translated_for_a_new_client_as_for_the_first() -> None:
    """Services were renamed, and their events with them: https://github.com/boto/botocore (`EVENT_ALIASES`)."""
    for _ in range(2):
        session = new_session()
        seen: list[str] = []
        emitter = session.get_component("event_emitter")
        emitter.register("docs.elb.Do", lambda event_name, seen=seen, **_: seen.append(event_name))
        await emitter.emit("docs.elasticloadbalancing.Do")
        await emitter.emit("docs.elastic-load-balancing.Do")
        assert set(seen) == {"docs.elastic-load-balancing.Do"}


def test_what_an_event_is_called_is_found_out_once_for_all_sessions() -> None:
    first, second = (new_session().get_component("event_emitter") for _ in range(2))
    first.register("before-call.elb.Once", listener)
    assert second._alias_name_cache["before-call.elb.Once"] == (
        "before-call.elastic-load-balancing.Once"
    )
