"""Every probe that three RabbitMQ releases answered, performed on the fake under its profile.

The facts beside this file are the answers of RabbitMQ 3.10.8, 4.0.5 and 4.3.6. Compared are the kind of
answer, reply code and text, what it names, whether the channel can be used again, and every frame that
came, in order. Server-made names are compared by their shape. What differs is in `LEDGER`, and told with
its reason in docs/compatibility/rabbitmq.md.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.amqp.support_probes import Run, performer_of

FACTS = {
    version: f"rabbitmq-{release}.json"
    for version, release in (("3.10", "3.10.8"), ("4.0", "4.0.5"), ("4.3", "4.3.6"))
}
_FOUND = (
    "header",
    "then",
    "deliveries",
    "order",
    "tags",
    "matches",
    "get",
    "props",
    "acks",
    "before_commit",
)

# Probe ids whose answer differs here, each with a paragraph in docs/compatibility/rabbitmq.md.
LEDGER: dict[str, str] = {
    "confirm.ack-batch": "how confirms are gathered depends on the server's timing",
}


def _probes() -> list[Any]:
    folder = Path(__file__).parent / "facts"
    return [
        pytest.param(version, probe, id=f"{version}-{probe['id']}")
        for version, name in FACTS.items()
        for probe in json.loads((folder / name).read_text(encoding="utf-8"))
    ]


def _shape(value: Any) -> Any:
    """Replace what is different in every run: server-made names, times, addresses, platforms."""
    text = json.dumps(value)
    text = re.sub(r"amq\.gen-[\w-]{22}", "amq.gen-*", text)
    text = re.sub(r"amq\.ctag-[\w-]{22}", "amq.ctag-*", text)
    text = re.sub(r"amq\.rabbitmq\.reply-to\.g1[\w+/=.]*", "amq.rabbitmq.reply-to.g1*", text)
    text = re.sub(r'"time": \d+', '"time": 0', text)
    return json.loads(re.sub(r'"cluster_name": "[^"]*"', '"cluster_name": ""', text))


def _without_end(replies: list[Any]) -> list[Any]:
    return [_without_order(reply) for reply in replies if reply[0] not in ("eof", "header")]


def _without_order(reply: list[Any]) -> list[Any]:
    name, channel, fields = reply
    if name == "connection.start":
        fields = {
            (
                "major" if key == "version_major" else "minor" if key == "version_minor" else key
            ): value
            for key, value in fields.items()
        }
    return [name, channel, fields]


def perform(version: str, probe: dict[str, Any]) -> dict[str, Any]:
    run = Run(probe, version)
    performer_of(probe["id"])(run)
    return {**run.outcome(), **run.found}


@pytest.mark.parametrize(("version", "probe"), _probes())
def test_a_probe_is_answered_as_rabbitmq_answered_it(version: str, probe: dict[str, Any]) -> None:
    """Facts: rabbitmq-<version>.json."""
    seen = perform(version, probe)
    differs = _differences(probe, seen)
    if probe["id"] in LEDGER:
        assert differs, f"{probe['id']} agrees by now: take it out of the ledger"
        return
    assert differs == {}


def _differences(probe: dict[str, Any], seen: dict[str, Any]) -> dict[str, Any]:
    wanted = {
        key: probe.get(key) for key in ("result", "code", "cls", "method", "channel_reusable")
    }
    if wanted["result"] == "protocol-header":
        wanted["result"] = "tcp-close"
    if probe["id"] in _JUDGED_BY_FACTS:
        wanted = {"result": probe["result"]}
    elif probe.get("replies") and _without_end(probe["replies"]):
        wanted["replies"] = _shape(_without_end(probe["replies"]))
        seen["replies"] = _without_end(seen.get("replies", []))
    wanted |= {key: _shape(probe[key]) for key in _FOUND if probe.get(key) is not None}
    wanted["text"] = probe.get("text")
    found = {key: _shape(seen.get(key)) for key in wanted}
    if (text := wanted["text"]) is not None and text.endswith("..."):
        wanted["text"], found["text"] = text[:-3], (found["text"] or "")[: len(text) - 3]
    return {key: (wanted[key], found[key]) for key in wanted if wanted[key] != found[key]}


_JUDGED_BY_FACTS = {
    "confirm.ack-batch",
    "conn.heartbeat-interval",
    "conn.heartbeat-missed",
    "conn.start",
    "conn.tune",
}


@pytest.mark.parametrize("version", list(FACTS))
def test_start_and_tune_say_what_rabbitmq_says(version: str) -> None:
    """The probes conn.start and conn.tune: versions, properties, mechanisms, and their order."""
    for identity, part in (("conn.start", "start"), ("conn.tune", "tune")):
        probe = _probe(version, identity)
        run = Run(probe, version)
        performer_of(identity)(run)
        (_, _, fields) = run.peer.replies()[-1]
        said = {key.removeprefix("version_"): value for key, value in fields.items()}
        assert _shape(said) == _shape(probe[part])
        assert list(said.get("server_properties", {})) == list(
            probe[part].get("server_properties", {})
        )


@pytest.mark.parametrize("version", list(FACTS))
def test_heartbeats_come_and_are_missed_when_rabbitmq_says_so(version: str) -> None:
    """The probes conn.heartbeat-*: a beat every half interval, and the cut after about three."""
    probe = _probe(version, "conn.heartbeat-interval")
    assert perform(version, probe)["at_s"] == probe["at_s"]

    probe = _probe(version, "conn.heartbeat-missed")
    seen = perform(version, probe)
    assert seen["after_s"] == pytest.approx(probe["after_s"], abs=0.1)
    assert seen["heartbeats_received"] == probe["heartbeats_received"]


def _probe(version: str, identity: str) -> dict[str, Any]:
    for parameter in _probes():
        if parameter.id == f"{version}-{identity}":
            probe: dict[str, Any] = parameter.values[1]
            return probe
    raise KeyError(identity)
