"""The management API's core, without a socket. RabbitMQ's own answers are compared in tests/contract."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.management.api import ManagementApi
from tomodachi_fakes.management.call import Node
from tomodachi_fakes.management.statistics import Statistics

NOW = 1_767_225_600.0


class Site:
    """An API over a broker with nothing in it."""

    def __init__(self, version: str = "4.0") -> None:
        self.log = EventLog()
        self.broker = Broker(ids=SeededIds(1), events=self.log, version=version)
        self.api = ManagementApi(self.broker, Node(statistics=Statistics(self.log)))

    def call(
        self, method: str, path: str, body: Any = None, user: str = "guest:guest", **headers: str
    ) -> HttpResponse:
        target, _, query = path.partition("?")
        authorization = {"authorization": f"Basic {b64encode(user.encode()).decode()}"}
        octets = b"" if body is None else json.dumps(body).encode()
        request = HttpRequest(method, f"/api/{target}", query, authorization | headers, octets)
        return self.api.handle(request, now=NOW)

    def get(self, path: str) -> Any:
        response = self.call("GET", path)
        assert response.status == 200, response
        return json.loads(response.body)


@pytest.fixture
def site() -> Site:
    return Site()


def test_a_hash_from_definitions_lets_the_user_in(site: Site) -> None:
    """https://www.rabbitmq.com/docs/passwords: exported users keep their passwords."""
    site.call("PUT", "users/alice", {"password": "secret", "tags": "administrator"})
    exported = site.get("definitions")
    other = Site()
    assert other.call("POST", "definitions", exported).status == 204
    assert other.call("GET", "whoami", user="alice:secret").status == 200
    assert other.call("GET", "whoami", user="alice:wrong").status == 401


def test_definitions_go_out_and_in_again_unchanged(site: Site) -> None:
    """https://www.rabbitmq.com/docs/definitions: an export can be imported into another node."""
    site.call("PUT", "vhosts/v", {"description": "d", "tags": "a"})
    site.call("PUT", "exchanges/v/ex", {"type": "topic", "durable": True})
    site.call("PUT", "queues/v/q", {"durable": True, "arguments": {"x-message-ttl": 5}})
    site.call("POST", "bindings/v/e/ex/q/q", {"routing_key": "a.#", "arguments": {"x": 1}})
    site.call("PUT", "policies/v/p", {"pattern": "q", "definition": {"max-length": 3}})
    site.call("PUT", "operator-policies/v/o", {"pattern": "q", "definition": {"expires": 9000}})
    site.call("PUT", "vhost-limits/v/max-queues", {"value": 7})
    site.call("PUT", "topic-permissions/v/guest", {"exchange": "ex", "write": "a", "read": "b"})
    exported = site.get("definitions")

    other = Site()
    assert other.call("POST", "definitions", exported).status == 204
    assert other.get("definitions") == exported


@pytest.mark.parametrize("digest", ["no base64!", "x"])
def test_a_hash_that_is_none_is_refused_when_it_is_given(site: Site, digest: str) -> None:
    response = site.call("PUT", "users/bob", {"password_hash": digest, "tags": ""})
    assert (response.status, "bob" in site.broker.users) == (400, False)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a\ud800b", "a\ufffdb"), ("\U0001f600", "\U0001f600"), ("\udfff\ud800", "\ufffd\ufffd")],
)
def test_half_of_a_surrogate_pair_is_a_replacement_character(
    site: Site, given: str, kept: str
) -> None:
    """RabbitMQ 3.10.8 was asked: it publishes U+FFFD, in the payload and in headers."""
    site.call("PUT", "queues/%2F/q", {})
    message = {"properties": {"headers": {"h": given}}, "routing_key": "q", "payload": given}
    published = site.call(
        "POST", "exchanges/%2F/amq.default/publish", {**message, "payload_encoding": "string"}
    )
    got = site.call(
        "POST", "queues/%2F/q/get", {"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"}
    )

    assert json.loads(published.body) == {"routed": True}
    (found,) = json.loads(got.body)
    assert (found["payload"], found["properties"]["headers"]) == (kept, {"h": kept})
    assert site.call("PUT", "users/u", {"password": given, "tags": ""}).status == 201


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"priority": 300}, {"priority": 44}),
        ({"priority": -1}, {"priority": 255}),
        (
            {"headers": {"a": 12345678901234567890123, "b": [2**63]}},
            {"headers": {"a": 4807115922877859019, "b": [-(2**63)]}},
        ),
        ({"headers": 5, "unknown": 1}, {"headers": {}}),
    ],
)
def test_numbers_too_large_for_amqp_lose_their_first_octets(
    site: Site, given: dict[str, Any], kept: dict[str, Any]
) -> None:
    """RabbitMQ 4.0.5 and 4.3.6 were asked."""
    site.call("PUT", "queues/%2F/q", {})
    message = {
        "properties": given,
        "routing_key": "q",
        "payload": "x",
        "payload_encoding": "string",
    }
    assert site.call("POST", "exchanges/%2F/amq.default/publish", message).status == 200
    got = site.call(
        "POST", "queues/%2F/q/get", {"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"}
    )

    assert json.loads(got.body)[0]["properties"] == kept


@pytest.mark.parametrize(
    ("properties", "key", "status", "body"),
    [
        ({"headers": {"a": [1, {"b": None}]}}, "q", 400, b"null_not_allowed"),
        ({"message_id": "x" * 256}, "q", 500, b""),
        ({"headers": {"x" * 256: 1}}, "q", 500, b""),
        ({}, "k" * 256, 200, b'{"routed":false}'),
    ],
)
def test_what_amqp_cannot_carry_is_not_published(
    site: Site, properties: dict[str, Any], key: str, status: int, body: bytes
) -> None:
    """RabbitMQ 4.0.5 and 4.3.6 were asked."""
    message = {"properties": properties, "routing_key": key, "payload": "x"}
    answered = site.call(
        "POST", "exchanges/%2F/amq.default/publish", {**message, "payload_encoding": "string"}
    )

    assert (answered.status, body in answered.body) == (status, True)
    assert answered.body or not body


@pytest.mark.parametrize("value", ["null", '[1, {"b": null}]'])
def test_an_argument_is_no_null_however_deep(site: Site, value: str) -> None:
    """RabbitMQ 3.10.8 and 4.0.5 were asked."""
    refused = site.call("PUT", "queues/%2F/q", {"arguments": {"x-foo": json.loads(value)}})

    assert json.loads(refused.body) == {"error": "bad_request", "reason": "null_not_allowed"}
    assert site.get("queues") == []


def test_names_that_are_the_brokers_to_give_are_passed_over(site: Site) -> None:
    """RabbitMQ 3.10.8, 4.0.5 and 4.3.6 were asked; the last exports an exchange amq.rabbitmq.log."""
    row = {"name": "amq.mine", "vhost": "/", "durable": True, "auto_delete": False, "arguments": {}}
    document = {"exchanges": [{**row, "type": "topic", "internal": True}], "queues": [row]}

    assert site.call("POST", "definitions", document).status == 204
    assert site.get("queues") == []
    assert "amq.mine" not in [exchange["name"] for exchange in site.get("exchanges")]


@pytest.mark.parametrize(
    ("version", "source", "status", "reason"),
    [
        ("3.10", "nope", 204, None),
        (
            "4.0",
            "amq.topic",
            400,
            '{resources_missing,[{not_found,{resource,<<"/">>,queue,<<"gone">>}}]}',
        ),
        (
            "4.3",
            "nope",
            400,
            '{resources_missing,[{not_found,{resource,<<"/">>,exchange,<<"nope">>}},\n'
            '                    {not_found,{resource,<<"/">>,queue,<<"gone">>}}]}',
        ),
    ],
)
def test_a_binding_of_definitions_needs_its_two_ends_since_4(
    version: str, source: str, status: int, reason: str | None
) -> None:
    """RabbitMQ 3.10.8, 4.0.5 and 4.3.6 were asked."""
    site = Site(version)
    row = {"vhost": "/", "routing_key": "k", "arguments": {}}
    loose = {**row, "source": source, "destination": "gone", "destination_type": "queue"}
    firm = {**row, "source": "amq.topic", "destination": "amq.fanout"}
    bindings = [loose, {**firm, "destination_type": "exchange"}]
    answered = site.call("POST", "definitions", {"bindings": bindings})

    assert answered.status == status
    assert (json.loads(answered.body)["reason"] if answered.body else None) == reason
    bound = [one["destination"] for one in site.get("bindings")]
    assert bound == ([] if reason else ["amq.fanout"])


def test_message_stats_count_what_went_through_a_queue(site: Site) -> None:
    """https://www.rabbitmq.com/docs/management#http-api-stats: message_stats of queues."""
    site.call("PUT", "queues/%2F/q", {"durable": True})
    message = {"properties": {}, "routing_key": "q", "payload": "x", "payload_encoding": "string"}
    for _ in range(3):
        site.call("POST", "exchanges/%2F/amq.default/publish", message)
    take = {"count": 2, "ackmode": "ack_requeue_false", "encoding": "auto"}
    site.call("POST", "queues/%2F/q/get", take)

    counted = site.get("queues/%2F/q")["message_stats"]
    assert (counted["publish"], counted["get_no_ack"], counted["deliver_get"]) == (3, 2, 2)
    assert site.get("overview")["message_stats"]["publish"] == 3


def test_counts_outlast_the_events_that_were_forgotten() -> None:
    log = EventLog(capacity=10)
    statistics = Statistics(log)
    for n in range(95):
        log.append("amqp", "published", "ex", now=float(n))
        if n == 50:
            log.clear()
    assert statistics.total("publish") == 95


def test_head_tells_the_length_of_what_get_would_answer(site: Site) -> None:
    head, get = site.call("HEAD", "whoami"), site.call("GET", "whoami")
    assert (head.body, head.headers["Content-Length"]) == (b"", str(len(get.body)))


def test_alarms_fail_the_health_check_while_memory_is_short(site: Site) -> None:
    """https://www.rabbitmq.com/docs/monitoring#health-checks: alarms answer 503."""
    site.broker.block_connections(now=NOW)
    assert site.call("GET", "health/checks/alarms").status == 503
    site.broker.unblock_connections(now=NOW)
    assert site.call("GET", "health/checks/alarms").status == 200


def test_version_is_there_since_4(site: Site) -> None:
    assert site.get("version") == "4.0.5"
    assert Site("3.10").call("GET", "version").status == 404


def test_deleting_a_virtual_host_takes_its_permissions_with_it(site: Site) -> None:
    site.call("PUT", "vhosts/v")
    assert "v" in site.broker.users["guest"].permissions
    assert site.call("DELETE", "vhosts/v").status == 204
    assert "v" not in site.broker.users["guest"].permissions


def test_statistics_can_be_reset(site: Site) -> None:
    """https://www.rabbitmq.com/docs/management#http-api: DELETE /api/reset."""
    site.call("PUT", "queues/%2F/q")
    message = {"properties": {}, "routing_key": "q", "payload": "x", "payload_encoding": "string"}
    site.call("POST", "exchanges/%2F/amq.default/publish", message)
    assert site.get("overview")["message_stats"]["publish"] == 1
    assert site.call("DELETE", "reset").status == 204
    assert site.get("overview")["message_stats"] == {}
    assert site.call("DELETE", "reset/elsewhere").status == 404


@pytest.mark.parametrize("check", ["is-in-service", "ready-to-serve-clients"])
def test_newer_health_checks_are_those_of_newer_releases(site: Site, check: str) -> None:
    """https://www.rabbitmq.com/docs/monitoring#health-checks."""
    assert site.get(f"health/checks/{check}") == {"status": "ok"}
    assert Site("3.10").call("GET", f"health/checks/{check}").status == 404


def test_the_type_of_a_queue_is_among_its_arguments_since_4() -> None:
    """Source: answers of a RabbitMQ 3.10.8 and of a 4.0.5."""
    for version, arguments in (("3.10", {}), ("4.0", {"x-queue-type": "classic"})):
        site = Site(version)
        site.call("PUT", "queues/%2F/q", {"durable": True})
        queue = site.get("queues/%2F/q")
        assert queue["arguments"] == arguments
        assert ("storage_version" in queue, "recoverable_slaves" in queue) == (
            bool(arguments), not arguments
        )  # fmt: skip


def test_the_overview_of_4_tells_default_queue_type_and_tags(site: Site) -> None:
    """Source: a RabbitMQ 4.0.5's answers."""
    names = ("default_queue_type", "cluster_tags", "node_tags", "is_op_policy_updating_enabled")
    told = site.get(f"overview?columns={','.join(names)}")
    assert [told[name] for name in names] == ["classic", {}, {}, True]
    assert site.get("vhosts/%2F")["metadata"]["default_queue_type"] == "classic"
    assert not Site("3.10").get("overview").keys() & set(names)


def test_a_queue_that_is_not_there_is_refused_before_what_the_request_lacks(site: Site) -> None:
    """Source: answers of a RabbitMQ 3.10.8 and of a 4.0.5."""
    new = site.call("POST", "queues/%2F/nope/get", {})
    assert (new.status, json.loads(new.body)["reason"]) == (404, "queue_not_found")
    old = Site("3.10").call("POST", "queues/%2F/nope/get", {})
    assert old.status == 400


def test_all_queues_are_told_in_detail_since_4(site: Site) -> None:
    """Source: answers of a RabbitMQ 3.10.8 and of a 4.0.5."""
    site.call("PUT", "queues/%2F/q")
    assert [queue["name"] for queue in site.get("queues/detailed")] == ["q"]
    assert Site("3.10").call("GET", "queues/detailed").status == 404
