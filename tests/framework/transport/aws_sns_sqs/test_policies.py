"""What a service wants of its queue, and which attributes that changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tomodachi.transport.aws_sns_sqs import defaults, policies
from tomodachi.transport.aws_sns_sqs.errors import InvalidHandlerArgument
from tomodachi.transport.aws_sns_sqs.policies import DeadLetter, WantedQueue, queue_changes

QUEUE = "arn:aws:sqs:eu-west-1:1:orders"
TOPIC = "arn:aws:sns:eu-west-1:1:order-"


# --- KMS: None, "" and False, a value ------------------------------------------------------------


@pytest.mark.parametrize("current", ["", "alias/old"])
def test_kms_none_leaves_the_queue_as_it_is(current: str) -> None:
    wanted = WantedQueue(kms_key=policies.kms_key("o", None))
    assert queue_changes(wanted, {"KmsMasterKeyId": current}) == {}


@pytest.mark.parametrize("off", ["", False])
def test_kms_empty_and_false_turn_encryption_off_where_it_is_on(off: Any) -> None:
    wanted = WantedQueue(kms_key=policies.kms_key("o", off))
    assert queue_changes(wanted, {"KmsMasterKeyId": "alias/old"}) == {"KmsMasterKeyId": ""}
    assert queue_changes(wanted, {}) == {}


def test_a_kms_key_is_set_where_it_is_another() -> None:
    wanted = WantedQueue(kms_key=policies.kms_key("o", "alias/new"))
    assert queue_changes(wanted, {}) == {"KmsMasterKeyId": "alias/new"}
    assert queue_changes(wanted, {"KmsMasterKeyId": "alias/old"}) == {"KmsMasterKeyId": "alias/new"}
    assert queue_changes(wanted, {"KmsMasterKeyId": "alias/new"}) == {}


@pytest.mark.parametrize("value", [True, 1, 0, 1.5, b"key"])
def test_any_other_kms_value_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="Bad value for aws_sns_sqs option sqs_kms_master_key_id"):
        policies.kms_key("sqs_kms_master_key_id", value)


@pytest.mark.parametrize(
    ("key", "current", "applied"),
    [
        ("alias/new", {}, True),
        (None, {"KmsMasterKeyId": "alias/old"}, True),
        (None, {}, False),
        ("", {"KmsMasterKeyId": "alias/old"}, False),
    ],
)
def test_the_reuse_period_is_set_only_where_a_key_is_or_becomes_set(
    key: str | None, current: dict[str, str], applied: bool
) -> None:
    changes = queue_changes(WantedQueue(kms_key=key, kms_reuse_period_s=600), current)
    assert ("KmsDataKeyReusePeriodSeconds" in changes) is applied


@pytest.mark.parametrize("value", [None, False, 0])
def test_no_reuse_period_leaves_the_queue_as_it_is(value: Any) -> None:
    assert policies.kms_reuse_period(value) is None


def test_a_reuse_period_is_whole_seconds() -> None:
    assert policies.kms_reuse_period(300) == 300
    assert policies.kms_reuse_period("300") == 300
    for value in (True, "many", -1):
        with pytest.raises(ValueError, match="sqs_kms_data_key_reuse_period"):
            policies.kms_reuse_period(value)


# --- filter policy ------------------------------------------------------------------------------


def test_no_filter_policy_leaves_the_subscription_as_it_is() -> None:
    assert policies.filter_policy_attribute(defaults.FILTER_POLICY_DEFAULT) is None


def test_a_filter_policy_of_none_takes_one_away() -> None:
    assert policies.filter_policy_attribute(None) == "{}"


def test_a_filter_policy_is_a_dict_or_its_json() -> None:
    policy = {"store": ["books", {"anything-but": "x"}]}
    assert json.loads(str(policies.filter_policy_attribute(policy))) == policy
    assert json.loads(str(policies.filter_policy_attribute(json.dumps(policy)))) == policy


@pytest.mark.parametrize("policy", ["{", "[1]", 7, ["a"]])
def test_any_other_filter_policy_is_refused(policy: Any) -> None:
    with pytest.raises(InvalidHandlerArgument, match="filter_policy"):
        policies.filter_policy_attribute(policy)


# --- queue policy -------------------------------------------------------------------------------


def source_of(policy: dict[str, Any]) -> Any:
    (statement,) = policy["Statement"]
    assert statement["Action"] == "SQS:SendMessage"
    assert statement["Resource"] == QUEUE
    return statement["Condition"]["ArnEquals"]["aws:SourceArn"]


def test_the_queue_policy_lets_the_topic_send() -> None:
    policy = policies.queue_policy(QUEUE, [TOPIC + "a"])
    assert policy["Id"] == f"{QUEUE}/SQSDefaultPolicy"
    assert source_of(policy) == TOPIC + "a"


def test_the_queue_policy_of_several_topics_has_their_common_prefix() -> None:
    assert source_of(policies.queue_policy(QUEUE, [TOPIC + "a", TOPIC + "b"])) == TOPIC + "*"


def test_the_queue_policy_options_stand_in_for_the_source() -> None:
    one, two = [TOPIC + "a"], [TOPIC + "a", TOPIC + "b"]
    assert source_of(policies.queue_policy(QUEUE, one, single="S", wildcard="W")) == "S"
    assert source_of(policies.queue_policy(QUEUE, two, single="S", wildcard="W")) == "W"
    assert source_of(policies.queue_policy(QUEUE, two, single="S")) == "S"


def test_a_whole_policy_document_is_used_as_it_is() -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    assert policies.queue_policy(QUEUE, [TOPIC + "a"], single=document) == document


def test_a_policy_that_differs_in_its_ids_only_is_not_set_again() -> None:
    """Seen with 0.29.0: a service that may not set attributes starts on a queue made for it."""
    policy = policies.queue_policy(QUEUE, [TOPIC + "a"])
    other = json.loads(json.dumps(policy))
    other["Id"] = "made-elsewhere"
    other["Statement"][0]["Sid"] = "random"
    assert queue_changes(WantedQueue(policy=policy), {"Policy": json.dumps(other)}) == {}
    other["Statement"][0]["Effect"] = "Deny"
    assert queue_changes(WantedQueue(policy=policy), {"Policy": json.dumps(other)}) != {}


def test_a_policy_that_is_no_json_is_replaced() -> None:
    policy = policies.queue_policy(QUEUE, [TOPIC + "a"])
    assert "Policy" in queue_changes(WantedQueue(policy=policy), {"Policy": "broken"})


# --- redrive policy -----------------------------------------------------------------------------


def test_a_dead_letter_queue_needs_a_name_and_a_count() -> None:
    assert policies.dead_letter("dlq", 3) == DeadLetter("dlq", 3)


def test_neither_leaves_the_redrive_policy_as_it_is() -> None:
    unset = (defaults.DEAD_LETTER_QUEUE_DEFAULT, defaults.MAX_RECEIVE_COUNT_DEFAULT)
    assert policies.dead_letter(*unset) is None


@pytest.mark.parametrize("count", [None, defaults.MAX_RECEIVE_COUNT_DEFAULT])
def test_a_dead_letter_queue_of_none_takes_the_redrive_policy_away(count: Any) -> None:
    assert policies.dead_letter(None, count) == DeadLetter(None, 0)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("dlq", -1), ("dlq", None), ("dlq", 0), ("dlq", True), ("dlq", "3"), ("", 3), (7, 3),
        (defaults.DEAD_LETTER_QUEUE_DEFAULT, 3), (None, 3), (" ", 3),
        (defaults.DEAD_LETTER_QUEUE_DEFAULT, None),
    ],
)  # fmt: skip
def test_one_without_the_other_is_refused(name: Any, count: Any) -> None:
    with pytest.raises(InvalidHandlerArgument, match="Invalid values specified for dead-letter"):
        policies.dead_letter(name, count)


def test_a_redrive_policy_is_set_only_where_it_differs() -> None:
    redrive = {"deadLetterTargetArn": QUEUE, "maxReceiveCount": 3}
    wanted = WantedQueue(redrive=redrive)
    as_text = json.dumps(redrive | {"maxReceiveCount": "3"})
    assert queue_changes(wanted, {"RedrivePolicy": as_text}) == {}
    assert queue_changes(wanted, {}) == {"RedrivePolicy": json.dumps(redrive)}
    assert queue_changes(WantedQueue(redrive={}), {"RedrivePolicy": as_text}) == {
        "RedrivePolicy": ""
    }
    assert queue_changes(WantedQueue(redrive={}), {}) == {}


def test_the_receive_count_of_a_queue_is_read_from_its_redrive_policy() -> None:
    assert policies.max_receive_count({}) is None
    redrive = json.dumps({"deadLetterTargetArn": QUEUE, "maxReceiveCount": "5"})
    assert policies.max_receive_count({"RedrivePolicy": redrive}) == 5


# --- visibility timeout -------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, defaults.VISIBILITY_TIMEOUT_DEFAULT, 0])
def test_no_visibility_timeout_leaves_the_queue_as_it_is(value: Any) -> None:
    """0 is never applied, as upstream."""
    assert policies.visibility(value) is None


def test_a_visibility_timeout_is_set_only_where_it_differs() -> None:
    wanted = WantedQueue(visibility_timeout_s=policies.visibility(43_200))
    assert queue_changes(wanted, {"VisibilityTimeout": "30"}) == {"VisibilityTimeout": "43200"}
    assert queue_changes(wanted, {"VisibilityTimeout": "43200"}) == {}


@pytest.mark.parametrize("value", [43_201, -2, "30", True, 1.5])
def test_a_visibility_timeout_out_of_range_is_refused(value: Any) -> None:
    with pytest.raises(InvalidHandlerArgument, match="visibility_timeout is invalid"):
        policies.visibility(value)


def test_nothing_wanted_changes_nothing() -> None:
    assert queue_changes(WantedQueue(), {"Policy": "{}", "VisibilityTimeout": "30"}) == {}
