"""What RabbitMQ 4 alone answers, as a RabbitMQ 4.0.5 and a 4.3.6 answered it."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.aws.http import HttpRequest
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.management.api import ManagementApi
from tomodachi_fakes.management.call import Node

pytestmark = pytest.mark.source("https://www.rabbitmq.com/docs/deprecated-features")
LOGIN = {"authorization": f"Basic {b64encode(b'guest:guest').decode()}"}
LEADERS = "health/checks/quorum-queues-without-elected-leaders"


class Site:
    def __init__(self, version: str) -> None:
        self.broker = Broker(ids=SeededIds(1), version=version)
        self._api = ManagementApi(self.broker, Node())

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        octets = b"" if body is None else json.dumps(body).encode()
        found = self._api.handle(HttpRequest(method, f"/api/{path}", "", LOGIN, octets), now=0)
        return found.status, json.loads(found.body) if found.body else None

    def get(self, path: str) -> Any:
        status, found = self.call("GET", path)
        assert status == 200, found
        return found


def test_deprecated_features_are_told_with_their_phase() -> None:
    before, after = (Site(version).get("deprecated-features") for version in ("4.0", "4.3"))
    phases = {row["name"]: row["deprecation_phase"] for row in before}
    assert phases["global_qos"] == "permitted_by_default"
    assert "amqp_filter_set_bug" not in phases
    assert "state" not in before[0]
    states = {row["name"]: (row["state"], row["deprecation_phase"]) for row in after}
    assert states["global_qos"] == ("denied", "denied_by_default")
    assert states["transient_nonexcl_queues"] == ("permitted", "permitted_by_default")
    assert states["ram_node_type"] == ("denied", "removed")


def test_a_transient_queue_is_a_deprecated_feature_in_use() -> None:
    site = Site("4.3")
    site.call("PUT", "queues/%2F/lasting", {"durable": True})
    assert site.get("deprecated-features/used") == []
    site.call("PUT", "queues/%2F/passing", {"durable": False})
    (used,) = site.get("deprecated-features/used")
    assert (used["name"], "state" in used) == ("transient_nonexcl_queues", False)


def test_a_quorum_queue_has_one_member_which_leads() -> None:
    site = Site("4.0")
    site.call("PUT", "queues/%2F/q", {"arguments": {"x-queue-type": "quorum"}, "durable": True})
    site.call("PUT", "queues/%2F/c", {"durable": True})
    (member,) = site.get("queues/quorum/%2F/q/status")
    assert (member["Raft State"], member["Membership"]) == ("leader", "voter")
    refused = {"status": "failed", "reason": "classic_queue_not_supported"}
    assert site.call("GET", "queues/quorum/%2F/c/status") == (503, refused)
    assert site.call("GET", "queues/quorum/%2F/none/status")[0] == 404


def test_whether_quorum_queues_have_leaders_is_a_check_of_later_releases() -> None:
    for which in ("all-vhosts", "all-vhosts/pattern/.*", "vhost/%2F", "vhost/%2F/pattern/q"):
        assert Site("4.3").get(f"{LEADERS}/{which}") == {"status": "ok"}
        assert Site("4.0").call("GET", f"{LEADERS}/{which}")[0] == 404


def test_3_10_knows_none_of_them() -> None:
    site = Site("3.10")
    site.call("PUT", "queues/%2F/q", {"arguments": {"x-queue-type": "quorum"}, "durable": True})
    for path in (
        "deprecated-features", "deprecated-features/used", "queues/quorum/%2F/q/status",
        f"{LEADERS}/all-vhosts",
    ):  # fmt: skip
        assert site.call("GET", path)[0] == 404, path


def described(site: Site) -> Any:
    site.call("PUT", "vhosts/v", {"description": "d", "tags": "a,b"})
    site.call("PUT", "vhost-limits/v/max-queues", {"value": 500})
    found = site.get("definitions")
    return next(row for row in found["vhosts"] if row["name"] == "v"), found


METADATA = {"description": "d", "tags": ["a", "b"], "default_queue_type": "classic"}


def test_definitions_of_4_say_what_they_are_and_describe_virtual_hosts() -> None:
    before, document = described(Site("4.0"))
    assert before == {"name": "v", "metadata": METADATA, **METADATA}
    assert document["rabbitmq_definition_format"] == "cluster"
    assert (
        document["explanation"] == f"Definitions of cluster '{document['original_cluster_name']}'"
    )
    after, _ = described(Site("4.3"))
    assert after == {"name": "v", "metadata": METADATA, "limits": {"max-queues": 500}}


@pytest.mark.parametrize("version", ["3.10", "4.0", "4.3"])
def test_limits_of_a_virtual_host_go_out_and_in_with_its_definitions(version: str) -> None:
    site, other = Site(version), Site(version)
    _, document = described(site)
    assert other.call("POST", "definitions", document)[0] == 204
    limits = [{"vhost": "v", "value": {"max-queues": 500}}]
    assert other.get("vhost-limits") == limits
    alone = site.get("definitions/v")
    (row,) = alone["parameters"]
    assert ("vhost" in row) is (version == "3.10")
    third = Site(version)
    third.call("PUT", "vhosts/v")
    assert third.call("POST", "definitions/v", alone)[0] == 204
    assert third.get("vhost-limits") == limits


def test_one_virtual_hosts_definitions_of_4_describe_it() -> None:
    site = Site("4.0")
    described(site)
    alone = site.get("definitions/v")
    assert alone["explanation"] == "Definitions of virtual host 'v'"
    shown = ("original_vhost_name", "metadata", "description", "limits", "default_queue_type")
    assert [alone[name] for name in shown] == [
        "v", METADATA, "d", {"max-queues": 500}, "classic",
    ]  # fmt: skip
