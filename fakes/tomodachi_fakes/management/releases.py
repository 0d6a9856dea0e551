"""What RabbitMQ 4 alone answers: deprecated features, the members of quorum queues, and whether these have leaders.

Source: https://www.rabbitmq.com/docs/deprecated-features; answers of a RabbitMQ 4.0.5 and a 4.3.6
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.model.arguments import QUORUM
from tomodachi_fakes.management.call import Call, answer, is_before_4
from tomodachi_fakes.management.errors import not_found

if TYPE_CHECKING:
    from tomodachi_fakes.aws.http import HttpResponse

View = dict[str, Any]
_TOLD = "https://blog.rabbitmq.com/posts/2021/08/4.0-deprecation-announcements/#"
_TRANSIENT = "transient_nonexcl_queues"
# Name, where it is announced, and its phase in 4.0 and in 4.3; a phase that is "" has not begun.
_FEATURES = (
    ("queue_master_locator", "", "permitted_by_default", "denied_by_default"),
    ("management_metrics_collection", f"{_TOLD}disable-metrics-delivery-via-the-management-api--ui", "permitted_by_default", "permitted_by_default"),
    ("global_qos", f"{_TOLD}removal-of-global-qos", "permitted_by_default", "denied_by_default"),
    ("ram_node_type", f"{_TOLD}removal-of-ram-nodes", "permitted_by_default", "removed"),
    (_TRANSIENT, f"{_TOLD}removal-of-transient-non-exclusive-queues", "permitted_by_default", "permitted_by_default"),
    ("amqp_address_v1", "https://www.rabbitmq.com/docs/amqp#addresses", "permitted_by_default", "denied_by_default"),
    ("classic_queue_mirroring", f"{_TOLD}removal-of-classic-queue-mirroring", "removed", "removed"),
    ("amqp_filter_set_bug", "https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-messaging-v1.0-os.html#type-filter-set", "", "denied_by_default"),
)  # fmt: skip
_STATES = {"permitted_by_default": "permitted"}


def _features(call: Call) -> list[View]:
    if is_before_4(call.broker):
        raise not_found()
    later = call.broker.profile.quorum_timeouts
    rows = []
    for name, told, first, then in _FEATURES:
        phase = then if later else first
        row: View = {"name": name, "desc": "", "deprecation_phase": phase, "doc_url": told}
        if later:
            row["state"] = _STATES.get(phase, "denied")
        collected = name.startswith("management_")
        row["provided_by"] = "rabbitmq_management_agent" if collected else "rabbit"
        rows.append(row)
    return [row for row in rows if row["deprecation_phase"]]


def deprecated_features(call: Call) -> HttpResponse:
    """GET deprecated-features."""
    return answer(_features(call))


def used_deprecated_features(call: Call) -> HttpResponse:
    """GET deprecated-features/used: transient queues that are not exclusive, when there are some."""
    queues = [queue for vhost in call.broker.vhosts.values() for queue in vhost.queues.values()]
    if not any(not queue.durable and queue.owner is None for queue in queues):
        return answer(_features(call)[:0])
    return answer(
        [
            {key: value for key, value in row.items() if key != "state"}
            for row in _features(call)
            if row["name"] == _TRANSIENT
        ]
    )


def quorum_status(call: Call) -> HttpResponse:
    """GET queues/quorum/{vhost}/{queue}/status: one member, which leads."""
    queue = call.vhost().queues.get(call.path["queue"])
    if is_before_4(call.broker) or queue is None:
        raise not_found()
    if queue.kind != QUORUM:
        response = answer({"status": "failed", "reason": f"{queue.kind}_queue_not_supported"})
        response.status = 503
        return response
    written = dict.fromkeys(("Last Log Index", "Last Written", "Last Applied", "Commit Index"), 2)
    later = call.broker.profile.quorum_timeouts
    return answer(
        [
            {
                "Node Name": call.broker.cluster_name,
                "Raft State": "leader",
                "Membership": "voter",
                **written,
                "Snapshot Index": -1,
                "Term": 1,
                "Machine Version": 8 if later else 5,
            }
        ]
    )


def leaders_are_elected(call: Call) -> HttpResponse:
    """GET health/checks/quorum-queues-without-elected-leaders/...: always, on one node, since 4.1."""
    if not call.broker.profile.quorum_timeouts:
        raise not_found()
    return answer({"status": "ok"})
