"""The event log: what became of a message, one line an event, saved as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tomodachi


class Relay(tomodachi.Service):
    name = "relay"

    @tomodachi.aws_sns_sqs("in", queue_name="in")
    async def take(self, message: str) -> None:
        pass


async def test_a_tree_tells_what_became_of_a_message(svc: Any) -> None:
    await svc.start(Relay)
    message = await svc.sns.publish("in", "x", envelope=None)
    await svc.drain()
    tree = svc.log.tree(message)
    kinds = [line.split()[3] for line in tree.splitlines()]
    assert kinds[:3] == ["published", "routed", "sent"]
    assert {"received", "deleted"} <= set(kinds)
    depths = [len(line) - len(line.lstrip()) for line in tree.splitlines()]
    assert depths[0] < depths[1] < depths[2]
    assert svc.log.tree("nobody") == "nothing is known of message 'nobody'"


async def test_events_are_found_by_fields_and_by_details(svc: Any) -> None:
    await svc.start(Relay)
    await svc.sns.publish("in", "x", envelope=None)
    await svc.drain()
    [call] = svc.log.where(kind="aws_sns_sqs", handler="take")
    assert call.service == "relay"
    assert svc.log.where(topic="in") == [call]
    assert svc.log[0].kind == "start"
    assert [event.seq for event in svc.log] == list(range(1, len(svc.log) + 1))


async def test_lines_are_cut_to_the_width_that_is_asked_for(svc: Any) -> None:
    await svc.start(Relay)
    assert max(map(len, svc.log.render(width=40).splitlines())) == 40
    assert svc.log.render(width=40).count("\n") == len(svc.log) - 1


async def test_a_saved_log_has_one_json_object_a_line(svc: Any, tmp_path: Path) -> None:
    await svc.start(Relay)
    path = tmp_path / "events.jsonl"
    svc.log.save(path)
    events = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(events) == len(svc.log)
    assert events[0] == {
        "seq": 1,
        "t": "2026-01-01T00:00:00+00:00",
        "kind": "start",
        "service": "relay",
        "queue": "",
        "handler": "",
        "message_id": None,
        "cause": None,
        "detail": {},
    }
