"""The management API of the fake and of a real RabbitMQ 3.10 answer the same calls alike.

Status, `Allow`, `Location`, content type and JSON are compared; what may differ is in two tables below.
`SVC_TEST_RABBITMQ_MANAGEMENT` holds the real one's URL with user and password.
"""

from __future__ import annotations

import http.client
import json
import os
import threading
from base64 import b64encode
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
from tests.support_fake_broker import started

from tomodachi_fakes.amqp.broker import Broker
from tomodachi_fakes.aws.http import HttpRequest
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.management.api import ManagementApi
from tomodachi_fakes.management.call import Listener, Node

URL = os.environ.get("SVC_TEST_RABBITMQ_MANAGEMENT")
pytestmark = [
    pytest.mark.real_rabbitmq,
    pytest.mark.slow,
    pytest.mark.source("https://www.rabbitmq.com/docs/management#http-api"),
    pytest.mark.skipif(
        URL is None and os.environ.get("CI") != "true",
        reason="set SVC_TEST_RABBITMQ_MANAGEMENT to the URL of a RabbitMQ 3.10's management API",
    ),
]
VHOST = "management-contract"
GUEST = ("guest", "guest")
ALL = {"configure": ".*", "write": ".*", "read": ".*"}

# What depends on the machine, the moment, a random salt or the Erlang node, and is not compared.
VOLATILE = {
    "applications", "backing_queue_status", "churn_rates", "cluster_name", "config_files",
    "connected_at", "contexts", "erlang_full_version", "exchange_types", "garbage_collection",
    "idle_since", "listeners", "memory", "message_stats", "password_hash", "ports", "protocols",
    "reductions", "reductions_details", "sample_retention_policies", "uptime", "value",
}  # fmt: skip
# What RabbitMQ tells only once it has collected statistics, five seconds after something was made.
COLLECTED = {
    "consumer_capacity", "consumer_utilisation", "consumers", "delivery_limit",
    "effective_policy_definition", "exclusive_consumer_tag", "head_message_timestamp", "open_files",
    "message_bytes", "message_bytes_paged_out", "message_bytes_persistent", "message_bytes_ram",
    "message_bytes_ready", "message_bytes_unacknowledged", "messages", "messages_details",
    "messages_paged_out", "messages_persistent", "messages_ram", "messages_ready",
    "messages_ready_details", "messages_ready_ram", "messages_unacknowledged",
    "messages_unacknowledged_details", "messages_unacknowledged_ram", "operator_policy", "policy",
    "queue_totals", "recoverable_slaves", "single_active_consumer_tag", "state",
}  # fmt: skip


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body) if self.body else None


class Site(Protocol):
    node: str

    def call(
        self, method: str, path: str, body: Any = None, user: tuple[str, str] | None = GUEST
    ) -> Answer: ...


def octets(body: Any) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def authorization(user: tuple[str, str] | None) -> dict[str, str]:
    if user is None:
        return {}
    return {"authorization": "Basic " + b64encode(":".join(user).encode()).decode()}


class Fake:
    """The API's core, called without a socket."""

    def __init__(self) -> None:
        broker = Broker(ids=SeededIds(1), version="3.10")
        self.node = broker.cluster_name
        listeners = (Listener("http", "127.0.0.1", 15672), Listener("amqp", "127.0.0.1", 5672))
        self.api = ManagementApi(broker, Node(listeners))

    def call(
        self, method: str, path: str, body: Any = None, user: tuple[str, str] | None = GUEST
    ) -> Answer:
        target, _, query = path.partition("?")
        request = HttpRequest(
            method, f"/api/{target}", query, authorization(user), octets(body), "127.0.0.1"
        )
        response = self.api.handle(request, now=1_767_225_600.0)
        headers = {name.lower(): value for name, value in response.headers.items()}
        headers["content-type"] = response.content_type
        return Answer(response.status, headers, response.body)


class Served:
    """A management API behind a socket."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        assert address.hostname is not None
        self.host, self.port = address.hostname, address.port
        self.node = self.call("GET", "nodes").content[0]["name"]

    def call(
        self, method: str, path: str, body: Any = None, user: tuple[str, str] | None = GUEST
    ) -> Answer:
        headers = authorization(user) | {"content-type": "application/json"}
        # A connection for each call: RabbitMQ closes one that was kept whenever it likes.
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        with closing(connection):
            connection.request(method, f"/api/{path}", octets(body), headers)
            response = connection.getresponse()
            given = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, given, response.read())


class Real(Served):
    """A RabbitMQ."""

    def __init__(self) -> None:
        assert URL is not None, "CI must set SVC_TEST_RABBITMQ_MANAGEMENT"
        super().__init__(URL)


def shown(site: Site, answer: Answer, left_out: set[str]) -> Any:
    headers = {
        name: answer.headers.get(name) or None
        for name in ("content-type", "allow", "location", "www-authenticate")
    }
    return answer.status, headers, without(answer.content, left_out, site.node)


def without(content: Any, left_out: set[str], node: str) -> Any:
    if isinstance(content, dict):
        kept = {k: v for k, v in content.items() if k not in left_out}
        # A rate says how fast the test ran.
        return {
            ("NODE" if k == node else k): 0.0 if k == "rate" else without(v, left_out, node)
            for k, v in kept.items()
        }
    if isinstance(content, list):
        return [without(item, left_out, node) for item in content]
    return "NODE" if content == node else content


def compare(real: Real, fake: Fake, steps: list[tuple[Any, ...]], left_out: set[str]) -> None:
    for step in steps:
        theirs, ours = (shown(site, site.call(*step), left_out) for site in (real, fake))
        assert ours == theirs, step


def clean(real: Real) -> None:
    real.call("DELETE", f"vhosts/{VHOST}")
    for name in ("contract-a", "contract-b"):
        real.call("DELETE", f"users/{name}")


@pytest.fixture
def sites() -> Any:
    real = Real()
    clean(real)
    fake = Fake()
    for site in (real, fake):
        site.call("PUT", f"vhosts/{VHOST}", {})
        site.call("PUT", f"permissions/{VHOST}/guest", ALL)
    yield real, fake
    clean(real)


V = VHOST
EXCHANGES: list[tuple[Any, ...]] = [
    ("GET", f"exchanges/{V}"),
    ("PUT", f"exchanges/{V}/ex", {"type": "topic", "durable": True}),
    ("PUT", f"exchanges/{V}/ex", {"type": "topic", "durable": True}),
    ("PUT", f"exchanges/{V}/ex", {"type": "direct", "durable": True}),
    ("PUT", f"exchanges/{V}/unknown", {"type": "nosuch"}),
    ("PUT", f"exchanges/{V}/plain", {}),
    ("PUT", f"exchanges/{V}/flags", {"type": "direct", "durable": "yes"}),
    ("PUT", f"exchanges/{V}/flags", {"type": "direct", "durable": "true", "internal": True}),
    ("PUT", f"exchanges/{V}/amq.mine", {"type": "direct"}),
    ("PUT", f"exchanges/{V}/a%2Fb", {"type": "fanout", "auto_delete": True}),
    ("PUT", "exchanges/nowhere/ex", {"type": "direct"}),
    ("PUT", f"exchanges/{V}/alternate", {"arguments": {"alternate-exchange": "ex"}}),
    ("GET", "exchanges/nowhere"),
    ("GET", f"exchanges/{V}"),
    ("GET", f"exchanges/{V}/ex"),
    ("GET", f"exchanges/{V}/amq.default"),
    ("GET", f"exchanges/{V}/nope"),
    ("GET", f"exchanges/{V}?sort=name&sort_reverse=true&columns=name,type"),
    ("GET", f"exchanges/{V}?page=1&page_size=3&columns=name"),
    ("GET", f"exchanges/{V}?page=2&page_size=3&name=amq&columns=name"),
    ("GET", f"exchanges/{V}?page=1&name=^ex$&use_regex=true&columns=name"),
    ("GET", f"exchanges/{V}?page=0"),
    ("GET", f"exchanges/{V}?page=99"),
    ("DELETE", f"exchanges/{V}/amq.direct"),
    ("DELETE", f"exchanges/{V}/plain"),
    ("DELETE", f"exchanges/{V}/plain"),
]
QUEUES: list[tuple[Any, ...]] = [
    ("GET", "queues/nowhere"),
    ("PUT", f"queues/{V}/q1", {"durable": True, "arguments": {"x-max-length": 5}}),
    ("PUT", f"queues/{V}/q1", {"durable": True, "arguments": {"x-max-length": 5}}),
    ("PUT", f"queues/{V}/q1", {"durable": False}),
    ("PUT", f"queues/{V}/q1", {"durable": True, "arguments": {"x-max-length": 6}}),
    ("PUT", f"queues/{V}/q2", {"durable": True, "arguments": {"x-max-length": "5"}}),
    ("PUT", f"queues/{V}/q3", {}),
    ("PUT", f"queues/{V}/q4", b"{nojson"),
    ("PUT", f"queues/{V}/q4", b"[1]"),
    ("PUT", f"queues/{V}/q4", b""),
    ("PUT", f"queues/{V}/q4", {"auto_delete": "perhaps"}),
    ("PUT", f"queues/{V}/amq.mine", {}),
    ("PUT", f"queues/{V}/temporary", {"durable": True, "arguments": {"x-queue-type": "other"}}),
    ("PUT", f"queues/{V}/quorum", {"durable": False, "arguments": {"x-queue-type": "quorum"}}),
    ("PUT", f"queues/{V}/quorum", {"durable": True, "arguments": {"x-queue-type": "quorum"}}),
    ("GET", f"queues/{V}"),
    ("GET", f"queues/{V}/q1"),
    ("GET", f"queues/{V}/nope"),
    ("POST", f"queues/{V}/q1/actions", {"action": "sync"}),
    ("POST", f"queues/{V}/q1/actions", {"action": "nope"}),
    ("DELETE", f"queues/{V}/q1/contents"),
    ("DELETE", f"queues/{V}/nope/contents"),
    ("PUT", f"queues/{V}/q3", b"null"),
    ("DELETE", f"queues/{V}/q3?if-unused=true"),
    ("DELETE", f"queues/{V}/nope"),
]
BINDINGS: list[tuple[Any, ...]] = [
    ("PUT", f"exchanges/{V}/ex", {"type": "topic", "durable": True}),
    ("PUT", f"queues/{V}/q1", {"durable": True}),
    ("POST", f"bindings/{V}/e/ex/q/q1", {"routing_key": "a.#", "arguments": {}}),
    ("POST", f"bindings/{V}/e/ex/q/q1", {"routing_key": "with space/~"}),
    ("POST", f"bindings/{V}/e/ex/q/q1", {}),
    ("POST", f"bindings/{V}/e/ex/q/q1", b""),
    ("POST", f"bindings/{V}/e/ex/q/nope", {"routing_key": "a"}),
    ("POST", f"bindings/{V}/e/nope/q/q1", {"routing_key": "a"}),
    ("POST", f"bindings/{V}/e/ex/e/amq.fanout", {"routing_key": "z"}),
    ("GET", f"bindings/{V}"),
    ("GET", f"bindings/{V}/e/ex/q/q1"),
    ("GET", f"bindings/{V}/e/ex/q/nope"),
    ("GET", f"bindings/{V}/e/ex/q/q1/a.%23"),
    ("GET", f"bindings/{V}/e/ex/q/q1/a.%2523"),
    ("GET", f"bindings/{V}/e/ex/q/q1/~"),
    ("GET", f"bindings/{V}/e/ex/q/q1/nope"),
    ("GET", f"bindings/{V}/e/ex/e/amq.fanout"),
    ("GET", f"exchanges/{V}/ex/bindings/source"),
    ("GET", f"exchanges/{V}/amq.fanout/bindings/destination"),
    ("GET", f"exchanges/{V}/nope/bindings/source"),
    ("GET", f"queues/{V}/q1/bindings"),
    ("GET", f"queues/{V}/nope/bindings"),
    ("DELETE", f"exchanges/{V}/ex?if-unused=true"),
    ("DELETE", f"bindings/{V}/e/ex/q/q1/nope"),
    ("DELETE", f"bindings/{V}/e/ex/q/q1/a.%23"),
    ("DELETE", f"bindings/{V}/e/ex/q/q1/~"),
    ("GET", f"bindings/{V}"),
]
DEFAULT = f"exchanges/{V}/amq.default/publish"
PLAIN = {"properties": {}, "routing_key": "q1", "payload": "A", "payload_encoding": "string"}
GET = {"count": 5, "ackmode": "ack_requeue_true", "encoding": "auto"}
MESSAGES: list[tuple[Any, ...]] = [
    ("PUT", f"queues/{V}/q1", {"durable": True}),
    ("PUT", f"queues/{V}/quorum", {"durable": True, "arguments": {"x-queue-type": "quorum"}}),
    ("PUT", f"queues/{V}/stream", {"durable": True, "arguments": {"x-queue-type": "stream"}}),
    ("POST", DEFAULT, PLAIN | {"properties": {"delivery_mode": 2, "headers": {"h": 1}}}),
    ("POST", DEFAULT, PLAIN | {"properties": {"content_type": "text/plain", "priority": 3}}),
    ("POST", DEFAULT, PLAIN | {"properties": {"headers": {"a": [1, 1.5], "b": {"c": True}}}}),
    ("POST", DEFAULT, PLAIN | {"properties": {"headers": {"a": None}}}),
    ("POST", DEFAULT, PLAIN | {"properties": {"headers": []}}),
    ("POST", DEFAULT, PLAIN | {"properties": {"unknown": 1}}),
    ("POST", DEFAULT, PLAIN | {"properties": {"delivery_mode": "x"}}),
    ("POST", DEFAULT, PLAIN | {"properties": {"content_type": 5}}),
    ("POST", DEFAULT, PLAIN | {"properties": {"expiration": "soon"}}),
    ("POST", DEFAULT, PLAIN | {"routing_key": "nowhere"}),
    ("POST", DEFAULT, PLAIN | {"payload": "AAEC/w==", "payload_encoding": "base64"}),
    ("POST", DEFAULT, PLAIN | {"payload": "A*", "payload_encoding": "base64"}),
    ("POST", DEFAULT, PLAIN | {"payload_encoding": "nope"}),
    ("POST", DEFAULT, PLAIN | {"payload": 5}),
    ("POST", DEFAULT, {"properties": {}}),
    ("POST", DEFAULT, {"properties": {}, "routing_key": "q1", "payload": "A"}),
    ("POST", DEFAULT, b""),
    ("POST", f"exchanges/{V}/nope/publish", PLAIN),
    ("POST", f"exchanges/{V}/amq.rabbitmq.trace/publish", PLAIN),
    ("POST", f"queues/{V}/q1/get", GET),
    ("POST", f"queues/{V}/q1/get", GET | {"count": 1, "encoding": "base64", "truncate": 1}),
    ("POST", f"queues/{V}/q1/get", GET | {"count": 1, "ackmode": "reject_requeue_true"}),
    ("POST", f"queues/{V}/q1/get", {"count": 1, "encoding": "auto"}),
    ("POST", f"queues/{V}/q1/get", GET | {"encoding": "nope"}),
    ("POST", f"queues/{V}/q1/get", GET | {"count": "2", "ackmode": "ack_requeue_false"}),
    ("POST", f"queues/{V}/nope/get", GET),
    ("POST", f"queues/{V}/q1/get", GET | {"ackmode": "reject_requeue_false"}),
    ("POST", f"queues/{V}/q1/get", GET),
    ("POST", DEFAULT, PLAIN | {"routing_key": "quorum"}),
    ("POST", f"queues/{V}/quorum/get", GET),
    ("POST", f"queues/{V}/quorum/get", GET),
]
A = ("contract-a", "secret")
PEOPLE: list[tuple[Any, ...]] = [
    ("GET", "whoami"),
    ("GET", "whoami", None, None),
    ("GET", "whoami", None, ("guest", "wrong")),
    ("GET", "whoami", None, ("nobody", "wrong")),
    ("PUT", "users/contract-a", {"password": "other", "tags": "monitoring"}),
    ("PUT", "users/contract-a", {"password": "secret", "tags": "nope,management"}),
    ("PUT", "users/contract-b", {"password": "secret"}),
    ("PUT", "users/contract-b", {"password_hash": "", "tags": ["policymaker"]}),
    ("GET", "users/contract-a"),
    ("GET", "users/contract-b"),
    ("GET", "users/contract-nobody"),
    ("GET", "users/contract-a/permissions"),
    ("GET", "users/contract-a/topic-permissions"),
    ("GET", "whoami", None, A),
    ("GET", "users", None, A),
    ("GET", "nodes", None, A),
    ("GET", "queues", None, A),
    ("GET", f"queues/{V}", None, A),
    ("GET", f"policies/{V}/p", None, A),
    ("PUT", f"queues/{V}/q", {}, A),
    ("GET", "vhosts", None, A),
    ("GET", f"permissions/{V}/guest"),
    ("GET", f"permissions/{V}/contract-a"),
    ("DELETE", f"permissions/{V}/contract-a"),
    ("PUT", f"permissions/{V}/contract-a", {"configure": "a"}),
    ("PUT", f"permissions/{V}/contract-nobody", ALL),
    ("PUT", "permissions/nowhere/guest", ALL),
    ("PUT", f"permissions/{V}/contract-a", {"configure": "", "write": "", "read": ".*"}),
    ("PUT", f"queues/{V}/q", {}, A),
    ("GET", f"vhosts/{V}/permissions"),
    ("GET", f"vhosts/{V}/topic-permissions"),
    ("PUT", f"topic-permissions/{V}/contract-a", {"exchange": "ex", "write": "a", "read": ".*"}),
    ("GET", f"topic-permissions/{V}/contract-a"),
    ("DELETE", f"topic-permissions/{V}/contract-a"),
    ("PUT", "user-limits/contract-a/max-channels", {"value": 3}),
    ("GET", "user-limits/contract-a"),
    ("DELETE", "user-limits/contract-a/max-channels"),
    ("PUT", "users/contract-a", {"password": "secret", "tags": ""}),
    ("GET", "whoami", None, A),
    ("POST", "users/bulk-delete", {"users": ["contract-nobody"]}),
    ("DELETE", "users/contract-b"),
    ("DELETE", "users/contract-b"),
    ("PUT", f"vhosts/{V}", {"description": "for tests", "tags": "a, b"}),
    ("GET", f"vhosts/{V}"),
    ("PUT", f"vhosts/{V}", {"description": "other"}),
    ("GET", f"vhosts/{V}"),
    ("GET", "vhosts/nowhere"),
    ("DELETE", "vhosts/nowhere"),
]
POLICY = {"pattern": "^q1", "definition": {"max-length": 3}}
OPERATOR = {"pattern": "^q1", "definition": {"max-length": 3}, "priority": 1}
POLICIES: list[tuple[Any, ...]] = [
    ("PUT", f"policies/{V}/p1", POLICY | {"priority": 2, "apply-to": "queues"}),
    ("PUT", f"policies/{V}/p1", POLICY | {"priority": 3, "apply-to": "queues"}),
    ("GET", f"policies/{V}/p1"),
    ("GET", f"policies/{V}/nope"),
    ("GET", f"policies/{V}"),
    ("PUT", f"policies/{V}/p2", POLICY | {"definition": {"nope": 3}}),
    ("PUT", f"policies/{V}/p2", POLICY | {"definition": {}}),
    ("PUT", f"policies/{V}/p2", POLICY | {"definition": {"max-length": "x"}}),
    ("PUT", f"policies/{V}/p2", POLICY | {"apply-to": "x"}),
    ("PUT", f"policies/{V}/p2", POLICY | {"priority": "1"}),
    ("PUT", f"policies/{V}/p2", {"pattern": "^q1"}),
    ("PUT", f"policies/{V}/p2", {"definition": {"max-length": 3}}),
    ("PUT", f"operator-policies/{V}/o1", POLICY | {"apply-to": "queues"}),
    ("GET", f"operator-policies/{V}"),
    ("GET", f"definitions/{V}"),
    ("DELETE", f"operator-policies/{V}/o1"),
    ("DELETE", f"policies/{V}/p1"),
    ("DELETE", f"policies/{V}/p1"),
    ("PUT", f"parameters/operator_policy/{V}/x", {"value": OPERATOR}),
    ("PUT", f"parameters/operator_policy/{V}/x", {"value": OPERATOR | {"apply-to": "queues"}}),
    ("PUT", f"parameters/operator_policy/{V}/y", {"value": {"pattern": "a"}}),
    ("PUT", f"parameters/operator_policy/{V}/y", {"value": {}}),
    ("PUT", f"parameters/operator_policy/{V}/y", {}),
    ("PUT", "parameters/operator_policy/nowhere/y", {"value": OPERATOR}),
    ("GET", f"operator-policies/{V}"),
    ("PUT", f"parameters/vhost-limits/{V}/limits", {"value": {"max-queues": 3}}),
    ("GET", f"vhost-limits/{V}"),
    ("PUT", f"parameters/policy/{V}/p", {"value": OPERATOR}),
    ("GET", f"parameters/operator_policy/{V}"),
    ("GET", f"parameters/operator_policy/{V}/x"),
    ("GET", f"parameters/vhost-limits/{V}"),
    ("GET", f"parameters/policy/{V}"),
    ("GET", "parameters/operator_policy/nowhere"),
    ("DELETE", f"parameters/vhost-limits/{V}/limits"),
    ("DELETE", f"parameters/vhost-limits/{V}/limits"),
    ("DELETE", f"parameters/operator_policy/{V}/x"),
    ("GET", f"operator-policies/{V}"),
    ("PUT", f"vhost-limits/{V}/max-queues", {"value": 100}),
    ("GET", f"vhost-limits/{V}"),
    ("PUT", f"vhost-limits/{V}/nope", {"value": 100}),
    ("PUT", f"vhost-limits/{V}/max-queues", {"value": "x"}),
    ("DELETE", f"vhost-limits/{V}/max-queues"),
    ("GET", f"vhost-limits/{V}"),
    ("PUT", f"parameters/nocomp/{V}/x", {"value": 1}),
    ("GET", "parameters/nocomp"),
    ("GET", f"parameters/nocomp/{V}/x"),
    ("PUT", "global-parameters/contract", {"value": {"a": 1}}),
    ("GET", "global-parameters/contract"),
    ("DELETE", "global-parameters/contract"),
]
DEFINED = {"queues": [{"name": "d", "durable": True, "auto_delete": False, "arguments": {}}]}
DEFINITIONS: list[tuple[Any, ...]] = [
    ("POST", f"definitions/{V}", DEFINED),
    ("POST", f"definitions/{V}", DEFINED),
    ("GET", f"definitions/{V}"),
    ("POST", "definitions", b"x"),
    ("POST", "definitions", {"queues": [{"name": "d"}]}),
    ("POST", "definitions", []),
    ("POST", "definitions", {"queues": [{"vhost": V}]}),
    ("POST", "definitions", {"bindings": [{"vhost": V, "source": "a"}]}),
    ("POST", "definitions", {"users": [{"name": "contract-b"}]}),
    ("POST", "definitions", {"queues": [{**DEFINED["queues"][0], "vhost": "nowhere"}]}),
]
NODE: list[tuple[Any, ...]] = [
    ("GET", "aliveness-test/nowhere"),
    ("GET", f"aliveness-test/{V}"),
    ("GET", "health/checks/alarms"),
    ("GET", "health/checks/local-alarms"),
    ("GET", "health/checks/virtual-hosts"),
    ("GET", "health/checks/node-is-quorum-critical"),
    ("GET", "health/checks/node-is-mirror-sync-critical"),
    ("GET", "health/checks/certificate-expiration/1/weeks"),
    ("GET", "health/checks/certificate-expiration/x/weeks"),
    ("GET", "health/checks/port-listener/1"),
    ("GET", "health/checks/protocol-listener/amqp"),
    ("GET", "health/checks/protocol-listener/amqps"),
    ("GET", "health/checks/nope"),
    ("GET", "healthchecks/node"),
    ("GET", "healthchecks/node/nope"),
    ("GET", "overview?columns=rates_mode,product_name"),
    ("POST", "rebalance/queues", {}),
    ("GET", "extensions"),
    ("GET", "auth"),
    ("GET", "version"),
    ("GET", "nope"),
]
PATHS = (
    f"queues queues/{V}/q queues/{V}/q/get queues/{V}/q/contents bindings bindings/{V}/e/a/q/b "
    f"bindings/{V}/e/a/q/b/c definitions users users/guest permissions/{V}/guest policies/{V} "
    f"policies/{V}/x connections connections/x exchanges/{V}/a exchanges/{V}/a/publish vhosts/x "
    f"health/checks/alarms cluster-name vhost-limits/{V}/max-queues parameters/a/{V}/c channels "
    "rebalance/queues reset global-parameters/x user-limits user-limits/guest/max-channels users/bulk-delete consumers"
).split()


@pytest.mark.parametrize(
    "steps",
    [EXCHANGES, QUEUES, BINDINGS, MESSAGES, PEOPLE, POLICIES, DEFINITIONS, NODE],
    ids=[
        "exchanges",
        "queues",
        "bindings",
        "messages",
        "people",
        "policies",
        "definitions",
        "node",
    ],
)
def test_the_same_calls_get_the_same_answers(
    sites: tuple[Real, Fake], steps: list[tuple[Any, ...]]
) -> None:
    compare(*sites, steps, VOLATILE | COLLECTED)


def test_a_stream_is_not_got_from(sites: tuple[Real, Fake]) -> None:
    """RabbitMQ refuses with a reason, or with 500 where its own connection has ended before it is told."""
    stream = {"durable": True, "arguments": {"x-queue-type": "stream"}}
    get = f"queues/{V}/stream/get"
    for site in sites:
        site.call("PUT", f"queues/{V}/stream", stream)
    theirs, ours = (site.call("POST", get, GET) for site in sites)

    assert ours.status == 400
    assert ours.content["reason"].startswith("540 basic.get not supported by stream queues")
    assert theirs.status == 500 or theirs.content == ours.content


def test_every_path_refuses_a_wrong_method_with_the_same_allow_header(
    sites: tuple[Real, Fake],
) -> None:
    compare(*sites, [("PATCH", path) for path in PATHS], VOLATILE)


def occupied(amqp_url: str) -> Any:
    """A client that holds three messages of a queue, and an exclusive queue."""
    import pika

    parameters = pika.URLParameters(f"{amqp_url.rstrip('/')}/{VHOST}")
    parameters.client_properties = {"connection_name": "contract"}
    connection = pika.BlockingConnection(parameters)
    channel = connection.channel()
    channel.basic_qos(prefetch_count=7)
    channel.confirm_delivery()
    channel.queue_declare("held", durable=True, arguments={"x-max-length": 9})
    channel.queue_declare("mine", exclusive=True)
    persistent = pika.BasicProperties(delivery_mode=2)
    for _ in range(3):
        channel.basic_publish("", "held", b"12345", persistent)
    channel.basic_consume("held", lambda *_: None, consumer_tag="tag", arguments={"x-priority": 3})
    channel.basic_publish("", "mine", b"1")
    connection.process_data_events(0)
    return connection


def collected(real: Real) -> None:
    """Wait until RabbitMQ has told its statistics: it does so every five seconds."""
    pause = threading.Event()
    for _ in range(100):
        queues = real.call("GET", f"queues/{VHOST}").content
        channels = real.call("GET", f"vhosts/{VHOST}/channels").content
        connections = real.call("GET", f"vhosts/{VHOST}/connections").content
        # Counts of messages and their octets are told apart, and need not come together.
        told = [(queue.get("messages"), queue.get("message_bytes")) for queue in queues]
        if (
            told == [(3, 15), (1, 1)]
            and queues[0].get("consumers") == 1
            and all(channel.get("confirm") for channel in channels)
            and any(connection.get("channels") for connection in connections)
        ):
            return
        pause.wait(0.2)
    pytest.fail("RabbitMQ did not tell its statistics within 20 s")


# Addresses of the client and of the server, and what RabbitMQ measures of its sockets.
OF_SOCKETS = {
    "name", "connection_name", "peer_port", "port", "recv_cnt", "recv_oct", "recv_oct_details",
    "send_cnt", "send_oct", "send_oct_details", "send_pend", "consumer_capacity",
    "consumer_utilisation",
}  # fmt: skip


def test_clients_queues_and_consumers_look_the_same() -> None:
    amqp_url = os.environ.get("SVC_TEST_RABBITMQ")
    assert amqp_url, "set SVC_TEST_RABBITMQ beside SVC_TEST_RABBITMQ_MANAGEMENT"
    with ExitStack() as stack:
        real = Real()
        clean(real)
        stack.callback(clean, real)
        program = stack.enter_context(started("--rabbitmq-version", "3.10", "--no-aws"))
        ours = Served(program.management)
        for site, url in ((real, amqp_url), (ours, program.amqp)):
            site.call("PUT", f"vhosts/{VHOST}", {})
            site.call("PUT", f"permissions/{VHOST}/guest", ALL)
            stack.callback(occupied(url).close)
        collected(real)
        for path in (
            f"vhosts/{VHOST}/connections",
            f"vhosts/{VHOST}/channels",
            f"consumers/{VHOST}",
            f"queues/{VHOST}/held",
            f"queues/{VHOST}/mine",
            f"queues/{VHOST}",
        ):
            theirs, mine = (
                shown(site, site.call("GET", path), VOLATILE | OF_SOCKETS) for site in (real, ours)
            )
            assert mine == theirs, path


def busy(amqp_url: str, vhost: str) -> Any:
    """A client that published, consumed, got, returned and buried some messages."""
    import pika

    connection = pika.BlockingConnection(pika.URLParameters(f"{amqp_url.rstrip('/')}/{vhost}"))
    publisher, consumer = connection.channel(), connection.channel()
    dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    publisher.queue_declare("used", durable=True, arguments=dead)
    publisher.queue_declare("dead")
    publisher.queue_declare("got")
    publisher.exchange_declare("ex", "topic")
    publisher.exchange_declare("behind", "fanout")
    publisher.queue_bind("used", "ex", "a.#")
    publisher.exchange_bind("behind", "ex", "#")
    publisher.queue_bind("got", "behind")
    publisher.confirm_delivery()
    for _ in range(6):
        publisher.basic_publish("ex", "a.b", b"x")
    publisher.exchange_declare("lonely", "topic")
    publisher.basic_publish("lonely", "a.b", b"x")
    publisher.basic_publish("", "nowhere", b"x")
    with pytest.raises(pika.exceptions.UnroutableError):
        publisher.basic_publish("", "nowhere", b"x", mandatory=True)
    publisher.basic_get("got", auto_ack=True)
    publisher.basic_get("got", auto_ack=False)
    publisher.basic_get("dead", auto_ack=True)
    deliveries = iter(consumer.consume("used", inactivity_timeout=5))
    for number in range(7):
        method, _, _ = next(deliveries)
        if number == 0:
            consumer.basic_nack(method.delivery_tag, requeue=True)
        elif number == 1:
            consumer.basic_reject(method.delivery_tag, requeue=False)
        else:
            consumer.basic_ack(method.delivery_tag)
    connection.process_data_events(0)
    return connection


def counts(site: Site, path: str) -> Any:
    """Every `message_stats` below a path, in order, without rates."""
    rows = site.call("GET", path).content
    found = [row.get("message_stats", {}) for row in (rows if isinstance(rows, list) else [rows])]
    return [
        {name: n for name, n in stats.items() if not name.endswith("_details")} for stats in found
    ]


def test_messages_are_counted_alike() -> None:
    """Queues, exchanges, channels and virtual hosts each show what a RabbitMQ counts of them."""
    amqp_url = os.environ.get("SVC_TEST_RABBITMQ")
    assert amqp_url, "set SVC_TEST_RABBITMQ beside SVC_TEST_RABBITMQ_MANAGEMENT"
    with ExitStack() as stack:
        real = Real()
        # RabbitMQ goes on counting for a virtual host of a name that it had before.
        vhost = f"{VHOST}-{os.getpid()}"
        stack.callback(real.call, "DELETE", f"vhosts/{vhost}")
        program = stack.enter_context(started("--rabbitmq-version", "3.10", "--no-aws"))
        ours = Served(program.management)
        paths = [
            f"queues/{vhost}/used",
            f"queues/{vhost}/dead",
            f"queues/{vhost}/got",
            f"exchanges/{vhost}/ex",
            f"exchanges/{vhost}/behind",
            f"exchanges/{vhost}/lonely",
            f"exchanges/{vhost}/amq.default",
            f"vhosts/{vhost}/channels",
            f"vhosts/{vhost}",
        ]
        for site, url in ((ours, program.amqp), (real, amqp_url)):
            site.call("PUT", f"vhosts/{vhost}", {})
            site.call("PUT", f"permissions/{vhost}/guest", ALL)
            site.call("GET", "overview")  # counting begins with the first question
            stack.callback(busy(url, vhost).close)
        told = {path: counts(ours, path) for path in paths}
        pause = threading.Event()
        for _ in range(100):  # RabbitMQ tells what it has counted every five seconds
            theirs = {path: counts(real, path) for path in paths}
            if theirs == told:
                break
            pause.wait(0.2)
        for path in paths:
            assert told[path] == theirs[path], path
